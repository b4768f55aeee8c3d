# SPDX-License-Identifier: Apache-2.0

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator

import pytest

from services.common import errors
from sotto.storage.v1 import (
    bundle_pb2,
    bundle_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.support.storage_calls import erase, states, write_transcript
from tests.support.storage_service import StorageServer, upload


class TestResearchZone:
    """The research zone."""

    def test_no_recordings(self, research: StorageServer) -> None:
        """It has no service for recordings or vaults at all."""
        stub = recording_service_pb2_grpc.RecordingWriterServiceStub(research.channel("operator"))
        with pytest.raises(errors.SottoError):
            stub.PutRecording(upload(b"interview"))

    def test_bundle(self, research: StorageServer) -> None:
        """A release becomes visible when it is finished, once, and is read back."""
        stub = bundle_service_pb2_grpc.BundleServiceStub(research.channel("release"))
        ref = bundle_pb2.ReleaseRef(study_id="peer-2026", release_id="rel-" + "a" * 26)
        content = os.urandom((2 << 20) + 5)
        files = [
            bundle_pb2.BundleFile(
                path=path,
                content_sha256=hashlib.sha256(content).digest(),
                size=len(content),
                participant=participant,
            )
            for path, participant in (("txt/P07_S1.txt", "P07"), ("certificate.json", ""))
        ]

        def put(file: bundle_pb2.BundleFile) -> Iterator[bundle_pb2.PutBundleFileRequest]:
            yield bundle_pb2.PutBundleFileRequest(
                header=bundle_pb2.BundleFileHeader(ref=ref, file=file)
            )
            for start in range(0, len(content), 1 << 20):
                yield bundle_pb2.PutBundleFileRequest(chunk=content[start : start + (1 << 20)])

        commit = bundle_pb2.CommitBundleRequest(ref=ref, files=files)
        with pytest.raises(errors.InvalidInput):
            stub.CommitBundle(commit)
        for file in files:
            assert not stub.PutBundleFile(put(file)).existed
            assert stub.PutBundleFile(put(file)).existed
        listing = bundle_pb2.ListBundlesRequest(study_id="peer-2026")
        assert not stub.ListBundles(listing).bundles
        assert not stub.CommitBundle(commit).existed
        assert stub.CommitBundle(commit).existed
        assert list(stub.ListBundles(listing).bundles[0].files) == files
        get = bundle_pb2.GetBundleFileRequest(ref=ref, path="txt/P07_S1.txt")
        assert b"".join(part.chunk for part in stub.GetBundleFile(get)) == content
        erase(research)
        with pytest.raises(errors.Erased):
            list(stub.GetBundleFile(get))

    def test_states(self, research: StorageServer) -> None:
        """Recordings are known by their transcripts, and so is the session."""
        ref = recording_pb2.RecordingRef(
            study_id="peer-2026", participant="P07", recording_id="rec-" + "a" * 26
        )
        write_transcript(research, ref, "deidentification")
        state = states(research).recordings[0]
        assert state.ref == ref
        assert state.session == 3
