# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import errno
import threading
from collections.abc import Iterator

import pytest

from services.common import context, errors
from services.common.errors import SottoError
from services.registry import identities
from sotto.storage.v1 import (
    recording_pb2,
    recording_service_pb2_grpc,
)
from tests.integration.common import fake_server
from tests.integration.common.fake_server import FakeServer

SECRET = "Puan Halimah"
KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, SottoError)
    if kind not in {SottoError, errors.WrongUse}
]


class TestErrorKinds:
    @pytest.mark.parametrize("kind", KINDS)
    def test_kind_crosses_the_wire(self, server: FakeServer, kind: type[SottoError]) -> None:
        """What a handler raises is raised in the caller, with its advice and its reason."""
        fake_server.raises(server, kind("what happened; what to do"))

        with pytest.raises(SottoError) as caught:
            fake_server.get_study(server)
        assert type(caught.value) is kind
        assert caught.value.message == "what happened; what to do"
        assert caught.value.reason == kind("x").reason

    @pytest.mark.parametrize("kind", KINDS)
    def test_kind_crosses_a_stream(self, server: FakeServer, kind: type[SottoError]) -> None:
        """A stream that breaks gives what came before, then the same error."""
        fake_server.raises(server, kind("what happened", reason="a_word"))
        stream = fake_server.get_transcript(server)

        next(stream)
        with pytest.raises(SottoError) as caught:
            next(stream)
        assert type(caught.value) is kind or (kind is errors.Erased)
        assert caught.value.message == "what happened"
        assert caught.value.reason == "a_word"

    def test_kind_crosses_an_upload(self, server: FakeServer) -> None:
        """An upload that is refused on the way ends with the handler's error."""
        fake_server.raises(server, errors.Erased("P07 is erased"))

        with pytest.raises(errors.Erased, match="P07 is erased"):
            fake_server.put_recording(server, recording_pb2.PutRecordingRequest(chunk=b"1"))

    def test_message_in_any_script(self, server: FakeServer) -> None:
        """Messages are for people, so any script gets through."""
        fake_server.raises(server, errors.NotFound("tiada kajian – 没有"))

        with pytest.raises(errors.NotFound, match="tiada kajian – 没有"):
            fake_server.get_study(server)

    @pytest.mark.parametrize("error", [RuntimeError(SECRET), KeyError(SECRET), OSError(5, SECRET)])
    def test_defect_keeps_its_text(self, server: FakeServer, error: Exception) -> None:
        """An error that nobody expected gives a request id for the log, and nothing of its text."""
        fake_server.raises(server, error)

        with (
            context.acting(request_id="r-77"),
            pytest.raises(errors.Internal, match="request id r-77") as caught,
        ):
            fake_server.get_study(server)
        assert SECRET not in caught.value.message

    def test_defect_in_a_stream_keeps_its_text(self, server: FakeServer) -> None:
        """The same holds in the middle of a stream."""
        fake_server.raises(server, ValueError(SECRET))
        stream = fake_server.get_transcript(server)

        next(stream)
        with pytest.raises(errors.Internal) as caught:
            next(stream)
        assert SECRET not in caught.value.message

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
    def test_full_disk(self, server: FakeServer, number: int) -> None:
        """A full disk, or a full quota, is no defect: it asks for room."""
        fake_server.raises(server, OSError(number, SECRET))

        with pytest.raises(errors.Exhausted, match="disk is full") as caught:
            fake_server.get_study(server)
        assert caught.value.reason == "disk_full"

    def test_full_memory(self, server: FakeServer) -> None:
        """So is a process without memory."""
        fake_server.raises(server, MemoryError())

        with pytest.raises(errors.Exhausted, match="memory"):
            fake_server.get_study(server)

    def test_upload_whose_source_fails(self, server: FakeServer) -> None:
        """What goes wrong while the caller makes its messages is raised as it is."""

        def broken() -> Iterator[recording_pb2.PutRecordingRequest]:
            yield recording_pb2.PutRecordingRequest(chunk=b"1")
            raise OSError(errno.EIO, SECRET)

        channel = server.channel(identities.OPERATOR)
        stub = recording_service_pb2_grpc.RecordingWriterServiceStub(channel)
        with pytest.raises(OSError, match=SECRET):
            stub.PutRecording(broken())

    def test_download_that_nobody_reads_on(self, server: FakeServer) -> None:
        """A stream that is given up is cancelled, so that the service does not work for nobody."""
        began, ended = threading.Event(), threading.Event()

        def act(_given: object) -> None:
            began.set()

        server.behaviour.act = act
        stream = fake_server.get_transcript(server)
        stream.add_callback(ended.set)  # type: ignore[attr-defined] # gRPC's own method
        next(stream)
        stream.cancel()  # type: ignore[attr-defined] # gRPC's own method

        assert ended.wait(10)
        with pytest.raises(errors.Cancelled):
            list(stream)
