# SPDX-License-Identifier: Apache-2.0
"""`sotto participant withdraw` reaches both zones, whatever one of them answers."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import grpc
import pytest

from flows.cli import main as cli
from flows.cli import participant as command
from services.audit_client import recipients
from services.common import errors
from services.common.client import Peers
from services.recordings_client import catalog
from sotto.storage.v1 import admin_pb2
from sotto.study.v1 import study_pb2
from tests.unit.flows.fake_services import FakeServices

ASKED = ("participant", "withdraw", "P07", "--study", "trial", "--yes", "--json")


class Zones:
    """Two zones, each with what it answers: a receipt, or an error."""

    def __init__(self) -> None:
        self.answers: dict[str, admin_pb2.ErasureReceipt | errors.SottoError] = {
            zone: admin_pb2.ErasureReceipt(zone=zone, verified_unreadable=True)
            for zone in ("clinical", "research")
        }

    def channel(self, name: str) -> str:
        """Return the zone itself; the stub asks it."""
        return name.removeprefix("storage-")


@pytest.fixture
def zones(monkeypatch: pytest.MonkeyPatch) -> Zones:
    """The command, connected to zones that answer as the test says."""
    made = Zones()

    @contextlib.contextmanager
    def connected(*_: object, **__: object) -> Iterator[Zones]:
        yield made

    class Stub:
        def __init__(self, zone: str) -> None:
            self._zone = zone

        def EraseParticipant(self, _: object) -> admin_pb2.EraseParticipantResponse:
            answer = made.answers[self._zone]
            if isinstance(answer, errors.SottoError):
                raise answer
            return admin_pb2.EraseParticipantResponse(receipt=answer)

    from sotto.storage.v1 import admin_service_pb2_grpc

    monkeypatch.setattr(admin_service_pb2_grpc, "ErasureServiceStub", Stub)
    monkeypatch.setattr(command, "connected", connected)
    monkeypatch.setattr(catalog, "require_participant", lambda *_: None)
    monkeypatch.setattr(recipients, "recipients", lambda *_: [])
    monkeypatch.setattr(recipients, "holding", lambda *_: set())
    return made


def withdraw(capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, object]]]:
    """Run the command; return its exit code and what it printed for programs."""
    code = cli.main(list(ASKED))
    records = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    return code, [one for one in records if "zone" in one]


class TestWithdrawal:
    """Both zones, and the exit code."""

    @pytest.mark.usefixtures("zones")
    def test_whole(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Two receipts, and 0."""
        code, records = withdraw(capsys)
        assert (code, [one["zone"] for one in records]) == (0, ["clinical", "research"])

    @pytest.mark.parametrize("failing", ["clinical", "research"])
    def test_zone_that_fails(
        self, zones: Zones, capsys: pytest.CaptureFixture[str], failing: str
    ) -> None:
        """The other one is erased all the same; the status is that of the failure."""
        zones.answers[failing] = errors.Unavailable("it does not answer", reason="store")
        code, records = withdraw(capsys)
        assert code == errors.Unavailable.exit_code
        found = {str(one["zone"]): one.get("error") for one in records}
        other = "research" if failing == "clinical" else "clinical"
        assert found == {failing: "it does not answer", other: None}

    @pytest.mark.parametrize(
        "left",
        [
            {"unopened_keys": ["trial/P09"]},
            {"objects_failed": 1},
            {"rotation_failed": "UNAVAILABLE"},
            {"verified_unreadable": False},
        ],
    )
    def test_something_left(
        self, zones: Zones, capsys: pytest.CaptureFixture[str], left: dict[str, object]
    ) -> None:
        """What is left to do is in the receipt, and the status is not 0."""
        said = {"zone": "clinical", "verified_unreadable": True, **left}
        zones.answers["clinical"] = admin_pb2.ErasureReceipt(**said)  # type: ignore[arg-type]
        code, records = withdraw(capsys)
        assert code == errors.Corrupted.exit_code
        assert [one["zone"] for one in records] == ["clinical", "research"]

    def test_what_is_left_is_named(self, zones: Zones, capsys: pytest.CaptureFixture[str]) -> None:
        """The error names the zone in which the participant is not erased, and no other."""
        zones.answers["clinical"] = errors.Unavailable("it does not answer", reason="store")
        assert cli.main(list(ASKED)) == errors.Unavailable.exit_code
        assert "is not erased in the clinical zone: " in capsys.readouterr().err


class Down(Peers):
    """Channels of which those to some zones lead nowhere."""

    def __init__(self, peers: Peers, *down: str) -> None:
        self._peers = peers
        self._down = down

    def channel(self, name: str) -> grpc.Channel:
        """Return the channel to a service."""
        if name in self._down:
            raise errors.Unavailable(f"{name} does not answer")
        return self._peers.channel(name)


class TestCheck:
    """A code that nobody knows is refused, by the word of a zone that answers."""

    @pytest.fixture(autouse=True)
    def study(self, services: FakeServices) -> None:
        """A study of both zones with one participant."""
        for zone in (services.clinical, services.research):
            zone.studies["s1"] = study_pb2.Study(id="s1", participants=["P07"])

    @pytest.mark.parametrize(
        "down", [(), ("storage-clinical",), ("storage-research",)], ids=["none", "one", "other"]
    )
    def test_zone_that_is_down(self, services: FakeServices, down: tuple[str, ...]) -> None:
        """Whichever zone answers is asked."""
        peers = Down(services.peers, *down)
        catalog.require_participant(peers, "s1", "P07")
        with pytest.raises(errors.NotFound, match="is P07 meant"):
            catalog.require_participant(peers, "s1", "P08")
        with pytest.raises(errors.NotFound, match="no study s2"):
            catalog.require_participant(peers, "s2", "P07")

    def test_known_to_one(self, services: FakeServices) -> None:
        """It is enough that one zone knows the code."""
        services.clinical.studies["s1"].participants[:] = ["P01"]
        catalog.require_participant(services.peers, "s1", "P07")

    def test_none_answers(self, services: FakeServices) -> None:
        """Where no zone answers nothing is refused: the erasure tells what is wrong."""
        peers = Down(services.peers, "storage-clinical", "storage-research")
        catalog.require_participant(peers, "s1", "P08")
