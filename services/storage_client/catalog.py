# SPDX-License-Identifier: Apache-2.0
"""Studies and recordings of a zone, as its catalogue lists them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import grpc

from services.common.paging import pages
from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc, recording_pb2
from sotto.study.v1 import study_pb2


def recording_ref(study_id: str, participant: str, recording_id: str) -> recording_pb2.RecordingRef:
    """Return the names of a recording as the contract writes them."""
    return recording_pb2.RecordingRef(
        study_id=study_id, participant=participant, recording_id=recording_id
    )


class CatalogClient:
    """Reads the catalogue of one zone."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(channel)

    def study(self, study_id: str) -> study_pb2.Study:
        """Return a study's description; raises NotFound."""
        return self._stub.GetStudy(catalog_pb2.GetStudyRequest(study_id=study_id)).study

    def study_and_countersignatures(
        self, study_id: str
    ) -> tuple[study_pb2.Study, Sequence[catalog_pb2.PolicyCountersignature]]:
        """Return a study and the countersignatures of its policies; raises NotFound."""
        found = self._stub.GetStudy(catalog_pb2.GetStudyRequest(study_id=study_id))
        return found.study, found.countersignatures

    def studies(self) -> list[str]:
        """Return the ids of all studies, in order."""
        return list(self._stub.ListStudies(catalog_pb2.ListStudiesRequest()).study_ids)

    def recording(self, ref: recording_pb2.RecordingRef) -> catalog_pb2.RecordingState:
        """Return what the zone holds of one recording; raises NotFound."""
        request = catalog_pb2.GetRecordingStateRequest(ref=ref)
        return self._stub.GetRecordingState(request).state

    def recordings(self, study_id: str = "") -> Iterator[catalog_pb2.RecordingState]:
        """Yield what the zone holds of each recording, of one study or, without one, of all."""

        def fetch(token: str) -> catalog_pb2.ListRecordingsResponse:
            return self._stub.ListRecordings(
                catalog_pb2.ListRecordingsRequest(study_id=study_id, page_token=token)
            )

        for page in pages(fetch):
            yield from page.recordings
