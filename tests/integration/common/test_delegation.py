# SPDX-License-Identifier: Apache-2.0
"""The console's calls for people who are signed in, against a real server with the real checks."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator, Sequence
from typing import Any

import grpc
import pytest

from services.common import context, identity, membership
from services.common.client import Peers
from services.common.delegation import PRIVATE_KEY, Delegate, ensure_keys
from services.common.errors import NotFound, PermissionDenied
from services.registry import identities
from services.registry.session_limits import FRESH_SECONDS
from sotto.audit.v1 import entry_pb2
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    recording_pb2,
    recording_service_pb2_grpc,
    segment_pb2,
    segment_service_pb2_grpc,
)
from tests.integration.common import fake_server
from tests.integration.common.fake_server import NAME, REF, STUDY, FakeServer

SESSION = "a-session-of-siti-0001"
OPERATOR, REVIEWER = identities.OPERATOR, identities.REVIEWER


@pytest.fixture(scope="module")
def started(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FakeServer]:
    """Start a server of an installation that has a console."""
    home = tmp_path_factory.mktemp("home")
    (home / "pki").mkdir()
    ensure_keys(home / "pki")
    server = fake_server.start(home)
    yield server
    server.close()


@pytest.fixture
def server(started: FakeServer) -> FakeServer:
    """Give that server, in its first state."""
    started.behaviour.act = lambda _given: None
    started.behaviour.seen.clear()
    started.log.events.clear()
    return started


def _assertion(
    server: FakeServer,
    *,
    person: str = "siti",
    role: str = OPERATOR,
    studies: Sequence[str] = (),
    ago: float = 0,
    session: str = SESSION,
) -> str:
    delegate = Delegate(server.pki / identities.CONSOLE / PRIVATE_KEY)
    return delegate.assertion(
        person=person,
        role=role,
        session=session,
        studies=studies,
        authenticated_at=time.time() - ago,
    )


def _peers(server: FakeServer, client: str) -> Peers:
    return Peers(identity.load(server.pki / client), {NAME: server.address})


def _call(
    server: FakeServer, request: Any = STUDY, *, client: str = identities.CONSOLE, **said: str
) -> Any:
    """Call as the console does, with what it says in metadata."""
    with (
        contextlib.closing(_peers(server, client)) as peers,
        context.acting(person="", role="", **said),
    ):
        channel = peers.channel(NAME)
        if isinstance(request, segment_pb2.GetTranscriptRequest):
            stub = segment_service_pb2_grpc.SegmentReaderServiceStub(channel)
            return list(stub.GetTranscript(request, timeout=20))
        if isinstance(request, list):
            upload = recording_service_pb2_grpc.RecordingWriterServiceStub(channel)
            return upload.PutRecording(iter(request), timeout=20)
        if isinstance(request, catalog_pb2.ListRecordingsRequest):
            reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(channel)
            return reader.ListRecordings(request, timeout=20)
        if isinstance(request, catalog_pb2.ListStudiesRequest):
            reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(channel)
            return reader.ListStudies(request, timeout=20)
        reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(channel)
        return reader.GetStudy(request, timeout=20)


def _denials(server: FakeServer) -> list[entry_pb2.Event]:
    return [one for one in server.log.events if one.name == "access:call:denied"]


def _refused(server: FakeServer, request: Any = STUDY, **said: str) -> str:
    with pytest.raises(PermissionDenied) as caught:
        _call(server, request, **said)
    assert not server.behaviour.seen
    return caught.value.reason


class TestSignedInPerson:
    def test_is_served_as_the_client_of_the_role(self, server: FakeServer) -> None:
        """The list, the handler and the log have the person, the role, and what proves it."""
        seen: list[context.CallContext] = []
        server.behaviour.act = lambda _given: seen.append(context.current())

        _call(server, assertion=_assertion(server, studies=("s1",), ago=100), purpose="review")

        [call] = seen
        assert (call.person, call.role, call.person_proof) == ("siti", "operator", "session")
        assert (call.caller, call.client, call.purpose) == ("console", "operator", "review")
        assert call.studies == ("s1",)
        assert 99 <= time.time() - call.authenticated_at <= 110
        [signed_in] = server.log.events
        assert signed_in.name == "access:session:signed_in"
        assert signed_in.attributes["person_proof"] == "session"
        assert "console_session" in signed_in.attributes

    def test_signs_in_once_a_session(self, server: FakeServer) -> None:
        """Each session has one entry at each service, whatever is done in it."""
        for session in ("b" * 22, "b" * 22, "c" * 22):
            _call(server, assertion=_assertion(server, session=session))
        assert [one.name for one in server.log.events] == ["access:session:signed_in"] * 2

    def test_has_the_rights_of_the_role_alone(self, server: FakeServer) -> None:
        """A researcher calls nothing of the clinical zone, through the console either."""
        reason = _refused(server, assertion=_assertion(server, role=identities.RESEARCHER))

        assert reason == "PERMISSION_DENIED"
        [denial] = _denials(server)
        assert (denial.person, denial.role, denial.caller, denial.reason) == (
            "siti", "researcher", "console", "not_on_the_list",
        )  # fmt: skip

    def test_is_not_passed_on_with_the_statement(self, server: FakeServer) -> None:
        """What a service sends on names person, role and proof, and holds no statement."""
        sent: list[dict[str, str]] = []
        server.behaviour.act = lambda _given: sent.append(dict(context.current().to_metadata()))

        _call(server, assertion=_assertion(server, studies=("s1",)))

        [pairs] = sent
        assert pairs.keys() == {
            "sotto-person", "sotto-person-proof", "sotto-role", "sotto-request-id",
        }  # fmt: skip
        assert pairs["sotto-person-proof"] == "session"

    def test_is_known_to_the_next_service(self, server: FakeServer) -> None:
        """A service that passes it on is believed, as with a person's certificate."""
        seen: list[context.CallContext] = []
        server.behaviour.act = lambda _given: seen.append(context.current())
        shown = identity.load(server.pki / identities.DEIDENTIFICATION)
        said = [("person", "siti"), ("role", "operator"), ("person-proof", "session")]
        stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(
            server.raw(None, credentials=shown)
        )
        stub.GetStudy(STUDY, timeout=20, metadata=[(f"sotto-{key}", value) for key, value in said])

        assert [(one.person_proof, one.client) for one in seen] == [
            ("session", identities.DEIDENTIFICATION)
        ]


class TestWithoutAStatement:
    def test_the_console_calls_nothing(self, server: FakeServer) -> None:
        """Its certificate alone is on no list, whoever it names."""
        for said in ({}, {"person": "siti", "role": "operator"}):
            with pytest.raises(PermissionDenied):
                _raw(server, identities.CONSOLE, said)
        assert [one.reason for one in _denials(server)] == ["not_on_the_list"] * 2
        assert not server.behaviour.seen

    def test_nor_where_a_setting_lets_it(self, tmp_path: Any) -> None:
        """A list that names the console makes it act for nobody either."""
        reader = "sotto.storage.v1.CatalogReaderService"
        open_ = fake_server.start(tmp_path, allow={reader: ["console"]})
        try:
            for said in ({}, {"person": "siti", "role": "operator"}):
                with pytest.raises(PermissionDenied):
                    _raw(open_, identities.CONSOLE, said)
            assert [one.reason for one in _denials(open_)] == ["not_delegated"] * 2
        finally:
            open_.close()


class TestStatementThatDoesNotHold:
    @pytest.mark.parametrize(
        "client", [OPERATOR, identities.FLOWS, identities.RELEASE, identities.DEIDENTIFICATION]
    )
    def test_of_another_certificate(self, server: FakeServer, client: str) -> None:
        """Whoever gets hold of one can do nothing with it, and is in the log."""
        with pytest.raises(PermissionDenied):
            _raw(server, client, {"assertion": _assertion(server)})
        [denial] = _denials(server)
        expected = "not_on_the_list" if client == identities.RELEASE else "assertion_not_carried"
        assert (denial.caller, denial.reason) == (client, expected)

    def test_altered_or_of_another_key(self, server: FakeServer, tmp_path: Any) -> None:
        """What the console did not sign is nobody's."""
        ensure_keys(tmp_path)
        other = Delegate(tmp_path / identities.CONSOLE / PRIVATE_KEY).assertion(
            person="siti", role="operator", session=SESSION, authenticated_at=time.time()
        )
        for token in (_assertion(server)[:-2], other, "x", "a.b.c"):
            assert _refused(server, assertion=token) == "assertion_invalid"

    def test_that_ended(self, server: FakeServer) -> None:
        """An old one is refused by its own reason: clocks may differ."""
        old = Delegate(
            server.pki / identities.CONSOLE / PRIVATE_KEY, clock=lambda: time.time() - 70
        ).assertion(person="siti", role="operator", session=SESSION, authenticated_at=1)

        assert _refused(server, assertion=old) == "assertion_expired"
        assert [one.reason for one in _denials(server)] == ["assertion_expired"]

    def test_beside_another_claim(self, server: FakeServer) -> None:
        """A person or role beside the statement has to be that of the statement."""
        token = _assertion(server)
        with pytest.raises(PermissionDenied):
            _raw(server, identities.CONSOLE, {"assertion": token, "person": "dr.lim"})
        [denial] = _denials(server)
        assert (denial.reason, denial.person) == ("person_not_carried", "siti")
        assert denial.attributes["claimed_person"] == "dr.lim"

    @pytest.mark.parametrize("twice", ["assertion", "person"])
    def test_that_stands_twice(self, server: FakeServer, twice: str) -> None:
        """Two of them are malformed: none is chosen."""
        said = [("sotto-assertion", _assertion(server)), (f"sotto-{twice}", "siti")]
        if twice == "person":
            said.append(("sotto-person", "siti"))
        stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(
            server.raw(None, credentials=identity.load(server.pki / identities.CONSOLE))
        )
        with pytest.raises(grpc.RpcError):
            stub.GetStudy(STUDY, timeout=20, metadata=said)
        assert not server.behaviour.seen


class TestStudies:
    OTHER = catalog_pb2.GetStudyRequest(study_id="s2")

    def _missing(self, server: FakeServer, request: Any, studies: Sequence[str] = ("s1",)) -> str:
        role = REVIEWER if isinstance(request, segment_pb2.GetTranscriptRequest) else OPERATOR
        with pytest.raises(NotFound) as caught:
            _call(server, request, assertion=_assertion(server, role=role, studies=studies))
        return caught.value.message

    def test_of_others_are_missing(self, server: FakeServer) -> None:
        """A study that the session is not for answers as one that there is not."""
        words = self._missing(server, self.OTHER)
        assert not server.behaviour.seen

        server.behaviour.act = _raising(NotFound("there is no study s1", reason="no_study"))
        assert self._missing(server, STUDY) == words
        server.behaviour.act = _raising(membership.NotAMember("siti is none", "s1"))
        assert self._missing(server, STUDY, ()) == words
        server.behaviour.act = _raising(PermissionDenied("far", reason="not_a_member"))
        assert self._missing(server, STUDY, ()) == words

        assert [(one.study_id, one.reason) for one in _denials(server)] == [
            ("s2", "studies_limited"),
            ("s1", "not_a_member"),
        ]

    def test_of_a_recording_and_of_a_stream(self, server: FakeServer) -> None:
        """References count, in whatever comes first."""
        ref = recording_pb2.RecordingRef(
            study_id="s2", participant="P07", recording_id=REF.recording_id
        )
        self._missing(server, segment_pb2.GetTranscriptRequest(ref=ref))
        header = recording_pb2.RecordingHeader(
            study_id="s2", participant="P07", session=1, kind=1, size=1,
            content_sha256=b"0" * 32, file_name="a.wav",
        )  # fmt: skip
        self._missing(server, [recording_pb2.PutRecordingRequest(header=header)])
        assert not server.behaviour.seen

    def test_of_others_are_left_out_of_lists(self, server: FakeServer) -> None:
        """Lists hold what the session is for, and nothing tells that there is more."""
        token = _assertion(server, studies=("s1", "s3"))
        listed = _call(server, catalog_pb2.ListStudiesRequest(), assertion=token)
        assert list(listed.study_ids) == ["s1", "s3"]
        found = _call(server, catalog_pb2.ListRecordingsRequest(), assertion=token)
        assert [one.ref.study_id for one in found.recordings] == ["s1", "s3"]

        everything = _assertion(server)
        assert (
            len(_call(server, catalog_pb2.ListStudiesRequest(), assertion=everything).study_ids)
            == 4
        )


class TestStepUp:
    def test_asks_for_a_fresh_proof(
        self, server: FakeServer, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What the table names is refused after five minutes, with a word that a page knows."""
        from services.common import session_checks
        from services.registry.session_limits import StepUp

        monkeypatch.setitem(
            session_checks.STEP_UP,  # type: ignore[arg-type]
            "sotto.storage.v1.CatalogReaderService/GetStudy",
            StepUp("is tried"),
        )
        _call(server, assertion=_assertion(server, ago=FRESH_SECONDS - 20))
        server.behaviour.seen.clear()

        stale = _assertion(server, ago=FRESH_SECONDS + 20)
        assert _refused(server, assertion=stale) == "step_up_required"
        assert [(one.reason, one.person) for one in _denials(server)] == [
            ("step_up_required", "siti")
        ]


def _raising(error: Exception) -> Any:
    def act(_given: object) -> None:
        raise error

    return act


def _raw(server: FakeServer, client: str, said: dict[str, str]) -> Any:
    with contextlib.closing(_peers(server, client)) as peers:
        stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(peers.channel(NAME))
        role = {"role": "flow"} if client == identities.FLOWS else {}
        with context.acting(**{"person": "", "role": ""} | role | said):
            return stub.GetStudy(STUDY, timeout=20)
