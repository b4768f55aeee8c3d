# SPDX-License-Identifier: Apache-2.0
"""De-identification of one stored transcript, from the clinical to the research zone, in an order
that survives a crash at any step.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from services.deidentification.domain import roster as rosters
from services.deidentification.domain.canaries import CanaryCount
from services.deidentification.domain.doubtful_words import doubtful_words
from services.deidentification.domain.engine import Engine, EngineResult
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.policy import Policy, load
from services.deidentification.domain.review_flags import OffsetMap, ReviewFlag, offset_maps
from services.deidentification.domain.roster import KnownName
from services.deidentification.domain.study import RecordingRef, Study
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.domain.vault import Vault
from services.deidentification.domain.vault_updates import VaultPort, VaultUpdater
from services.deidentification.domain.who_asks import with_roles
from services.deidentification.domain.word_times import Overlap, Pause, SpokenTogether, pauses

# To be counted up when the same inputs, policy and engine would give other segments or another
# manifest. 3: the manifest says the threshold of the policy. 4: keys of runs are made by the store,
# under a secret, the manifest names the source by its key, and segments hold no numbers that are
# made from identified words. 5: the names that came with a recording, and the codes of the study,
# are known. 6: words that may be misheard are marked where they stand, and pauses and overlaps;
# roles by who asks.
RUN_VERSION = "6"
_BY_QUESTIONS = {"roles": "by_questions"}
_WINDOW_BYTES = 1 << 20
_MARK_BYTES = 48  # about the size of one replacement or review flag in a message


@dataclass(frozen=True, slots=True)
class SourceIdentity:
    """What is known of an identified transcript without its words: its run, its SHA-256, the day of
    the interview where that was given, and what made it. It stays in the clinical zone.
    """

    run_key: str
    content_sha256: bytes
    day: date | None
    provenance: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class SourceTranscript:
    """An identified transcript, and the names that came with its recording."""

    identity: SourceIdentity
    turns: tuple[Turn, ...]
    names: tuple[KnownName, ...] = ()


@dataclass(frozen=True, slots=True)
class PlannedRun:
    """The run that a transcript gets now: its key, and what its manifest says of what makes it."""

    key: str
    provenance: Mapping[str, str]
    policy: PolicyIdentity


@dataclass(frozen=True, slots=True)
class DeidentifiedTurn:
    """A de-identified turn: text, speaker, and, by offsets of the new text, its replacements
    (start, end, entity type, whether it is doubtful), its review flags, the words that may be
    misheard (start, end), pauses and overlaps; `role` as a turn's.
    """

    text: str
    speaker: str
    replacements: tuple[tuple[int, int, str, bool], ...]
    flags: tuple[ReviewFlag, ...] = ()
    doubtful_words: tuple[tuple[int, int], ...] = ()
    pauses: tuple[Pause, ...] = ()
    overlaps: tuple[Overlap, ...] = ()
    role: str = ""


@dataclass(frozen=True, slots=True)
class PolicyIdentity:
    """The policy of a run; `digest` is the first 16 hexadecimal digits of the policy's own."""

    name: str
    version: int
    digest: str


@dataclass(frozen=True, slots=True)
class ManifestFields:
    """What the manifest of a de-identified transcript says. It holds no content."""

    run_key: str
    source_run_key: str
    provenance: Mapping[str, str]
    policy: PolicyIdentity
    words: int
    redactions: Mapping[str, int]  # by entity type
    coarsened: Mapping[str, int]  # by entity type: less was kept than the policy asks
    doubts: Mapping[str, int]  # by reason
    doubtful_words: int  # that stand
    doubtful_replacements: int
    canaries: Mapping[str, CanaryCount]  # by entity type
    quasi_identifier_kinds: int
    residual_risk: float
    review_threshold: float  # of the policy: a rule may approve what has less residual risk
    policy_changed_by: tuple[str, ...]  # accounts, which approve no transcript made by then
    study_wide: tuple[str, ...] = ()  # whose pseudonyms are those of the whole study


@dataclass(frozen=True, slots=True)
class Progress:
    """Progress in turns."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class JobResult:
    """The result of a job; `existed` where an earlier run had finished it."""

    run_key: str
    replacements: Mapping[str, int]
    residual: float
    existed: bool


class OpenRun(Protocol):
    """A run in the research zone; writing a window again changes nothing."""

    def finished(self) -> ManifestFields | None:
        """Return what the manifest says, or None where the run was never finished."""

    def select(self) -> None:
        """Make a run that was finished before the newest one."""

    def write(self, window: int, first: int, turns: Sequence[DeidentifiedTurn]) -> None:
        """Write one window; `first` is the number of its first turn."""

    def commit(self, manifest: ManifestFields) -> None:
        """Write the manifest, last and once."""


class ZonePort(VaultPort, Protocol):
    """Both zones as the job sees them."""

    def study(self, ref: RecordingRef) -> Study:
        """Read the policy and roster of a study."""

    def source_identity(self, ref: RecordingRef, run_key: str) -> SourceIdentity:
        """Read what is known of an identified transcript without its words; raises NotFound."""

    def source(self, ref: RecordingRef, run_key: str) -> SourceTranscript:
        """Read a whole identified transcript and verify its hash."""

    def run_key(self, ref: RecordingRef, digest: bytes) -> str:
        """Return the key of the run whose inputs have this digest (32 bytes)."""

    def run(self, ref: RecordingRef, key: str, source: SourceTranscript) -> OpenRun:
        """Open a run in the research zone."""


class DeidentificationRunner:
    """Runs de-identification jobs; `window` is how many turns are stored as one object."""

    def __init__(
        self,
        zones: ZonePort,
        vaults: VaultUpdater,
        make_engine: Callable[[Policy], Engine],
        lexicon: Callable[[], Lexicon],
        window: int,
    ) -> None:
        self._zones = zones
        self._vaults = vaults
        self._make_engine = make_engine
        self._lexicon = lexicon
        self._window = window

    def versions(self) -> dict[str, str]:
        """Return the versions of detector and engine."""
        return dict(self._make_engine(load("research-default")).versions)

    def run(self, ref: RecordingRef, source_run_key: str) -> Iterator[Progress | JobResult]:
        """De-identify one transcript; the last update is the outcome. Raises Conflict where other
        transcripts of the study keep changing the vault.
        """
        study = self._zones.study(ref)
        engine = self._make_engine(study.policy())
        source = self._zones.source(ref, source_run_key)
        codes = study.codes(ref.participant)
        roster = (
            *rosters.read(study.roster, ref.participant),
            *rosters.of_recording(source.names, codes, self._lexicon()),
        )
        planned = self._plan(ref, source.identity, engine, study)
        run = self._zones.run(ref, planned.key, source)
        total = len(source.turns)
        done = run.finished()
        if done is not None:
            run.select()
            yield _outcome(done, existed=True)
            return
        yield Progress(0, total)
        said, by_questions = with_roles(
            source.turns, are_guessed=source.identity.provenance.get("roles") == "not given"
        )
        if by_questions:
            planned = replace(planned, provenance={**planned.provenance, **_BY_QUESTIONS})
        detected = engine.prepare(Transcript(said, ref.participant), roster, codes)

        def assign(vault: Vault) -> tuple[Vault, EngineResult]:
            made = engine.finish(detected, vault, reference=source.identity.day)
            return made.vault, made

        # The vault is written before any text that uses its labels, so that a rerun finds the same
        # labels there.
        result = self._vaults.update(ref, assign)
        made = _turns(result, said)
        for window, (first, turns) in enumerate(windows(made, self._window)):
            run.write(window, first, turns)
            yield Progress(first + len(turns), total)
        # The recording alone decides what is planted, so that versions can be compared.
        found = engine.canaries(detected.transcript, ref.recording, roster, codes)
        manifest = _manifest(planned, source, study, engine.policy, result, found, made)
        run.commit(manifest)
        yield _outcome(manifest, existed=False)

    def plan(self, ref: RecordingRef, source_run_key: str) -> PlannedRun:
        """Return the run that `run` makes or finds, without reading the transcript or loading a
        model. Raises NotFound where there is no identified transcript.
        """
        study = self._zones.study(ref)
        engine = self._make_engine(study.policy())
        source = self._zones.source_identity(ref, source_run_key)
        return self._plan(ref, source, engine, study)

    def _plan(
        self, ref: RecordingRef, source: SourceIdentity, engine: Engine, study: Study
    ) -> PlannedRun:
        made_by = {
            f"deidentification.{name}": version
            for name, version in engine.versions
            if name != "policy"  # stated by itself
        }
        made_by["deidentification.run"] = RUN_VERSION
        policy = engine.policy
        return PlannedRun(
            self._zones.run_key(ref, run_digest(ref, source, engine, study)),
            {**source.provenance, **made_by},
            PolicyIdentity(policy.name, policy.version, policy.digest[:16]),
        )


def _outcome(manifest: ManifestFields, *, existed: bool) -> JobResult:
    return JobResult(
        manifest.run_key,
        manifest.redactions,
        manifest.residual_risk,
        existed,
    )


def run_digest(ref: RecordingRef, source: SourceIdentity, engine: Engine, study: Study) -> bytes:
    """Return 32 bytes over what decides a run: equal exactly when recording, transcript, date,
    versions, policy, roster and the shapes of the study's codes are. The names that came with a
    recording belong to its transcript. Identified content is among that, so that they do not leave
    the clinical zone.
    """
    document = {
        "version": RUN_VERSION,
        "recording": ref.recording,
        "source": source.run_key,
        "content": source.content_sha256.hex(),
        "day": source.day.isoformat() if source.day else "",
        "versions": dict(engine.versions),
        "policy": engine.policy.digest,
        "roster": hashlib.sha256(study.roster).hexdigest(),
        "codes": study.codes(ref.participant).shapes,
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).digest()


def windows(
    turns: Sequence[DeidentifiedTurn], most: int
) -> Iterator[tuple[int, Sequence[DeidentifiedTurn]]]:
    """Yield windows of turns, each with the number of its first: at most `most` turns, and no more
    bytes than a message to the store may have, however many replacements they hold.
    """
    first = size = 0
    for index, turn in enumerate(turns):
        places = (turn.replacements, turn.flags, turn.doubtful_words, turn.pauses, turn.overlaps)
        marks = sum(map(len, places))
        bytes_ = len(turn.text.encode()) + _MARK_BYTES * marks
        if index > first and (index - first == most or size + bytes_ > _WINDOW_BYTES):
            yield first, turns[first:index]
            first, size = index, 0
        size += bytes_
    if turns:
        yield first, turns[first:]


def _turns(result: EngineResult, sources: Sequence[Turn]) -> list[DeidentifiedTurn]:
    maps = defaultdict(lambda: OffsetMap(()), offset_maps(result.redactions))
    together = SpokenTogether(sources)
    flags: dict[int, list[ReviewFlag]] = defaultdict(list)
    for flag in result.report.flags:
        flags[flag.turn].append(flag)
    return [
        DeidentifiedTurn(
            text,
            speaker,
            tuple(
                (start, end, r.entity_type, r.doubtful)
                for r, start, end in maps[number].replacements()
            ),
            tuple(flags.get(number, ())),
            doubtful_words(source, maps[number]),
            pauses(source, maps[number]),
            together.overlaps(source, maps[number]),
            source.role,
        )
        for number, (text, speaker, source) in enumerate(
            zip(result.texts, result.speakers, sources, strict=True)
        )
    ]


def _manifest(
    planned: PlannedRun,
    source: SourceTranscript,
    study: Study,
    policy: Policy,
    result: EngineResult,
    canaries: Mapping[str, CanaryCount],
    turns: Sequence[DeidentifiedTurn],
) -> ManifestFields:
    report = result.report
    return ManifestFields(
        run_key=planned.key,
        source_run_key=source.identity.run_key,
        provenance=planned.provenance,
        policy=planned.policy,
        words=report.words,
        redactions=dict(report.counts),
        coarsened=dict(report.coarser),
        doubts=dict(Counter(flag.reason for flag in report.flags)),
        doubtful_words=sum(len(turn.doubtful_words) for turn in turns),
        doubtful_replacements=report.doubtful,
        canaries=canaries,
        quasi_identifier_kinds=report.quasi_kinds,
        residual_risk=report.score,
        review_threshold=policy.review.automatic_below,
        policy_changed_by=study.changed_by,
        study_wide=tuple(sorted(policy.study_wide)),
    )
