# SPDX-License-Identifier: Apache-2.0
"""What a stolen certificate can do to the audit log: read it, or write what it did not do."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from services.registry.events import EVENTS, ZONES, Event, is_owner
from services.registry.identities import (
    AUDIT,
    COMPLIANCE,
    DEIDENTIFICATION,
    FLOWS,
    RELEASE,
    TRANSCRIPTION,
)
from services.registry.reasons import REASONS
from sotto.audit.v1 import entry_pb2
from tests.attack.conftest import INTERVIEWS, STUDY
from tests.support.attacker import Answer, Attacker, honest, methods, named
from tests.support.deployment import Deployment

APPEND = named(AUDIT, "Append")
#: Everybody who may write to the log, beside the log itself.
WRITERS = sorted(ZONES.keys() - {AUDIT})
CONTENT = "My_name_is_Faizal_bin_Rahman,_call_012-345_6789"


def append(attacker: Attacker, client: str, **fields: object) -> Answer:
    """Append an event with a certificate, for nobody."""
    event = entry_pb2.Event(**{"phase": entry_pb2.PHASE_FACT, "outcome": 1, **fields})
    return attacker.call(client, APPEND, entry_pb2.AppendRequest(event=event), metadata=())


def entries(attacker: Attacker, **wanted: object) -> Sequence[entry_pb2.Entry]:
    """Read the newest entries of the log as a compliance officer."""
    found: list[entry_pb2.Entry] = []
    token = ""
    while True:
        request = entry_pb2.ListEntriesRequest(page_size=1000, page_token=token)
        request.filter.MergeFrom(entry_pb2.EntryFilter(**wanted))
        page = attacker.call(COMPLIANCE, named(AUDIT, "ListEntries"), request).message
        found.extend(page.entries)
        token = page.next_page_token
        if not token:
            return found


class TestForging:
    """Writing entries about what somebody else does."""

    @pytest.mark.parametrize("client", WRITERS)
    def test_no_event_of_others(self, attacker: Attacker, client: str) -> None:
        """Every event of every other service is refused, and each attempt is in the log."""
        before = len(entries(attacker))
        forged = [name for name in EVENTS if not is_owner(client, name)]
        for name in forged:
            answer = append(attacker, client, name=name, zone=ZONES[client], study_id=STUDY)
            assert answer.code == "PERMISSION_DENIED", name

        written = [one for one in entries(attacker)[before:] if one.service == AUDIT]
        denied = [one.event for one in written if one.event.reason == "not_the_owner"]
        assert [one.attributes["event"] for one in denied] == forged
        assert {one.caller for one in denied} == {client}

    @pytest.mark.parametrize("client", WRITERS)
    def test_no_event_of_another_zone(self, attacker: Attacker, client: str) -> None:
        """An own event in another zone is refused."""
        for zone in {"", "clinical", "research"} - {ZONES[client]}:
            answer = append(attacker, client, name=Event.PROCESS_STARTED.value, zone=zone)
            assert answer.code == "PERMISSION_DENIED"

    def test_no_unknown_event(self, attacker: Attacker) -> None:
        """An event that nobody owns is refused."""
        assert append(attacker, FLOWS, name="nonsense:never:heard").code == "PERMISSION_DENIED"

    def test_no_outcome_of_what_others_do(self, attacker: Attacker) -> None:
        """An outcome closes no intent of another service, no closed one, and no other entry."""
        intents = [one for one in entries(attacker) if one.event.phase == entry_pb2.PHASE_INTENT]
        stored = next(one for one in intents if one.service == "storage-clinical")
        transcribed = next(one for one in intents if one.service == "transcription")
        # The first has another owner, the second is closed, entry 0 is the start of the log.
        for client, event, index in (
            ("storage-research", Event.TRANSCRIPT_READ, stored.index),
            ("transcription", Event.RECORDING_TRANSCRIBED, transcribed.index),
            ("transcription", Event.RECORDING_TRANSCRIBED, 0),
            ("transcription", Event.RECORDING_TRANSCRIBED, 2**40),
        ):
            answer = append(
                attacker,
                client,
                name=event.value,
                phase=entry_pb2.PHASE_OUTCOME,
                outcome=entry_pb2.OUTCOME_FAILURE,
                zone=ZONES[client],
                intent_index=index,
            )
            assert answer.code in {"PERMISSION_DENIED", "INVALID_ARGUMENT"}

    @pytest.mark.parametrize(
        "fields",
        [
            {"reason": "My_name_is_Faizal"},
            {"reason": "KeyError"},
            {"attributes": {"version": CONTENT}},
            {"attributes": {"status": CONTENT}},
            {"attributes": {"kind": "faizal"}},
            {"participant": "Faizal"},
            {"object": "Faizal bin Rahman"},
        ],
        ids=str,
    )
    def test_no_content(self, attacker: Attacker, fields: dict[str, object]) -> None:
        """A reason is one of a list, and no attribute has room for words."""
        answer = append(attacker, FLOWS, name=Event.PROCESS_STARTED.value, **fields)
        assert answer.code == "INVALID_ARGUMENT"

    def test_an_erasure_is_not_forged(self, attacked: Deployment, attacker: Attacker) -> None:
        """Whatever was tried, the stores are as the log says, and nobody is to be withdrawn."""
        for client in ("release", FLOWS):
            append(
                attacker,
                client,
                name=Event.KEY_DESTROYED.value,
                zone="clinical",
                study_id=STUDY,
                participant="P02",
                person="dr.lim",
                role="compliance",
            )
        said = attacked.ok("storage", "verify")
        assert "here again" not in said.out


class TestReading:
    """Reading the log without being a compliance officer."""

    @pytest.mark.parametrize("client", sorted({*WRITERS, "operator", "reviewer", "researcher"}))
    def test_only_officers_read(self, attacker: Attacker, client: str) -> None:
        """No certificate but the officer's reads an entry; release gets checkpoints alone."""
        for method in methods():
            if method.server == AUDIT and method.service.endswith("AuditQueryService"):
                answer = attacker.call(client, method, method.request(), metadata=honest(client))
                assert answer.code == "PERMISSION_DENIED", method.path

    def test_release_gets_checkpoints(self, attacker: Attacker) -> None:
        """A checkpoint tells a size and a hash, which the release certificate names."""
        for method in methods():
            if method.service.endswith("AuditCheckpointService"):
                request = method.request()
                answer = attacker.call(RELEASE, method, request, metadata=honest("reviewer"))
                assert answer.code == "OK"
                assert len(answer.message.checkpoint.splitlines()) >= 5


class TestTruth:
    """What the log tells of calls whose reader leaves."""

    @pytest.mark.parametrize(
        ("server", "method", "event"),
        [
            (TRANSCRIPTION, "Transcribe", Event.RECORDING_TRANSCRIBED),
            (DEIDENTIFICATION, "Deidentify", Event.TRANSCRIPT_DEIDENTIFIED),
        ],
    )
    def test_a_reader_that_leaves_with_the_result(
        self, attacker: Attacker, server: str, method: str, event: Event
    ) -> None:
        """Twenty calls for what is done already, each left at its result, are twenty successes."""
        before = entries(attacker, name=event.value)
        done = next(
            one.event
            for one in before
            if one.event.study_id == STUDY and one.event.outcome == entry_pb2.OUTCOME_SUCCESS
        )
        called = named(server, method)
        request = called.request()
        ref = {
            "study_id": done.study_id, "participant": done.participant,
            "recording_id": done.object,
        }  # fmt: skip
        request.MergeFrom(type(request)(ref=ref))
        for _ in range(20):
            call = attacker.open(
                FLOWS, called, iter([request]), metadata=honest(FLOWS), seconds=60.0
            )
            for message in call:
                if message.HasField("result"):
                    break
            call.cancel()

        found = entries(attacker, name=event.value)[len(before) :]
        ended = [one.event for one in found if one.event.phase == entry_pb2.PHASE_OUTCOME]
        assert [one.reason for one in ended if one.outcome != entry_pb2.OUTCOME_SUCCESS] == []
        assert len(ended) == 20

    def test_a_clean_run_has_no_failure(self, attacker: Attacker) -> None:
        """From ingest to a de-identified transcript nothing failed, and each action has an end."""
        found = [one for one in entries(attacker) if one.event.study_id == STUDY]
        ended = [
            one.index
            for one in found
            if one.event.name == Event.TRANSCRIPT_DEIDENTIFIED.value
            and one.event.outcome == entry_pb2.OUTCOME_SUCCESS
        ]
        # What comes after the last interview may be another attack.
        run = [one for one in found if one.index <= ended[len(INTERVIEWS) - 1]]
        closed = {
            one.event.intent_index for one in found if one.event.phase == entry_pb2.PHASE_OUTCOME
        }
        intents = [one for one in run if one.event.phase == entry_pb2.PHASE_INTENT]
        assert [one.event.name for one in intents if one.index not in closed] == []
        failed = [one.event for one in run if one.event.outcome == entry_pb2.OUTCOME_FAILURE]
        assert [(one.name, one.reason) for one in failed] == []
        assert {one.event.reason for one in found} <= {"", *REASONS}


class TestReviews:
    """What an officer may claim to have looked at."""

    @pytest.mark.parametrize("size", [2**64 - 1, 10**9])
    def test_no_more_than_there_is(self, attacker: Attacker, size: int) -> None:
        """A review covers no entries that the log does not have."""
        method = named(AUDIT, "RecordReview")
        request = method.request()
        fields = {"finding": 5, "verdict": 2, "size": size, "root": bytes(32)}
        request.MergeFrom(type(request)(**fields))
        request.since.FromJsonString("2026-01-01T00:00:00Z")
        request.until.FromJsonString("2026-02-01T00:00:00Z")
        answer = attacker.call(COMPLIANCE, method, request, metadata=honest(COMPLIANCE))
        assert answer.code == "INVALID_ARGUMENT"
