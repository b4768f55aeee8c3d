# SPDX-License-Identifier: Apache-2.0
"""The engine: detection, closure, pseudonyms, replacement and risk, on a whole transcript."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

import regex

from services.deidentification.domain import (
    canaries,
    dates,
    extents,
    fitting,
    misheard_flags,
    notes,
    operators,
    review_flags,
    risk,
    span_merging,
    views,
)
from services.deidentification.domain.canaries import CanaryCount
from services.deidentification.domain.closure import Closure, as_spans
from services.deidentification.domain.leak_evidence import Investigator, Output
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.misheard_names import DOUBTED, with_misheard
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.ports import Detector
from services.deidentification.domain.pseudonyms import (
    PARTICIPANT,
    Mention,
    PseudonymAssigner,
    kin_before,
)
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.study_codes import StudyCodes
from services.deidentification.domain.tokens import Document, normal
from services.deidentification.domain.transcript import (
    Finding,
    Joined,
    Redaction,
    Transcript,
    Turn,
)
from services.deidentification.domain.vault import Vault
from services.deidentification.domain.vocabulary import KIN, RELATION
from services.deidentification.errors import TooLarge
from services.deidentification.word_files import read_words
from services.registry import role_words

_WORDS = read_words("people")

ENGINE_VERSION = "7"
MAX_WORDS = 400_000
MAX_TURNS = 200_000
_GENERIC_SPEAKERS = _WORDS.words("speaker labels without a name")
_OWN = _WORDS.phrases("self-introductions")
_NEAR_OWN = _WORDS.phrases("self-introductions with words between")
_GREETING = _WORDS.phrases("before the name of who is greeted")
_LETTERS = regex.compile(r"[^\W\d_]+")
_NO_CODES = StudyCodes()
_SENTENCE_END = regex.compile(r"[.?!](?=\s|$)")
_BRIDGES = frozenset({"", "-", *RELATION, *_WORDS.phrases("relation marks in speech")})
_NAME_KINDS = _WORDS.words("kinds of names")


@dataclass(frozen=True, slots=True)
class EngineResult:
    """A de-identified transcript: turn texts, speaker labels, redactions, the vault after, the
    second look.
    """

    texts: tuple[str, ...]
    speakers: tuple[str, ...]
    redactions: tuple[Redaction, ...]
    vault: Vault
    report: risk.RiskReport


@dataclass(frozen=True, slots=True)
class Detected:
    """What was found in a transcript, before anybody has a pseudonym."""

    transcript: Transcript
    findings: tuple[Finding, ...]
    raw: tuple[Finding, ...]
    tags: tuple[Finding, ...]
    roster: tuple[RosterEntry, ...]
    codes: StudyCodes


class Engine:
    """De-identifies transcripts under one policy; holds no state between calls."""

    def __init__(
        self,
        policy: Policy,
        detector: Detector,
        lexicon: Lexicon,
        roster: Sequence[RosterEntry] = (),
    ) -> None:
        self.policy = policy
        self._lexicon = lexicon
        self._detector = detector
        self._roster = tuple(roster)

    @property
    def versions(self) -> tuple[tuple[str, str], ...]:
        """What a result depends on besides its inputs."""
        return (
            ("detector", self._detector.version),
            ("engine", ENGINE_VERSION),
            ("policy", f"{self.policy.name}/{self.policy.version}/{self.policy.digest[:16]}"),
        )

    def detect(
        self,
        texts: Sequence[str],
        roster: Sequence[RosterEntry] = (),
        codes: StudyCodes = _NO_CODES,
    ) -> tuple[list[Finding], list[Finding]]:
        """Return the findings to act on, disjoint, in order and with closure, and all findings of
        the detector. What is a code of the study is in neither.
        """
        findings, raw, _ = self._detect(texts, roster, codes)
        return findings, raw

    def _detect(
        self, texts: Sequence[str], roster: Sequence[RosterEntry], codes: StudyCodes
    ) -> tuple[list[Finding], list[Finding], list[Finding]]:
        """Return what `detect` does, and the spans of a tagger."""
        detection = self._detector.detect(texts)
        found = notes.spare(detection.findings, texts, self._lexicon)
        found = extents.widened(found, texts)
        raw = codes.spare(span_merging.combine_scores(found), texts)
        findings = span_merging.merge_overlaps(raw, self.policy)
        joined = Joined.of(texts)
        doc = Document.of(joined.text)
        closure = Closure(self._lexicon, roster)
        each = list(as_spans(raw, joined.starts))
        tags = list(as_spans(detection.tags, joined.starts))
        for _ in range(2):
            spans = list(as_spans(findings, joined.starts))
            closure.learn(doc, spans, each, tags)
            covered = [(s.start, s.end) for s in spans]
            more = codes.spare(joined.findings(closure.find(doc, covered)), texts)
            if not more:
                break
            findings = span_merging.merge_overlaps([*findings, *more], self.policy)
        return _bridge(findings, texts), raw, codes.spare(detection.tags, texts)

    def deidentify(
        self,
        transcript: Transcript,
        vault: Vault | None = None,
        *,
        roster: Sequence[RosterEntry] = (),
        codes: StudyCodes = _NO_CODES,
        reference: date | None = None,
    ) -> EngineResult:
        """De-identify one transcript: a pure function of transcript, roster, codes, policy, vault
        and versions.

        `reference` is the day that relative dates count from. Raises TooLarge above 400,000 words.
        """
        detected = self.prepare(transcript, roster, codes)
        return self.finish(detected, vault or Vault(), reference=reference)

    def prepare(
        self,
        transcript: Transcript,
        roster: Sequence[RosterEntry] = (),
        codes: StudyCodes = _NO_CODES,
    ) -> Detected:
        """Detect; this is the part that takes time and needs no vault. Raises TooLarge."""
        if len(transcript.turns) > MAX_TURNS or transcript.words > MAX_WORDS:
            raise TooLarge("the transcript is above the limit of 400,000 words; split it")
        named = (*self._roster, *roster, *_speakers(transcript, codes))
        findings, raw, tags = self._detect([t.text for t in transcript.turns], named, codes)
        findings = with_misheard(findings, transcript.turns, named, self._lexicon)
        return Detected(transcript, tuple(findings), tuple(raw), tuple(tags), named, codes)

    def canaries(
        self,
        transcript: Transcript,
        seed: str,
        roster: Sequence[RosterEntry] = (),
        codes: StudyCodes = _NO_CODES,
    ) -> Mapping[str, CanaryCount]:
        """Return by type how many made-up identifiers are found in a copy of a part of a
        transcript. It needs no vault and changes nothing.
        """
        kinds = sorted(self.policy.covered)
        copy, planted = canaries.plant([t.text for t in transcript.turns], kinds, seed)
        named = (*self._roster, *roster, *_speakers(transcript, codes))
        findings, _ = self.detect(copy, named, codes)
        covered = {turn: bytearray(len(text)) for turn, text in enumerate(copy)}
        for f in findings:
            covered[f.turn][f.start : f.end] = b"\x01" * (f.end - f.start)
        return canaries.counts(planted, copy, covered)

    def finish(
        self, detected: Detected, vault: Vault, *, reference: date | None = None
    ) -> EngineResult:
        """Assign pseudonyms, replace and assess what is left. It is quick, and repeated where
        another process changed the vault.
        """
        transcript, findings, raw = detected.transcript, detected.findings, detected.raw
        assigner = PseudonymAssigner(
            vault, self.policy, transcript.participant, self._lexicon, detected.roster
        )
        redactions, output, coarser = self._replace(transcript, findings, assigner, reference)
        codes = detected.codes
        speakers = tuple(self._speaker(t.speaker, assigner, codes) for t in transcript.turns)
        maps = review_flags.offset_maps(redactions)
        names = [entry.name for entry in detected.roster if entry.kind == "PERSON"]
        seen = Output.of([t.text for t in transcript.turns], redactions, names, self._lexicon)
        clues = Investigator(seen, self._lexicon).clues(detected.tags, raw)
        left = [
            *risk.places(seen, clues, maps),
            *misheard_flags.misheard(
                transcript.turns, maps, findings, names, self.policy, self._lexicon
            ),
        ]
        doubtful = sum(r.doubtful for r in redactions)
        report = risk.assess(output, findings, left, coarser, doubtful)
        return EngineResult(tuple(output), speakers, tuple(redactions), assigner.vault, report)

    def _speaker(self, speaker: str, assigner: PseudonymAssigner, codes: StudyCodes) -> str:
        if not named_speaker(speaker, codes) or self.policy.rule("PERSON").operator == "keep":
            return speaker
        if self.policy.rule("PERSON").operator != "pseudonym":
            return operators.tag("PERSON")
        return f"[{assigner.label(Mention(speaker, 'PERSON', (), (), by_participant=False))}]"

    def _replace(
        self,
        transcript: Transcript,
        findings: Sequence[Finding],
        assigner: PseudonymAssigner,
        reference: date | None,
    ) -> tuple[list[Redaction], list[str], Counter[str]]:
        """Return the redactions, the new text of each turn, and, by type, how many values became
        less precise than the policy asks.
        """
        participants = {t.speaker for t in transcript.turns if t.role == PARTICIPANT}
        mentions = {
            f: heard_mention(transcript.turns[f.turn], f, alone=len(participants) == 1)
            for f in findings
        }
        if self.policy.rule("PERSON").operator == "pseudonym":
            # Participants who introduce themselves are known before they are first spoken to.
            for mention in mentions.values():
                if mention.own:
                    assigner.label(mention)
        by_turn: dict[int, list[Finding]] = defaultdict(list)
        for finding in findings:
            by_turn[finding.turn].append(finding)
        redactions: list[Redaction] = []
        output: list[str] = []
        coarser: Counter[str] = Counter()
        for index, turn in enumerate(transcript.turns):
            text, pieces, last = turn.text, list[str](), 0
            for f in by_turn.get(index, ()):
                replacement, as_asked = self.substitute(mentions[f], assigner, reference, cut=f.cut)
                coarser[f.entity_type] += not as_asked
                start = max(fitting.start_of(text, f.start, replacement), last)
                pieces += (text[last:start], replacement)
                score = round(f.score, 4)
                redactions.append(
                    Redaction(
                        index,
                        start,
                        f.end,
                        f.entity_type,
                        replacement,
                        score,
                        f.source,
                        score < self.policy.review.doubtful_below,
                    )
                )
                last = f.end
            pieces.append(text[last:])
            output.append("".join(pieces))
        return redactions, output, coarser

    def substitute(
        self,
        mention: Mention,
        assigner: PseudonymAssigner,
        reference: date | None,
        *,
        cut: bool = False,
    ) -> tuple[str, bool]:
        """Return what the policy puts in the place of a mention, and whether it is as precise as
        the policy asks. `cut`: it goes on in another turn, so that its value would be a wrong one.
        """
        rule = self.policy.rule(mention.entity_type)
        match rule.operator:
            case "pseudonym":
                return f"[{assigner.label(mention)}]", True
            case "generalise" if cut or _is_clock(mention):
                return operators.unread(mention.entity_type, rule), False
            case "generalise":
                return operators.generalise(
                    mention.entity_type,
                    mention.text,
                    rule,
                    assigner.offset,
                    reference,
                    self._lexicon.states,
                )
            case "mask":
                return operators.MASK, True
        return operators.tag(mention.entity_type), True


def _is_clock(mention: Mention) -> bool:
    """Return whether what was taken for a date is a time of the day, whose year would be made
    up.
    """
    if mention.entity_type != "DATE_TIME" or dates.parse(mention.text).month:
        return False
    before = mention.before[-1] if mention.before else ""
    return dates.clock(before, mention.after[0] if mention.after else "")


def _bridge(findings: list[Finding], texts: Sequence[str]) -> list[Finding]:
    """Join people's names that only a blank, a hyphen or a relation mark separates, so that one
    name is one finding.
    """
    result: list[Finding] = []
    for f in findings:
        last = result[-1] if result else None
        if (
            last is not None
            and last.turn == f.turn
            and last.entity_type == f.entity_type == "PERSON"
            and normal(texts[f.turn][last.end : f.start]).strip() in _BRIDGES
            and "\n" not in texts[f.turn][last.end : f.start]
        ):
            result[-1] = Finding(
                f.turn, last.start, f.end, "PERSON", max(last.score, f.score), last.source
            )
        else:
            result.append(f)
    return result


def heard_mention(turn: Turn, finding: Finding, *, alone: bool) -> Mention:
    """Return a finding of a turn with what stands around it and how well it was heard. `alone`:
    whom the interviewer greets or thanks by name is the participant.
    """
    mention = mention_of(turn.text, finding, turn.role)
    doubted, sure = False, set[str]()
    if finding.entity_type == "PERSON":
        heard = [w for w in turn.asr_words if w.start < finding.end and finding.start < w.end]
        doubted = any(word.below(DOUBTED) for word in heard)
        sure = {
            token.norm
            for word in heard
            if not word.below(DOUBTED)
            for token in Document.of(turn.text[word.start : word.end]).tokens
        }
    greeted = (
        alone
        and finding.entity_type == "PERSON"
        and turn.role == "interviewer"
        and any(" ".join(mention.before).endswith(phrase) for phrase in _GREETING)
    )
    own = mention.own or greeted
    return replace(mention, doubted=doubted, sure=frozenset(sure), own=own)


def mention_of(text: str, finding: Finding, role: str) -> Mention:
    """Return a finding of a turn with what stands around it; `role` is the speaker's."""
    lead_in = _as_read(text[max(0, finding.start - 60) : finding.start])
    before = tuple(t.norm for t in Document.of(lead_in).tokens)
    # What the next sentence says of somebody is not said of this one.
    rest = _SENTENCE_END.split(_as_read(text[finding.end : finding.end + 40]), maxsplit=1)[0]
    after = tuple(t.norm for t in Document.of(rest).tokens)
    lead = " ".join(before[-3:])
    own = (
        finding.entity_type == "PERSON"
        and role == "participant"
        and any(
            lead.endswith(phrase) or (phrase in lead and phrase in _NEAR_OWN) for phrase in _OWN
        )
        and not any(word in KIN for word in before[-2:])
        and not _of_another(before)
        and not kin_before(before)
    )
    return Mention(
        _as_read(text[finding.start : finding.end]),
        finding.entity_type,
        before,
        after,
        role != "interviewer",
        own,
    )


def _as_read(text: str) -> str:
    """Return a piece of a turn without forms and notes that are no part of what was said."""
    return views.spoken(views.folded(text)).text


def _of_another(before: Sequence[str]) -> bool:
    """Return whether a name is announced as somebody else's: `my wife's name is`, `his name is`."""
    for at in range(len(before) - 1, max(len(before) - 4, -1), -1):
        if before[at] == "name":
            owner = next((w for w in reversed(before[:at]) if w not in _NAME_KINDS), "my")
            return owner != "my"
    return False


def named_speaker(speaker: str, codes: StudyCodes) -> bool:
    """Return whether a speaker's label may be a name: everything but a role, a number behind one,
    and a code of the study.
    """
    if role_words.role_of(speaker) or codes.is_code(speaker):
        return False
    words = [normal(word) for word in _LETTERS.findall(speaker)]
    return any(word not in _GENERIC_SPEAKERS for word in words)


def _speakers(transcript: Transcript, codes: StudyCodes) -> list[RosterEntry]:
    """Return the names in the labels of speakers; one of several participants is not the one whose
    code it is.
    """
    seen: dict[str, str] = {}
    for turn in transcript.turns:
        if named_speaker(turn.speaker, codes):
            seen.setdefault(turn.speaker, turn.role)
    own = PARTICIPANT if sum(role == "participant" for role in seen.values()) == 1 else ""
    return [
        RosterEntry(name, role=own if role == "participant" else "", chosen=False)
        for name, role in sorted(seen.items())
    ]
