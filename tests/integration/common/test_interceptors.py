# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import threading
from typing import Any

import grpc
import pytest

from services.common import context, errors
from services.registry import identities
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
)
from sotto.study.v1 import study_pb2
from tests.integration.common import fake_server
from tests.integration.common.fake_server import FakeServer

SECRET = "Puan Halimah"
AS_LIM = [("sotto-person", "dr.lim")]


def _study(**changes: Any) -> study_pb2.Study:
    given = {
        "id": "s1",
        "title": "Recovery",
        "languages": ["en"],
        "policy": "research-default",
        "review": study_pb2.REVIEW_MODE_REQUIRED,
        "participants": ["P07"],
    }
    return study_pb2.Study(**{**given, **changes})


class TestRequest:
    def test_sound_request_passes(self, server: FakeServer) -> None:
        """A request that keeps every rule reaches the handler."""
        fake_server.put_study(server, _study())

        assert server.behaviour.seen == [catalog_pb2.PutStudyRequest(study=_study())]

    @pytest.mark.parametrize(
        ("changes", "field"),
        [
            ({"id": ""}, "study.id"),
            ({"id": "S1"}, "study.id"),
            ({"id": "../s1"}, "study.id"),
            ({"id": "s1\n"}, "study.id"),
            ({"title": ""}, "study.title"),
            ({"title": SECRET * 50}, "study.title"),
            ({"languages": []}, "study.languages"),
            ({"languages": ["en", SECRET]}, "study.languages[1]"),
            ({"policy_document": "x" * 262145}, "study.policy_document"),
            ({"review": study_pb2.REVIEW_MODE_UNSPECIFIED}, "study.review"),
            ({"review": 99}, "study.review"),
            ({"participants": ["P07", SECRET]}, "study.participants[1]"),
            ({"participants": ["P07", "P07"]}, "study.participants"),
        ],
    )
    def test_broken_rule_names_the_field(
        self, server: FakeServer, changes: dict[str, Any], field: str
    ) -> None:
        """A bad id, a missing or an oversized field is refused by name, without its value."""
        with pytest.raises(errors.InvalidInput) as caught:
            fake_server.put_study(server, _study(**changes))

        assert f"{field.replace('_', ' ')} is not valid: " in caught.value.message
        assert SECRET not in caught.value.message
        assert server.behaviour.seen == []

    def test_missing_message_is_named(self, server: FakeServer) -> None:
        """A message that must be there is named too."""
        stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(
            server.channel(identities.OPERATOR)
        )

        with pytest.raises(errors.InvalidInput, match="study is not valid: "):
            stub.PutStudy(catalog_pb2.PutStudyRequest())

    def test_thousands_of_faults_fit_into_an_answer(self, server: FakeServer) -> None:
        """A request that is wrong all over is answered in time, with its first fault."""
        with pytest.raises(
            errors.InvalidInput, match=r"study.participants\[0\] is not valid: "
        ) as caught:
            fake_server.put_study(
                server, _study(participants=[f"p{number}" for number in range(9000)])
            )

        assert len(caught.value.message) < 300

    def test_fault_inside_an_upload(self, server: FakeServer) -> None:
        """Each message of an upload is checked; the handler sees those before the bad one."""
        with pytest.raises(errors.InvalidInput, match="chunk"):
            fake_server.put_recording(
                server,
                recording_pb2.PutRecordingRequest(chunk=b"1"),
                recording_pb2.PutRecordingRequest(chunk=b"2" * 1048577),
                recording_pb2.PutRecordingRequest(chunk=b"3"),
            )

        assert [one.chunk for one in server.behaviour.seen] == [b"1"]

    def test_empty_message_of_an_upload(self, server: FakeServer) -> None:
        """A message that is neither header nor chunk is refused."""
        with pytest.raises(errors.InvalidInput, match="part"):
            fake_server.put_recording(server, recording_pb2.PutRecordingRequest())

    def test_request_that_is_no_message(self, server: FakeServer) -> None:
        """Bytes that do not parse are refused, and nothing of them comes back."""
        call = server.raw(identities.OPERATOR).unary_unary(
            "/sotto.storage.v1.CatalogWriterService/PutStudy"
        )

        with pytest.raises(grpc.RpcError) as caught:
            call(b"\xff" + SECRET.encode(), timeout=5, metadata=AS_LIM)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT  # type: ignore[attr-defined]
        assert SECRET not in str(caught.value)
        assert server.behaviour.seen == []

    def test_call_without_a_message(self, server: FakeServer) -> None:
        """A call of a method of one message that brings none is refused."""
        call = server.raw(identities.OPERATOR).stream_unary(
            "/sotto.storage.v1.CatalogWriterService/PutStudy"
        )

        with pytest.raises(grpc.RpcError, match="without its message") as caught:
            call(iter(()), timeout=5, metadata=AS_LIM)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT  # type: ignore[attr-defined]
        assert server.behaviour.seen == []

    def test_messages_after_the_only_one(self, server: FakeServer) -> None:
        """A method of one message takes the first and reads no further, as gRPC has it."""
        call = server.raw(identities.FLOWS).stream_unary(
            "/sotto.storage.v1.CatalogReaderService/GetStudy"
        )

        call(iter([fake_server.STUDY.SerializeToString(), b"\xff"]), timeout=5)
        assert server.behaviour.seen == [fake_server.STUDY]

    def test_larger_than_the_transport_takes(self, server: FakeServer) -> None:
        """A message above the limit of the transport is refused on both sides; the server lives."""
        large = catalog_pb2.PutStudyRequest(study=_study(policy_document="x" * 5_000_000))
        with pytest.raises(errors.Exhausted):
            fake_server.put_study(server, large.study)
        raw = catalog_service_pb2_grpc.CatalogWriterServiceStub(server.raw(identities.OPERATOR))
        with pytest.raises(grpc.RpcError) as caught:
            raw.PutStudy(large, timeout=5, metadata=AS_LIM)

        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED  # type: ignore[attr-defined]
        assert server.behaviour.seen == []
        assert fake_server.get_study(server).study.id == "s1"

    def test_unknown_method(self, server: FakeServer) -> None:
        """A method that no contract has is not there."""
        call = server.raw(identities.OPERATOR).unary_unary(
            "/sotto.storage.v1.CatalogWriterService/Sell"
        )

        with pytest.raises(grpc.RpcError) as caught:
            call(b"", timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED  # type: ignore[attr-defined]


class TestCall:
    def test_without_deadline_is_refused(self, server: FakeServer) -> None:
        """A call that would wait for ever is not served."""
        stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.raw(identities.FLOWS))

        with pytest.raises(grpc.RpcError) as caught:
            stub.GetStudy(fake_server.STUDY)
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT  # type: ignore[attr-defined]
        assert "deadline" in caught.value.details()  # type: ignore[attr-defined]
        assert server.behaviour.seen == []

    @pytest.mark.parametrize(
        ("key", "value"),
        [
            ("sotto-person", "dr lim"),
            ("sotto-role", "Operator"),
            ("sotto-purpose", "research; drop"),
            ("sotto-request-id", "x" * 65),
        ],
    )
    def test_malformed_metadata_is_refused_by_name(
        self, server: FakeServer, key: str, value: str
    ) -> None:
        """Metadata that does not have its form is refused by name, without its value."""
        stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.raw(identities.FLOWS))

        with pytest.raises(grpc.RpcError) as caught:
            stub.GetStudy(fake_server.STUDY, timeout=5, metadata=[(key, value)])
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT  # type: ignore[attr-defined]
        assert caught.value.details() == f"metadata {key} is malformed"  # type: ignore[attr-defined]
        assert server.behaviour.seen == []

    def test_context_does_not_leak_into_the_next_call(self, server: FakeServer) -> None:
        """A call without a person is nobody's, whoever called on that thread before."""
        seen: list[tuple[str, str]] = []
        server.behaviour.act = lambda _given: seen.append(
            (context.current().person, context.current().role)
        )
        for client, person in (("operator", "lim"), ("flows", ""), ("operator", "nur")):
            stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.raw(client))
            given = [("sotto-person", person)] if person else []
            stub.GetStudy(fake_server.STUDY, timeout=5, metadata=given)

        assert seen == [("lim", "operator"), ("", "flow"), ("nur", "operator")]

    def test_that_takes_too_long(self, server: FakeServer) -> None:
        """A deadline that passes is an error of its own kind."""
        release = threading.Event()
        server.behaviour.act = lambda _given: release.wait(20) and None
        stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.channel(identities.FLOWS))
        try:
            with pytest.raises(errors.TimedOut, match="did not answer in time"):
                stub.GetStudy(fake_server.STUDY, timeout=0.2)
        finally:
            release.set()
