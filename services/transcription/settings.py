# SPDX-License-Identifier: Apache-2.0
"""Settings of the transcription service, from the environment or `[transcription]` in a file."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Literal

from pydantic import Field

from services.common.installation import Installation
from services.common.settings import ServiceSettings
from services.transcription.domain.transcript import Role


class TranscriptionSettings(ServiceSettings):
    """Settings of the transcription service and of `sotto transcribe`."""

    service: str = Field(default="transcription", description="Name of this service.")
    speech_model: str = Field(
        default="",
        description=(
            "Name of a model of `sotto models list`, or a folder. Without one, recordings are "
            "refused; transcripts made elsewhere need none."
        ),
    )
    demo_model_invents: bool = Field(
        default=False,
        description=(
            "Let a demo model, which knows a few recordings alone, write invented words for "
            "others, to try things out. They are marked as invented as far as the release."
        ),
    )
    speech_device: Literal["cpu", "cuda"] = Field(
        default="cpu", description="Where the model runs."
    )
    speech_compute_type: str = Field(
        default="int8",
        pattern="^(int8|int8_float32|int8_float16|int16|float16|bfloat16|float32)$",
        description="Arithmetic of the model. Another may write other words, so it makes new runs.",
    )
    speech_threads: int = Field(
        default=0,
        ge=0,
        le=256,
        description=(
            "CPU threads for one recording; 0 divides the cores among `speech_parallel` recordings,"
            " up to four for each."
        ),
    )
    speech_parallel: int = Field(
        default=1, ge=1, le=64, description="Recordings transcribed at the same time; others wait."
    )
    clip_share: float = Field(
        default=0.5,
        ge=0,
        le=1,
        description=(
            "Share of a recording that one reviewer may hear in clips, a minute at least; 0 gives "
            "no clips."
        ),
    )
    beam_size: int = Field(default=1, ge=1, le=10, description="Beams of the search; 1 is greedy.")
    language_floor: float = Field(
        default=0.98,
        ge=0,
        le=1,
        description=(
            "Certainty of the model below which the language of a passage is decided by its words."
        ),
    )
    prompt: str = Field(
        default="",
        max_length=500,
        description=(
            "Text in the style to be written, such as 'Um, uh, I mean, ah lah.' to keep fillers. "
            "No names: it is not sealed."
        ),
    )
    hotwords_characters: int = Field(
        default=200,
        ge=0,
        le=800,
        description=(
            "Most characters of roster names that prime the model, where a study asks for it "
            "(roster_hotwords); 0 turns it off for all."
        ),
    )
    hallucination_silence_seconds: float = Field(
        default=0.0,
        ge=0,
        le=60,
        description=(
            "Let faster-whisper drop text near silences that long where it looks invented; "
            "0 keeps it and marks it doubtful."
        ),
    )
    window_seconds: float = Field(
        default=180.0, ge=20, le=600, description="Longest window: what a restart repeats at most."
    )
    channels: Literal["auto", "mix", "separate"] = Field(
        default="auto",
        description="Stereo: each channel is a speaker, both are mixed, or the sound decides.",
    )
    channel_roles: list[Role] = Field(
        default_factory=list,
        max_length=2,
        description="Roles of the channels where they are speakers: interviewer, participant.",
    )
    roles_by_talk: bool = Field(
        default=True,
        description=(
            "Take the one of two speakers who talks clearly more for the participant, where "
            "channel_roles says nothing."
        ),
    )
    tell_voices_apart: bool = Field(
        default=True,
        description="Mono: diarization by voices; without it everybody is S1.",
    )
    diarizer: str = Field(
        default="ge2e",
        pattern=r"^(ge2e|[A-Za-z_][\w.]*:[A-Za-z_]\w*)$",
        description=(
            "What tells voices apart: the diarizer that ships, or one of yours, as module:class."
        ),
    )
    max_recording_seconds: float = Field(
        default=12 * 3600.0, gt=0, description="Longest recording that is accepted."
    )
    max_recording_bytes: int = Field(
        default=16 * 1024**3, gt=0, description="Largest recording file that is accepted."
    )
    max_channels: int = Field(default=8, ge=1, le=64, description="Most channels of a recording.")
    accept_truncated: bool = Field(
        default=False,
        description="Transcribe what there is of a recording that ends before its header says.",
    )
    max_transcript_bytes: int = Field(
        default=64 * 1024**2, gt=0, description="Largest transcript made elsewhere."
    )
    max_transcript_turns: int = Field(
        default=200_000, gt=0, description="Most turns of a transcript made elsewhere."
    )
    allow_weak_sandbox: bool = Field(
        default=False,
        description=(
            "Read recordings and transcripts even where this system has no seccomp to confine the"
            " process that does, so that a file made to break it may reach the clinical zone."
        ),
    )
    spool_memory_bytes: int = Field(
        default=16 * 1024**2,
        ge=0,
        description="Sealed working copies up to this size stay in memory, larger ones on disk.",
    )

    @property
    def models(self) -> Path:
        """Folder of the installation's own models; it need not exist."""
        return self.home / "models"

    @property
    def temporary(self) -> Path:
        """Folder for sealed working copies."""
        return Installation(self.home).make_folder("tmp")

    @property
    def threads(self) -> int:
        """Threads of one recording."""
        share = (os.cpu_count() or 1) // self.speech_parallel
        return self.speech_threads or min(4, max(1, share))
