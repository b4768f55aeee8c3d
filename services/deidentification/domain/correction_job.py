# SPDX-License-Identifier: Apache-2.0
"""A reviewer's correction, spread over a de-identified transcript: which places it concerns, and
what the study's policy puts there. It changes the vault, where a new name gets its pseudonym, and
no transcript.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Protocol

from services.corrections.alignment import align
from services.corrections.model import Replacement
from services.deidentification.domain import operators, spreading, wording
from services.deidentification.domain import roster as rosters
from services.deidentification.domain.engine import Engine, mention_of
from services.deidentification.domain.entities import ENTITY_TYPES
from services.deidentification.domain.lexicon import Lexicon
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.pseudonyms import Mention, PseudonymAssigner
from services.deidentification.domain.review_flags import ReviewFlag
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.spreading import DeidentifiedText, Place
from services.deidentification.domain.study import RecordingRef, Study
from services.deidentification.domain.transcript import Finding
from services.deidentification.domain.vault import Vault
from services.deidentification.domain.vault_updates import VaultPort, VaultUpdater
from services.deidentification.errors import PlaceError


@dataclass(frozen=True, slots=True)
class DeidentifiedRun:
    """A de-identified transcript as the research zone has it, and the key of the identified run
    that it was made from; empty where an earlier version made it.
    """

    segments: tuple[DeidentifiedText, ...]
    source_run_key: str


@dataclass(frozen=True, slots=True)
class RedactedPlace:
    """A place of a de-identified transcript, and what replaces it."""

    place: Place
    replacement: str


class CorrectionZones(VaultPort, Protocol):
    """Both zones as corrections see them."""

    def study(self, ref: RecordingRef) -> Study:
        """Read the policy and roster of a study."""

    def deidentified(self, ref: RecordingRef, run_key: str) -> DeidentifiedRun:
        """Read a whole de-identified transcript; raises NotFound."""

    def day(self, ref: RecordingRef) -> date | None:
        """Return the day of the interview where it is known."""

    def identified_text(self, ref: RecordingRef, run_key: str, segment: int) -> str | None:
        """Return a segment of an identified transcript; None where there is no such run."""


class CorrectionRunner:
    """Spreads corrections."""

    def __init__(
        self,
        zones: CorrectionZones,
        vaults: VaultUpdater,
        make_engine: Callable[[Policy], Engine],
        lexicon: Callable[[], Lexicon],
    ) -> None:
        self._zones = zones
        self._vaults = vaults
        self._make_engine = make_engine
        self._lexicon = lexicon

    def propagate(
        self,
        ref: RecordingRef,
        run_key: str,
        place: Place,
        entity_type: str,
        *,
        look_only: bool = False,
    ) -> list[RedactedPlace]:
        """Return the place and all others where its words occur in any form, with what the policy
        puts there; with nothing, where one looks only.

        A new name enters the vault as if it had been detected, so that other transcripts and the
        next run give it the same label. Raises PlaceError, and NotFound where there is no such run.
        """
        study = self._zones.study(ref)
        policy = _policy_for(study, entity_type)
        segments = self._zones.deidentified(ref, run_key).segments
        places = spreading.spread(segments, place, entity_type, self._lexicon())
        if look_only:
            return [RedactedPlace(one, "") for one in places]
        mentions = [_mention(segments, one, entity_type) for one in places]
        asked = next(one for one in places if _touches(one, place))
        words = segments[asked.segment].text[asked.start : asked.end]
        # Whoever corrects knows that all of these are one.
        known = RosterEntry(words, entity_type)
        texts = self._substitutes(ref, study, policy, mentions, known=known)
        return [RedactedPlace(*pair) for pair in zip(places, texts, strict=True)]

    def relabel(
        self, ref: RecordingRef, run_key: str, place: Place, entity_type: str
    ) -> list[RedactedPlace]:
        """Return the replacement and, where its label is a pseudonym, all with the same label, with
        what the policy puts in the place of the other type.

        A mark such as `[PHONE_NUMBER]` says nothing of what it stands for, so that it is alone.
        Raises PlaceError where the place is not that of a replacement, or it has the type already.
        """
        study = self._zones.study(ref)
        policy = _policy_for(study, entity_type)
        run = self._zones.deidentified(ref, run_key)
        if spreading.replacement_at(run.segments, place) == entity_type:
            raise PlaceError(f"the replacement is of type {entity_type} already")
        text = run.segments[place.segment].text[place.start : place.end]
        label = text.removeprefix("[").removesuffix("]")
        words = " ".join(self._assigner(ref, study, policy, self._vault(ref)).forms(label))
        places = _with_text(run.segments, text) if words else [place]
        words = words or self._original(ref, run, place)
        if not words:
            mask = policy.rule(entity_type).operator == "mask"
            told = operators.MASK if mask else operators.tag(entity_type)
            return [RedactedPlace(one, told) for one in places]
        mention = replace(_mention(run.segments, place, entity_type), text=words)
        (told,) = self._substitutes(ref, study, policy, [mention], before=label)
        return [RedactedPlace(one, told) for one in places]

    def examine(self, ref: RecordingRef, run_key: str, place: Place, text: str) -> list[ReviewFlag]:
        """Return what is doubtful in words that would stand at a place, by their code points.

        Raises PlaceError, also where the words hold what the policy of the study replaces, and
        NotFound where there is no such run.
        """
        study = self._zones.study(ref)
        segments = self._zones.deidentified(ref, run_key).segments
        return wording.examine(
            self._make_engine(study.policy()),
            segments,
            place,
            text,
            ref.participant,
            self._vault(ref),
            rosters.read(study.roster, ref.participant),
        )

    def _substitutes(
        self,
        ref: RecordingRef,
        study: Study,
        policy: Policy,
        mentions: Sequence[Mention],
        *,
        known: RosterEntry | None = None,
        before: str = "",
    ) -> list[str]:
        engine = self._make_engine(policy)
        day = self._zones.day(ref)

        def assign(vault: Vault) -> tuple[Vault, list[str]]:
            assigner = self._assigner(ref, study, policy, vault, known)
            for mention in mentions:
                if mention.own and policy.rule("PERSON").operator == "pseudonym":
                    assigner.label(mention)
            if before and policy.rule(mentions[0].entity_type).operator == "pseudonym":
                texts = [f"[{assigner.relabel(mention, before)}]" for mention in mentions]
            else:
                texts = [engine.substitute(mention, assigner, day)[0] for mention in mentions]
            return assigner.vault, texts

        return self._vaults.update(ref, assign)

    def _assigner(
        self,
        ref: RecordingRef,
        study: Study,
        policy: Policy,
        vault: Vault,
        known: RosterEntry | None = None,
    ) -> PseudonymAssigner:
        roster = rosters.read(study.roster, ref.participant)
        named = (*roster, known) if known is not None else roster
        return PseudonymAssigner(vault, policy, ref.participant, self._lexicon(), named)

    def _vault(self, ref: RecordingRef) -> Vault:
        return self._zones.read_vault(ref).vault

    def _original(self, ref: RecordingRef, run: DeidentifiedRun, place: Place) -> str:
        """Return the words that a mark stands for; empty where they cannot be told."""
        if not run.source_run_key:
            return ""
        identified = self._zones.identified_text(ref, run.source_run_key, place.segment)
        if identified is None:
            return ""
        segment = run.segments[place.segment]
        marks = [Replacement(start, end, kind) for start, end, kind in segment.replacements]
        found = align(identified, segment.text, marks)
        at = next(n for n, one in enumerate(marks) if one.start == place.start)
        return found[at] or ""


def _policy_for(study: Study, entity_type: str) -> Policy:
    if entity_type not in ENTITY_TYPES:
        raise PlaceError(
            f"there is no entity type {entity_type}; known are {', '.join(ENTITY_TYPES)}"
        )
    policy = study.policy()
    if policy.rule(entity_type).operator == "keep":
        raise PlaceError(
            f"the policy {policy.name} keeps {entity_type} as it is said, so that nothing would be "
            "replaced; choose another entity type"
        )
    return policy


def _mention(segments: Sequence[DeidentifiedText], place: Place, entity_type: str) -> Mention:
    segment = segments[place.segment]
    finding = Finding(place.segment, place.start, place.end, entity_type, 1.0)
    mention = mention_of(segment.blocked, finding, segment.role)
    return replace(mention, text=segment.text[place.start : place.end])


def _touches(left: Place, right: Place) -> bool:
    return left.segment == right.segment and left.start < right.end and right.start < left.end


def _with_text(segments: Sequence[DeidentifiedText], text: str) -> list[Place]:
    return [
        Place(number, start, end)
        for number, segment in enumerate(segments)
        for start, end, _ in segment.replacements
        if segment.text[start:end] == text
    ]
