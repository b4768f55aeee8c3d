# SPDX-License-Identifier: Apache-2.0
"""Reads stored releases, and streams the files that a researcher exports."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.registry.export_formats import ExportFormat, Style
from services.release.domain.audio_files import AUDIO, recording_of
from services.release.domain.building import LEGENDS
from services.release.domain.certificate import AUDIO_FORMAT, Certificate
from services.release.domain.naming import CERTIFICATE, CERTIFICATES, LEGEND, README, SIGNATURE
from services.release.domain.ports import ResearchZone, StoredFile, StoredRelease
from services.release.domain.reviews import ReviewState
from services.release.errors import (
    FormatNotInRelease,
    NoSuchRelease,
    ParticipantWithdrew,
    RecordingRemoved,
    ReleaseAltered,
    TranscriptRejected,
)


@dataclass(frozen=True)
class FileChunk:
    """A chunk of the file `name`; `last` ends the file."""

    name: str
    data: bytes
    last: bool


class ReleaseReader:
    """Finds and exports finished releases."""

    def __init__(self, zone: ResearchZone) -> None:
        self._zone = zone

    def releases(self, study_id: str) -> list[StoredRelease]:
        """Return the finished releases of a study, oldest first."""
        return list(self._zone.releases(study_id))

    def certificate(self, release: StoredRelease) -> Certificate:
        """Read the certificate of a release; raises CertificateMalformed, ReleaseAltered."""
        file = _certificate_file(release, "json")
        return Certificate.read(b"".join(self._zone.read(release, file.path)))

    def signed(self, release: StoredRelease) -> tuple[bytes, bytes]:
        """Read the certificate of a release and its signature as they are stored.

        Raises ReleaseAltered.
        """
        pieces = [
            b"".join(
                piece.data
                for piece in self._pieces(release, ending, [_certificate_file(release, ending)])
            )
            for ending in ("json", "sig")
        ]
        return pieces[0], pieces[1]

    def find(self, study_id: str, release_id: str) -> StoredRelease:
        """Return a release, the newest when `release_id` is empty; raises NoSuchRelease."""
        found = self.releases(study_id)
        if not found:
            raise NoSuchRelease(
                f"{study_id} has no release yet; make one with: sotto release build --study"
                f" {study_id}"
            )
        for release in reversed(found):
            if release_id in {"", release.release_id}:
                return release
        raise NoSuchRelease(
            f"{study_id} has no release {release_id}; see: sotto release list --study {study_id}"
        )

    def held_back(self, found: Sequence[StoredRelease]) -> dict[str, list[str]]:
        """Return, by release id, the participants of each who withdrew since it was built.

        All are of one study.
        """
        if not found:
            return {}
        withdrawn = set(self._zone.contents(found[0].study_id).withdrawn)
        return {
            one.release_id: sorted({file.participant for file in one.files} & withdrawn)
            for one in found
        }

    def rejected_since(self, found: Sequence[StoredRelease]) -> dict[str, list[str]]:
        """Return, by release id, the recordings of each whose very run was rejected since.

        All are of one study.
        """
        if not found:
            return {}
        reviews = self._zone.contents(found[0].study_id).reviews
        rejected = {key for key, one in reviews.items() if one.state is ReviewState.REJECTED}
        return {
            one.release_id: [
                recording for recording, run in self._runs(one) if (recording, run) in rejected
            ]
            for one in found
        }

    def _runs(self, release: StoredRelease) -> Sequence[tuple[str, str]]:
        """Return the runs in a release; of version 0.1 its certificate alone tells."""
        inputs = () if release.runs else self.certificate(release).inputs
        return release.runs or [(one.recording_id, one.run_key or "") for one in inputs]

    def refuse_held(self, release: StoredRelease) -> None:
        """Refuse what is handed out no more.

        Raises ParticipantWithdrew when the release holds a participant who was erased since,
        RecordingRemoved when it holds a recording that was removed since, and TranscriptRejected
        when it holds a run that was rejected since.
        """
        gone = self.held_back([release])[release.release_id]
        if gone:
            raise ParticipantWithdrew(
                f"{release.release_id} holds transcripts of {', '.join(gone)}, who withdrew;"
                f" build a new one with: sotto release build --study {release.study_id}"
            )
        if release.removed:
            raise RecordingRemoved(
                f"{release.release_id} holds {', '.join(release.removed)}, which was removed since;"
                f" build a new one with: sotto release build --study {release.study_id}"
            )
        rejected = self.rejected_since([release])[release.release_id]
        if rejected:
            raise TranscriptRejected(
                f"{release.release_id} holds {', '.join(rejected)}, which a reviewer rejected"
                f" since; build a new one with: sotto release build --study {release.study_id}"
            )

    def require_form(self, release: StoredRelease, form: str) -> None:
        """Raise FormatNotInRelease when a release was built before a format was added."""
        if not any(file.path.startswith(f"{form}/") for file in release.files):
            raise FormatNotInRelease(
                f"{release.release_id} has no files in the format {form}: it was built"
                f" before Sotto had that format; build a new one with: sotto release build --study"
                f" {release.study_id}"
            )

    def export(
        self, release: StoredRelease, file_format: ExportFormat, style: Style = Style.VERBATIM
    ) -> Iterator[FileChunk]:
        """Yield the files of one format and style, sound, legend, README, certificate and its
        signature.

        Sound that was deleted since, with its recording, is left out. Refuses what `refuse_held`
        and `require_form` refuse before the first byte; raises ReleaseAltered when stored bytes are
        not those of the manifest.
        """
        self.refuse_held(release)
        form = style.of(file_format)
        self.require_form(release, form)
        folder = f"{form}/"
        for file in release.files:
            if file.path.startswith(folder):
                yield from self._pieces(release, file.path.removeprefix(folder), [file])
        yield from self._sound(release)
        yield from self._legend(release)
        yield from self._pieces(release, README, [f for f in release.files if f.path == README])
        yield from self._pieces(release, CERTIFICATE, [_certificate_file(release, "json")])
        yield from self._pieces(release, SIGNATURE, [_certificate_file(release, "sig")])

    def legend(self, release: StoredRelease) -> bytes:
        """Read the legend of pseudonyms of a release; empty where it has none.

        Refuses what `refuse_held` refuses; raises ReleaseAltered.
        """
        self.refuse_held(release)
        return b"".join(piece.data for piece in self._legend(release))

    def _legend(self, release: StoredRelease) -> Iterator[FileChunk]:
        # Heading and rows of the study first, then those of the participants.
        legend = [file for file in release.files if file.path.startswith(LEGENDS)]
        if legend:
            legend.sort(key=lambda file: file.participant)
            yield from self._pieces(release, LEGEND, legend)

    def _sound(self, release: StoredRelease) -> Iterator[FileChunk]:
        """Yield the sound of the recordings, under the names that the certificate gives it."""
        files = [file for file in release.files if file.path.startswith(AUDIO)]
        if not files:
            return
        outputs = self.certificate(release).outputs
        sound = {one.recording_id: one for one in outputs if one.format == AUDIO_FORMAT}
        deleted = self._zone.contents(release.study_id).audio_deleted
        for file in files:
            output = sound.get(recording_of(file.path))
            if output is None or output.sha256 != file.sha256:
                raise ReleaseAltered(f"{release.release_id} has sound that it does not certify")
            if output.recording_id not in deleted:
                yield from self._pieces(release, output.name, [file])

    def _pieces(
        self, release: StoredRelease, name: str, parts: Sequence[StoredFile]
    ) -> Iterator[FileChunk]:
        """Yield a file, which is stored in one part or several."""
        held: bytes | None = None
        for file in parts:
            digest = hashlib.sha256()
            for data in self._zone.read(release, file.path):
                digest.update(data)
                if held is not None:
                    yield FileChunk(name, held, last=False)
                held = data
            if digest.hexdigest() != file.sha256:
                raise ReleaseAltered(
                    f"a stored file of {release.release_id} is not what was written;"
                    " run a scrub of the research zone and restore it from a backup"
                )
        yield FileChunk(name, held or b"", last=True)


def _certificate_file(release: StoredRelease, ending: str) -> StoredFile:
    for file in release.files:
        if file.path.startswith(CERTIFICATES) and file.path.endswith(f".{ending}"):
            return file
    raise ReleaseAltered(f"{release.release_id} has no certificate; build it again")
