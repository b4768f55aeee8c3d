# SPDX-License-Identifier: Apache-2.0
"""Rounds and passages as the contract writes them."""

from __future__ import annotations

from services.release.adapters.quality_store import gate_message
from services.release.domain.quality.agreement import Agreement
from services.release.domain.quality.drawing import frame_digest
from services.release.domain.quality.finding import QualityView
from services.release.domain.quality.judging import RoundState, Shortfall
from services.release.domain.quality.pacing import paces
from services.release.domain.quality.reading import ShownPassage
from sotto.release.v1 import quality_pb2

_STATES = {
    RoundState.READING: quality_pb2.ROUND_STATE_READING,
    RoundState.ADJUDICATION: quality_pb2.ROUND_STATE_ADJUDICATION,
    RoundState.MISSED: quality_pb2.ROUND_STATE_MISSED,
    RoundState.FAILED: quality_pb2.ROUND_STATE_FAILED,
    RoundState.READY: quality_pb2.ROUND_STATE_READY,
    RoundState.PASSED: quality_pb2.ROUND_STATE_PASSED,
    RoundState.OVERTAKEN: quality_pb2.ROUND_STATE_OVERTAKEN,
}
_SHORTFALLS = {
    Shortfall.BOUND: quality_pb2.SHORTFALL_BOUND,
    Shortfall.SECOND_READER: quality_pb2.SHORTFALL_SECOND_READER,
    Shortfall.DETECTION: quality_pb2.SHORTFALL_DETECTION,
    Shortfall.AGREEMENT: quality_pb2.SHORTFALL_AGREEMENT,
    Shortfall.SIGNER: quality_pb2.SHORTFALL_SIGNER,
}
_NOBODY_MARKED = -1.0
_NOBODY_KNOWS = -1


def round_message(view: QualityView) -> quality_pb2.QualityRound:
    """Write a round and what it shows."""
    one, standing = view.round, view.standing
    message = quality_pb2.QualityRound(
        round=one.number,
        state=_STATES[standing.state],
        generation=view.generation,
        opened_by=one.opened_by,
        gate=gate_message(one.gate),
        recording_ids=[run.recording_id for run in one.frame],
        segments=standing.bound.population,
        census=standing.census,
        sampled=standing.sampled,
        first_left=standing.first_left,
        second_left=standing.second_left,
        disputed=len(standing.disputed),
        misses=standing.misses,
        most=standing.bound.most,
        bound=standing.bound.share,
        rest_bound=standing.bound.rest_share,
        planted=standing.planted,
        found=standing.found,
        detection_at_least=standing.detection_at_least,
        second_read=standing.second_read,
        agreement={name: _agreement(found) for name, found in standing.agreement.items()},
        found_by_both=standing.recapture.both,
        found_by_first=standing.recapture.first_only,
        found_by_second=standing.recapture.second_only,
        missed_by_both=standing.recapture.missed,
        missed_by_both_deviation=standing.recapture.deviation,
        missed_by_both_most=_told(standing.recapture.most_missed(standing.alpha)),
        shortfalls=[_SHORTFALLS[lack] for lack in standing.shortfalls],
        frame_sha256=frame_digest(one.draw),
        seed=one.seed,
        searched=one.search is not None,
        readers=one.readers,
        paces=[
            quality_pb2.ReaderPace(reader=pace.reader, read=pace.read, fast=pace.fast)
            for pace in paces(one)
        ],
    )
    message.opened_at.FromDatetime(one.opened_at)
    if one.signed is not None:
        message.signed_by = one.signed.by
        message.signed_at.FromDatetime(one.signed.at)
    return message


def passage_message(one: ShownPassage) -> quality_pb2.Passage:
    """Write a passage as its reader sees it."""
    return quality_pb2.Passage(
        number=one.number,
        role=one.role,
        text=one.text,
        language=one.language,
        replaced=[
            quality_pb2.PassageMark(start=start, end=end, entity_type=kind)
            for start, end, kind in one.taken
        ],
        before=[quality_pb2.PassageLine(role=line.role, text=line.text) for line in one.before],
        after=[quality_pb2.PassageLine(role=line.role, text=line.text) for line in one.after],
        readings=[
            quality_pb2.PassageReading(
                marks=[
                    quality_pb2.PassageMark(
                        start=mark.start, end=mark.end, entity_type=mark.entity_type
                    )
                    for mark in marks
                ]
            )
            for marks in one.readings
        ],
    )


def _told(most: int | None) -> int:
    return _NOBODY_KNOWS if most is None else most


def _agreement(found: Agreement) -> quality_pb2.TypeAgreement:
    def told(value: float | None) -> float:
        return _NOBODY_MARKED if value is None else value

    return quality_pb2.TypeAgreement(
        marks=found.marks,
        exact=told(found.exact),
        overlap=told(found.overlap),
        by_character=told(found.by_character),
    )
