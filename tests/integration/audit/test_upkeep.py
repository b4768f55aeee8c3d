# SPDX-License-Identifier: Apache-2.0
"""What hospital IT learns of the log: when the installation was looked after."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from services.common.errors import InvalidInput, PermissionDenied
from services.registry.events import Event
from services.upkeep_client import log_facts
from services.upkeep_client.facts import Fact, Tone
from sotto.audit.v1 import audit_service_pb2_grpc as stubs
from sotto.audit.v1 import entry_pb2, upkeep_pb2
from tests.support.audit import AuditDeployment, issue_certificates


def _stub(service: AuditDeployment, name: str = "operator") -> stubs.AuditUpkeepServiceStub:
    issue_certificates(service.home, [name])
    return stubs.AuditUpkeepServiceStub(service.peers(name).channel("audit"))


def _facts(service: AuditDeployment, now: datetime) -> dict[str, Fact]:
    peers = service.peers("operator")
    return {one.name: one for one in (*log_facts.log(peers, now), *log_facts.backups(peers, now))}


class TestUpkeep:
    def test_last_of_each_kind(self, service: AuditDeployment) -> None:
        """What never happened is told as that, what ended with its time, and an intent not."""
        stub, now = _stub(service), datetime.now(UTC)
        assert "never" in _facts(service, now)["last backup"].text
        for zone, findings in (("storage-clinical", 0), ("storage-research", 3)):
            trail = service.trail(zone)
            trail.fact(Event.STORE_SCRUBBED, attributes={"findings": findings})
        with service.trail().record(Event.STORE_SCRUBBED):
            acts = stub.GetUpkeep(upkeep_pb2.GetUpkeepRequest()).acts
            assert {one.zone: one.findings for one in acts} == {"clinical": 0, "research": 3}
        service.trail().fact(
            Event.STORE_SCRUBBED, outcome=entry_pb2.OUTCOME_FAILURE, reason="INTERNAL"
        )
        acts = stub.GetUpkeep(upkeep_pb2.GetUpkeepRequest()).acts
        assert {one.zone: one.good for one in acts} == {"clinical": False, "research": True}

    def test_backups(self, service: AuditDeployment) -> None:
        """A backup that was noted has its age; one long ago, or that is damaged, is to look at."""
        stub, now = _stub(service), datetime.now(UTC)
        request = upkeep_pb2.NoteBackupRequest(act=upkeep_pb2.BACKUP_ACT_MADE, files=12, good=True)
        request.made_at.FromDatetime(now)
        stub.NoteBackup(request)
        request.act, request.good = upkeep_pb2.BACKUP_ACT_CHECKED, False
        stub.NoteBackup(request)

        facts = _facts(service, now)
        assert facts["last backup"].tone is Tone.GOOD
        assert facts["last one that was read whole"].tone is Tone.BAD
        assert "never" in facts["last trial of a restore"].text
        later = _facts(service, now + timedelta(days=30))["last backup"]
        assert (later.tone, "sotto backup create" in list(later.lines())[1]) == (Tone.DOUBT, True)

    def test_what_is_refused(self, service: AuditDeployment) -> None:
        """A backup of the future, and whoever does not look after the installation."""
        request = upkeep_pb2.NoteBackupRequest(act=upkeep_pb2.BACKUP_ACT_MADE, good=True)
        request.made_at.FromDatetime(datetime.now(UTC) + timedelta(days=1))
        with pytest.raises(InvalidInput, match="future"):
            _stub(service).NoteBackup(request)
        with pytest.raises(PermissionDenied):
            _stub(service, "reviewer").GetUpkeep(upkeep_pb2.GetUpkeepRequest())
