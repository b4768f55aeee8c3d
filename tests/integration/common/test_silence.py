# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common import silence
from services.registry import identities
from sotto.storage.v1 import recording_pb2
from tests.integration.common import fake_server
from tests.integration.common.fake_server import FakeServer
from tests.support.deployment import wait_until

READ = "/sotto.storage.v1.CatalogReaderService/GetStudy"
UPLOAD = "/sotto.storage.v1.RecordingWriterService/PutRecording"
AS_LIM = [("sotto-person", "dr.lim")]


class Silence:
    """Calls that send nothing until the test ends."""

    def __init__(self) -> None:
        self._end = threading.Event()
        self.calls: list[Any] = []

    def _nothing(self, *first: bytes) -> Iterator[bytes]:
        yield from first
        self._end.wait()

    def call(self, channel: Any, method: str, *first: bytes, **given: Any) -> Any:
        """Begin a call that sends what is given, and then nothing."""
        made = channel.stream_unary(method).future(self._nothing(*first), **given)
        self.calls.append(made)
        return made

    def end(self) -> None:
        """End them all."""
        self._end.set()
        for call in self.calls:
            call.cancel()


@pytest.fixture
def quiet() -> Iterator[Silence]:
    """Give calls that send nothing."""
    calls = Silence()
    yield calls
    calls.end()


@pytest.fixture
def small(
    tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[FakeServer]:
    """Start a server with two turns for a certificate, which waits a second for a message."""
    monkeypatch.setattr(silence, "FIRST_SECONDS", 1.0)
    monkeypatch.setattr(silence, "NEXT_SECONDS", 3.0)
    started = fake_server.start(tmp_path_factory.mktemp("small"), workers=2)
    yield started
    started.close()


class TestBeforeTheMessage:
    def test_client_that_may_not_call_is_refused(self, server: FakeServer, quiet: Silence) -> None:
        """A client that is not on the list is refused and recorded, though it sends nothing."""
        call = quiet.call(server.raw(identities.RESEARCHER), READ, timeout=30)

        assert call.code() is grpc.StatusCode.PERMISSION_DENIED
        assert [one.name for one in server.log.events] == ["access:call:denied"]

    def test_call_for_nobody_is_refused(self, server: FakeServer, quiet: Silence) -> None:
        """So is one that names no person."""
        call = quiet.call(server.raw(identities.OPERATOR), READ, timeout=30)

        assert call.code() is grpc.StatusCode.PERMISSION_DENIED
        assert [one.reason for one in server.log.events] == ["person_missing"]

    def test_call_without_a_deadline_is_refused(self, server: FakeServer, quiet: Silence) -> None:
        """So is one that would wait for ever."""
        call = quiet.call(server.raw(identities.FLOWS), READ)

        assert call.code() is grpc.StatusCode.INVALID_ARGUMENT

    @pytest.mark.parametrize("garbage", [b"\xff\xff\xff", b"x" * 5_000_000])
    def test_garbage_is_a_denial_like_any_other(self, server: FakeServer, garbage: bytes) -> None:
        """What a client sends that may not call is neither read nor measured."""
        for _ in range(3):
            with pytest.raises(grpc.RpcError) as caught:
                server.raw(identities.RESEARCHER).unary_unary(READ)(garbage, timeout=30)
            assert caught.value.code() is grpc.StatusCode.PERMISSION_DENIED  # type: ignore[attr-defined]

        assert [one.reason for one in server.log.events] == ["not_on_the_list"] * 3


class TestSilentCall:
    def test_ends(self, small: FakeServer, quiet: Silence) -> None:
        """A call whose message does not come is ended by the server."""
        call = quiet.call(small.raw(identities.FLOWS), READ, timeout=60)

        assert call.code() is grpc.StatusCode.CANCELLED

    def test_ends_in_the_middle(self, small: FakeServer, quiet: Silence) -> None:
        """So does an upload that goes silent."""
        chunk = recording_pb2.PutRecordingRequest(chunk=b"1").SerializeToString()
        call = quiet.call(
            small.raw(identities.OPERATOR), UPLOAD, chunk, timeout=60, metadata=AS_LIM
        )

        assert call.code() is grpc.StatusCode.CANCELLED
        assert len(small.behaviour.seen) == 1

    def test_slow_upload_goes_on(self, small: FakeServer) -> None:
        """An upload that takes longer than a silence may, and is never silent so long, is taken."""

        def slowly() -> Iterator[recording_pb2.PutRecordingRequest]:
            for _ in range(5):
                yield recording_pb2.PutRecordingRequest(chunk=b"1")
                time.sleep(0.8)

        stub = small.channel(identities.OPERATOR).stream_unary(
            UPLOAD,
            request_serializer=recording_pb2.PutRecordingRequest.SerializeToString,
            response_deserializer=recording_pb2.PutRecordingResponse.FromString,
        )
        assert stub(slowly()).ref == fake_server.REF
        assert len(small.behaviour.seen) == 5


class TestManySilentCalls:
    def test_leave_others_their_threads(self, small: FakeServer, quiet: Silence) -> None:
        """As many silent calls as a certificate may have stop neither health nor other clients."""
        channel = small.raw(identities.OPERATOR)
        for _ in range(16):
            quiet.call(channel, READ, timeout=60, metadata=AS_LIM)
        for _ in range(64):
            quiet.call(small.raw(identities.RESEARCHER), READ, timeout=60)

        assert fake_server.get_study(small).study.id == "s1"
        health = health_pb2_grpc.HealthStub(small.raw(identities.OPERATOR))
        answer = health.Check(health_pb2.HealthCheckRequest(), timeout=5)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
        upload = recording_pb2.PutRecordingRequest(chunk=b"1")
        assert fake_server.put_recording(small, upload).ref == fake_server.REF

    def test_beyond_the_limit_are_refused_and_recorded(
        self, small: FakeServer, quiet: Silence
    ) -> None:
        """A call beyond the limit of its certificate is told so, and leaves a trace."""
        for _ in range(16):
            quiet.call(small.raw(identities.OPERATOR), READ, timeout=60, metadata=AS_LIM)
        refused = quiet.call(small.raw(identities.OPERATOR), READ, timeout=60, metadata=AS_LIM)

        wait_until(refused.done, seconds=20)
        assert sum(call.done() for call in quiet.calls) >= 1
        assert refused.code() in {grpc.StatusCode.RESOURCE_EXHAUSTED, grpc.StatusCode.CANCELLED}
        reasons = [one.reason for one in small.log.events if one.name == "access:call:denied"]
        assert "too_many_calls" in reasons

    def test_silent_health_checks_leave_health_to_others(
        self, small: FakeServer, quiet: Silence
    ) -> None:
        """Silent health checks of one certificate take none of another's."""
        for _ in range(40):
            quiet.call(small.raw(identities.RESEARCHER), "/grpc.health.v1.Health/Check", timeout=60)

        health = health_pb2_grpc.HealthStub(small.raw(identities.OPERATOR))
        answer = health.Check(health_pb2.HealthCheckRequest(), timeout=5)
        assert answer.status == health_pb2.HealthCheckResponse.SERVING
