# SPDX-License-Identifier: Apache-2.0
"""Builds a release from approved transcripts and stores it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from services.common.errors import AlreadyExists
from services.common.signing import Signer
from services.release.domain.approvals import approved_runs
from services.release.domain.approved import ApprovedText, approved_text
from services.release.domain.audio_files import AudioFiles, audio_path
from services.release.domain.certificate import Certificate, InputAudio, Output, SinglingOut
from services.release.domain.drafting import Draft, ReleasedFile
from services.release.domain.legend import Legend
from services.release.domain.naming import CERTIFICATES, LeftOut
from services.release.domain.ports import (
    AudioMode,
    AudioSource,
    CheckpointSource,
    ResearchZone,
    ReviewStore,
    StoredFile,
    StoredRelease,
)
from services.release.domain.quality.gating import REASON, through_gate
from services.release.domain.quality.ports import RoundStore
from services.release.domain.quality.statement import QualityStatement
from services.release.domain.reviews import ReviewMode
from services.release.domain.standing_out import StandingOut
from services.release.errors import NotApproved, NothingToRelease, ReviewChanged

LEGENDS = "legend/"
_NAMED_AT_MOST = 20


class ReleaseBuilder:
    """Builds releases of what was approved; `clock` gives UTC, `version` is the product's."""

    def __init__(
        self,
        zone: ResearchZone,
        store: ReviewStore,
        rounds: RoundStore,
        log: CheckpointSource,
        audio: AudioSource,
        signer: Signer,
        clock: Callable[[], datetime],
        version: str,
    ) -> None:
        self._zone = zone
        self._store = store
        self._rounds = rounds
        self._log = log
        self._audio = audio
        self._signer = signer
        self._clock = clock
        self._version = version

    def build(
        self, study_id: str, unfinished: Sequence[LeftOut] = ()
    ) -> tuple[StoredRelease, bool]:
        """Build the release of all approved transcripts; True when it had been built before.

        The newest run of each recording counts, with the corrections that were approved with it.
        `unfinished` are recordings without a de-identified transcript: they are named as left out,
        by the word of whoever asks, who sees them.
        Raises NothingToRelease, NotApproved, ReviewChanged when an approval went meanwhile, and
        CertificateMalformed when a transcript's own manifest holds what a certificate cannot. May
        end anywhere: files are stored under names and with bytes made from the inputs, and the
        release is visible only when all are there.
        """
        draft = self._draft(study_id, unfinished)
        if found := self._find(draft):
            return found, True
        stored: list[StoredFile] = []
        outputs: list[Output] = []
        rows = []
        texts: list[ApprovedText] = []
        audio: dict[str, InputAudio] = {}
        sounds = AudioFiles(self._zone, self._audio, draft)
        legend = Legend()
        standing_out = StandingOut()
        for approved in draft.inputs:
            text = approved_text(approved, self._zone.segments(study_id, approved.summary))
            for file in draft.files(text.transcript):
                stored.append(self._store_file(draft, file, f"{file.output.format}/"))
                outputs.append(file.output)
            if sound := sounds.of(text):
                audio[approved.summary.recording_id] = sound.stated
                if sound.data is not None:
                    file = draft.audio(approved.summary, sound.data)
                    stored.append(self._store_audio(draft, file))
                    outputs.append(file.output)
            rows.append(draft.row(text.transcript, sound.stated if sound else None))
            draft.count_labels(legend, text.transcript)
            standing_out.add(text.transcript)
            texts.append(text.without_words())
        stored += self._store_legend(draft, legend)
        outputs.append(draft.legend(legend).output)
        readme = draft.readme(rows, legend)
        stored.append(self._store_file(draft, readme, ""))
        stored += self._certify(
            draft, [*outputs, readme.output], texts, audio, standing_out.stated()
        )
        self._require_approved(draft)
        existed = self._commit(draft, stored)
        release = self._find(draft)
        if release is None:
            raise NothingToRelease(
                f"{draft.release_id} was built and is not in the store any more; build it again"
            )
        return release, existed

    def _draft(self, study_id: str, unfinished: Sequence[LeftOut]) -> Draft:
        """Read a study once: which transcripts are approved, and which are left out."""
        study = self._zone.study(study_id)
        contents = self._zone.contents(study_id)
        inputs, left_out = approved_runs(self._zone, self._store, study, contents)
        quality: tuple[QualityStatement, ...] | None = None
        if study.quality is not None:
            inputs, quality, failing = through_gate(
                study.quality, inputs, [one.round for one in self._rounds.rounds(study_id)]
            )
            left_out += failing
        known = {one.recording_id for one in contents.newest}
        without = {one.recording_id: one for one in unfinished if one.recording_id not in known}
        left_out += [one for one in without.values() if one.participant not in contents.withdrawn]
        if not inputs:
            raise _nothing(study_id, left_out)
        return Draft.of(
            study, inputs, contents.withdrawn, left_out, contents.audio_deleted, quality
        )

    def _require_approved(self, draft: Draft) -> None:
        """Refuse to finish a release of what is not approved any more, as it was when read.

        Who corrects an approved run takes its approval back first, so that reviews tell it all.
        """
        study = self._zone.study(draft.study_id)
        as_begun = (draft.study.audio, draft.study.disguise_voices, draft.study.quality)
        if (study.audio, study.disguise_voices, study.quality) != as_begun:
            raise ReviewChanged(
                f"the study file of {draft.study_id} says otherwise about sound or quality since"
                " the release was begun; build it again with: sotto release build --study"
                f" {draft.study_id}"
            )
        contents = self._zone.contents(draft.study_id)
        gone = contents.audio_deleted & {one.summary.recording_id for one in draft.inputs}
        if gone and draft.study.audio is not AudioMode.NONE and gone - draft.audio_deleted:
            raise ReviewChanged(
                f"the sound of {', '.join(sorted(gone))} was deleted while the release was built;"
                f" build it again with: sotto release build --study {draft.study_id}"
            )
        newest = {one.recording_id: one for one in contents.newest}
        for one in draft.inputs:
            summary = one.summary
            by_mode = one.review.is_by_rule and study.review is ReviewMode.REQUIRED
            same = newest.get(summary.recording_id) == summary
            if by_mode or not same or contents.review(summary) != one.review:
                raise ReviewChanged(
                    f"{summary.recording_id} was decided on, corrected, made anew or erased while"
                    " the release was built; build it again with:"
                    f" sotto release build --study {draft.study_id}"
                )

    def _find(self, draft: Draft) -> StoredRelease | None:
        return next(
            (
                one
                for one in self._zone.releases(draft.study_id)
                if one.release_id == draft.release_id
            ),
            None,
        )

    def _store_file(self, draft: Draft, file: ReleasedFile, folder: str) -> StoredFile:
        path = f"{folder}{file.output.name}"
        stored = StoredFile(path, file.output.sha256, file.output.size, file.participant)
        self._zone.put_file(draft.study_id, draft.release_id, stored, file.data)
        return stored

    def _store_audio(self, draft: Draft, file: ReleasedFile) -> StoredFile:
        stored = StoredFile(
            audio_path(file.output.recording_id, file.output.sha256),
            file.output.sha256,
            file.output.size,
            file.participant,
        )
        self._zone.put_file(draft.study_id, draft.release_id, stored, file.data)
        return stored

    def _store_legend(self, draft: Draft, legend: Legend) -> list[StoredFile]:
        """Store the legend in parts, a participant's under the participant's key."""
        stored = []
        for part in legend.parts():
            # No code of a participant has an underscore.
            path = f"{LEGENDS}{part.participant or 'of_study'}.csv"
            digest = hashlib.sha256(part.data).hexdigest()
            file = StoredFile(path, digest, len(part.data), part.participant)
            self._zone.put_file(draft.study_id, draft.release_id, file, part.data)
            stored.append(file)
        return stored

    def _certify(
        self,
        draft: Draft,
        outputs: list[Output],
        texts: list[ApprovedText],
        audio: Mapping[str, InputAudio],
        singling_out: SinglingOut,
    ) -> list[StoredFile]:
        """Sign and store the certificate.

        It names time and audit checkpoint, so that a second try after a crash gives another one:
        its path is made from its bytes, and the release's manifest decides which one counts.
        """
        certificate = draft.certificate(
            outputs,
            texts,
            audio,
            self._log.newest_checkpoint(),
            self._signer.public_key,
            self._clock(),
            self._version,
            singling_out,
        )
        data = certificate.canonical_bytes()
        Certificate.read(data)  # a certificate that no reader accepts must not be released
        digest = hashlib.sha256(data).hexdigest()
        stored = []
        for ending, content in (("json", data), ("sig", self._signer.sign(data))):
            file = StoredFile(
                f"{CERTIFICATES}{digest[:32]}.{ending}",
                hashlib.sha256(content).hexdigest(),
                len(content),
                "",
            )
            self._zone.put_file(draft.study_id, draft.release_id, file, content)
            stored.append(file)
        return stored

    def _commit(self, draft: Draft, stored: list[StoredFile]) -> bool:
        try:
            return self._zone.commit(
                draft.study_id, draft.release_id, stored, [one.summary for one in draft.inputs]
            )
        except AlreadyExists:
            return True  # another builder was first: same inputs, same files, its certificate


def _nothing(study_id: str, left_out: list[LeftOut]) -> Exception:
    if not left_out:
        return NothingToRelease(
            f"{study_id} has no de-identified transcript yet; see: sotto recordings list"
        )
    if all(one.reason == REASON for one in left_out):
        return NotApproved(
            f"{len(left_out)} approved of {study_id} wait for the study's gate of quality; see:"
            f" sotto quality show --study {study_id}"
        )
    named = ", ".join(f"{one.recording_id} ({one.reason})" for one in left_out[:_NAMED_AT_MOST])
    more = len(left_out) - _NAMED_AT_MOST
    rest = f" and {more} more" if more > 0 else ""
    return NotApproved(
        f"no transcript of {study_id} is approved: {named}{rest}; a reviewer of the study looks at"
        f" them with: sotto review list --study {study_id}"
    )
