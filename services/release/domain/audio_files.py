# SPDX-License-Identifier: Apache-2.0
"""The sound of a release: bleeped in the clinical zone, or taken from an earlier release."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from services.release.domain.approved import ApprovedText
from services.release.domain.certificate import (
    AUDIO_FORMAT,
    Certificate,
    InputAudio,
)
from services.release.domain.drafting import Draft
from services.release.domain.naming import CERTIFICATES
from services.release.domain.ports import (
    AudioSource,
    BleepedAudio,
    NoAudio,
    ResearchZone,
    StoredFile,
    StoredRelease,
    Study,
)

AUDIO = "audio/"

#: Recording, run and approved text of a transcript, what stands over what is redacted in it, and
#: whether voices are disguised.
_Key = tuple[str, str | None, str | None, str, bool]


@dataclass(frozen=True)
class AudioFile:
    """What a release states of the sound of a recording, and the sound, where there is any."""

    stated: InputAudio
    data: bytes | None = None


def audio_path(recording_id: str, sha256: str) -> str:
    """Return where the sound of a recording is stored in a release.

    Its name is made from its bytes, which another version of the encoder writes otherwise.
    """
    return f"{AUDIO}{recording_id}_{sha256[:16]}.{AUDIO_FORMAT}"


def recording_of(path: str) -> str:
    """Return the recording whose sound is stored there."""
    return path.removeprefix(AUDIO).partition("_")[0]


class AudioFiles:
    """Finds or makes the sound of the transcripts of one release."""

    def __init__(self, zone: ResearchZone, source: AudioSource, draft: Draft) -> None:
        self._zone = zone
        self._source = source
        self._draft = draft
        self._earlier = self._released() if draft.study.has_sound else {}

    def of(self, text: ApprovedText) -> AudioFile | None:
        """Return the sound of an approved transcript; None where the release has none at all.

        It is that of an earlier release where the same was approved: hearing takes long.
        """
        study, summary = self._draft.study, text.source.summary
        if not study.has_sound:
            return None
        if not text.source.review.with_sound:
            return AudioFile(_stated(study, NoAudio.NOT_APPROVED))
        how = (study.audio.value, study.disguise_voices)
        key = (summary.recording_id, summary.run_key, text.sha256, *how)
        if key in self._earlier:
            stated, release, file = self._earlier[key]
            return AudioFile(stated, b"".join(self._zone.read(release, file.path)))
        made = self._source.bleep(study, summary, text.transcript.segments)
        return AudioFile(_stated(study, made), None if isinstance(made, NoAudio) else made.data)

    def _released(self) -> Mapping[_Key, tuple[InputAudio, StoredRelease, StoredFile]]:
        """Return what earlier releases have of it, without what was deleted since."""
        found: dict[_Key, tuple[InputAudio, StoredRelease, StoredFile]] = {}
        for release in self._zone.releases(self._draft.study_id):
            files = {
                recording_of(file.path): file
                for file in release.files
                if file.path.startswith(AUDIO)
            }
            for file in release.files if files else ():
                if not (file.path.startswith(CERTIFICATES) and file.path.endswith(".json")):
                    continue
                certificate = Certificate.read(b"".join(self._zone.read(release, file.path)))
                for one in certificate.inputs:
                    audio, name = one.audio, one.recording_id
                    if audio and not audio.missing and name not in self._draft.audio_deleted:
                        how = (audio.mode, audio.disguised)
                        key = (name, one.run_key, one.approved_sha256, *how)
                        found[key] = (audio, release, files[name])
        return found


def _stated(study: Study, made: BleepedAudio | NoAudio) -> InputAudio:
    how = {"mode": study.audio.value, "disguised": study.disguise_voices}
    if isinstance(made, NoAudio):
        return InputAudio.model_validate({**how, "missing": made.value})
    return InputAudio.model_validate(
        {
            **how,
            "duration_ms": made.duration_ms,
            "redacted_stretches": made.redacted_stretches,
            "redacted_ms": made.redacted_ms,
            "muted_ms": made.muted_ms,
            "heard_again": made.heard_again,
            "checked_with": made.checked_with,
        }
    )
