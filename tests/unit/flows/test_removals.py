# SPDX-License-Identifier: Apache-2.0
"""`sotto recordings remove` and `move`."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator

import pytest

from flows.cli import main as cli
from flows.cli import recordings
from flows.cli import removals as command
from services.common import errors
from services.common.client import Peers
from services.registry.removals import RemovalReason
from sotto.storage.v1 import recording_pb2, removal_pb2, removal_service_pb2_grpc
from sotto.study.v1 import study_pb2
from tests.unit.flows.fake_services import FakeServices, recording_id, recording_ref

ONE = recording_id(1)


class Removing:
    """What the command asked for, as whom, and what it is answered."""

    def __init__(self) -> None:
        self.role = ""
        self.connected: object = None
        self.asked: list[tuple[str, object]] = []
        self.released = False
        self.answer = removal_pb2.RemoveRecordingResponse(objects_deleted=5)
        self.removals: list[removal_pb2.Removal] = []

    def RemoveRecording(
        self, request: removal_pb2.RemoveRecordingRequest
    ) -> removal_pb2.RemoveRecordingResponse:
        """Answer, or refuse what is released to all but compliance."""
        if self.released and self.role != "compliance":
            raise errors.PermissionDenied("compliance removes it", reason="compliance_only")
        self.asked.append((self.role, request))
        self.answer.removal.ref.CopyFrom(request.ref)
        self.answer.removal.reason = request.reason
        return self.answer

    def MoveRecording(
        self, request: removal_pb2.MoveRecordingRequest
    ) -> removal_pb2.MoveRecordingResponse:
        """Answer with another recording."""
        self.asked.append((self.role, request))
        self.answer.removal.reason = recording_pb2.REMOVAL_REASON_WRONG_PARTICIPANT
        return removal_pb2.MoveRecordingResponse(
            ref=recording_ref(2, request.participant), session=1, removed=self.answer
        )

    def ListRemovals(self, _: removal_pb2.ListRemovalsRequest) -> removal_pb2.ListRemovalsResponse:
        """List what was removed."""
        return removal_pb2.ListRemovalsResponse(removals=self.removals)


@pytest.fixture
def removing(services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> Removing:
    """The command, connected to services with a recording of P07, without a terminal."""
    made = Removing()
    services.clinical.studies["s1"] = study_pb2.Study(id="s1", participants=["P07", "P08"])
    services.clinical.add(1)

    @contextlib.contextmanager
    def connected(_: object, role: str, *__: object, **___: object) -> Iterator[Peers]:
        made.role = role
        yield services.peers

    made.connected = connected
    monkeypatch.setattr(command, "connected", connected)
    monkeypatch.setattr(removal_service_pb2_grpc, "RemovalServiceStub", lambda _channel: made)
    return made


def remove(*more: str) -> int:
    """Remove the recording; returns the exit code."""
    return cli.main(["recordings", "remove", ONE, "--reason", "duplicate", *more])


class TestRemove:
    def test_asks_first(self, removing: Removing, capsys: pytest.CaptureFixture[str]) -> None:
        """Without a terminal and without --yes nothing is removed, and it is said what would be."""
        assert remove() == 3
        assert not removing.asked
        err = capsys.readouterr().err
        assert f"{ONE} (session 1 of P07 in" in err
        assert "--yes" in err

    @pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 3)])
    def test_person_at_a_terminal(
        self, removing: Removing, answer: bool, code: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A person says yes or no."""
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr("typer.confirm", lambda *_, **__: answer)
        assert remove() == code
        assert bool(removing.asked) is answer

    def test_for_programs(self, removing: Removing, capsys: pytest.CaptureFixture[str]) -> None:
        """One object on stdout; the store gets the reason."""
        assert remove("--yes", "--json") == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["recording_id"], told["reason"], told["objects_deleted"]) == (
            ONE, "duplicate", 5,
        )  # fmt: skip
        [(role, _)] = removing.asked
        assert role == "operator"

    def test_released(self, removing: Removing, capsys: pytest.CaptureFixture[str]) -> None:
        """What others have is removed as compliance, asked once, and the releases are named."""
        removing.released = True
        removing.answer.release_ids.append("rel-" + "a" * 26)
        assert remove("--yes") == 0
        assert [role for role, _ in removing.asked] == ["compliance"]
        err = capsys.readouterr().err
        assert "Going on as compliance: compliance removes it." in err
        assert "rel-" + "a" * 26 in err
        assert "sotto audit who P07" in err

    def test_left_over(self, removing: Removing, capsys: pytest.CaptureFixture[str]) -> None:
        """What could not be deleted is an error; what a lock holds is told."""
        removing.answer.objects_retained = 2
        assert remove("--yes") == 0
        assert "2 objects are locked" in capsys.readouterr().err
        removing.answer.objects_failed = 1
        assert remove("--yes") == 4

    def test_removed_before(
        self, removing: Removing, services: FakeServices, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One that was interrupted is found among the removed ones and finished unasked."""
        services.clinical.recordings.clear()
        removing.removals.append(
            removal_pb2.Removal(ref=recording_ref(1), reason=recording_pb2.REMOVAL_REASON_DUPLICATE)
        )
        removing.answer.existed = True
        assert remove() == 0
        assert "was removed before" in capsys.readouterr().err

    def test_unknown(self, removing: Removing, capsys: pytest.CaptureFixture[str]) -> None:
        """An id that nothing has is told as such."""
        unknown = ["recordings", "remove", recording_id(9), "--reason", "other", "--yes"]
        assert cli.main(unknown) == 4
        assert "there is no recording" in capsys.readouterr().err
        assert not removing.asked


class TestList:
    def test_what_was_removed(
        self,
        removing: Removing,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        """The trace: which, why, by whom, and what it became."""
        monkeypatch.setattr(recordings, "connected", removing.connected)
        removing.removals.append(
            removal_pb2.Removal(
                ref=recording_ref(1),
                reason=recording_pb2.REMOVAL_REASON_WRONG_PARTICIPANT,
                removed_by="ana",
                moved_to=recording_ref(2, "P08"),
            )
        )
        assert cli.main(["recordings", "list", "--removed", "--json"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["recording_id"], told["reason"], told["removed_by"], told["moved_to"]) == (
            ONE, "wrong_participant", "ana", recording_id(2),
        )  # fmt: skip
        assert cli.main(["recordings", "list", "--removed", "--watch"]) == 2


class TestMove:
    def test_move(self, removing: Removing, capsys: pytest.CaptureFixture[str]) -> None:
        """The new id is told, and where it stands."""
        words = ["recordings", "move", ONE, "--participant", "P08", "--yes", "--json"]
        assert cli.main(words) == 0
        out, err = capsys.readouterr()
        assert json.loads(out)["recording_id"] == recording_id(2)
        assert removing.asked[0][0] == "operator"
        assert f"{recording_id(2)} is session 1 of P08 now" in err

    def test_unknown_participant(
        self, removing: Removing, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A slip in the code is told with the nearest one."""
        assert cli.main(["recordings", "move", ONE, "--participant", "p08", "--yes"]) == 4
        assert "P08" in capsys.readouterr().err
        assert not removing.asked


class TestReasons:
    def test_every_reason_has_a_number(self) -> None:
        """The contract and the command know the same reasons."""
        numbered = set(recording_pb2.RemovalReason.keys())
        assert numbered - {"REMOVAL_REASON_UNSPECIFIED"} == {
            f"REMOVAL_REASON_{one.name}" for one in RemovalReason
        }
