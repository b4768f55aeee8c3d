# SPDX-License-Identifier: Apache-2.0
"""Making a release: all files in all formats, and the certificate over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from services.release.domain.approval import Approval
from services.release.domain.certificate import (
    README_FORMAT,
    AuditPosition,
    Certificate,
    Input,
    Output,
)
from services.release.domain.naming import README, ordered, release_id, stems
from services.release.domain.readme import render_readme
from services.release.domain.render import FORMATS, RENDERING_VERSION
from services.release.domain.signing import PublicKey
from services.release.domain.transcript import Transcript, turns


@dataclass(frozen=True)
class ReleasedFile:
    """A file of a release; `participant` is empty for files that concern nobody in particular."""

    output: Output
    participant: str
    data: bytes


@dataclass(frozen=True)
class Draft:
    """The transcripts of a release to be, in order, and its id."""

    study_id: str
    release_id: str
    transcripts: tuple[Transcript, ...]
    withdrawn: tuple[str, ...]

    @classmethod
    def of(
        cls, study_id: str, transcripts: Sequence[Transcript], withdrawn: Sequence[str]
    ) -> Draft:
        """Put the transcripts in order and derive the release's id."""
        return cls(
            study_id,
            release_id(study_id, transcripts, withdrawn),
            tuple(ordered(transcripts)),
            tuple(sorted(withdrawn)),
        )

    def files(self) -> Iterator[ReleasedFile]:
        """Render every file, one at a time; a rerun gives the same names and bytes."""
        names = stems(self.transcripts)
        for one in self.transcripts:
            title = f"{self.study_id} {one.participant} session {one.session}"
            for kind, render in FORMATS.items():
                name = f"{names[one.recording_id]}.{kind}"
                yield _file(name, kind, one.recording_id, one.participant, render(one, title))
        counts = {one.recording_id: sum(1 for _ in turns(one)) for one in self.transcripts}
        readme = render_readme(
            self.study_id, self.release_id, self.transcripts, self.withdrawn, counts
        )
        yield _file(README, README_FORMAT, "", "", readme)

    def certificate(
        self,
        outputs: Sequence[Output],
        approvals: Mapping[str, Approval],
        audit: AuditPosition,
        signer: PublicKey,
        issued_at: datetime,
        version: str,
    ) -> Certificate:
        """Vouch for `outputs`; `approvals` maps every recording id to its approval."""
        return Certificate(
            release_id=self.release_id,
            study_id=self.study_id,
            issued_at=issued_at,
            software={"sotto": version, "rendering": RENDERING_VERSION},
            inputs=tuple(
                Input(
                    recording_id=one.recording_id,
                    participant=one.participant,
                    session=one.session,
                    run_key=one.run_key,
                    content_sha256=one.content_sha256,
                    versions=one.versions,
                    redactions=one.redactions,
                    approver=approvals[one.recording_id].approver,
                    approved_at=approvals[one.recording_id].time,
                )
                for one in self.transcripts
            ),
            outputs=tuple(sorted(outputs, key=lambda one: one.name)),
            withdrawn=self.withdrawn,
            audit=audit,
            signer=signer,
        )


def _file(name: str, kind: str, recording_id: str, participant: str, data: bytes) -> ReleasedFile:
    digest = hashlib.sha256(data).hexdigest()
    return ReleasedFile(Output(name, kind, recording_id, digest, len(data)), participant, data)
