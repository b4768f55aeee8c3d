# SPDX-License-Identifier: Apache-2.0
"""Makes the parts of a release: the files in all formats, and the certificate over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.release.domain.approval import Approval
from services.release.domain.certificate import (
    README_FORMAT,
    Certificate,
    CertificateKey,
    Output,
    sum_redactions,
)
from services.release.domain.naming import (
    README,
    RENDERING_VERSION,
    ordered,
    release_id,
    stems,
)
from services.release.domain.ports import AuditCheckpoint
from services.release.domain.readme import ReadmeRow, render_readme
from services.release.domain.render import RENDERERS
from services.release.domain.signing import PublicKey
from services.release.domain.transcript import Transcript, TranscriptSummary, turns


@dataclass(frozen=True)
class ReleasedFile:
    """A file of a release; `participant` is empty when it is not about a single one."""

    output: Output
    participant: str
    data: bytes


@dataclass(frozen=True)
class Draft:
    """The transcripts of a release before it is built, in order, and its id."""

    study_id: str
    release_id: str
    summaries: tuple[TranscriptSummary, ...]
    withdrawn: tuple[str, ...]

    @classmethod
    def of(
        cls, study_id: str, summaries: Sequence[TranscriptSummary], withdrawn: Sequence[str]
    ) -> Draft:
        """Put the transcripts in order and derive the release's id."""
        return cls(
            study_id,
            release_id(study_id, summaries, withdrawn),
            tuple(ordered(summaries)),
            tuple(sorted(withdrawn)),
        )

    def files(self, transcript: Transcript) -> Iterator[ReleasedFile]:
        """Render one of the transcripts in all formats; a rerun gives the same names and bytes."""
        summary = transcript.summary
        stem = stems(self.summaries)[summary.recording_id]
        title = f"{self.study_id} {summary.participant} session {summary.session}"
        for name, render in RENDERERS.items():
            data = render(transcript, title)
            output = _output(f"{stem}{name.suffix}", name, summary.recording_id, data)
            yield ReleasedFile(output, summary.participant, data)

    def row(self, transcript: Transcript) -> ReadmeRow:
        """Return the README's row about one of the transcripts."""
        summary = transcript.summary
        stem = stems(self.summaries)[summary.recording_id]
        count = sum(1 for _ in turns(transcript))
        return ReadmeRow(stem, summary.participant, summary.session, count, transcript.timed)

    def readme(self, rows: Sequence[ReadmeRow]) -> ReleasedFile:
        """Write the README over `rows`, one for each transcript in order."""
        data = render_readme(self.study_id, self.release_id, rows, self.withdrawn)
        return ReleasedFile(_output(README, README_FORMAT, "", data), "", data)

    def certificate(
        self,
        outputs: Sequence[Output],
        approvals: Mapping[str, Approval],
        audit: AuditCheckpoint,
        signer: PublicKey,
        issued_at: datetime,
        version: str,
    ) -> Certificate:
        """Make the certificate over `outputs`; `approvals` maps every recording id to its approval.

        Raises CertificateMalformed when a transcript's manifest holds what a certificate cannot.
        """
        return Certificate.of(
            {
                "release_id": self.release_id,
                "study_id": self.study_id,
                "issued_at": issued_at.replace(microsecond=0),
                "software": {"sotto": version, "rendering": RENDERING_VERSION},
                "inputs": tuple(_input(one, approvals[one.recording_id]) for one in self.summaries),
                "outputs": tuple(sorted(outputs, key=lambda one: one.name)),
                "redactions": sum_redactions(one.redactions for one in self.summaries),
                "withdrawn": self.withdrawn,
                "audit": {"checkpoint": audit.checkpoint, "verifier_keys": audit.verifier_keys},
                "signer": CertificateKey.of(signer),
            }
        )


def _input(summary: TranscriptSummary, approval: Approval) -> dict[str, object]:
    return {
        "recording_id": summary.recording_id,
        "participant": summary.participant,
        "session": summary.session,
        "run_key": summary.run_key,
        "content_sha256": summary.content_sha256,
        "versions": dict(summary.versions),
        "redactions": dict(summary.redactions),
        "approval": {
            "approver": approval.approver,
            "time": approval.time.replace(microsecond=0),
        },
    }


def _output(name: str, format_name: str, recording_id: str, data: bytes) -> Output:
    return Output(
        name=name,
        format=format_name,
        recording_id=recording_id,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )
