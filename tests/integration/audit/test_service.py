# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from services.audit.adapters.export_jsonl import write_jsonl
from services.audit.cli.verify import verify_log
from services.audit_client.answers import verification_history, witnesses
from services.audit_client.entries import LogClient
from services.audit_client.verifying import Trusted, record_verification
from services.audit_client.verifying import verify_log as verify_live
from services.audit_evidence import merkle
from services.audit_evidence.checkpoint import open_checkpoint, peek
from services.audit_evidence.keys import VerifierKey
from services.audit_evidence.verify import VerificationReport
from services.common import context
from services.common.client import audit_appender
from services.common.errors import InvalidInput, NotFound, PermissionDenied, Unavailable
from services.registry.events import Event
from sotto.audit.v1 import entry_pb2
from tests.support.audit import REPOSITORY, AuditDeployment


class TestRecording:
    """What services write."""

    def test_who_and_what(self, shared: AuditDeployment) -> None:
        """The reporting service comes from its certificate, the person from the call's context."""
        with (
            context.acting(person="ana", role="operator", purpose="research", request_id="r-1"),
            shared.trail().record(
                Event.TRANSCRIPT_READ, object="rec-1", study_id="st1", participant="P07"
            ) as act,
        ):
            act.note(window=5)
        wanted = entry_pb2.EntryFilter(person="ana")
        page = shared.query().ListEntries(entry_pb2.ListEntriesRequest(filter=wanted))
        first, second = page.entries
        assert (first.service, second.service) == ("storage-clinical", "storage-clinical")
        assert (first.event.phase, second.event.phase) == (1, 2)
        assert second.event.intent_index == first.index
        assert second.event.outcome == entry_pb2.OUTCOME_SUCCESS
        assert second.event.attributes == {"window": "5"}
        assert (first.event.request_id, first.event.zone) == ("r-1", "clinical")
        assert page.next_page_token == ""

    def test_reading_is_recorded(self, shared: AuditDeployment) -> None:
        """Reading the log is itself recorded, and so are start and stop."""
        shared.query().ListEntries(entry_pb2.ListEntriesRequest())
        page = shared.query().ListEntries(entry_pb2.ListEntriesRequest())
        names = [(entry.event.name, entry.event.caller) for entry in page.entries]
        assert ("audit:log:read", "compliance") in names
        assert names[0] == ("service:process:started", "")

    def test_what_may_not_enter(self, shared: AuditDeployment) -> None:
        """Names, keys and phases outside the contract are refused, and the field is named."""
        trail = shared.trail()
        with pytest.raises(InvalidInput, match="participant"):
            trail.fact(Event.KEY_CREATED, participant="Siti Aminah")
        appender = audit_appender(shared.peers("storage-clinical"))
        with pytest.raises(InvalidInput, match="attribute"):
            appender(
                entry_pb2.Event(
                    name=Event.KEY_CREATED.value,
                    phase=entry_pb2.PHASE_FACT,
                    outcome=entry_pb2.OUTCOME_SUCCESS,
                    zone="clinical",
                    attributes={"diagnosis": "F20"},
                )
            )
        with pytest.raises(InvalidInput, match="phase"):
            appender(entry_pb2.Event(name="a:b:c"))

    def test_canaries(self, service: AuditDeployment) -> None:
        """A sentence in any text field of any request is refused or stays out of the log."""
        canary = "Siti Aminah binti Ali tinggal di Ipoh"
        appender = audit_appender(service.peers("storage-clinical"))
        query, tried = service.query(), 0
        for field in entry_pb2.Event.DESCRIPTOR.fields:
            event = entry_pb2.Event(
                name="key:participant:created", phase=3, outcome=1, zone="clinical"
            )
            if field.name == "attributes":
                event.attributes["kind"] = canary
            elif field.type == field.TYPE_STRING:
                setattr(event, field.name, canary)
            else:
                continue
            tried += 1
            with pytest.raises(InvalidInput) as caught:
                appender(event)
            assert "Siti" not in caught.value.message
        for field in entry_pb2.EntryFilter.DESCRIPTOR.fields:
            if field.type == field.TYPE_STRING:
                tried += 1
                value = [canary] if field.is_repeated else canary
                wanted = entry_pb2.EntryFilter(**{field.name: value})
                with pytest.raises((InvalidInput, NotFound)) as refused:
                    query.ListEntries(entry_pb2.ListEntriesRequest(filter=wanted))
                assert "Siti" not in refused.value.message
        with pytest.raises(InvalidInput):
            query.ListEntries(entry_pb2.ListEntriesRequest(page_token=canary))
        assert tried == 20
        service.stop()
        for path in [*(service.home / "audit").rglob("*"), service.home / "log.txt"]:
            assert not path.is_file() or b"Siti" not in path.read_bytes(), path

    def test_orchestrator_writes_for_nobody(self, service: AuditDeployment) -> None:
        """The orchestrator's client cannot put a person or another role into an entry."""
        trail = service.trail("flows")
        for claim in ({"person": "prof_chan"}, {"person": "prof_chan", "role": "reviewer"}):
            event = entry_pb2.Event(
                name=Event.KEY_CREATED.value,
                phase=entry_pb2.PHASE_FACT,
                outcome=entry_pb2.OUTCOME_SUCCESS,
                **claim,
            )
            with pytest.raises(PermissionDenied):
                audit_appender(service.peers("flows"))(event)
        trail.fact(Event.PROCESS_STARTED)

        entries = service.query().ListEntries(entry_pb2.ListEntriesRequest(page_size=1000)).entries
        denied = [one.event.reason for one in entries if one.event.name == "access:call:denied"]
        assert {"person_without_role", "role_not_carried"} <= set(denied)
        assert not [one for one in entries if one.event.person == "prof_chan"]

    @pytest.mark.parametrize(
        ("client", "event", "zone"),
        [
            ("storage-research", Event.RECORDING_READ, "research"),
            ("flows", Event.KEY_DESTROYED, ""),
            ("flows", Event.REVIEW_RECORDED, ""),
            ("storage-clinical", Event.LOG_RENEWED, "clinical"),
            ("storage-research", Event.KEY_DESTROYED, "clinical"),
            ("storage-clinical", Event.KEY_DESTROYED, ""),
        ],
    )
    def test_events_of_others_are_refused(
        self, shared: AuditDeployment, client: str, event: Event, zone: str
    ) -> None:
        """Nobody writes an event of another service or zone, and the attempt is recorded."""
        forged = entry_pb2.Event(
            name=event.value, phase=entry_pb2.PHASE_FACT, outcome=entry_pb2.OUTCOME_SUCCESS
        )
        forged.zone, forged.study_id, forged.participant = zone, "st1", "P66"
        with pytest.raises(PermissionDenied):
            audit_appender(shared.peers(client))(forged)
        page = shared.query().ListEntries(entry_pb2.ListEntriesRequest(page_size=1000))
        assert [one.index for one in page.entries if one.event.participant == "P66"] == []
        wanted = entry_pb2.EntryFilter(name="access:call:denied")
        page = shared.query().ListEntries(
            entry_pb2.ListEntriesRequest(filter=wanted, page_size=1000)
        )
        denied = page.entries[-1].event
        assert (denied.caller, denied.reason) == (client, "not_the_owner")
        assert dict(denied.attributes) == {"event": event.value}

    def test_the_end_of_another_services_action_is_refused(self, shared: AuditDeployment) -> None:
        """A service cannot close an intent of another one, and the attempt is recorded."""
        begun = entry_pb2.Event(name=Event.KEY_CREATED.value, phase=1, zone="clinical")
        index = audit_appender(shared.peers("storage-clinical"))(begun)
        forged = entry_pb2.Event(name=Event.KEY_CREATED.value, phase=2, outcome=2, zone="research")
        forged.intent_index = index
        with pytest.raises(PermissionDenied):
            audit_appender(shared.peers("storage-research"))(forged)
        ended = entry_pb2.Event(name=Event.KEY_CREATED.value, phase=2, outcome=1, zone="clinical")
        ended.intent_index = index
        closed = audit_appender(shared.peers("storage-clinical"))(ended)
        assert audit_appender(shared.peers("storage-clinical"))(ended) == closed
        wanted = entry_pb2.EntryFilter(name="access:call:denied")
        page = shared.query().ListEntries(
            entry_pb2.ListEntriesRequest(filter=wanted, page_size=1000)
        )
        denied = page.entries[-1].event
        assert (denied.caller, denied.reason) == ("storage-research", "not_the_owner")

    def test_an_unknown_event_is_refused(self, shared: AuditDeployment) -> None:
        """An event that is not in the registry is nobody's."""
        forged = entry_pb2.Event(name="nonsense:never:heard", phase=3, outcome=1)
        with pytest.raises(PermissionDenied):
            audit_appender(shared.peers("flows"))(forged)

    def test_others_may_not(self, shared: AuditDeployment) -> None:
        """A researcher can neither write nor read, and the attempt is recorded."""
        with pytest.raises(PermissionDenied):
            shared.checkpoints("researcher").GetCheckpoint(entry_pb2.GetCheckpointRequest())
        with pytest.raises(PermissionDenied):
            shared.trail("researcher").fact(Event.KEY_CREATED)
        wanted = entry_pb2.EntryFilter(name="access:*", outcome=entry_pb2.OUTCOME_DENIED)
        page = shared.query().ListEntries(entry_pb2.ListEntriesRequest(filter=wanted))
        callers = [entry.event.caller for entry in page.entries]
        assert callers.count("researcher") == 2


class TestReading:
    """What compliance gets."""

    def test_pages(self, shared: AuditDeployment) -> None:
        """Pages follow one another without gap or repetition."""
        trail = shared.trail()
        for _ in range(25):
            trail.fact(Event.KEY_CREATED, participant="P25")
        seen, token = list[int](), ""
        wanted = entry_pb2.EntryFilter(participant="P25", service="storage-clinical")
        while True:
            page = shared.query().ListEntries(
                entry_pb2.ListEntriesRequest(page_size=10, page_token=token, filter=wanted)
            )
            seen += [entry.index for entry in page.entries]
            if not (token := page.next_page_token):
                break
        assert len(seen) == 25
        assert seen == sorted(set(seen))
        with pytest.raises(InvalidInput):
            shared.query().ListEntries(entry_pb2.ListEntriesRequest(page_token="soon"))

    def test_newest_first(self, shared: AuditDeployment) -> None:
        """Pages go back without gap or repetition, name the checkpoint, and end at the first."""
        trail = shared.trail()
        wrote = [
            trail.fact(event, participant="P26")
            for _ in range(4)
            for event in (Event.KEY_CREATED, Event.RECORDING_HEADER_READ, Event.HOLD_WRITTEN)
        ]
        wanted = entry_pb2.EntryFilter(
            participant="P26",
            names=[Event.KEY_CREATED.value, "recording:hold:*"],
            from_index=wrote[1],
        )
        client = LogClient(shared.peers("compliance").channel("audit"))
        seen, token, sizes = list[int](), "", set[int]()
        while True:
            page = client.page(wanted, token=token, size=2, newest_first=True)
            seen += [entry.index for entry in page.entries]
            sizes.add(peek(page.checkpoint).size)
            if not (token := page.token):
                break
        assert seen == [one for at, one in enumerate(wrote) if at >= 1 and at % 3 != 1][::-1]
        assert min(sizes) > wrote[-1]
        with pytest.raises(NotFound, match="event"):
            client.page(entry_pb2.EntryFilter(names=["key:participant:lost"]))

    def test_verification_by_an_officer(self, shared: AuditDeployment) -> None:
        """The log is verified as it arrives and keeps the result; a foreign root is refused."""
        shared.trail().fact(Event.KEY_CREATED)
        channel = shared.peers("compliance").channel("audit")
        state = LogClient(channel).state()
        done = verify_live(
            channel, Trusted(keys="\n".join(state.verifier_keys), checkpoint=state.checkpoint)
        )
        assert done.report.ok
        assert any("that you kept" in one for one in done.checked)
        assert not any("begun anew" in one for one in done.not_checked)
        index = record_verification(channel, done.report)
        last = verification_history(channel)[-1]
        assert (last.index, last.kind, last.verdict) == (index, "check by an officer", "whole")
        assert last.entries == done.report.size
        with pytest.raises(InvalidInput, match="not the first"):
            record_verification(channel, VerificationReport(size=1, root=bytes(32)))
        assert witnesses(channel) == []

    def test_proofs(self, shared: AuditDeployment) -> None:
        """Inclusion and consistency proofs hold against the signed checkpoints."""
        trail = shared.trail()
        first = trail.fact(Event.KEY_CREATED)
        query = shared.query()
        old = shared.checkpoints().GetCheckpoint(entry_pb2.GetCheckpointRequest())
        keys = [VerifierKey.parse(text) for text in old.verifier_keys]
        older = open_checkpoint(old.checkpoint, keys).checkpoint
        for _ in range(10):
            trail.fact(Event.KEY_CREATED)
        proof = query.GetInclusionProof(entry_pb2.GetInclusionProofRequest(index=first))
        newer = open_checkpoint(proof.checkpoint, keys).checkpoint
        merkle.verify_inclusion(
            merkle.leaf_hash(proof.leaf), first, proof.tree_size, list(proof.hashes), newer.root
        )
        between = query.GetConsistencyProof(
            entry_pb2.GetConsistencyProofRequest(from_size=older.size, to_size=newer.size)
        )
        merkle.verify_consistency(
            older.size, newer.size, older.root, newer.root, list(between.hashes)
        )
        with pytest.raises(NotFound):
            query.GetInclusionProof(entry_pb2.GetInclusionProofRequest(index=10_000))

    def test_export(self, service: AuditDeployment, tmp_path: Path) -> None:
        """An export verifies by itself, and so does the folder, running and stopped."""
        trail = service.trail()
        for _ in range(30):
            trail.fact(Event.KEY_CREATED)
        leaves: list[bytes] = []
        for part in service.query().ExportEntries(entry_pb2.ExportEntriesRequest()):
            leaves += part.leaves
        path = tmp_path / "export.jsonl"
        write_jsonl(path, leaves, part.checkpoint, part.verifier_keys)
        assert verify_log(path).ok
        assert verify_log(path).open_intents == []
        assert verify_log(service.home / "audit").ok
        service.stop()
        report = verify_log(service.home / "audit")
        assert report.ok
        assert report.open_intents == []
        with pytest.raises(Unavailable):
            trail.fact(Event.KEY_CREATED)


class TestDying:
    """A killed service comes back with everything."""

    def test_kill_and_start(self, service: AuditDeployment) -> None:
        """Acknowledged entries are there after kill -9, proofs reach over it, callers go on."""
        trail = service.trail()
        indices = [trail.fact(Event.KEY_CREATED) for _ in range(20)]
        before = service.checkpoints().GetCheckpoint(entry_pb2.GetCheckpointRequest())
        service.kill()
        with pytest.raises(Unavailable, match="nothing was done"):
            trail.fact(Event.KEY_CREATED)
        service.start()
        trail = service.trail()
        assert trail.fact(Event.KEY_CREATED) > indices[-1]
        keys = [VerifierKey.parse(text) for text in before.verifier_keys]
        older = open_checkpoint(before.checkpoint, keys).checkpoint
        after = service.query().GetConsistencyProof(
            entry_pb2.GetConsistencyProofRequest(from_size=older.size)
        )
        newer = open_checkpoint(after.checkpoint, keys).checkpoint
        merkle.verify_consistency(
            older.size, newer.size, older.root, newer.root, list(after.hashes)
        )
        service.stop()
        assert verify_log(service.home / "audit").ok

    def test_names_in_the_service_log(self, service: AuditDeployment) -> None:
        """The service's own log holds ids and counts only, one JSON object a line."""
        service.trail().fact(Event.KEY_CREATED, participant="P07")
        service.stop()
        for line in (service.home / "log.txt").read_text().splitlines():
            assert re.fullmatch(r"\{.*\}", line)
            assert "P07" not in line

    def test_a_damaged_log_does_not_start(self, service: AuditDeployment) -> None:
        """A database that was cut is not served: one line says what is wrong and what to do."""
        service.trail().fact(Event.KEY_CREATED)
        service.stop()
        (service.home / "audit" / "log.sqlite").unlink()
        done = subprocess.run(
            [sys.executable, "-m", "services.audit"],
            env={**os.environ, "SOTTO_HOME": str(service.home), "PYTHONPATH": "protos"},
            cwd=REPOSITORY,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 4
        assert "start a new log that names this one" in done.stderr
        assert "Traceback" not in done.stderr
