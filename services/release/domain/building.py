# SPDX-License-Identifier: Apache-2.0
"""Builds a release from approved transcripts and stores it."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime

from services.common.errors import AlreadyExists
from services.release.domain.approval import Approval, ReviewMode, approved, refuse_unapproved
from services.release.domain.certificate import Certificate, Output
from services.release.domain.drafting import Draft, ReleasedFile
from services.release.domain.ports import CheckpointSource, ResearchZone, StoredFile, StoredRelease
from services.release.domain.signing import Signer
from services.release.domain.transcript import Transcript, TranscriptSummary
from services.release.errors import NobodyApproves, NoSuchTranscript, NothingToRelease

CERTIFICATES = "certificate/"


@dataclass(frozen=True)
class StudyReview:
    """The newest transcripts of a study and who approved them, as read once for one build.

    `approvals` maps a recording id to the approval of its newest run; `policy` is the account that
    approves without a person, or None when a person must.
    """

    study_id: str
    summaries: tuple[TranscriptSummary, ...]
    withdrawn: tuple[str, ...]
    approvals: Mapping[str, Approval]
    policy: str | None

    @property
    def pending(self) -> tuple[TranscriptSummary, ...]:
        """The transcripts that nobody approved yet."""
        return tuple(one for one in self.summaries if one.recording_id not in self.approvals)

    def with_approval(self, summary: TranscriptSummary, approval: Approval) -> StudyReview:
        """Return the review after an approval."""
        return replace(self, approvals={**self.approvals, summary.recording_id: approval})


class ReleaseBuilder:
    """Approves transcripts and builds releases; `clock` gives UTC, `version` is the product's."""

    def __init__(
        self,
        zone: ResearchZone,
        log: CheckpointSource,
        signer: Signer,
        clock: Callable[[], datetime],
        version: str,
    ) -> None:
        self._zone = zone
        self._log = log
        self._signer = signer
        self._clock = clock
        self._version = version

    def review(self, study_id: str) -> StudyReview:
        """Read the newest transcripts of a study, and which of them are approved."""
        study = self._zone.study(study_id)
        contents = self._zone.contents(study_id)
        found = {
            one.recording_id: approval
            for one in contents.newest
            if (approval := self._approval(study_id, one)) is not None
        }
        policy = f"policy:{study.policy}" if study.review is ReviewMode.AUTOMATIC else None
        return StudyReview(study_id, tuple(contents.newest), contents.withdrawn, found, policy)

    def find(self, study_id: str, recording_id: str, run_key: str) -> TranscriptSummary:
        """Return a finished run of a recording; raises NoSuchTranscript."""
        runs = self._zone.contents(study_id).runs.get(recording_id, ())
        for summary in runs:
            if summary.run_key == run_key:
                return summary
        raise NoSuchTranscript(
            f"{recording_id} has no finished de-identified transcript of run {run_key};"
            " see: sotto recordings list"
        )

    def approve(
        self, study_id: str, summary: TranscriptSummary, approver: str
    ) -> tuple[Approval, bool]:
        """Keep an approval; return the one that counts, and True when that run was approved before.

        Raises NobodyApproves.
        """
        if not approver:
            raise NobodyApproves("an approval needs a person who answers for it; sign in first")
        approval = Approval(summary.run_key, approver, self._clock())
        existed = self._zone.put_approval(study_id, summary, approval)
        if existed:  # the first approval of a run counts, not this one
            approval = self._approval(study_id, summary) or approval
        return approval, existed

    def build(self, review: StudyReview) -> tuple[StoredRelease, bool]:
        """Build the release of all reviewed transcripts; True when it had been built before.

        Raises NothingToRelease, NotApproved, and CertificateMalformed when a transcript's own
        manifest holds what a certificate cannot. May end anywhere: files are stored under names and
        with bytes made from the inputs, and the release is visible only when all are there.
        """
        if not review.summaries:
            raise NothingToRelease(
                f"{review.study_id} has no de-identified transcript yet; see: sotto recordings list"
            )
        draft = Draft.of(review.study_id, review.summaries, review.withdrawn)
        if found := self._find(draft):
            return found, True
        pending = {one.recording_id for one in review.pending}
        refuse_unapproved(
            draft.study_id,
            [one.recording_id for one in draft.summaries if one.recording_id in pending],
        )
        stored: list[StoredFile] = []
        outputs: list[Output] = []
        rows = []
        for summary in draft.summaries:
            transcript = Transcript(summary, self._zone.segments(draft.study_id, summary))
            for file in draft.files(transcript):
                stored.append(self._store(draft, file, f"{file.output.format}/{file.output.name}"))
                outputs.append(file.output)
            rows.append(draft.row(transcript))
        readme = draft.readme(rows)
        stored.append(self._store(draft, readme, readme.output.name))
        stored += self._certify(draft, [*outputs, readme.output], review.approvals)
        existed = self._commit(draft, stored)
        release = self._find(draft)
        if release is None:
            raise NothingToRelease(
                f"{draft.release_id} was built and is not in the store any more; build it again"
            )
        return release, existed

    def _find(self, draft: Draft) -> StoredRelease | None:
        return next(
            (
                one
                for one in self._zone.releases(draft.study_id)
                if one.release_id == draft.release_id
            ),
            None,
        )

    def _approval(self, study_id: str, summary: TranscriptSummary) -> Approval | None:
        return approved(summary, self._zone.approvals(study_id, summary))

    def _store(self, draft: Draft, file: ReleasedFile, path: str) -> StoredFile:
        stored = StoredFile(path, file.output.sha256, file.output.size, file.participant)
        self._zone.put_file(draft.study_id, draft.release_id, stored, file.data)
        return stored

    def _certify(
        self, draft: Draft, outputs: list[Output], approvals: Mapping[str, Approval]
    ) -> list[StoredFile]:
        """Sign and store the certificate.

        It names time and audit checkpoint, so that a second try after a crash gives another one:
        its path is made from its bytes, and the release's manifest decides which one counts.
        """
        certificate = draft.certificate(
            outputs,
            approvals,
            self._log.newest_checkpoint(),
            self._signer.public_key,
            self._clock(),
            self._version,
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
            return self._zone.commit(draft.study_id, draft.release_id, stored)
        except AlreadyExists:
            return True  # another builder was first: same inputs, same files, its certificate
