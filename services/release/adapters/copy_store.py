# SPDX-License-Identifier: Apache-2.0
"""Records of copies in the research zone, over gRPC."""

from __future__ import annotations

from collections.abc import Sequence

import grpc

from services.common.errors import Conflict, Corrupted
from services.release.domain.copies.copy import Copy
from services.release.domain.copies.ports import StoredCopy
from services.release.errors import CopyChanged
from sotto.storage.v1 import copy_pb2, copy_service_pb2_grpc


class CopyStoreClient:
    """Client of the store of records of copies."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._stub = copy_service_pb2_grpc.CopyStoreServiceStub(channel)

    def copies(self, study_id: str) -> Sequence[StoredCopy]:
        """Return the copies of a study."""
        request = copy_pb2.ListCopyRecordsRequest(study_id=study_id)
        found = []
        for one in self._stub.ListCopyRecords(request):
            what = f"the record of copy {one.copy_id} of {study_id}"
            copy = Copy.parse(one.document, what, Corrupted)
            if (copy.taking.study, copy.copy_id) != (study_id, one.copy_id):
                raise Corrupted(f"{what} is of another copy; run: sotto storage scrub")
            found.append(StoredCopy(copy, one.generation))
        return found

    def put_copy(self, one: Copy, base: int) -> int:
        """Store a copy behind generation `base`."""
        request = copy_pb2.PutCopyRecordRequest(
            study_id=one.taking.study,
            copy_id=one.copy_id,
            document=one.canonical_bytes(),
            generation=base,
        )
        try:
            return self._stub.PutCopyRecord(request).generation
        except Conflict as error:
            raise CopyChanged(
                f"something else was written of copy {one.copy_id} at the same moment; try again"
            ) from error
