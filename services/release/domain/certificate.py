# SPDX-License-Identifier: Apache-2.0
"""The certificate of a release: what went in, what came out, under which rules, who approved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from typing import Annotated, Final, Literal, Self

from pydantic import Field, StringConstraints, model_validator

from services.common.records import (
    Approver,
    Base64,
    Count,
    EntityTypeName,
    FileFormat,
    Moment,
    ParticipantCode,
    Record,
    RecordingId,
    ReleasedFileName,
    ReleaseId,
    RunKey,
    Sha256Hex,
    StudyId,
)
from services.common.signing import PublicKey
from services.registry import ids
from services.release.domain.quality.statement import QualityStatement
from services.release.errors import CertificateMalformed

README_FORMAT = "readme"
LEGEND_FORMAT = "legend"
AUDIO_FORMAT = "flac"
#: Formats of files that belong to a release whatever it is exported as.
FOR_ALL = frozenset({README_FORMAT, LEGEND_FORMAT})
_FORMAT_1: Final = "sotto-release-certificate/1"
_FORMAT_3: Final = "sotto-release-certificate/3"
_FORMAT_4: Final = "sotto-release-certificate/4"
FORMAT_WITH_AUDIO: Final = "sotto-release-certificate/5"
FORMAT_WITH_QUALITY: Final = "sotto-release-certificate/6"
_SINCE_4: Final = (_FORMAT_4, FORMAT_WITH_AUDIO, FORMAT_WITH_QUALITY)
_SINCE_3: Final = (_FORMAT_3, *_SINCE_4)

_WHAT = "the certificate"
_SoftwareName = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9_.:/-]{1,100}$")]
_OneLine = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x1f\x7f]*$", max_length=1000)]
_SignedNote = Annotated[
    str, StringConstraints(pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]+$", max_length=65536)
]
_RecordingIdOrEmpty = Annotated[
    str, StringConstraints(pattern=f"^(?:{ids.or_empty(ids.RECORDING_ID)})$")
]


_MOST_PEOPLE = 1e10
_Share = Annotated[float, Field(ge=0, le=1)]


class TranscriptApproval(Record):
    """Who approved a transcript, and when.

    Since format 2 also whether that was a person or a rule, with the residual risk and the policy's
    threshold, both 0 to 1.
    """

    approver: Approver
    time: Moment
    kind: Literal["person", "rule"] | None = None
    residual_risk: _Share | None = None
    threshold: _Share | None = None


class PlantedIdentifiers(Record):
    """How many made-up identifiers of a type were planted in a copy of a transcript, and of how
    many every letter was found. It is no recall of the real ones.
    """

    planted: Count
    found: Count

    @model_validator(mode="after")
    def _finds_no_more_than_there_are(self) -> Self:
        if self.found > self.planted:
            raise ValueError("more are found than were planted")
        return self


class InputAudio(Record):
    """The bleeped sound of a transcript, or, where `missing` says why, that there is none.

    `redacted_stretches` of `redacted_ms` are muted because of redacted words, `muted_ms` of
    `duration_ms` in all. `heard_again` counts the places where redacted words were heard when the
    model `checked_with` transcribed the sound, and that were muted for it; then it heard none.
    `disguised`: voices were made deeper after that, which anonymises nobody.
    """

    mode: Literal["bleeped", "muted"]
    disguised: bool
    missing: Literal["made_elsewhere", "deleted", "invented", "not_approved"] | None = None
    duration_ms: Count | None = None
    redacted_stretches: Count | None = None
    redacted_ms: Count | None = None
    muted_ms: Count | None = None
    heard_again: Count | None = None
    checked_with: _OneLine | None = None

    @model_validator(mode="after")
    def _is_there_or_missing(self) -> Self:
        facts = (
            self.duration_ms, self.redacted_stretches, self.redacted_ms, self.muted_ms,
            self.heard_again, self.checked_with,
        )  # fmt: skip
        if any((fact is None) is not (self.missing is not None) for fact in facts):
            raise ValueError("sound is either there or missing")
        return self


class Input(Record):
    """One approved transcript, and what is known of its making.

    `redactions` counts replacements in the approved text. Since format 2: `corrections` is the
    number of places, and of roles of speakers, that reviewers changed, `approved_sha256` the hash
    of the approved text. Since format 3: `invented` says that a demo model made the words up,
    `run_key` tells nothing of the identified text and is absent where an earlier version made the
    run, and the hash of the run before corrections is gone, since it answered guesses of what a
    reviewer redacted. Since format 4: `canaries`, by entity type, absent where an earlier version
    made the run, and `doubtful_words`, how many words of the approved text may be misheard, absent
    where no word was judged. In format 5: `audio`, what became of its sound.
    """

    recording_id: RecordingId
    participant: ParticipantCode
    session: Count
    run_key: RunKey | None = None
    content_sha256: Sha256Hex | None = None
    versions: Mapping[_SoftwareName, _OneLine]
    redactions: Mapping[EntityTypeName, Count]
    approval: TranscriptApproval
    corrections: Count | None = None
    approved_sha256: Sha256Hex | None = None
    invented: bool | None = None
    canaries: Mapping[EntityTypeName, PlantedIdentifiers] | None = None
    audio: InputAudio | None = None
    doubtful_words: Count | None = None


class OmittedTranscript(Record):
    """A recording that is not in the release, and why.

    That is the state of its transcript's review, or how far a recording is that has no
    de-identified transcript, as the builder of the release found it in the catalogue.
    """

    recording_id: RecordingId
    participant: ParticipantCode
    session: Count
    reason: Literal[
        "pending", "rejected", "quality", "sealed", "transcribing", "transcribed", "failed"
    ]


class Output(Record):
    """One released file; `recording_id` is empty for the README and the legend."""

    name: ReleasedFileName
    format: FileFormat
    recording_id: _RecordingIdOrEmpty
    sha256: Sha256Hex
    size: Count


class SinglingOut(Record):
    """How few people fit what the released text says of a participant, by open figures.

    `smallest_k` is the number of the participant who stands out most, of two digits that count;
    `standing_out` of `participants` are one of fewer than `least`, and of `unknown` others
    something is said for which no open figure is at hand. `basis` names the figures.
    """

    basis: _OneLine
    least: Count
    smallest_k: Annotated[float, Field(ge=0, le=_MOST_PEOPLE)]
    participants: Count
    standing_out: Count
    unknown: Count


class CitedCheckpoint(Record):
    """The audit log's signed checkpoint when the release was built, and the keys to check it."""

    checkpoint: _SignedNote
    verifier_keys: tuple[_OneLine, ...]


class CertificateKey(Record):
    """The public key that the certificate is signed with, and its fingerprint."""

    algorithm: Literal["Ed25519"] = "Ed25519"
    public_key: Base64
    fingerprint: Sha256Hex

    @classmethod
    def of(cls, key: PublicKey) -> Self:
        """Describe a key."""
        return cls(public_key=key.der, fingerprint=key.fingerprint)

    @property
    def key(self) -> PublicKey:
        """The key itself; whether it can be used shows when it is."""
        return PublicKey(self.public_key)

    @model_validator(mode="after")
    def _is_its_fingerprint(self) -> Self:
        if self.fingerprint != self.key.fingerprint:
            raise ValueError("is not the key of its fingerprint")
        return self


class Certificate(Record):
    """All that a release states; its RFC 8785 encoding is what is signed.

    `software` names the product and the rendering version, `redactions` the sums by entity type
    over all inputs, `withdrawn` the participants that were left out because their data were erased,
    and `left_out`, since format 2, the transcripts that were not approved. Since format 4 a legend
    of pseudonyms is among the `outputs`, and `singling_out` says how few people fit what is said.
    Format 5 is that of releases with sound, format 6 that of studies with a gate of quality, with
    sound or without: `quality` is what each round says that speaks for an input. Version 0.1 wrote
    format 1.
    """

    format: Literal[
        "sotto-release-certificate/1",
        "sotto-release-certificate/2",
        "sotto-release-certificate/3",
        "sotto-release-certificate/4",
        "sotto-release-certificate/5",
        "sotto-release-certificate/6",
    ] = _FORMAT_4
    release_id: ReleaseId
    study_id: StudyId
    issued_at: Moment
    software: Mapping[_SoftwareName, _OneLine]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    redactions: Mapping[EntityTypeName, Count]
    withdrawn: tuple[ParticipantCode, ...]
    left_out: tuple[OmittedTranscript, ...] | None = None
    singling_out: SinglingOut | None = None
    quality: tuple[QualityStatement, ...] | None = None
    audit: CitedCheckpoint
    signer: CertificateKey

    @classmethod
    def read(cls, data: bytes) -> Self:
        """Read a certificate; raises CertificateMalformed, naming the field.

        What this accepts encodes to the very same bytes. The signature is the caller's to check,
        before anything read here is believed.
        """
        return cls.parse(data, _WHAT, CertificateMalformed)

    @classmethod
    def of(cls, values: Mapping[str, object]) -> Self:
        """Make a certificate of its fields; raises CertificateMalformed, naming the field."""
        return cls.from_values(values, _WHAT, CertificateMalformed)

    @property
    def formats(self) -> tuple[str, ...]:
        """The formats of the transcripts' files, in order."""
        return tuple(sorted({one.format for one in self.outputs} - FOR_ALL - {AUDIO_FORMAT}))

    @model_validator(mode="after")
    def _is_as_its_format_says(self) -> Self:
        since_2: list[object] = [self.left_out]
        since_3: list[object] = []
        since_4: list[object] = [self.singling_out]
        since_5: list[object] = []
        until_2: list[object] = []
        for one in self.inputs:
            since_2 += (one.corrections, one.approved_sha256)
            since_2 += (one.approval.kind, one.approval.residual_risk, one.approval.threshold)
            since_3.append(one.invented)
            if self.format != FORMAT_WITH_QUALITY:
                since_5.append(one.audio)
            until_2.append(one.content_sha256)
            if self.format not in _SINCE_3:
                until_2.append(one.run_key)
        for facts, wanted in (
            (since_2, self.format != _FORMAT_1),
            (since_3, self.format in _SINCE_3),
            (since_4, self.format in _SINCE_4),
            (since_5, self.format == FORMAT_WITH_AUDIO),
            ([self.quality], self.format == FORMAT_WITH_QUALITY),
            (until_2, self.format not in _SINCE_3),
        ):
            if any((fact is not None) is not wanted for fact in facts):
                raise ValueError("its fields are not those of its format")
        may_be_in_4 = [fact for one in self.inputs for fact in (one.canaries, one.doubtful_words)]
        if self.format not in _SINCE_4 and any(fact is not None for fact in may_be_in_4):
            raise ValueError("its fields are not those of its format")
        return self

    @model_validator(mode="after")
    def _says_the_quality_of_each(self) -> Self:
        if self.quality is None:
            return self
        spoken_for = {(run.recording_id, run.run_key) for one in self.quality for run in one.frame}
        if any((one.recording_id, one.run_key) not in spoken_for for one in self.inputs):
            raise ValueError("no round of quality speaks for a transcript")
        if len({one.audio is None for one in self.inputs}) > 1:
            raise ValueError("its fields are not those of its format")
        return self

    @model_validator(mode="after")
    def _names_nothing_twice(self) -> Self:
        listed = [one.recording_id for one in self.inputs]
        listed += [one.recording_id for one in self.left_out or ()]
        names = {one.name.lower() for one in self.outputs}
        if len(set(listed)) != len(listed) or len(names) != len(self.outputs):
            raise ValueError("it names a recording or a file twice")
        return self

    @model_validator(mode="after")
    def _has_a_file_of_each_transcript_in_each_format(self) -> Self:
        recordings = {one.recording_id for one in self.inputs}
        wanted = [(name, one) for name in self.formats for one in recordings]
        found = sorted((one.format, one.recording_id) for one in self.outputs)
        wanted.append((README_FORMAT, ""))
        if self.format in _SINCE_4:
            wanted.append((LEGEND_FORMAT, ""))
        wanted += [
            (AUDIO_FORMAT, one.recording_id)
            for one in self.inputs
            if one.audio is not None and one.audio.missing is None
        ]
        if found != sorted(wanted):
            raise ValueError("its files do not fit its transcripts")
        return self

    @model_validator(mode="after")
    def _adds_up(self) -> Self:
        if dict(self.redactions) != sum_redactions(one.redactions for one in self.inputs):
            raise ValueError("its redactions are not the sums over its transcripts")
        return self


def sum_redactions(counts: Iterable[Mapping[str, int]]) -> dict[str, int]:
    """Sum redactions by entity type, in order of the type."""
    total: Counter[str] = Counter()
    for one in counts:
        total.update(one)
    return dict(sorted(total.items()))
