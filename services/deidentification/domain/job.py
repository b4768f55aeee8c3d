# SPDX-License-Identifier: Apache-2.0
"""One transcript from the clinical to the research zone: what is done in which order, so that it
can die anywhere.
"""

from __future__ import annotations

import hashlib
import json
import secrets
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from services.common.errors import Conflict
from services.deidentification.domain import doubts
from services.deidentification.domain import roster as rosters
from services.deidentification.domain.engine import Engine, Result
from services.deidentification.domain.policy import Policy, load
from services.deidentification.domain.ports import Detector
from services.deidentification.domain.risk import Place
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.domain.vault import Vault

RUN_VERSION = "2"
_TRIES = 12
_WINDOW_BYTES = 1 << 20
_MARK_BYTES = 48  # of a replacement or a doubt with its type, more or less


@dataclass(frozen=True, slots=True)
class Ref:
    """Names of a recording."""

    study: str
    participant: str
    recording: str


@dataclass(frozen=True, slots=True)
class Source:
    """An identified transcript: its run, its hash, its turns, and an opaque rest per turn that is
    carried over.
    """

    run_key: str
    content_sha256: bytes
    turns: tuple[Turn, ...]
    day: date | None = None  # of the interview, where it was given


@dataclass(frozen=True, slots=True)
class Study:
    """What the study says: its policy, and the sealed roster."""

    policy_name: str
    policy_document: str
    roster: bytes


@dataclass(frozen=True, slots=True)
class Line:
    """A de-identified turn: text, speaker, and in the new text the places of replacements and
    those where a reviewer should look.
    """

    text: str
    speaker: str
    replacements: tuple[tuple[int, int, str, float], ...]
    doubts: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Facts:
    """What the manifest says: no content."""

    run_key: str
    source_sha256: bytes
    provenance: Mapping[str, str]
    counts: Mapping[str, int]
    residual: float


@dataclass(frozen=True, slots=True)
class Progress:
    """How far it is, in turns."""

    done: int
    total: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of it."""

    run_key: str
    replacements: Mapping[str, int]
    residual: float
    needs_review: bool
    existed: bool


@dataclass(frozen=True, slots=True)
class Held:
    """A vault as it was read, with the generations that writing must be based on."""

    vault: Vault
    study_generation: int
    participant_generation: int


class OpenRun(Protocol):
    """A run in the research zone; writing a window that is there already does nothing."""

    def finished(self) -> Facts | None:
        """Facts of the manifest, where the run was finished before."""

    def write(self, window: int, first: int, lines: Sequence[Line]) -> None:
        """Store the lines of the turns from `first` on."""

    def commit(self, facts: Facts) -> None:
        """Write the manifest, last and once."""


class ZonePort(Protocol):
    """Both zones as the job sees them; `vault` raises Conflict where somebody else wrote in
    between.
    """

    def study(self, ref: Ref) -> Study:
        """The study's description and roster."""

    def source(self, ref: Ref, run_key: str) -> Source:
        """The whole identified transcript, verified."""

    def run(self, ref: Ref, key: str, source: Source) -> OpenRun:
        """Open a run of the research zone."""

    def read_vault(self, ref: Ref) -> Held:
        """Both tables."""

    def write_vault(self, ref: Ref, held: Held, vault: Vault) -> None:
        """Replace what changed, by compare-and-swap."""


class Workshop:
    """Does jobs; transcripts of one study take turns where they name people, so that labels stay
    apart.
    """

    def __init__(self, zones: ZonePort, detector: Callable[[], Detector], window: int) -> None:
        self._zones = zones
        self._detector = detector
        self._window = window
        self._studies: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def versions(self) -> dict[str, str]:
        """Detector and engine."""
        return dict(Engine(load("research-default"), self._detector()).versions)

    def work(self, ref: Ref, source_run_key: str) -> Iterator[Progress | Outcome]:
        """De-identify one transcript; the last update is the outcome."""
        study = self._zones.study(ref)
        policy = policy_of(study)
        source = self._zones.source(ref, source_run_key)
        known = rosters.read(study.roster, ref.participant)
        engine = Engine(policy, self._detector())
        key = run_key(ref, source, engine, study.roster)
        run = self._zones.run(ref, key, source)
        total = len(source.turns)
        done = run.finished()
        if done is not None:
            yield self._outcome(done, policy, existed=True)
            return
        yield Progress(0, total)
        detected = engine.prepare(Transcript(source.turns, ref.participant), known)
        # The vault is safe before any text that uses its labels is: a rerun finds the same labels
        # there.
        with self._studies[ref.study]:
            result = self._name(
                ref, lambda vault: engine.finish(detected, vault, reference=source.day)
            )
        for window, (first, lines) in enumerate(windows(_lines(result), self._window)):
            run.write(window, first, lines)
            yield Progress(first + len(lines), total)
        facts = _facts(key, source, engine, result)
        run.commit(facts)
        yield self._outcome(facts, policy, existed=False)

    def _name(self, ref: Ref, finish: Callable[[Vault], Result]) -> Result:
        for _ in range(_TRIES):
            held = self._zones.read_vault(ref)
            vault = held.vault
            if not vault.secret:
                vault = replace(vault, secret=secrets.token_hex(32))
            result = finish(vault)
            try:
                self._zones.write_vault(ref, held, result.vault)
            except Conflict:
                continue
            return result
        raise Conflict(
            "Other transcripts of the study keep writing pseudonyms; try again in a moment."
        )

    @staticmethod
    def _outcome(facts: Facts, policy: Policy, *, existed: bool) -> Outcome:
        replacements = {
            name.removeprefix("redactions."): count
            for name, count in facts.counts.items()
            if name.startswith("redactions.")
        }
        review = facts.residual >= policy.review.automatic_below
        return Outcome(facts.run_key, replacements, facts.residual, review, existed)


def policy_of(study: Study) -> Policy:
    """The study's own policy, or the one that ships under the name; raises PolicyError."""
    return Policy.parse(study.policy_document) if study.policy_document else load(study.policy_name)


def run_key(ref: Ref, source: Source, engine: Engine, roster: bytes) -> str:
    """32 hexadecimal digits, equal exactly when recording, transcript, date, versions, policy and
    roster are.
    """
    document = {
        "version": RUN_VERSION,
        "recording": ref.recording,
        "source": source.run_key,
        "content": source.content_sha256.hex(),
        "day": source.day.isoformat() if source.day else "",
        "versions": dict(engine.versions),
        "policy": engine.policy.digest,
        "roster": hashlib.sha256(roster).hexdigest(),
    }
    return hashlib.sha256(json.dumps(document, sort_keys=True).encode()).hexdigest()[:32]


def windows(lines: Sequence[Line], most: int) -> Iterator[tuple[int, Sequence[Line]]]:
    """Lines by windows, each with the number of its first: at most so many, and no more bytes than
    a message to the store may have, however many replacements stand in them.
    """
    first = size = 0
    for index, line in enumerate(lines):
        marks = len(line.replacements) + len(line.doubts)
        bytes_ = len(line.text.encode()) + _MARK_BYTES * marks
        if index > first and (index - first == most or size + bytes_ > _WINDOW_BYTES):
            yield first, lines[first:index]
            first, size = index, 0
        size += bytes_
    if lines:
        yield first, lines[first:]


def _lines(result: Result) -> list[Line]:
    ways = doubts.moved(result.redactions)
    nothing = doubts.Moved(())
    places: dict[int, list[Place]] = defaultdict(list)
    for place in result.report.places:
        places[place.turn].append(place)
    return [
        Line(
            text,
            speaker,
            tuple(
                (start, end, r.entity_type, r.score)
                for r, start, end in ways.get(turn, nothing).replacements()
            ),
            tuple(places.get(turn, ())),
        )
        for turn, (text, speaker) in enumerate(zip(result.texts, result.speakers, strict=True))
    ]


def _facts(key: str, source: Source, engine: Engine, result: Result) -> Facts:
    counts = {f"redactions.{kind}": count for kind, count in result.report.counts}
    reasons: dict[str, int] = defaultdict(int)
    for place in result.report.places:
        reasons[place.reason] += 1
    counts |= {f"doubts.{reason}": count for reason, count in sorted(reasons.items())}
    # Dates without a day to count from, places without a state: less was kept than was asked.
    counts |= {f"coarser.{kind}": count for kind, count in result.report.coarser}
    counts |= {"words": result.report.words, "quasi_kinds": result.report.quasi_kinds}
    provenance = {f"deidentification.{name}": version for name, version in engine.versions}
    return Facts(key, source.content_sha256, provenance, counts, result.report.score)
