# SPDX-License-Identifier: Apache-2.0
"""What a release says of the quality of its transcripts, and whether it follows from what it says.

Of the draw everything stands in it that is needed to make it again, offline: the frame, the
checkpoint that seeded it, and how many were drawn. Of the bounds: what was read and missed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.common.records import (
    Count,
    EntityTypeName,
    Moment,
    Record,
    RecordingId,
    RunKey,
    Sha256Hex,
)
from services.registry import ids
from services.release.domain.quality.bounds import clopper_pearson_lower, stratified
from services.release.domain.quality.drawing import (
    FrameRun,
    frame_digest,
    order,
    sample_digest,
    seed_of,
)
from services.release.domain.quality.gate import Gate, Share
from services.release.domain.quality.judging import RoundState, stand
from services.release.domain.quality.pacing import FAST_MS, paces
from services.release.domain.quality.round import Number, Round

#: Digits behind the point of every share that is stated.
DIGITS = 6
_Note = Annotated[str, StringConstraints(pattern=r"^[^\x00-\x09\x0b-\x1f\x7f]+$", max_length=65536)]
_Ended = Literal["missed", "failed", "passed", "overtaken"]
_ENDED: Mapping[RoundState, _Ended] = {
    RoundState.MISSED: "missed",
    RoundState.FAILED: "failed",
    RoundState.PASSED: "passed",
    RoundState.OVERTAKEN: "overtaken",
}
_Person = Annotated[str, StringConstraints(pattern=f"^(?:{ids.PERSON})$")]
_Type = EntityTypeName | Literal["all"]
_AnyNumber = Annotated[float, Field(ge=0, le=1e15)]


class StatedRun(Record):
    """A run that the sample was drawn from."""

    recording_id: RecordingId
    run_key: RunKey
    corrections_generation: Count
    segments: Count


class StatedAgreement(Record):
    """F1 of two readers over places of a type; absent where neither marked one."""

    marks: Count
    exact: Share | None = None
    overlap: Share | None = None
    by_character: Share | None = None


class StatedRecapture(Record):
    """What two readers found of what was missed, and Chapman's estimate of what neither did.

    `deviation` is the estimate's standard deviation, `most_missed` the bound with a flat prior;
    absent where both found too little in common to say so.
    """

    both: Count
    first_only: Count
    second_only: Count
    missed: _AnyNumber
    deviation: _AnyNumber
    most_missed: Count | None = None


class StatedReader(Record):
    """How many passages a reader decided on, and on how many in less than the time of `pace`."""

    reader: _Person
    read: Count
    fast: Count


class StatedPace(Record):
    """Decisions that came faster than a person reads: in less than `below_ms` for each passage.

    By the clock of the service, from when a passage was shown or the one before it decided on.
    """

    below_ms: Count
    readers: tuple[StatedReader, ...]


class EarlierRound(Record):
    """A round of the study before this one: how it ended, and how much it found missed."""

    round: Number
    state: _Ended
    misses: Count


class QualityStatement(Record):
    """What one round shows of the transcripts in it.

    `census` segments had doubtful places and were all read; of the `segments` others `sampled` were
    drawn and read. In them `misses` places were missed, in `census_bad` and `sample_bad` segments.
    At most `most` of all segments have something missed, which is the share `bound`, wrong at most
    with probability `alpha`, as far as readers see what there is: of `planted` made-up items they
    found `found`, and so find at least the share `detection_at_least`. `rest_bound` is the bound of
    Clopper and Pearson on the share in the rest. `drawn` segments were taken in the order of the
    draw until the sample was complete, what lies in the census among them; `sample_sha256` is their
    digest. `pace` is absent where the times of reading are not known; `earlier` are the study's
    rounds before it.
    """

    round: Number
    frame: tuple[StatedRun, ...]
    frame_sha256: Sha256Hex
    checkpoint: _Note
    seed: Sha256Hex
    drawn: Count
    sample_sha256: Sha256Hex
    segments: Count
    census: Count
    sampled: Count
    misses: Count
    census_bad: Count
    sample_bad: Count
    alpha: Annotated[float, Field(ge=0.0001, le=0.5)]
    most: Count
    bound: Share
    bound_asked: Share | None = None
    rest_bound: Share
    second_read: Count
    planted: Count
    found: Count
    detection_at_least: Share
    agreement: Mapping[_Type, StatedAgreement]
    recapture: StatedRecapture
    readers: tuple[_Person, ...]
    pace: StatedPace | None = None
    signed_by: _Person
    signed_at: Moment
    earlier: tuple[EarlierRound, ...]

    @property
    def draw(self) -> list[FrameRun]:
        """The frame as the draw takes it."""
        return [
            FrameRun(one.recording_id, one.run_key, one.corrections_generation, one.segments)
            for one in self.frame
        ]


def stated(one: Round, gate: Gate, earlier: Sequence[EarlierRound]) -> QualityStatement:
    """Return what a signed round says by a gate."""
    if one.signed is None:
        raise ValueError("the round is not signed")
    standing = stand(one, gate)
    recapture = standing.recapture
    census_bad = sum(1 for at in standing.missed if one.passages[at].census)
    drawn = order(one.draw, one.seed)[: one.drawn]
    return QualityStatement(
        round=one.number,
        frame=tuple(
            StatedRun(
                recording_id=run.recording_id,
                run_key=run.run_key,
                corrections_generation=run.corrections_generation,
                segments=run.segments,
            )
            for run in one.frame
        ),
        frame_sha256=frame_digest(one.draw),
        checkpoint=one.checkpoint,
        seed=one.seed,
        drawn=one.drawn,
        sample_sha256=sample_digest(drawn),
        segments=standing.bound.population,
        census=standing.census,
        sampled=standing.sampled,
        misses=standing.misses,
        census_bad=census_bad,
        sample_bad=len(standing.missed) - census_bad,
        alpha=standing.alpha,
        most=standing.bound.most,
        bound=round(standing.bound.share, DIGITS),
        bound_asked=gate.bound,
        rest_bound=round(standing.bound.rest_share, DIGITS),
        second_read=standing.second_read,
        planted=standing.planted,
        found=standing.found,
        detection_at_least=round(standing.detection_at_least, DIGITS),
        agreement={
            name: StatedAgreement(
                marks=found.marks,
                exact=_rounded(found.exact),
                overlap=_rounded(found.overlap),
                by_character=_rounded(found.by_character),
            )
            for name, found in standing.agreement.items()
        },
        recapture=StatedRecapture(
            both=recapture.both,
            first_only=recapture.first_only,
            second_only=recapture.second_only,
            missed=round(recapture.missed, DIGITS),
            deviation=round(recapture.deviation, DIGITS),
            most_missed=recapture.most_missed(standing.alpha),
        ),
        readers=one.readers,
        pace=_pace(one),
        signed_by=one.signed.by,
        signed_at=one.signed.at,
        earlier=tuple(earlier),
    )


def earlier_rounds(rounds: Sequence[Round], number: int) -> list[EarlierRound]:
    """Return how the rounds of a study before a number ended.

    One that was never finished was overtaken: nobody opens the next one otherwise.
    """
    found = []
    for one in rounds:
        if one.number < number:
            standing = stand(one, is_overtaken=True)
            found.append(
                EarlierRound(round=one.number, state=_ENDED[standing.state], misses=standing.misses)
            )
    return found


def unsound(one: QualityStatement) -> str:
    """Return what does not follow from what a statement says; empty where all does."""
    frame = one.draw
    if frame_digest(frame) != one.frame_sha256:
        return "the digest of what was sampled from is another"
    if seed_of(one.round, one.frame_sha256, one.checkpoint) != one.seed:
        return "the seed does not come from the checkpoint of the audit log"
    segments = sum(run.segments for run in frame)
    ordered = order(frame, one.seed)
    if not one.sampled <= one.drawn <= one.sampled + one.census or one.drawn > segments:
        return "the draw is of another size than what was read"
    if sample_digest(ordered[: one.drawn]) != one.sample_sha256:
        return "the sample is not the one that the seed draws"
    if one.segments != segments or one.census + one.sampled > segments:
        return "more was read than there is"
    bound = stratified(
        one.census, one.census_bad, segments - one.census, one.sampled, one.sample_bad, one.alpha
    )
    if (one.most, one.bound, one.rest_bound) != (
        bound.most,
        round(bound.share, DIGITS),
        round(bound.rest_share, DIGITS),
    ):
        return "the bounds are others"
    if one.bound_asked is not None and bound.share > one.bound_asked:
        return "the bound is above the study's"
    least = clopper_pearson_lower(one.found, one.planted, one.alpha)
    if one.detection_at_least != round(least, DIGITS):
        return "the share of planted items that readers find is another"
    if one.pace is not None and not _adds_up(one, one.pace):
        return "the readings are of another number than what was read"
    return ""


def _adds_up(one: QualityStatement, pace: StatedPace) -> bool:
    read = sum(item.read for item in pace.readers)
    return read == one.census + one.sampled + one.second_read and all(
        item.fast <= item.read and item.reader in one.readers for item in pace.readers
    )


def _pace(one: Round) -> StatedPace | None:
    found = paces(one)
    if not found:
        return None
    readers = tuple(
        StatedReader(reader=item.reader, read=item.read, fast=item.fast) for item in found
    )
    return StatedPace(below_ms=FAST_MS, readers=readers)


def _rounded(value: float | None) -> float | None:
    return None if value is None else round(value, DIGITS)
