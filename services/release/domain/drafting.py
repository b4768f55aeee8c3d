# SPDX-License-Identifier: Apache-2.0
"""Makes the parts of a release: the files in all formats, and the certificate over them."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime

from services.common.errors import Internal
from services.common.signing import PublicKey
from services.registry import left_out
from services.registry.export_formats import Style
from services.release.domain.approved import ApprovedInput, ApprovedText
from services.release.domain.certificate import (
    AUDIO_FORMAT,
    FORMAT_WITH_AUDIO,
    FORMAT_WITH_QUALITY,
    LEGEND_FORMAT,
    README_FORMAT,
    Certificate,
    CertificateKey,
    InputAudio,
    Output,
    SinglingOut,
    sum_redactions,
)
from services.release.domain.legend import Legend
from services.release.domain.naming import (
    LEGEND,
    README,
    RENDERING_VERSION,
    LeftOut,
    ordered,
    release_id,
    stems,
)
from services.release.domain.ports import AuditCheckpoint, Study
from services.release.domain.quality.statement import QualityStatement
from services.release.domain.readme import ReadmeRow, render_readme
from services.release.domain.render import RENDERERS
from services.release.domain.transcript import Transcript, TranscriptSummary, turns


@dataclass(frozen=True)
class ReleasedFile:
    """A file of a release; `participant` is empty when it is not about a single one."""

    output: Output
    participant: str
    data: bytes


@dataclass(frozen=True)
class Draft:
    """The inputs of a release before it is built, in order, its id, what is left out, its study as
    it was read, and the recordings whose sound was deleted by then. `quality` is what rounds say of
    them; None where the study has no gate.
    """

    study_id: str
    release_id: str
    inputs: tuple[ApprovedInput, ...]
    withdrawn: tuple[str, ...]
    left_out: tuple[LeftOut, ...]
    study: Study
    audio_deleted: frozenset[str]
    quality: tuple[QualityStatement, ...] | None = None

    @classmethod
    def of(
        cls,
        study: Study,
        inputs: Sequence[ApprovedInput],
        withdrawn: Sequence[str],
        left_out: Sequence[LeftOut],
        audio_deleted: frozenset[str] = frozenset(),
        quality: tuple[QualityStatement, ...] | None = None,
    ) -> Draft:
        """Put everything in order and derive the release's id."""
        study_id = study.study_id
        by_recording = {one.summary.recording_id: one for one in inputs}
        summaries = ordered([one.summary for one in inputs])
        return cls(
            study_id,
            release_id(
                study_id,
                [(one.summary, one.review.corrections_generation) for one in inputs],
                withdrawn,
                left_out,
                study.writing,
                _audio(study, inputs, audio_deleted),
                [f"{one.round} {one.seed}" for one in quality or ()],
            ),
            tuple(by_recording[one.recording_id] for one in summaries),
            tuple(sorted(withdrawn)),
            tuple(sorted(left_out, key=lambda one: one.order)),
            study,
            audio_deleted & by_recording.keys(),
            quality,
        )

    @property
    def summaries(self) -> tuple[TranscriptSummary, ...]:
        """The transcripts, in order."""
        return tuple(one.summary for one in self.inputs)

    def files(self, transcript: Transcript) -> Iterator[ReleasedFile]:
        """Render one of the transcripts in all formats and styles; a rerun gives the same names and
        bytes.
        """
        summary = transcript.summary
        stem = stems(self.summaries)[summary.recording_id]
        title = f"{self.study_id} {summary.participant} session {summary.session}"
        if summary.invented:
            title += " - INVENTED WORDS, NOT AN INTERVIEW"
        if left_out.told(summary.left_out):
            title += f" - parts of its source are left out, see {README}"
        for style in Style:
            written = replace(transcript, writing=replace(self.study.writing, style=style))
            ending = "" if style is Style.VERBATIM else f"_{style}"
            for name, render in RENDERERS.items():
                data = render(written, title)
                file = f"{stem}{ending}{name.suffix}"
                output = _output(file, style.of(name), summary.recording_id, data)
                yield ReleasedFile(output, summary.participant, data)

    def audio(self, summary: TranscriptSummary, data: bytes) -> ReleasedFile:
        """Return the sound of one of the transcripts as a file."""
        stem = stems(self.summaries)[summary.recording_id]
        output = _output(f"{stem}.{AUDIO_FORMAT}", AUDIO_FORMAT, summary.recording_id, data)
        return ReleasedFile(output, summary.participant, data)

    def row(self, transcript: Transcript, audio: InputAudio | None = None) -> ReadmeRow:
        """Return the README's row about one of the transcripts."""
        summary = transcript.summary
        stem = stems(self.summaries)[summary.recording_id]
        count = sum(1 for _ in turns(transcript))
        return ReadmeRow(
            stem,
            summary.participant,
            summary.session,
            count,
            transcript.timed,
            summary.invented,
            summary.source_form,
            left_out.told(summary.left_out),
            audio,
        )

    def count_labels(self, legend: Legend, transcript: Transcript) -> None:
        """Add one of the transcripts to the legend."""
        legend.add(stems(self.summaries)[transcript.summary.recording_id], transcript)

    def legend(self, legend: Legend) -> ReleasedFile:
        """Return the legend as one file, which is stored in parts."""
        data = b"".join(part.data for part in legend.parts())
        return ReleasedFile(_output(LEGEND, LEGEND_FORMAT, "", data), "", data)

    def readme(self, rows: Sequence[ReadmeRow], legend: Legend) -> ReleasedFile:
        """Write the README over `rows`, one for each transcript in order."""
        data = render_readme(
            self.study_id,
            self.release_id,
            rows,
            self.withdrawn,
            self.left_out,
            legend.counts(),
            self.study.writing.notation,
            self.study,
            self.quality,
        )
        return ReleasedFile(_output(README, README_FORMAT, "", data), "", data)

    def certificate(
        self,
        outputs: Sequence[Output],
        texts: Sequence[ApprovedText],
        audio: Mapping[str, InputAudio],
        audit: AuditCheckpoint,
        signer: PublicKey,
        issued_at: datetime,
        version: str,
        singling_out: SinglingOut,
    ) -> Certificate:
        """Make the certificate over `outputs`; `texts` are the approved ones, in order.

        `audio` says, by recording, what became of their sound; empty where the release has none.

        Raises CertificateMalformed when a transcript's manifest holds what a certificate cannot.
        """
        return Certificate.of(
            {
                **({"format": FORMAT_WITH_AUDIO} if audio else {}),
                **({"format": FORMAT_WITH_QUALITY} if self.quality is not None else {}),
                "release_id": self.release_id,
                "study_id": self.study_id,
                "issued_at": issued_at.replace(microsecond=0),
                "software": {"sotto": version, "rendering": RENDERING_VERSION},
                "inputs": tuple(_input(one, audio) for one in texts),
                "outputs": tuple(sorted(outputs, key=lambda one: one.name)),
                "redactions": sum_redactions(one.redactions for one in texts),
                "withdrawn": self.withdrawn,
                "left_out": tuple(asdict(one) for one in self.left_out),
                "singling_out": singling_out,
                **({} if self.quality is None else {"quality": self.quality}),
                "audit": {"checkpoint": audit.checkpoint, "verifier_keys": audit.verifier_keys},
                "signer": CertificateKey.of(signer),
            }
        )


def _audio(study: Study, inputs: Sequence[ApprovedInput], deleted: frozenset[str]) -> Sequence[str]:
    """Return what decides the sound of a release besides its transcripts; empty for no sound."""
    if not study.has_sound:
        return ()
    without = {
        one.summary.recording_id
        for one in inputs
        if one.summary.recording_id in deleted or not one.review.with_sound
    }
    return (study.audio, *(["disguised"] if study.disguise_voices else []), *sorted(without))


def _input(text: ApprovedText, audio: Mapping[str, InputAudio]) -> dict[str, object]:
    summary, review = text.source.summary, text.source.review
    sound = audio.get(summary.recording_id)
    if review.decided_at is None:
        raise Internal(f"the approval of {summary.recording_id} has no time")
    return {
        "recording_id": summary.recording_id,
        "participant": summary.participant,
        "session": summary.session,
        **({"run_key": summary.run_key} if summary.is_keyed else {}),
        "versions": dict(summary.versions),
        "redactions": dict(text.redactions),
        "corrections": len(text.source.corrections) + len(text.source.roles),
        "approved_sha256": text.sha256,
        "invented": summary.invented,
        **({} if summary.canaries is None else {"canaries": _canaries(summary.canaries)}),
        **({} if sound is None else {"audio": sound}),
        **({} if text.doubtful_words is None else {"doubtful_words": text.doubtful_words}),
        "approval": {
            "approver": review.decided_by,
            "kind": "rule" if review.is_by_rule else "person",
            "time": review.decided_at.replace(microsecond=0),
            "residual_risk": summary.residual_risk,
            "threshold": summary.threshold,
        },
    }


def _canaries(counts: Mapping[str, tuple[int, int]]) -> dict[str, dict[str, int]]:
    return {
        kind: {"planted": planted, "found": found}
        for kind, (planted, found) in sorted(counts.items())
    }


def _output(name: str, format_name: str, recording_id: str, data: bytes) -> Output:
    return Output(
        name=name,
        format=format_name,
        recording_id=recording_id,
        sha256=hashlib.sha256(data).hexdigest(),
        size=len(data),
    )
