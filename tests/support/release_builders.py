# SPDX-License-Identifier: Apache-2.0
"""Made-up transcripts and bundles for the tests of releases."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from hypothesis import strategies as st

from services.common.signing import Signer
from services.corrections.model import Correction, Replacement
from services.release.domain.approved import ApprovedInput, ApprovedText, approved_text
from services.release.domain.certificate import Certificate
from services.release.domain.drafting import Draft, ReleasedFile
from services.release.domain.legend import Legend
from services.release.domain.marks import Overlap, Pause
from services.release.domain.naming import CERTIFICATE, SIGNATURE, LeftOut
from services.release.domain.ports import AuditCheckpoint, BleepedAudio, NoAudio, Study
from services.release.domain.reviews import Review, ReviewMode, ReviewState
from services.release.domain.standing_out import StandingOut
from services.release.domain.transcript import (
    Segment,
    Transcript,
    TranscriptSummary,
    Writing,
)

STUDY = "recovery-peers"
WRITING = Writing(language="en")
NOON = datetime(2026, 1, 31, 12, 0, tzinfo=UTC)
AUDIT = AuditCheckpoint(
    "sotto.example/log\n3\nAAAA\n\n\u2014 sotto.example/log BBBB\n", ("key+1+C",)
)
SEGMENTS = (
    Segment("S1", "interviewer", "What does recovery mean to you?", 0, 2100, "en"),
    Segment(
        *("S2", "participant", "Bagi saya, [P07's brother] came every day lah.", 2500, 6000, "ms"),
        (Replacement(11, 26, "PERSON"),),
    ),
    Segment("S2", "participant", "And I <really> liked it & stayed.", 6100, 8000, "en"),
    Segment("S1", "interviewer", "Mhm.", 8000, 8400, "en"),
)


def recording_id(number: int) -> str:
    """Return a recording id of the right form."""
    return "rec-" + "abcdefghijklmnopqrstuvwxyz"[number] * 26


def transcript(
    participant: str = "P07",
    session: int = 1,
    number: int = 0,
    segments: tuple[Segment, ...] = SEGMENTS,
    *,
    risk: float = 0.03,
    threshold: float = 0.05,
) -> Transcript:
    """Return a transcript whose hashes are made from its own text."""
    digest = hashlib.sha256(repr((participant, session, number, segments)).encode()).hexdigest()
    summary = TranscriptSummary(
        recording_id=recording_id(number),
        participant=participant,
        session=session,
        run_key=digest[:32],
        content_sha256=digest,
        versions={"policy": "research-default@1", "transcription.model": "demo"},
        redactions={"PERSON": 2, "DATE_TIME": 1},
        policy="research-default",
        residual_risk=risk,
        threshold=threshold,
        segments=len(segments),
    )
    return Transcript(summary, segments)


class Recorder:
    """Makes sound of what it is asked for: its text, so that what changes it shows."""

    def __init__(self, missing: NoAudio | None = None) -> None:
        self.asked: list[str] = []
        self._missing = missing

    def bleep(
        self, study: Study, summary: TranscriptSummary, approved: Sequence[Segment]
    ) -> BleepedAudio | NoAudio:
        """Return the text as sound of ten seconds."""
        self.asked.append(summary.recording_id)
        text = " ".join(one.text for one in approved)
        data = f"{study.audio}: {text}".encode()
        return self._missing or BleepedAudio(data, 10_000, 2, 1_500, 4_000, 1, "base")


def two() -> tuple[Transcript, ...]:
    """Return transcripts of two participants."""
    return (transcript(), transcript("P08", 2, 1))


LEFT_OUT = LeftOut(recording_id(7), "P09", 1, "pending")


def approved(
    one: Transcript, corrections: tuple[Correction, ...] = (), approver: str = "dr.lim@clinic"
) -> ApprovedInput:
    """Return a transcript that was approved at noon."""
    summary = one.summary
    review = Review(
        *(summary.run_key, ReviewState.APPROVED, approver, NOON),
        residual_risk=summary.residual_risk,
        threshold=summary.threshold,
        generation=1,
    )
    return ApprovedInput(summary, review, corrections)


def draft(
    transcripts: Sequence[Transcript],
    withdrawn: tuple[str, ...] = ("P03",),
    left_out: tuple[LeftOut, ...] = (LEFT_OUT,),
    writing: Writing = WRITING,
) -> Draft:
    """Return the draft of a release of these."""
    study = Study(STUDY, "research-default", ReviewMode.REQUIRED, writing=writing)
    return Draft.of(study, [approved(one) for one in transcripts], withdrawn, left_out)


def rendered(transcripts: Sequence[Transcript]) -> list[ReleasedFile]:
    """Return all files of a release of these, the README last."""
    one = draft(transcripts)
    files = [file for part in transcripts for file in one.files(part)]
    legend = Legend()
    for part in transcripts:
        one.count_labels(legend, part)
    rows = [one.row(part) for part in transcripts]
    return [*files, one.legend(legend), one.readme(rows, legend)]


def certificate(transcripts: Sequence[Transcript], signer: Signer) -> Certificate:
    """Return the certificate over a release of these."""
    texts: list[ApprovedText] = [
        approved_text(approved(part), part.segments) for part in transcripts
    ]
    outputs = [file.output for file in rendered(transcripts)]
    standing_out = StandingOut()
    for part in transcripts:
        standing_out.add(part)
    return draft(transcripts).certificate(
        *(outputs, texts, {}, AUDIT, signer.public_key, NOON, "0.2.0", standing_out.stated())
    )


def paths(value: Any, where: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the keys and positions that lead to each value in a JSON document."""
    if where:
        yield where
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, inner in items:
        if isinstance(inner, dict | list):
            yield from paths(inner, (*where, key))
        else:
            yield (*where, key)


def write_release(folder: Path, signer: Signer, formats: tuple[str, ...] = ("txt",)) -> Certificate:
    """Write what an export of `formats` gives into a new folder."""
    folder.mkdir()
    for file in rendered(two()):
        if file.output.format in (*formats, "legend", "readme"):
            (folder / file.output.name).write_bytes(file.data)
    made = certificate(two(), signer)
    data = made.canonical_bytes()
    (folder / CERTIFICATE).write_bytes(data)
    (folder / SIGNATURE).write_bytes(signer.sign(data))
    return made


HARD_PARTS = (
    *("-->", "<", "&", "&amp;", "<v X>", "]]>", "\n", "\r\n", "\n\n", "\t", "  ", "\u00a0"),
    *("\x00", "\x1b[2J", "\x85", "\u2028", "\u200f", "\u202e", "\ufeff", "\ufffe", "\uffff"),
    *("\ud800", "\udfff", "P07: ", "NOTE", "WEBVTT", "அம்மா", "朋友", "😀", "e\u0301", '"', "\\"),
)


@st.composite
def hard_texts(draw: st.DrawFn) -> str:
    """Return text full of what file formats trip over."""
    parts = st.one_of(st.text(max_size=8), st.sampled_from(HARD_PARTS))
    return "".join(draw(st.lists(parts, max_size=6)))


@st.composite
def hard_transcripts(draw: st.DrawFn) -> Transcript:
    """Return transcripts with any text, odd speakers and odd times."""
    times = st.one_of(st.none(), st.integers(0, 20_000_000))
    segments = draw(
        st.lists(
            st.builds(
                Segment,
                speaker=st.sampled_from(["S1", "S2", "S3", "Ali: bin", ""]),
                role=st.sampled_from(["", "interviewer", "participant"]),
                text=hard_texts(),
                start_ms=times,
                end_ms=times,
                language=st.sampled_from(["", "en", "ms", "x<y"]),
            ),
            max_size=8,
        )
    )
    placed = tuple(draw(_with_places(one)) for one in segments)
    return transcript(segments=placed)


@st.composite
def _with_places(draw: st.DrawFn, segment: Segment) -> Segment:
    """Return a segment with all kinds of places anywhere in its text."""
    offsets = st.integers(0, len(segment.text))
    ranges = st.lists(st.tuples(offsets, offsets), max_size=3)

    def apart() -> list[tuple[int, int]]:
        found: list[tuple[int, int]] = []
        for start, end in sorted(map(sorted, draw(ranges))):
            if start < end and (not found or found[-1][1] <= start):
                found.append((start, end))
        return found

    return replace(
        segment,
        replacements=tuple(Replacement(*one, "PERSON") for one in apart()),
        overlaps=tuple(Overlap(*one, draw(st.booleans())) for one in apart()),
        pauses=tuple(
            Pause(at, draw(st.integers(5, 99)) * 100)
            for at in sorted(set(draw(st.lists(offsets, max_size=3))))
        ),
        doubtful_words=tuple(apart()),
    )
