# SPDX-License-Identifier: Apache-2.0
"""Release bundles."""

from __future__ import annotations

from collections.abc import Iterator

import grpc

from services.common.audit import AuditTrail
from services.registry.events import Event
from services.storage.domain.bundles import Bundles
from services.storage.domain.removals import Removals
from services.storage.errors import ContentMismatch
from services.storage.handlers import convert
from sotto.storage.v1 import bundle_pb2, bundle_service_pb2_grpc

_CHUNK = 1 << 20  # bytes; well below the 4 MiB that gRPC takes in one message


class BundleHandlers(bundle_service_pb2_grpc.BundleServiceServicer):
    """Stores and reads releases, for the release service."""

    def __init__(self, bundles: Bundles, removals: Removals, trail: AuditTrail) -> None:
        self._bundles = bundles
        self._removals = removals
        self._trail = trail

    def PutBundleFile(
        self,
        request_iterator: Iterator[bundle_pb2.PutBundleFileRequest],
        context: grpc.ServicerContext,
    ) -> bundle_pb2.PutBundleFileResponse:
        """Store a file."""
        first = next(request_iterator, None)
        if first is None or first.WhichOneof("part") != "header":
            raise ContentMismatch("the first message must be the header: send it, then chunks")
        ref = first.header.ref
        file = convert.bundle_file(first.header.file)
        with self._trail.record(
            Event.BUNDLE_FILE_SEALED,
            object=f"{ref.release_id}/{file.path}",
            study_id=ref.study_id,
            participant=file.participant,
            attributes={"size": file.size},
        ) as act:
            existed = self._bundles.put_file(
                ref.study_id, ref.release_id, file, convert.chunks(request_iterator)
            )
            act.note(existed=existed)
        return bundle_pb2.PutBundleFileResponse(existed=existed)

    def CommitBundle(
        self,
        request: bundle_pb2.CommitBundleRequest,
        context: grpc.ServicerContext,
    ) -> bundle_pb2.CommitBundleResponse:
        """Finish a bundle."""
        with self._trail.record(
            Event.BUNDLE_SEALED,
            object=request.ref.release_id,
            study_id=request.ref.study_id,
            attributes={"files": len(request.files)},
        ) as act:
            existed = self._bundles.commit(
                request.ref.study_id,
                request.ref.release_id,
                [convert.bundle_file(file) for file in request.files],
                [convert.released_run(request.ref.study_id, run) for run in request.runs],
            )
            act.note(existed=existed)
        return bundle_pb2.CommitBundleResponse(existed=existed)

    def ListBundles(
        self,
        request: bundle_pb2.ListBundlesRequest,
        context: grpc.ServicerContext,
    ) -> bundle_pb2.ListBundlesResponse:
        """List finished bundles."""
        found = self._bundles.all(request.study_id)
        removed = list(self._removals.refs(request.study_id)) if found else []
        return bundle_pb2.ListBundlesResponse(
            bundles=[convert.bundle(item, removed) for item in found]
        )

    def GetBundleFile(
        self,
        request: bundle_pb2.GetBundleFileRequest,
        context: grpc.ServicerContext,
    ) -> Iterator[bundle_pb2.GetBundleFileResponse]:
        """Stream one file, verified before its first byte is sent."""
        bundle = self._bundles.get(request.ref.study_id, request.ref.release_id)
        file = self._bundles.file(bundle, request.path)
        with self._trail.record(
            Event.BUNDLE_FILE_READ,
            object=f"{bundle.release_id}/{file.path}",
            study_id=bundle.study,
            participant=file.participant,
        ):
            content = self._bundles.read(bundle, file)
        # Behind the outcome's record: all of it was read, whether or not its reader stays.
        for start in range(0, len(content), _CHUNK):
            yield bundle_pb2.GetBundleFileResponse(chunk=content[start : start + _CHUNK])
