# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import errno
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest

from services.plumbing import access, context, errors
from services.plumbing.errors import SottoError
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
    segment_pb2,
    segment_service_pb2_grpc,
)
from sotto.study.v1 import study_pb2
from tests.integration.plumbing import small
from tests.integration.plumbing.small import REF, Small

SECRET = "Puan Halimah"
STUDY = catalog_pb2.GetStudyRequest(study_id="s1")
KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, SottoError)
    if kind not in {SottoError, errors.WrongUse}
]


def _get_study(server: Small, request: catalog_pb2.GetStudyRequest = STUDY) -> Any:
    stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.channel(access.FLOWS))
    return stub.GetStudy(request)


def _put_study(server: Small, study: study_pb2.Study) -> Any:
    stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(server.channel(access.OPERATOR))
    return stub.PutStudy(catalog_pb2.PutStudyRequest(study=study))


def _get_transcript(server: Small) -> Iterator[Any]:
    stub = segment_service_pb2_grpc.SegmentReaderServiceStub(server.channel(access.REVIEWER))
    return stub.GetTranscript(segment_pb2.GetTranscriptRequest(ref=REF))


def _put_recording(server: Small, *messages: recording_pb2.PutRecordingRequest) -> Any:
    stub = recording_service_pb2_grpc.RecordingWriterServiceStub(server.channel(access.OPERATOR))
    return stub.PutRecording(iter(messages))


def _raises(server: Small, error: BaseException) -> None:
    def act(_given: object) -> None:
        raise error

    server.behaviour.act = act


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
    def test_sound_request_passes(self, server: Small) -> None:
        """A request that keeps every rule reaches the handler."""
        _put_study(server, _study())

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
        self, server: Small, changes: dict[str, Any], field: str
    ) -> None:
        """A bad id, a missing or an oversized field is refused by name, without its value."""
        with pytest.raises(errors.InvalidInput) as caught:
            _put_study(server, _study(**changes))

        assert f"{field}: " in caught.value.message
        assert SECRET not in caught.value.message
        assert server.behaviour.seen == []

    def test_missing_message_is_named(self, server: Small) -> None:
        """A message that must be there is named too."""
        stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(server.channel(access.OPERATOR))

        with pytest.raises(errors.InvalidInput, match="study: "):
            stub.PutStudy(catalog_pb2.PutStudyRequest())

    def test_thousands_of_faults_fit_into_an_answer(self, server: Small) -> None:
        """A request that is wrong all over is answered in time, with its first fault."""
        with pytest.raises(errors.InvalidInput, match=r"study.participants\[0\]: ") as caught:
            _put_study(server, _study(participants=[f"p{number}" for number in range(9000)]))

        assert len(caught.value.message) < 300

    def test_fault_inside_an_upload(self, server: Small) -> None:
        """Each message of an upload is checked; the handler sees those before the bad one."""
        with pytest.raises(errors.InvalidInput, match="chunk"):
            _put_recording(
                server,
                recording_pb2.PutRecordingRequest(chunk=b"1"),
                recording_pb2.PutRecordingRequest(chunk=b"2" * 1048577),
                recording_pb2.PutRecordingRequest(chunk=b"3"),
            )

        assert [one.chunk for one in server.behaviour.seen] == [b"1"]

    def test_empty_message_of_an_upload(self, server: Small) -> None:
        """A message that is neither header nor chunk is refused."""
        with pytest.raises(errors.InvalidInput, match="part"):
            _put_recording(server, recording_pb2.PutRecordingRequest())

    def test_request_that_is_no_message(self, server: Small) -> None:
        """Bytes that do not parse are refused, and nothing of them comes back."""
        call = server.raw(access.OPERATOR).unary_unary(
            "/sotto.storage.v1.CatalogWriterService/PutStudy"
        )

        with pytest.raises(grpc.RpcError) as caught:
            call(b"\xff" + SECRET.encode(), timeout=5)
        assert SECRET not in str(caught.value)
        assert server.behaviour.seen == []

    def test_larger_than_the_transport_takes(self, server: Small) -> None:
        """A message above the limit of the transport is refused on both sides; the server lives."""
        large = catalog_pb2.PutStudyRequest(study=_study(policy_document="x" * 5_000_000))
        with pytest.raises(errors.Exhausted):
            _put_study(server, large.study)
        raw = catalog_service_pb2_grpc.CatalogWriterServiceStub(server.raw(access.OPERATOR))
        with pytest.raises(grpc.RpcError) as caught:
            raw.PutStudy(large, timeout=5)

        assert caught.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED  # type: ignore[attr-defined]
        assert server.behaviour.seen == []
        assert _get_study(server).study.id == "s1"

    def test_unknown_method(self, server: Small) -> None:
        """A method that no contract has is not there."""
        call = server.raw(access.OPERATOR).unary_unary(
            "/sotto.storage.v1.CatalogWriterService/Sell"
        )

        with pytest.raises(grpc.RpcError) as caught:
            call(b"", timeout=5)
        assert caught.value.code() is grpc.StatusCode.UNIMPLEMENTED  # type: ignore[attr-defined]


class TestCall:
    def test_without_deadline_is_refused(self, server: Small) -> None:
        """A call that would wait for ever is not served."""
        stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.raw(access.FLOWS))

        with pytest.raises(grpc.RpcError) as caught:
            stub.GetStudy(STUDY)
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
        self, server: Small, key: str, value: str
    ) -> None:
        """Metadata that does not have its form is refused by name, without its value."""
        stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.raw(access.FLOWS))

        with pytest.raises(grpc.RpcError) as caught:
            stub.GetStudy(STUDY, timeout=5, metadata=[(key, value)])
        assert caught.value.code() is grpc.StatusCode.INVALID_ARGUMENT  # type: ignore[attr-defined]
        assert caught.value.details() == f"metadata {key} is malformed"  # type: ignore[attr-defined]
        assert server.behaviour.seen == []

    def test_context_does_not_leak_into_the_next_call(self, server: Small) -> None:
        """A call without a person is nobody's, whoever called on that thread before."""
        seen: list[str] = []
        server.behaviour.act = lambda _given: seen.append(context.current().person)
        for person in ("lim", "", "nur", ""):
            with context.acting(person=person):
                _get_study(server)

        assert seen == ["lim", "", "nur", ""]

    def test_that_takes_too_long(self, server: Small) -> None:
        """A deadline that passes is an error of its own kind."""
        release = threading.Event()
        server.behaviour.act = lambda _given: release.wait(20) and None
        stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.channel(access.FLOWS))
        try:
            with pytest.raises(errors.TimedOut, match="did not answer in time"):
                stub.GetStudy(STUDY, timeout=0.2)
        finally:
            release.set()


class TestLadder:
    @pytest.mark.parametrize("kind", KINDS)
    def test_kind_crosses_the_wire(self, server: Small, kind: type[SottoError]) -> None:
        """What a handler raises is raised in the caller, with its advice and its reason."""
        _raises(server, kind("what happened; what to do"))

        with pytest.raises(SottoError) as caught:
            _get_study(server)
        assert type(caught.value) is kind
        assert caught.value.message == "what happened; what to do"
        assert caught.value.reason == kind("x").reason

    @pytest.mark.parametrize("kind", KINDS)
    def test_kind_crosses_a_stream(self, server: Small, kind: type[SottoError]) -> None:
        """A stream that breaks gives what came before, then the same error."""
        _raises(server, kind("what happened", reason="a_word"))
        stream = _get_transcript(server)

        next(stream)
        with pytest.raises(SottoError) as caught:
            next(stream)
        assert type(caught.value) is kind or (kind is errors.Erased)
        assert caught.value.message == "what happened"
        assert caught.value.reason == "a_word"

    def test_kind_crosses_an_upload(self, server: Small) -> None:
        """An upload that is refused on the way ends with the handler's error."""
        _raises(server, errors.Erased("P07 is erased"))

        with pytest.raises(errors.Erased, match="P07 is erased"):
            _put_recording(server, recording_pb2.PutRecordingRequest(chunk=b"1"))

    def test_message_in_any_script(self, server: Small) -> None:
        """Messages are for people, so any script gets through."""
        _raises(server, errors.NotFound("tiada kajian – 没有"))

        with pytest.raises(errors.NotFound, match="tiada kajian – 没有"):
            _get_study(server)

    @pytest.mark.parametrize("error", [RuntimeError(SECRET), KeyError(SECRET), OSError(5, SECRET)])
    def test_defect_keeps_its_text(self, server: Small, error: Exception) -> None:
        """An error that nobody expected gives a request id for the log, and nothing of its text."""
        _raises(server, error)

        with (
            context.acting(request_id="r-77"),
            pytest.raises(errors.Internal, match="request id r-77") as caught,
        ):
            _get_study(server)
        assert SECRET not in caught.value.message

    def test_defect_in_a_stream_keeps_its_text(self, server: Small) -> None:
        """The same holds in the middle of a stream."""
        _raises(server, ValueError(SECRET))
        stream = _get_transcript(server)

        next(stream)
        with pytest.raises(errors.Internal) as caught:
            next(stream)
        assert SECRET not in caught.value.message

    @pytest.mark.parametrize("number", [errno.ENOSPC, errno.EDQUOT])
    def test_full_disk(self, server: Small, number: int) -> None:
        """A full disk, or a full quota, is no defect: it asks for room."""
        _raises(server, OSError(number, SECRET))

        with pytest.raises(errors.Exhausted, match="disk is full") as caught:
            _get_study(server)
        assert caught.value.reason == "disk_full"

    def test_full_memory(self, server: Small) -> None:
        """So is a process without memory."""
        _raises(server, MemoryError())

        with pytest.raises(errors.Exhausted, match="memory"):
            _get_study(server)

    def test_upload_whose_source_fails(self, server: Small) -> None:
        """What goes wrong while the caller makes its messages is raised as it is."""

        def broken() -> Iterator[recording_pb2.PutRecordingRequest]:
            yield recording_pb2.PutRecordingRequest(chunk=b"1")
            raise OSError(errno.EIO, SECRET)

        channel = server.channel(access.OPERATOR)
        stub = recording_service_pb2_grpc.RecordingWriterServiceStub(channel)
        with pytest.raises(OSError, match=SECRET):
            stub.PutRecording(broken())

    def test_download_that_nobody_reads_on(self, server: Small) -> None:
        """A stream that is given up is cancelled, so that the service does not work for nobody."""
        began, ended = threading.Event(), threading.Event()

        def act(_given: object) -> None:
            began.set()

        server.behaviour.act = act
        stream = _get_transcript(server)
        stream.add_callback(ended.set)  # type: ignore[attr-defined] # gRPC's own method
        next(stream)
        stream.cancel()  # type: ignore[attr-defined] # gRPC's own method

        assert ended.wait(10)
        with pytest.raises(errors.Cancelled):
            list(stream)


def _until_refused(server: Small) -> SottoError:
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        try:
            _get_study(server)
        except SottoError as error:
            return error
    pytest.fail("the server goes on taking calls")


class TestShutdown:
    def test_running_calls_finish(self, tmp_path: Path) -> None:
        """A server that is asked to stop lets running calls finish and takes no more."""
        started = small.start(tmp_path)
        entered, release = threading.Event(), threading.Event()

        def act(_given: object) -> None:
            entered.set()
            release.wait(20)

        started.behaviour.act = act
        answers: list[Any] = []
        caller = threading.Thread(target=lambda: answers.append(_get_study(started)))
        caller.start()
        assert entered.wait(10)
        stopping = threading.Thread(target=started.server.stop, args=(20.0,))
        stopping.start()
        started.behaviour.act = lambda _given: None
        refused = _until_refused(started)
        release.set()
        caller.join(10)
        stopping.join(10)
        started.close()

        assert isinstance(refused, errors.Unavailable)
        assert [one.study.id for one in answers] == ["s1"]
        assert not stopping.is_alive()

    def test_calls_beyond_the_grace_are_abandoned(self, tmp_path: Path) -> None:
        """A call that outlives the grace time ends for its caller, and the server stops."""
        started = small.start(tmp_path)
        entered, release = threading.Event(), threading.Event()

        def act(_given: object) -> None:
            entered.set()
            release.wait(20)

        started.behaviour.act = act
        raised: list[SottoError] = []

        def call() -> None:
            try:
                _get_study(started)
            except SottoError as error:
                raised.append(error)

        caller = threading.Thread(target=call)
        caller.start()
        assert entered.wait(10)
        started.server.stop(0.1)
        caller.join(10)
        release.set()
        started.close()

        assert isinstance(raised[0], errors.Unavailable | errors.Cancelled)

    def test_taken_address_is_named(self, server: Small) -> None:
        """An address that is taken is named, with the setting that changes it."""
        from services.plumbing import identity
        from services.plumbing.audit import AuditTrail
        from services.plumbing.server import build_server
        from services.plumbing.settings import ServiceSettings

        settings = ServiceSettings.load(home=server.pki.parent, service=access.AUDIT)
        other = build_server(
            settings, identity.load(server.pki / access.AUDIT), AuditTrail(server.log)
        )
        with pytest.raises(errors.Unavailable, match="listen"):
            other.start(server.address)
        other.grpc.stop(None)
