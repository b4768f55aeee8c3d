# SPDX-License-Identifier: Apache-2.0
"""From channels and diarization to speaker labels and roles."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from services.transcription.domain.audio import SampleRange
from services.transcription.domain.ports import LabelledSpan
from services.transcription.domain.transcript import Role

_PARTICIPANT_SHARE = 0.6
"""Share of the talk from which one of two speakers is taken for the participant: the person who is
interviewed talks most, and below this the difference may be chance."""


@dataclass(frozen=True, slots=True)
class SpeakerOptions:
    """How speakers are separated (diarization).

    `channels` is "auto", "mix" or "separate" for stereo recordings. `roles` names the role of
    each channel where channels are speakers. Where it says nothing and `roles_by_talk` is set,
    the one of two speakers who talks clearly more is taken for the participant. `expected` is how
    many people speak in a mixed recording, 0 where nobody knows. `named` are roles by label that
    were given with the recording: they go before all else. `diarizer` is the name and
    version of what separates their voices, empty where they are not to be separated.
    """

    channels: Literal["auto", "mix", "separate"] = "auto"
    roles: tuple[Role, ...] = ()
    roles_by_talk: bool = True
    expected: int = 0
    named: tuple[tuple[str, Role], ...] = ()
    diarizer: str = ""


@dataclass(frozen=True, slots=True)
class Speaker:
    """A label such as "S1" and a role."""

    label: str
    role: Role


@dataclass(frozen=True, slots=True)
class SpeakerAssignment:
    """Who speaks: `count` speakers, each a channel or, where there are `spans`, a voice of the mix.

    `spans` are the diarized stretches of speech in the mix of all channels, in order. `are_said`:
    the roles were given with the recording, or with its channels; they are not guessed.
    """

    count: int
    roles: tuple[Role, ...] = ()
    spans: tuple[LabelledSpan, ...] = ()
    are_said: bool = False

    @classmethod
    def of_channels(
        cls, regions: Sequence[Sequence[SampleRange]], options: SpeakerOptions
    ) -> SpeakerAssignment:
        """Return an assignment in which each channel is a speaker."""
        said = bool(_named(len(regions), options) or options.roles)
        return cls(len(regions), _roles(regions, options), are_said=said)

    @classmethod
    def of_voices(
        cls, labelled: Sequence[LabelledSpan], options: SpeakerOptions
    ) -> SpeakerAssignment:
        """Return an assignment in which each diarized voice of the mix is a speaker."""
        count = max((one.speaker for one in labelled), default=0) + 1
        if count == 1:
            return cls(1, _named(1, options), are_said=bool(_named(1, options)))
        spans = tuple(labelled)
        roles = _roles(by_number(spans, count), replace(options, roles=()))
        return cls(count, roles, spans, are_said=bool(_named(count, options)))

    def between(self, start: int, end: int) -> int:
        """Return who speaks most between two samples, or nearest to them where nobody does."""
        first = max(0, bisect_right(self.spans, start, key=lambda one: one.span.start) - 1)
        spoken: dict[int, int] = {}
        nearest, distance = 0, -1
        place = SampleRange(start, max(start + 1, end))
        for one in self.spans[first:]:
            away = max(one.span.start - place.end, place.start - one.span.end, 0)
            if distance < 0 or away < distance:
                nearest, distance = one.speaker, away
            if one.span.start >= place.end:
                break
            spoken[one.speaker] = spoken.get(one.speaker, 0) + one.span.overlap(place)
        most = max(spoken, key=lambda speaker: spoken[speaker], default=nearest)
        return most if spoken.get(most) else nearest

    def speaker(self, index: int) -> Speaker:
        """Return the label and role of a speaker, numbered from 0."""
        role = self.roles[index] if index < len(self.roles) else Role.UNKNOWN
        return Speaker(f"S{index + 1}", role)


def by_number(labelled: Sequence[LabelledSpan], count: int) -> list[list[SampleRange]]:
    """Return where each of so many speakers speaks."""
    return [[one.span for one in labelled if one.speaker == index] for index in range(count)]


def _roles(regions: Sequence[Sequence[SampleRange]], options: SpeakerOptions) -> tuple[Role, ...]:
    """Return the roles of speakers by what was given with the recording, the channels, or talk."""
    return _named(len(regions), options) or options.roles or _roles_by_talk(regions, options)


def _named(count: int, options: SpeakerOptions) -> tuple[Role, ...]:
    """Return the roles that were given with the recording; none where none of its speakers has one.

    Where one of two speakers has one, the other has the other.
    """
    given = dict(options.named)
    roles = [given.get(f"S{index + 1}", Role.UNKNOWN) for index in range(count)]
    if count == 2 and roles.count(Role.UNKNOWN) == 1:
        other = {Role.INTERVIEWER: Role.PARTICIPANT, Role.PARTICIPANT: Role.INTERVIEWER}
        roles = [role if role in other else other[roles[1 - at]] for at, role in enumerate(roles)]
    return tuple(roles) if any(role is not Role.UNKNOWN for role in roles) else ()


def _roles_by_talk(
    regions: Sequence[Sequence[SampleRange]], options: SpeakerOptions
) -> tuple[Role, ...]:
    """Return the roles of two speakers by how much each talks, or none."""
    if not options.roles_by_talk or len(regions) != 2:
        return ()
    talk = [sum(len(span) for span in spoken) for spoken in regions]
    most = max(talk)
    if not min(talk) or most < _PARTICIPANT_SHARE * sum(talk):
        return ()
    return tuple(Role.PARTICIPANT if one == most else Role.INTERVIEWER for one in talk)
