# SPDX-License-Identifier: Apache-2.0
"""Describes a study, and what a new description of it would change."""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from services.registry import notations
from sotto.study.v1 import study_pb2

_MOST_NAMED = 10


@dataclass(frozen=True, slots=True)
class Change:
    """A field that changes, as a line for people.

    A grave change decides anew who may see what, what is redacted or what is deleted.
    """

    field: str
    text: str
    is_grave: bool


def changes(before: study_pb2.Study, after: study_pb2.Study) -> list[Change]:
    """Return what differs between two descriptions of one study."""
    found: list[Change] = []

    def note(field: str, show: Callable[[study_pb2.Study], str], *, grave: bool) -> None:
        old, new = show(before), show(after)
        if old != new:
            found.append(Change(field, f"{field}: {old} -> {new}", grave))

    note("review", lambda study: _review(study.review), grave=True)
    note("policy", lambda study: study.policy, grave=True)
    if before.policy_document != after.policy_document:
        found.append(Change("policy_document", "the text of the policy changes", is_grave=True))
    note("keep_recordings_days", _kept, grave=True)
    note("audio", audio_of, grave=True)
    note("disguise_voices", lambda study: _yes(study.disguise_voices), grave=True)
    note("quality", quality_of, grave=True)
    found.extend(_of_members(members_of(before), members_of(after)))
    found.extend(_of_participants(before.participants, after.participants))
    note("languages", lambda study: ", ".join(study.languages), grave=False)
    note("roster_hotwords", lambda study: _yes(study.roster_hotwords), grave=False)
    note("speakers", lambda study: str(study.speakers or "not said"), grave=False)
    note("notation", notation_of, grave=False)
    note("mark_doubtful_words", lambda study: _yes(study.mark_doubtful_words), grave=False)
    note("copies_until", lambda study: study.copies_until or "no such day", grave=False)
    if before.release_terms != after.release_terms:
        text = "the terms of releases change; researchers accept them anew"
        found.append(Change("release_terms", text, is_grave=False))
    if before.title != after.title:
        found.append(Change("title", "the title changes", is_grave=False))
    return found


def policy_diff(before: study_pb2.Study, after: study_pb2.Study) -> list[str]:
    """Return the lines of a study's own policy that change, as a unified diff without its head."""
    old, new = before.policy_document.splitlines(), after.policy_document.splitlines()
    return list(difflib.unified_diff(old, new, lineterm=""))[2:]


def notation_of(study: study_pb2.Study) -> str:
    """Return how releases of a study mark pauses and overlap."""
    return notations.BY_NUMBER.get(study.notation, notations.Notation.NONE)


def of_added_names(before: int, given: int) -> Change:
    """Return the change of a roster to which names are added; how many were there is not told."""
    text = f"roster: {given} names are added to the {before} that are there"
    return Change("roster", text, is_grave=False)


def of_roster(before: int, after: int) -> Change:
    """Return the change of a roster by its numbers of names; grave where it has fewer.

    Names that it had before are sealed, and shown to nobody.
    """
    text = f"roster: {before} names -> {after}; those of before are replaced"
    return Change("roster", text, is_grave=after < before)


def describe(study: study_pb2.Study) -> dict[str, object]:
    """Return a study as a record for people and programs."""
    return {
        "study_id": study.id,
        "title": study.title,
        "languages": list(study.languages),
        "policy": study.policy,
        "own_policy": bool(study.policy_document),
        "review": _review(study.review),
        "keep_recordings_days": study.keep_recordings_days,
        "roster_hotwords": study.roster_hotwords,
        "speakers": study.speakers,
        "notation": notation_of(study),
        "audio": audio_of(study),
        "disguise_voices": study.disguise_voices,
        "mark_doubtful_words": study.mark_doubtful_words,
        "quality": quality_of(study),
        "release_terms": study.release_terms,
        "copies_until": study.copies_until,
        "participants": list(study.participants),
        "members": [
            {"person": person, "roles": list(roles)} for person, roles in members_of(study).items()
        ],
        "policy_changed_by": list(study.policy_changed_by),
        "retention_shortened_at": study.retention_shortened_at.ToJsonString()
        if study.HasField("retention_shortened_at")
        else "",
    }


def members_of(study: study_pb2.Study) -> dict[str, tuple[str, ...]]:
    """Return the roles of each member, in order, by account name."""
    return {member.person: tuple(sorted(map(_role, member.roles))) for member in study.members}


def audio_of(study: study_pb2.Study) -> str:
    """Return what sound the releases of a study hold, as its file says it."""
    name = study_pb2.AudioMode.Name(study.audio).removeprefix("AUDIO_MODE_").lower()
    return name if study.audio else "none"


def quality_of(study: study_pb2.Study) -> str:
    """Return the gate of a study as people read it."""
    if not study.HasField("quality"):
        return "none"
    return gate_in_words(study.quality)


def gate_in_words(gate: study_pb2.QualityGate) -> str:
    """Return what a gate asks for."""
    size = f"{gate.sample} segments drawn" if gate.sample else f"at most {gate.bound:.2%} missed"
    signer = "signed by somebody else" if gate.other_signer else "signed by a reader too"
    return (
        f"{size} at {1 - gate.alpha:.1%}, {gate.second_reader:.0%} read twice with agreement from"
        f" {gate.agreement:.0%}, {gate.planted} planted of which {gate.detection:.0%} found,"
        f" {signer}"
    )


def _of_members(
    before: Mapping[str, tuple[str, ...]], after: Mapping[str, tuple[str, ...]]
) -> Iterable[Change]:
    for person in sorted({*before, *after}):
        old, new = before.get(person, ()), after.get(person, ())
        if old != new:
            text = f"members: {person}: {', '.join(old) or 'none'} -> {', '.join(new) or 'none'}"
            yield Change("members", text, is_grave=True)


def _of_participants(before: Iterable[str], after: Iterable[str]) -> Iterable[Change]:
    known, wanted = set(before), set(after)
    if dropped := known - wanted:
        text = f"participants dropped: {_some(dropped)}; their recordings stay and none is added"
        yield Change("participants", text, is_grave=True)
    if added := wanted - known:
        yield Change("participants", f"participants added: {_some(added)}", is_grave=False)


def _some(codes: Iterable[str]) -> str:
    ordered = sorted(codes)
    more = len(ordered) - _MOST_NAMED
    return " ".join(ordered[:_MOST_NAMED]) + (f" and {more} more" if more > 0 else "")


def _role(role: study_pb2.MemberRole) -> str:
    return study_pb2.MemberRole.Name(role).removeprefix("MEMBER_ROLE_").lower()


def _review(mode: study_pb2.ReviewMode) -> str:
    return study_pb2.ReviewMode.Name(mode).removeprefix("REVIEW_MODE_").lower()


def _kept(study: study_pb2.Study) -> str:
    days = study.keep_recordings_days
    return f"{days} days after the first release" if days else "for ever"


def _yes(value: bool) -> str:
    return "yes" if value else "no"
