# SPDX-License-Identifier: Apache-2.0
"""Calls that send nothing, or garbage, by certificates that may call and by those that may not."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from grpc_health.v1 import health_pb2

from services.common import certificate_authority
from services.registry import identities
from services.registry.access import ALLOWED
from sotto.audit.v1 import entry_pb2
from tests.attack.conftest import STUDY
from tests.support.attacker import Attacker, Method, honest, methods, named
from tests.support.deployment import Deployment

_APPEND = named(identities.AUDIT, "Append")
_LIST_STUDIES = named(identities.CLINICAL, "ListStudies")
_GET_RECORDING = named(identities.CLINICAL, "GetRecording")
_LIST_RELEASES = named(identities.RELEASE, "ListReleases")


class _Silence:
    """Calls that send nothing, each over one of a few connections of their own."""

    def __init__(self, attacker: Attacker) -> None:
        self._attacker = attacker
        self._end = threading.Event()
        self._channels: list[grpc.Channel] = []
        self.calls: list[Any] = []

    def begin(self, client: str, method: Method, count: int, *, said: bool = False) -> None:
        """Begin calls; `said`: with the metadata and deadline of an honest client."""
        for number in range(count):
            if number % 50 == 0:
                self._channels.append(self._attacker.new_channel(client, method.server))
            self.calls.append(
                self._attacker.open(
                    client,
                    method,
                    self._nothing(),
                    metadata=honest(client) if said else (),
                    seconds=60 if said else None,
                    channel=self._channels[-1],
                )
            )

    def _nothing(self) -> Iterator[bytes]:
        self._end.wait()
        yield from ()

    def end(self) -> None:
        """End them all."""
        self._end.set()
        for call in self.calls:
            call.cancel()
        for channel in self._channels:
            channel.close()


@pytest.fixture
def silence(attacker: Attacker) -> Iterator[_Silence]:
    """Calls that send nothing until the test ends."""
    calls = _Silence(attacker)
    yield calls
    calls.end()


def _health(attacker: Attacker, client: str, server: str) -> int:
    check = attacker.channel(client, server).unary_unary(
        "/grpc.health.v1.Health/Check",
        request_serializer=health_pb2.HealthCheckRequest.SerializeToString,
        response_deserializer=health_pb2.HealthCheckResponse.FromString,
    )
    status: int = check(health_pb2.HealthCheckRequest(), timeout=20).status
    return status


def _denials(attacker: Attacker, person: str, reason: str) -> int:
    method = named(identities.AUDIT, "ListEntries")
    request = entry_pb2.ListEntriesRequest(
        page_size=1000,
        filter=entry_pb2.EntryFilter(
            name="access:call:denied", outcome=entry_pb2.OUTCOME_DENIED, person=person
        ),
    )
    found = attacker.call(identities.COMPLIANCE, method, request).message.entries
    return sum(one.event.reason == reason for one in found)


class TestSilentCalls:
    @pytest.mark.parametrize("server", sorted(ALLOWED))
    def test_of_who_may_not_call_are_refused_at_once(
        self, attacker: Attacker, silence: _Silence, server: str
    ) -> None:
        """A call that the list refuses is answered though it sends nothing, and health stays."""
        client = identities.TRANSCRIPTION
        service, allowed = next(
            one for one in sorted(ALLOWED[server].items()) if client not in one[1]
        )
        assert client not in allowed
        method = next(one for one in _methods(server) if one.service == service)
        silence.begin(client, method, 16)

        codes = {call.code() for call in silence.calls}
        assert codes == {grpc.StatusCode.PERMISSION_DENIED}
        assert _health(attacker, identities.OPERATOR, server) == 1

    def test_hold_neither_the_log_nor_the_store(
        self, attacked: Deployment, attacker: Attacker, silence: _Silence, tmp_path: Path
    ) -> None:
        """While a researcher holds 200 calls at each, a recording is taken in and listed."""
        silence.begin(identities.RESEARCHER, _APPEND, 200)
        silence.begin(identities.RESEARCHER, _LIST_STUDIES, 200)
        silence.begin(identities.RESEARCHER, _LIST_RELEASES, 200, said=True)
        file = tmp_path / "said.txt"
        file.write_text("I: Hello.\nP: Fine, thank you.\n", "utf-8")

        done = attacked.sotto("ingest", str(file), "--study", STUDY, "--participant", "P05")
        assert (done.code, done.err.count("denied")) == (0, 0), done.err
        for server in (identities.AUDIT, identities.CLINICAL, identities.RELEASE):
            assert _health(attacker, identities.RESEARCHER, server) == 1

    def test_of_who_may_call_take_its_own_turns_alone(
        self, attacker: Attacker, silence: _Silence
    ) -> None:
        """As many as a certificate may have under way leave other certificates theirs."""
        silence.begin(identities.OPERATOR, _LIST_STUDIES, 300, said=True)

        answer = attacker.call(
            identities.COMPLIANCE, _LIST_STUDIES, _LIST_STUDIES.request(), seconds=20
        )
        assert answer.code == "OK"
        assert _health(attacker, identities.OPERATOR, identities.CLINICAL) == 1


class TestGarbage:
    def test_of_who_may_not_call_is_a_denial(
        self, attacked: Deployment, attacker: Attacker, tmp_path: Path
    ) -> None:
        """Each call that cannot be decoded is in the log, as one that can be."""
        # By a certificate of a person of its own: other attacks spend what the shared ones may
        # write one by one, and what is beyond that is in the log a minute later.
        person, role = "garbler", identities.RESEARCHER
        own = tmp_path / person
        certificate_authority.issue(attacked.installation.pki, role, own, person=person)
        with attacker.new_channel(str(own), identities.CLINICAL) as channel:
            for _ in range(5):
                call = attacker.open(
                    role, _GET_RECORDING, iter([b"\xff\xff\xff"]),
                    metadata=honest(role, person), seconds=10, channel=channel,
                )  # fmt: skip
                assert call.code() == grpc.StatusCode.PERMISSION_DENIED

        assert _denials(attacker, person, "not_on_the_list") == 5


def _methods(server: str) -> list[Method]:
    return [one for one in methods() if one.server == server]
