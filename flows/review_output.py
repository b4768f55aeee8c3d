# SPDX-License-Identifier: Apache-2.0
"""How a transcript under review is shown in a terminal, and as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from services.common.wording import counted
from services.corrections import convert
from services.registry import ids
from services.release_client.review_places import Identified, Place, ReviewedSegment
from services.release_client.reviewing import STATES, Reading, moment
from sotto.release.v1 import review_pb2
from sotto.storage.v1 import review_pb2 as stored_pb2

_KINDS = {
    stored_pb2.CORRECTION_KIND_REDACT: "redact",
    stored_pb2.CORRECTION_KIND_RESTORE: "restore",
    stored_pb2.CORRECTION_KIND_RETYPE: "retype",
    stored_pb2.CORRECTION_KIND_WORDING: "wording",
    stored_pb2.CORRECTION_KIND_MERGE: "merge",
}
LEGEND = (
    "Marks: {1 replaced by the engine}  {2? doubtful}  {3* corrected by a reviewer}."
    " Segment and number name a place: {3 ...} in [12] is 12:3."
    " A ~word~ may be misheard."
)
# Characters on either side of a doubtful place; a segment may be as long as a speech.
_CONTEXT = 160

# What a terminal obeys, or shows in another order than it stands: no words of a transcript may do
# that to whoever decides on it.
_UNSAFE = re.compile("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def printable(text: str) -> str:
    """Return text that is safe to show in a terminal, with U+FFFD for what is not."""
    return _UNSAFE.sub("\ufffd", text)


def printable_name(name: str) -> str:
    """Return a file's name as `printable`, on one line: it must not look like lines of ours."""
    return printable(name).replace("\n", "\ufffd")


def item_record(item: review_pb2.ReviewItem) -> dict[str, object]:
    """Return a transcript and its review as JSON."""
    review = item.review
    return {
        "study_id": item.ref.study_id,
        "participant": item.ref.participant,
        "session": item.session,
        "recording_id": item.ref.recording_id,
        "run_key": item.run_key,
        "state": STATES[review.state],
        "decided_by": review.decided_by,
        "decided_at": moment(review),
        "residual_risk": round(item.residual_risk, 4),
        "threshold": round(item.threshold, 4),
        "doubts": dict(sorted(item.doubts.items())),
        "segments": item.segments,
        "words": item.words,
        "corrections": item.corrections,
        "lost_corrections": item.lost_corrections,
        "approved_before": item.approved_before,
        "invented": item.invented,
        "with_sound": item.with_sound,
    }


def reading_record(
    reading: Reading, shown: Sequence[ReviewedSegment], identified: Identified | None
) -> dict[str, object]:
    """Return a transcript that was read as JSON; `run` is what a decision names."""
    return {
        **item_record(reading.item),
        "run": str(reading.seen),
        "reason": reading.item.review.reason,
        "roles": _role_records(reading.corrections.roles),
        "lost": [_correction_record(one) for one in reading.corrections.lost],
        "lost_roles": _role_records(reading.corrections.lost_roles),
        "transcript": [_segment_record(one, identified) for one in shown],
    }


def summary_lines(reading: Reading) -> Iterator[str]:
    """Yield what a reviewer reads before the words."""
    item, review = reading.item, reading.item.review
    ref = item.ref
    yield f"{ref.recording_id}, {ref.participant} session {item.session} of study {ref.study_id}"
    yield f"run {item.run_key}, {item.segments} segments, {item.words} words"
    yield from _speaker_lines(reading)
    if doubtful := sum(len(one.doubtful_words) for one in reading.segments):
        yield f"{counted(doubtful, 'word')} may be misheard; --full marks them ~so~"
    if item.invented:
        yield "INVENTED: nobody said this; the demo model does not know the recording"
    if item.with_sound:
        yield (
            "This study releases the sound too, of the words that stand: an approval says that"
            " they may be heard"
        )
    yield _standing(review)
    is_below = item.residual_risk < item.threshold
    yield (
        f"residual risk {item.residual_risk:.4f}, {'' if is_below else 'not '}below the policy's"
        f" threshold {item.threshold:.4f}"
    )
    is_pending = review.state == stored_pb2.REVIEW_STATE_PENDING
    if is_below and is_pending and review.decided_by.startswith("policy:"):
        yield (
            "A risk below the threshold is not enough here: the study wants a person for every"
            " transcript (review: required), or a correction needs a person"
        )
    if item.approved_before:
        yield f"An earlier run was approved, which says nothing about this: {item.approved_before}"
    made = convert.run_corrections(reading.corrections)
    if made.count:
        yield f"{counted(made.count, 'correction')}, {made.carried_count} from an earlier run"
    if made.lost_count:
        one_is = made.lost_count == 1
        yield (
            f"{counted(made.lost_count, 'correction')} of an earlier run"
            f" {'has' if one_is else 'have'} no place in this one; look for"
            f" {'it' if one_is else 'them'}:"
        )
        for speaker, role in made.lost_roles.items():
            yield f"  {speaker} was {role.role} there"
        for one in reading.corrections.lost:
            yield (
                f"  {_KINDS[one.kind]} in segment {one.segment} at {one.start}:"
                f" {printable(one.entity_type or one.text)}"
            )


def _speaker_lines(reading: Reading) -> Iterator[str]:
    """Yield who the speakers are, where their labels are no names."""
    roles = {one.message.speaker: one.role for one in reading.segments}
    known = [
        f"{speaker} {role or 'unknown'}"
        + (f" (by {given[speaker].corrected_by})" if speaker in given else "")
        for given in [reading.corrections.roles]
        for speaker, role in sorted(roles.items(), key=lambda one: (len(one[0]), one[0]))
        if re.fullmatch(ids.NUMBERED_SPEAKER, speaker)
    ]
    if known:
        yield f"speakers: {', '.join(known)}"


def _standing(review: stored_pb2.Review) -> str:
    """Return where a review stands, and by whom."""
    when = f" at {moment(review)}" if moment(review) else ""
    if review.state != stored_pb2.REVIEW_STATE_PENDING:
        reason = f": {printable(review.reason)}" if review.reason else ""
        return f"{STATES[review.state]} by {review.decided_by}{when}{reason}"
    if not review.decided_by:
        return "pending: nobody decided yet"
    if review.decided_by.startswith("policy:"):
        return f"pending: left to a person by {review.decided_by}{when}"
    return f"pending: {review.decided_by} corrected it{when}, and nobody decided since"


def doubt_lines(reading: Reading, identified: Identified | None) -> Iterator[str]:
    """Yield the doubtful places, the heaviest first, each in its segment and with its reasons."""
    found = [(place, one) for one in reading.segments for place in one.open_places]
    found.sort(key=lambda pair: (-pair[0].weight, pair[1].index, pair[0].number))
    if not found:
        yield "No doubtful place is left."
        return
    heaviest = ", the heaviest first" if len(found) > 1 else ""
    yield f"{counted(len(found), 'doubtful place')}{heaviest}:"
    for place, segment in found:
        yield ""
        yield f"{place.name}  weight {place.weight:.2f}: {'; '.join(place.reasons)}"
        yield f"    {_around(_speech(segment, [place.number]), place)}"
        yield from _beside(segment, identified)


def restorable_lines(reading: Reading, identified: Identified | None) -> Iterator[str]:
    """Yield the replacements that may stand for nothing that identifies, in their segments."""
    found = [(place, one) for one in reading.segments for place in one.restorable]
    if not found:
        return
    yield f"{counted(len(found), 'replacement')} with little certainty, which may be restored:"
    for place, segment in found:
        yield f"{place.name}  {_around(_speech(segment, [place.number]), place)}"
        yield from _beside(segment, identified)


def transcript_lines(reading: Reading, identified: Identified | None) -> Iterator[str]:
    """Yield the whole transcript with its places marked."""
    yield LEGEND
    for segment in reading.segments:
        yield f"[{segment.index}] {_speech(segment, None)}"
        yield from _beside(segment, identified)


def _speech(segment: ReviewedSegment, numbers: Sequence[int] | None) -> str:
    who = segment.role or segment.message.speaker
    start = segment.message.start_ms
    time = f" {start // 60000}:{start // 1000 % 60:02}" if start >= 0 else ""
    return printable(f"{who}{time}: {segment.marked(numbers)}").replace("\n", " ")


def _around(line: str, place: Place) -> str:
    """Return the part of a line around the mark of a place."""
    mark = line.find(f"{{{place.number}{'? ' if place.doubts else ' '}")
    start, end = max(mark - _CONTEXT, 0), line.find("}", mark) + 1 + _CONTEXT
    before, after = "... " if start else "", " ..." if end < len(line) else ""
    return f"{before}{line[start:end]}{after}"


def _beside(segment: ReviewedSegment, identified: Identified | None) -> Iterator[str]:
    if identified is None:
        return
    known = segment.index < len(identified)
    words = printable(identified[segment.index].text) if known else "(no such segment)"
    yield f"    identified: {words}"


def _segment_record(segment: ReviewedSegment, identified: Identified | None) -> dict[str, object]:
    record: dict[str, object] = {
        "segment": segment.index,
        "speaker": segment.message.speaker,
        "role": segment.role,
        "start_ms": segment.message.start_ms,
        "end_ms": segment.message.end_ms,
        "text": segment.corrected.text,
        "doubtful_words": [
            {"start": start, "end": end, "text": segment.corrected.text[start:end]}
            for start, end in segment.doubtful_words
        ],
        "places": [_place_record(segment, one) for one in segment.places],
    }
    if identified is not None:
        known = segment.index < len(identified)
        record["identified"] = identified[segment.index].text if known else None
    return record


def _place_record(segment: ReviewedSegment, place: Place) -> dict[str, object]:
    start, end = segment.corrected.place_of(place.start, place.end)
    return {
        "place": place.name,
        "start": start,
        "end": end,
        "text": segment.corrected.text[start:end],
        "entity_type": place.replacement.entity_type if place.replacement else "",
        "doubts": [{"reason": one.reason, "weight": round(one.weight, 4)} for one in place.doubts],
        "open": bool(place.doubts) and not segment.is_decided(place),
        "doubtful_replacement": bool(place.replacement and place.replacement.doubtful),
        "correction": place.correction.kind.value if place.correction else "",
    }


def _correction_record(one: stored_pb2.Correction) -> dict[str, object]:
    return {
        "kind": _KINDS[one.kind],
        "segment": one.segment,
        "start": one.start,
        "end": one.end,
        "entity_type": one.entity_type,
        "text": one.text,
        "corrected_by": one.corrected_by,
        "spread": one.spread,
        "carried_from": one.carried_from,
    }


def _role_records(
    roles: Mapping[str, stored_pb2.RoleCorrection],
) -> dict[str, dict[str, str]]:
    return {
        speaker: {
            "role": one.role,
            "corrected_by": one.corrected_by,
            "carried_from": one.carried_from,
        }
        for speaker, one in sorted(roles.items())
    }


def added_records(added: Sequence[stored_pb2.Correction]) -> list[dict[str, object]]:
    """Return corrections that were added as JSON."""
    return [_correction_record(one) for one in added]
