# SPDX-License-Identifier: Apache-2.0
"""The de-identification service, which tells where a correction spreads to, over gRPC."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

import grpc

from services.corrections import convert
from services.corrections.model import Doubt
from services.release.adapters.review_store import ref_of
from services.release.domain.ports import RedactedPlace
from services.release.domain.transcript import TranscriptSummary
from sotto.deidentification.v1 import (
    deidentification_pb2,
    deidentification_service_pb2_grpc,
)

# Seconds. The first correction after a start waits for the engine to load, and a long transcript
# is searched as a whole.
_PATIENCE = 300.0


class CorrectionClient:
    """Client of the correction service; the channel is opened at the first correction.

    The release service starts and works without de-identification, until somebody corrects.
    """

    def __init__(self, channel: Callable[[], grpc.Channel]) -> None:
        self._channel = channel

    def redact(
        self, study_id: str, summary: TranscriptSummary, place: RedactedPlace, entity_type: str
    ) -> Sequence[RedactedPlace]:
        """Return all places of the same words, with what replaces them."""
        request = deidentification_pb2.PropagateRedactionRequest(
            ref=ref_of(study_id, summary),
            run_key=summary.run_key,
            segment=place.segment,
            start=place.start,
            end=place.end,
            entity_type=entity_type,
        )
        return _places(self._stub().PropagateRedaction(request, timeout=_PATIENCE).places)

    def look(
        self, study_id: str, summary: TranscriptSummary, place: RedactedPlace, entity_type: str
    ) -> Sequence[RedactedPlace]:
        """Return all places of the same words; nothing is kept."""
        request = deidentification_pb2.PropagateRedactionRequest(
            ref=ref_of(study_id, summary),
            run_key=summary.run_key,
            segment=place.segment,
            start=place.start,
            end=place.end,
            entity_type=entity_type,
            look_only=True,
        )
        return _places(self._stub().PropagateRedaction(request, timeout=_PATIENCE).places)

    def examine(
        self, study_id: str, summary: TranscriptSummary, place: RedactedPlace
    ) -> Sequence[Doubt]:
        """Return what is doubtful in the text that would stand at a place."""
        request = deidentification_pb2.ExamineWordingRequest(
            ref=ref_of(study_id, summary),
            run_key=summary.run_key,
            segment=place.segment,
            start=place.start,
            end=place.end,
            text=place.text,
        )
        return convert.doubts(self._stub().ExamineWording(request, timeout=_PATIENCE).doubts)

    def retype(
        self, study_id: str, summary: TranscriptSummary, place: RedactedPlace, entity_type: str
    ) -> Sequence[RedactedPlace]:
        """Return all replacements of the same label, with what stands there instead."""
        request = deidentification_pb2.RelabelReplacementRequest(
            ref=ref_of(study_id, summary),
            run_key=summary.run_key,
            segment=place.segment,
            start=place.start,
            end=place.end,
            entity_type=entity_type,
        )
        return _places(self._stub().RelabelReplacement(request, timeout=_PATIENCE).places)

    def _stub(self) -> deidentification_service_pb2_grpc.CorrectionServiceStub:
        return deidentification_service_pb2_grpc.CorrectionServiceStub(self._channel())


def _places(found: Iterable[deidentification_pb2.RedactedPlace]) -> list[RedactedPlace]:
    return [RedactedPlace(one.segment, one.start, one.end, one.replacement) for one in found]
