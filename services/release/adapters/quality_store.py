# SPDX-License-Identifier: Apache-2.0
"""Rounds of quality in the research zone, over gRPC, and the gate as the contract writes it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import grpc

from services.common.errors import Conflict, Corrupted
from services.release.domain.quality.gate import Gate
from services.release.domain.quality.ports import StoredRound
from services.release.domain.quality.round import Round
from services.release.errors import ReviewChanged
from sotto.storage.v1 import quality_pb2, review_service_pb2_grpc
from sotto.study.v1 import study_pb2


class QualityStoreClient:
    """Client of the store of rounds."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = review_service_pb2_grpc.ReviewStoreServiceStub(channel)

    def rounds(self, study_id: str) -> Sequence[StoredRound]:
        """Return the rounds of a study by number."""
        return [_stored(study_id, one) for one in self._list(study_id)]

    def round(self, study_id: str, number: int) -> StoredRound | None:
        """Return one round; the others are not looked at."""
        found = (one for one in self._list(study_id) if one.round == number)
        return next((_stored(study_id, one) for one in found), None)

    def _list(self, study_id: str) -> Iterable[quality_pb2.ListQualityRoundsResponse]:
        found: Iterable[quality_pb2.ListQualityRoundsResponse] = self._stub.ListQualityRounds(
            quality_pb2.ListQualityRoundsRequest(study_id=study_id)
        )
        return found

    def put_round(self, one: Round, base: int) -> int:
        """Store a round behind generation `base`."""
        request = quality_pb2.PutQualityRoundRequest(
            study_id=one.study_id,
            round=one.number,
            document=one.canonical_bytes(),
            generation=base,
        )
        try:
            return self._stub.PutQualityRound(request).generation
        except Conflict as error:
            raise ReviewChanged(
                f"somebody else worked on round {one.number} of {one.study_id} at the same moment;"
                " try again"
            ) from error


def _stored(study_id: str, one: quality_pb2.ListQualityRoundsResponse) -> StoredRound:
    what = f"the record of round {one.round} of {study_id}"
    made = Round.parse(one.document, what, Corrupted)
    if (made.study_id, made.number) != (study_id, one.round):
        raise Corrupted(f"{what} is of another round; run: sotto storage scrub")
    return StoredRound(made, one.generation)


def gate_of(message: study_pb2.QualityGate) -> Gate:
    """Read a gate."""
    return Gate(
        bound=None if message.sample else message.bound,
        sample=message.sample or None,
        alpha=message.alpha,
        second_reader=message.second_reader,
        planted=message.planted,
        detection=message.detection,
        agreement=message.agreement,
        other_signer=message.other_signer,
    )


def gate_message(one: Gate) -> study_pb2.QualityGate:
    """Write a gate."""
    return study_pb2.QualityGate(
        bound=one.bound or 0.0,
        sample=one.sample or 0,
        alpha=one.alpha,
        second_reader=one.second_reader,
        planted=one.planted,
        detection=one.detection,
        agreement=one.agreement,
        other_signer=one.other_signer,
    )
