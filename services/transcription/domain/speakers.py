# SPDX-License-Identifier: Apache-2.0
"""From channels and voices to speaker labels and roles."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from services.transcription.domain.audio import Span
from services.transcription.domain.transcript import Role
from services.transcription.domain.voices import VoicePrints, tell_apart


@dataclass(frozen=True, slots=True)
class SpeakerOptions:
    """How speakers are told apart.

    `channels` is "auto", "mix" or "separate" for stereo recordings. `roles` names the role of
    each channel where channels are speakers. Where it says nothing and `roles_by_talk` is set,
    the one of two speakers who talks clearly more is taken for the participant.
    """

    channels: Literal["auto", "mix", "separate"] = "auto"
    roles: tuple[Role, ...] = ()
    tell_voices_apart: bool = True
    roles_by_talk: bool = True


# The share of the talk from which somebody is taken for the one who is interviewed.
_MOST_OF_THE_TALK = 0.6


@dataclass(frozen=True, slots=True)
class Speaker:
    """A label such as "S1" and a role."""

    label: str
    role: Role


@dataclass(frozen=True, slots=True)
class Casting:
    """Who speaks: `tracks` speakers, each a channel or, where there are `voices`, a voice.

    `voices` gives each region of the mix to a voice.
    """

    tracks: int
    roles: tuple[Role, ...] = ()
    voices: tuple[tuple[Span, int], ...] = ()

    @classmethod
    def of_channels(cls, regions: Sequence[Sequence[Span]], options: SpeakerOptions) -> Casting:
        """Each channel is a speaker."""
        return cls(len(regions), options.roles or _by_talk(regions, options))

    @classmethod
    def of_voices(
        cls, prints: VoicePrints, regions: Sequence[Span], options: SpeakerOptions
    ) -> Casting:
        """Regions of one channel are given to one or two voices."""
        heard = tell_apart(prints, regions) if options.tell_voices_apart else []
        if not any(heard):
            return cls(1)
        voices = tuple(zip(regions, heard, strict=True))
        spoken = [[span for span, voice in voices if voice == who] for who in (0, 1)]
        return cls(2, _by_talk(spoken, options), voices)

    def split(self, regions: Sequence[Sequence[Span]]) -> list[list[Span]]:
        """Return the regions of each track, so that no piece mixes two voices."""
        if not self.voices:
            return [list(channel) for channel in regions]
        return [[span for span, voice in self.voices if voice == who] for who in range(self.tracks)]

    def speaker(self, track: int) -> Speaker:
        """Return who speaks on a track."""
        role = self.roles[track] if track < len(self.roles) else Role.UNKNOWN
        return Speaker(f"S{track + 1}", role)


def _by_talk(regions: Sequence[Sequence[Span]], options: SpeakerOptions) -> tuple[Role, ...]:
    """Return the roles of two speakers by how much each talks, or none."""
    if not options.roles_by_talk or len(regions) != 2:
        return ()
    talk = [sum(len(span) for span in spoken) for spoken in regions]
    most = max(talk)
    if not min(talk) or most < _MOST_OF_THE_TALK * sum(talk):
        return ()
    return tuple(Role.PARTICIPANT if one == most else Role.INTERVIEWER for one in talk)
