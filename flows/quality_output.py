# SPDX-License-Identifier: Apache-2.0
"""Rounds of quality and their passages, for people and programs."""

from __future__ import annotations

from collections.abc import Iterator

from flows.review_output import printable
from services.common.wording import counted
from services.studies.study_changes import gate_in_words
from sotto.release.v1 import quality_pb2

STATES = {
    quality_pb2.ROUND_STATE_READING: "reading",
    quality_pb2.ROUND_STATE_ADJUDICATION: "adjudication",
    quality_pb2.ROUND_STATE_MISSED: "missed",
    quality_pb2.ROUND_STATE_FAILED: "failed",
    quality_pb2.ROUND_STATE_READY: "ready",
    quality_pb2.ROUND_STATE_PASSED: "passed",
    quality_pb2.ROUND_STATE_OVERTAKEN: "overtaken",
}
_SHORTFALLS = {
    quality_pb2.SHORTFALL_BOUND: "the bound is above the study's: too little was read",
    quality_pb2.SHORTFALL_SECOND_READER: "a second person read too little of it",
    quality_pb2.SHORTFALL_DETECTION: "too few of the planted items were found",
    quality_pb2.SHORTFALL_AGREEMENT: "two readers agree too little",
    quality_pb2.SHORTFALL_SIGNER: "whoever signed had read in it",
}
_ALL = "all"


def overview_lines(study: str, found: quality_pb2.ListRoundsResponse) -> Iterator[str]:
    """Yield how a study stands, and what comes next."""
    if not found.HasField("gate"):
        yield f"{study} has no gate: what is approved is released. See docs/quality.md."
        return
    yield f"Gate of {study}: {gate_in_words(found.gate)}."
    yield f"Approved, and through no round yet: {counted(len(found.waiting), 'transcript')}."
    for one in found.rounds:
        yield ""
        yield from round_lines(one)
    if not found.rounds and found.waiting:
        yield f"Open a round with: sotto quality open --study {study}"


def round_lines(one: quality_pb2.QualityRound) -> Iterator[str]:
    """Yield a round in words."""
    yield (
        f"Round {one.round}: {STATES.get(one.state, 'unknown')}. {counted(one.segments, 'segment')}"
        f" of {counted(len(one.recording_ids), 'transcript')}: {one.census} with doubtful places"
        f" and {one.sampled} drawn are read."
    )
    left = [
        counted(one.first_left, "first reading"),
        counted(one.second_left, "second reading"),
        counted(one.disputed, "ruling"),
    ]
    if one.first_left or one.second_left or one.disputed:
        yield f"  Left: {', '.join(left)}."
    yield (
        f"  Missed places: {one.misses}. When all is read, at most {one.most} segments"
        f" ({one.bound:.2%}) have one."
    )
    if one.planted:
        yield (
            f"  Planted items found: {one.found} of {one.planted}, at least"
            f" {one.detection_at_least:.0%} of all such."
        )
    if one.paces:
        told = ", ".join(f"{it.reader} {it.fast} of {it.read}" for it in one.paces)
        yield f"  Decided on in less than 2 seconds, faster than a person reads: {told}."
    agreed = one.agreement.get(_ALL)
    if one.second_read and agreed is not None and agreed.marks:
        yield (
            f"  Read by two: {one.second_read}; agreement {agreed.overlap:.2f} of places that"
            f" overlap, {agreed.exact:.2f} of the same ones, {agreed.by_character:.2f} by letter."
        )
    if one.found_by_both or one.found_by_first or one.found_by_second:
        most = one.missed_by_both_most
        bound = f", at most {most}" if most >= 0 else ""
        yield (
            f"  Of what was missed both found {one.found_by_both}, one of them"
            f" {one.found_by_first + one.found_by_second}; neither about {one.missed_by_both:.1f}"
            f"{bound}. That is a low estimate: both miss the same hard things."
        )
    for lack in one.shortfalls:
        yield f"  It lacks: {_SHORTFALLS.get(lack, 'what this version does not know')}."
    if one.state == quality_pb2.ROUND_STATE_MISSED and not one.searched:
        yield "  Next: sotto quality search, review again, and a new round."
    if one.state == quality_pb2.ROUND_STATE_READY:
        yield f"  Next: sotto quality sign --round {one.round} --seen {one.generation}"
    if one.signed_by:
        yield f"  Signed by {one.signed_by}."


def round_record(one: quality_pb2.QualityRound) -> dict[str, object]:
    """Return a round as a record."""
    return {
        "round": one.round,
        "state": STATES.get(one.state, "unknown"),
        "generation": one.generation,
        "opened_by": one.opened_by,
        "opened_at": one.opened_at.ToJsonString(),
        "recordings": list(one.recording_ids),
        "segments": one.segments,
        "census": one.census,
        "sampled": one.sampled,
        "first_left": one.first_left,
        "second_left": one.second_left,
        "disputed": one.disputed,
        "misses": one.misses,
        "most": one.most,
        "bound": one.bound,
        "rest_bound": one.rest_bound,
        "planted": one.planted,
        "found": one.found,
        "detection_at_least": one.detection_at_least,
        "second_read": one.second_read,
        "agreement": {
            name: {
                "marks": found.marks,
                "exact": found.exact,
                "overlap": found.overlap,
                "by_character": found.by_character,
            }
            for name, found in sorted(one.agreement.items())
        },
        "recapture": {
            "both": one.found_by_both,
            "first_only": one.found_by_first,
            "second_only": one.found_by_second,
            "missed": one.missed_by_both,
            "deviation": one.missed_by_both_deviation,
            "most_missed": one.missed_by_both_most,
        },
        "lacks": [
            quality_pb2.Shortfall.Name(lack).removeprefix("SHORTFALL_").lower()
            for lack in one.shortfalls
        ],
        "frame_sha256": one.frame_sha256,
        "seed": one.seed,
        "searched": one.searched,
        "readers": list(one.readers),
        "paces": [{"reader": it.reader, "read": it.read, "fast": it.fast} for it in one.paces],
        "signed_by": one.signed_by,
        "signed_at": one.signed_at.ToJsonString() if one.HasField("signed_at") else "",
    }


def overview_record(study: str, found: quality_pb2.ListRoundsResponse) -> dict[str, object]:
    """Return how a study stands as a record."""
    return {
        "study_id": study,
        "gate": gate_in_words(found.gate) if found.HasField("gate") else "none",
        "waiting": list(found.waiting),
        "rounds": [round_record(one) for one in found.rounds],
    }


def passage_lines(one: quality_pb2.Passage) -> Iterator[str]:
    """Yield a passage with what stands around it."""
    for line in one.before:
        yield printable(f"        {line.role}: {line.text}")
    yield printable(f"{one.number:>6}> {one.role}: {one.text}")
    for line in one.after:
        yield printable(f"        {line.role}: {line.text}")
    for number, reading in enumerate(one.readings, start=1):
        marks = ", ".join(
            f"{mark.entity_type}: {one.text[mark.start : mark.end]}" for mark in reading.marks
        )
        yield printable(f"        reader {number} marks: {marks or 'nothing'}")


def passage_record(one: quality_pb2.Passage) -> dict[str, object]:
    """Return a passage as a record."""
    return {
        "number": one.number,
        "role": one.role,
        "text": one.text,
        "before": [{"role": line.role, "text": line.text} for line in one.before],
        "after": [{"role": line.role, "text": line.text} for line in one.after],
        "readings": [
            [
                {"start": mark.start, "end": mark.end, "type": mark.entity_type}
                for mark in reading.marks
            ]
            for reading in one.readings
        ],
    }
