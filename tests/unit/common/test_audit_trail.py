# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from services.common import context
from services.common.audit import AuditTrail, behind_outcome
from services.common.errors import Erased, Internal, NotFound, PermissionDenied, Unavailable
from services.registry.events import Event
from sotto.audit.v1 import entry_pb2
from tests.support.captured_log import CapturedLog
from tests.support.fake_audit_log import FakeAuditLog


@pytest.fixture
def appender() -> FakeAuditLog:
    """Give a log that takes entries."""
    return FakeAuditLog(first=100)


@pytest.fixture
def trail(appender: FakeAuditLog) -> AuditTrail:
    """Return a trail of the clinical zone."""
    return AuditTrail(appender, zone="clinical")


class TestFact:
    def test_says_who_what_and_where(self, appender: FakeAuditLog, trail: AuditTrail) -> None:
        """A fact carries the call's context, the zone and what it is about."""
        with context.acting(
            person="dr.lim",
            role="operator",
            purpose="research",
            request_id="r-1",
            caller="operator",
        ):
            index = trail.fact(
                Event.RECORDING_SEALED, object="rec-1", study_id="s1", participant="P07",
                reason="erased", attributes={"size": 7, "existed": False},
            )  # fmt: skip

        assert index == 100
        assert appender.events == [
            entry_pb2.Event(
                name="recording:content:sealed",
                phase=entry_pb2.PHASE_FACT,
                outcome=entry_pb2.OUTCOME_SUCCESS,
                reason="erased",
                person="dr.lim",
                role="operator",
                purpose="research",
                caller="operator",
                request_id="r-1",
                object="rec-1",
                study_id="s1",
                participant="P07",
                zone="clinical",
                attributes={"size": "7", "existed": "false"},
            )
        ]

    @pytest.mark.parametrize(
        "attributes",
        [{"diagnosis": "F20"}, {"windows": 3}, {"size": "seven"}, {"kind": "two words"}],
    )
    def test_undeclared_attributes_are_refused(
        self, appender: FakeAuditLog, trail: AuditTrail, attributes: Any
    ) -> None:
        """A key that the event does not carry, or a value of another kind, is not recorded."""
        with pytest.raises(Internal):
            trail.fact(Event.RECORDING_SEALED, attributes=attributes)
        assert appender.events == []

    def test_families(self, appender: FakeAuditLog, trail: AuditTrail) -> None:
        """Attributes of a family have a name of their own; one without a family is refused."""
        trail.fact(Event.SETTINGS_CHANGED, families={"field.workers": "unset:0a1b0a1b0a1b0a1b"})
        assert dict(appender.events[0].attributes) == {"field.workers": "unset:0a1b0a1b0a1b0a1b"}
        with pytest.raises(Internal):
            trail.fact(Event.RECORDING_SEALED, families={"field.workers": "unset:0a1b0a1b0a1b0a1b"})


class TestRecord:
    def test_intent_before_and_outcome_after(
        self, appender: FakeAuditLog, trail: AuditTrail
    ) -> None:
        """The intent is recorded before the body runs; the outcome refers to it and adds facts."""
        with trail.record(Event.RECORDING_SEALED, object="rec-1", attributes={"size": 7}) as act:
            assert [one.phase for one in appender.events] == [entry_pb2.PHASE_INTENT]
            act.note(existed=True)

        intent, outcome = appender.events
        assert not intent.HasField("intent_index")
        assert intent.outcome == entry_pb2.OUTCOME_UNSPECIFIED
        assert dict(intent.attributes) == {"size": "7"}
        assert outcome.phase == entry_pb2.PHASE_OUTCOME
        assert outcome.intent_index == 100
        assert outcome.outcome == entry_pb2.OUTCOME_SUCCESS
        assert outcome.object == "rec-1"
        assert dict(outcome.attributes) == {"existed": "true"}

    def test_undeclared_attributes_stop_the_action_before_it_begins(
        self, appender: FakeAuditLog, trail: AuditTrail
    ) -> None:
        """Neither an intent is recorded nor the body run."""
        wrong: Any = {"diagnosis": "F20"}
        with pytest.raises(Internal), trail.record(Event.RECORDING_SEALED, attributes=wrong):
            pytest.fail("the action began")
        with pytest.raises(Internal, match="reason"):
            trail.fact(Event.RECORDING_SEALED, reason="because_he_said_so")
        assert appender.events == []

    def test_a_wrong_note_makes_no_failure_of_a_success(
        self, appender: FakeAuditLog, trail: AuditTrail, log: CapturedLog
    ) -> None:
        """What the log would not take is left out, and our own log says so, by the key alone."""
        wrong: Any = {"diagnosis": "F20", "existed": True}
        with trail.record(Event.RECORDING_SEALED) as act:
            act.note(**wrong)
        assert appender.events[1].outcome == entry_pb2.OUTCOME_SUCCESS
        assert dict(appender.events[1].attributes) == {"existed": "true"}
        assert (log.last["event"], log.last["name"]) == ("attribute_left_out", "diagnosis")
        assert "F20" not in log.text

    @pytest.mark.parametrize(
        ("error", "outcome", "reason"),
        [
            (NotFound("no"), entry_pb2.OUTCOME_FAILURE, "NOT_FOUND"),
            (NotFound("no", reason="retained"), entry_pb2.OUTCOME_FAILURE, "retained"),
            (NotFound("no", reason="KeyError"), entry_pb2.OUTCOME_FAILURE, "NOT_FOUND"),
            (Erased("gone"), entry_pb2.OUTCOME_FAILURE, "erased"),
            (PermissionDenied("no"), entry_pb2.OUTCOME_DENIED, "PERMISSION_DENIED"),
            (ValueError("P07 is Faizal"), entry_pb2.OUTCOME_FAILURE, "INTERNAL"),
            (KeyboardInterrupt(), entry_pb2.OUTCOME_FAILURE, "CANCELLED"),
        ],
    )
    def test_failure_is_recorded_and_goes_on(
        self,
        appender: FakeAuditLog,
        trail: AuditTrail,
        error: BaseException,
        outcome: entry_pb2.Outcome,
        reason: str,
    ) -> None:
        """What the body raises is recorded by its reason, never its text, and raised."""
        with pytest.raises(type(error)) as caught, trail.record(Event.RECORDING_READ):
            raise error

        assert caught.value is error
        assert appender.events[1].outcome == outcome
        assert appender.events[1].reason == reason
        assert "Faizal" not in str(appender.events)

    def test_abandoned_stream_is_recorded(self, appender: FakeAuditLog, trail: AuditTrail) -> None:
        """A stream that its reader gives up has an outcome too."""

        def stream() -> object:
            with trail.record(Event.TRANSCRIPT_READ):
                yield 1
                yield 2

        reading = stream()
        next(reading)  # type: ignore[call-overload] # a generator
        del reading

        assert appender.events[1].outcome == entry_pb2.OUTCOME_FAILURE
        assert appender.events[1].reason == "CANCELLED"

    @pytest.mark.parametrize("count", [0, 1, 3])
    def test_the_last_message_comes_behind_the_outcome(
        self, appender: FakeAuditLog, trail: AuditTrail, count: int
    ) -> None:
        """Who has the last message may leave, and the action is a success; all messages come."""
        recording = trail.record(Event.TRANSCRIPT_READ)
        stream = behind_outcome(recording, iter(range(count)))
        seen = []
        for message in stream:
            seen.append(message)
            assert len(appender.events) == (2 if message == count - 1 else 1)
            if message == count - 1:
                break
        if not count:
            assert appender.events[1].outcome == entry_pb2.OUTCOME_SUCCESS
        del stream
        assert seen == list(range(count))
        assert appender.events[1].outcome == entry_pb2.OUTCOME_SUCCESS

    def test_no_record_no_action(self, appender: FakeAuditLog, trail: AuditTrail) -> None:
        """Where the log cannot take the intent, the body does not run."""
        appender.down = True
        ran = False

        with pytest.raises(Unavailable), trail.record(Event.RECORDING_SEALED):
            ran = True

        assert not ran
        assert appender.events == []

    def test_log_that_becomes_unavailable_meanwhile(
        self, appender: FakeAuditLog, trail: AuditTrail
    ) -> None:
        """When the outcome cannot be recorded the caller gets an error; only the intent is kept."""
        with pytest.raises(Unavailable), trail.record(Event.RECORDING_SEALED):
            appender.down = True

        assert [one.phase for one in appender.events] == [entry_pb2.PHASE_INTENT]

    def test_failure_is_not_hidden_by_the_log(
        self, appender: FakeAuditLog, trail: AuditTrail, log: CapturedLog
    ) -> None:
        """A failure goes on as it is when its outcome cannot be recorded; our log says so."""

        def read() -> None:
            with trail.record(Event.RECORDING_READ):
                appender.down = True
                raise NotFound("no")

        with pytest.raises(NotFound):
            read()

        assert log.last["event"] == "outcome_not_recorded"
        assert log.last["index"] == 100
