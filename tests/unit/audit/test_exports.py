# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
import io
import json
import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings

from services.audit.cli import log_export
from services.audit.cli.verify import verify_log
from services.audit_evidence.action_types import classify
from services.audit_evidence.breach import Suspicion, breach_report
from services.audit_evidence.custody import steps, trace
from services.audit_evidence.entry import (
    Entry,
    Outcome,
    Phase,
    ReportedEvent,
    decode,
    decode_verified,
    encode,
)
from services.audit_evidence.errors import InvalidFormat
from services.audit_evidence.evidence import evidence_report, month_of, of_month
from services.audit_evidence.exports.fhir import audit_event
from services.audit_evidence.exports.siem import cef_line, ocsf_event
from services.audit_evidence.exports.table import COLUMNS, csv_lines, row
from services.audit_evidence.html_report import html_page
from services.common.errors import InvalidInput
from services.registry.events import ActionType, Event
from tests.support.audit import make_log
from tests.support.audit_events import EVENTS, written
from tests.support.vectors import VECTORS, read_vectors

TIME = "2026-11-25T10:00:00.000001Z"


def _entry(event: ReportedEvent, index: int = 0, time: str = TIME) -> Entry:
    return decode(encode(event, index, time, "storage"))


def _parse_cef(line: str) -> tuple[list[str], dict[str, str]]:
    """Read a CEF line back by its rules."""
    head, extension = list[str](), line
    for _ in range(7):
        match = re.search(r"(?<!\\)(?:\\\\)*\|", extension)
        assert match is not None
        head.append(extension[: match.end() - 1])
        extension = extension[match.end() :]
    fields: dict[str, str] = {}
    spots = list(re.finditer(r"(?:^| )([A-Za-z0-9]+)=", extension))
    for spot, following in zip(spots, [*spots[1:], None], strict=True):
        end = following.start() if following else len(extension)
        value = extension[spot.end() : end]
        fields[spot[1]] = re.sub(r"\\(.)", lambda m: {"n": "\n"}.get(m[1], m[1]), value)
    return [re.sub(r"\\(.)", r"\1", part) for part in head], fields


class TestCef:
    """Lines for a monitoring system."""

    @settings(max_examples=20)
    @given(EVENTS)
    def test_come_back(self, event: ReportedEvent) -> None:
        """Every value comes back from a line, whatever it holds."""
        entry = _entry(event)
        line = cef_line(entry)
        assert "\n" not in line
        head, fields = _parse_cef(line)
        assert head[0] == "CEF:0"
        assert head[4] == event.name
        assert fields.get("suser", "") == event.person
        assert fields.get("fname", "") == event.object
        assert fields.get("reason", "") == event.reason
        assert fields["externalId"] == "0"

    def test_equals_signs_are_escaped(self) -> None:
        """An equals sign in a value cannot begin a new key."""
        event = ReportedEvent(
            "a:b:c", Phase.FACT, Outcome.SUCCESS, attributes={"filter": "suser=eve,x=1"}
        )
        assert "suser=eve" not in cef_line(_entry(event))


class TestOcsf:
    """Events of the open schema."""

    @settings(max_examples=20)
    @given(EVENTS)
    def test_required_fields(self, event: ReportedEvent) -> None:
        """What the schema requires of every event is there and consistent."""
        found = ocsf_event(_entry(event), "audit.example/log")
        assert found["type_uid"] == found["class_uid"] * 100 + found["activity_id"]
        assert found["category_uid"] == found["class_uid"] // 1000
        assert found["metadata"]["version"]
        assert found["metadata"]["product"]["name"]
        assert isinstance(found["time"], int)
        assert found["severity_id"] in range(7)
        json.dumps(found)

    def test_sign_ins_and_alarms(self) -> None:
        """A sign-in says who and from where; a witness that disagrees is critical in both forms."""
        event = ReportedEvent(
            "access:session:signed_in", Phase.FACT, Outcome.SUCCESS, person="ana",
            attributes={"address": "10.0.0.7"},
        )  # fmt: skip
        found = ocsf_event(_entry(event), "o")
        assert (found["class_uid"], found["activity_id"]) == (3002, 1)
        assert (found["user"], found["src_endpoint"]) == ({"name": "ana"}, {"ip": "10.0.0.7"})
        assert _parse_cef(cef_line(_entry(event)))[1]["src"] == "10.0.0.7"
        alarm = _entry(ReportedEvent("audit:witness:conflict", Phase.FACT, Outcome.FAILURE))
        assert ocsf_event(alarm, "o")["severity_id"] == 5
        assert _parse_cef(cef_line(alarm))[0][6] == "10"


class TestCsv:
    """Rows for a spreadsheet."""

    @settings(max_examples=20)
    @given(EVENTS)
    def test_come_back_and_hold_no_formula(self, event: ReportedEvent) -> None:
        """Cells come back by a standard reader; none begins as a formula does."""
        entry = _entry(event)
        text = "".join(csv_lines([entry]))
        head, cells = list(csv.reader(io.StringIO(text, newline="")))
        assert tuple(head) == COLUMNS
        assert [cell.removeprefix("'") for cell in cells] == [
            cell.removeprefix("'") for cell in row(entry)
        ]
        assert not any(cell.startswith(("=", "+", "-", "@")) for cell in cells)


class TestFhir:
    """FHIR R5 AuditEvent."""

    @pytest.mark.parametrize("name", [name.value for name in Event])
    @pytest.mark.parametrize("phase", list(Phase))
    def test_every_event_is_a_valid_resource(self, name: str, phase: Phase) -> None:
        """Every event name in every phase makes a resource that the model accepts."""
        from fhir.resources.auditevent import AuditEvent

        outcome = Outcome.UNKNOWN if phase is Phase.INTENT else Outcome.DENIED
        event = ReportedEvent(
            name, phase, outcome, 0 if phase is Phase.OUTCOME else None, reason="not_allowed",
            person="ana", role="operator", purpose="research", caller="flows", object="rec-1",
            study_id="st1", participant="P07", zone="clinical", request_id="r1",
            attributes={"checkpoint_size": "5", "kind": ""},
        )  # fmt: skip
        resource = audit_event(_entry(event, 1), "audit.example/log")
        model = AuditEvent.model_validate(resource)
        assert model.patient.identifier.value == "P07"
        if phase is Phase.INTENT:
            assert "outcome" not in resource

    @settings(max_examples=20)
    @given(EVENTS)
    def test_any_event(self, event: ReportedEvent) -> None:
        """Sparse and full events alike are valid."""
        from fhir.resources.auditevent import AuditEvent

        AuditEvent.model_validate(audit_event(_entry(event), "audit.example/log"))

    def test_facts_without_an_object(self) -> None:
        """What an entry says beside its object goes along, and so does the address."""
        from fhir.resources.auditevent import AuditEvent

        event = ReportedEvent(
            "access:session:signed_in", Phase.FACT, Outcome.SUCCESS, person="ana",
            attributes={"address": "10.0.0.7", "certificate": "0a1b"},
        )  # fmt: skip
        model = AuditEvent.model_validate(audit_event(_entry(event), "audit.example/log"))
        assert model.agent[0].networkString == "10.0.0.7"
        assert {one.valueString for one in model.entity[0].detail} == {"10.0.0.7", "0a1b"}

    def test_published_examples_and_codes(self) -> None:
        """The model takes HL7's own examples; our actions and categories are of their systems."""
        from fhir.resources.auditevent import AuditEvent

        folder = VECTORS / "fhir-r5-auditevent"
        examples = sorted(folder.glob("audit*example*.json"))
        assert len(examples) == 13
        for path in examples:
            AuditEvent.model_validate_json(path.read_text("utf-8"))
        actions = read_vectors("fhir-r5-auditevent/codesystem-audit-event-action.json")["concept"]
        types = read_vectors("fhir-r5-auditevent/valueset-audit-event-type.json")
        types = types["compose"]["include"]
        for name in Event:
            made = audit_event(_entry(ReportedEvent(name.value, Phase.FACT, Outcome.SUCCESS)), "o")
            assert made["action"] in {one["code"] for one in actions}
            assert made["category"][0]["coding"][0]["system"] in {one["system"] for one in types}

    def test_bundle(self, tmp_path: Path) -> None:
        """A whole log makes one valid Bundle."""
        from fhir.resources.bundle import Bundle

        folder = make_log(tmp_path / "audit", 30)
        with log_export.copy_at(folder) as copy:
            assert log_export.export(copy, "fhir", tmp_path / "out.json") == 30
        bundle = Bundle.model_validate_json((tmp_path / "out.json").read_text())
        assert len(bundle.entry) == 30


class TestMeaning:
    """Kinds of acts."""

    def test_every_name_has_a_kind(self) -> None:
        """Each event name is of the kind that its action says."""
        kinds = {
            name: classify(ReportedEvent(name.value, Phase.FACT, Outcome.SUCCESS)) for name in Event
        }
        assert kinds[Event.RECORDING_READ] is ActionType.READ
        assert kinds[Event.KEY_DESTROYED] is ActionType.DELETE
        assert kinds[Event.RELEASE_EXPORTED] is ActionType.DISCLOSE
        assert kinds[Event.CALL_DENIED] is ActionType.DENY
        assert kinds[Event.LOG_EXPORTED] is ActionType.READ_LOG
        known = {ActionType.EXECUTE}
        by_itself = {name.value for name, kind in kinds.items() if kind in known}
        assert all(not name.endswith((":read", ":sealed", ":destroyed")) for name in by_itself)


class TestCopies:
    """Exports from files."""

    def test_tiles_and_jsonl_verify(self, tmp_path: Path) -> None:
        """An export as tiles or JSON Lines is a log that verifies by itself."""
        folder = make_log(tmp_path / "audit", 600, batch=100)
        for form in ("tiles", "jsonl"):
            with log_export.copy_at(folder) as copy:
                assert log_export.export(copy, form, tmp_path / form) == 600
            report = verify_log(tmp_path / form)
            assert report.ok, report.findings
            assert report.size == 600
        bundle = tmp_path / "tiles" / "tile" / "entries" / "001"
        data = bytearray(bundle.read_bytes())
        data[100] ^= 1
        bundle.write_bytes(data)
        words = [str(one) for one in verify_log(tmp_path / "tiles").findings if one.wrong]
        assert any("entry 256 is not the one whose hash" in line for line in words)

    @pytest.mark.parametrize("form", ["csv", "cef", "ocsf"])
    def test_lines(self, tmp_path: Path, form: str) -> None:
        """Other formats have a line an entry."""
        folder = make_log(tmp_path / "audit", 12)
        with log_export.copy_at(folder) as copy:
            assert log_export.export(copy, form, tmp_path / "out") == 12
        assert len((tmp_path / "out").read_text().splitlines()) == 12 + (form == "csv")

    def test_an_unknown_format(self, tmp_path: Path) -> None:
        """An unknown format is refused, and the known ones are named."""
        folder = make_log(tmp_path / "audit", 2)
        with log_export.copy_at(folder) as copy, pytest.raises(InvalidInput, match="fhir"):
            log_export.export(copy, "xml", tmp_path / "out")


def _story() -> list[Entry]:
    """A recording on its way into a release, and another that is none of it."""

    def event(name: str, phase: Phase, of: int | None = None, **fields: object) -> ReportedEvent:
        result = Outcome.UNKNOWN if phase is Phase.INTENT else fields.pop("result", Outcome.SUCCESS)
        return ReportedEvent(name, phase, result, of, **fields)  # type: ignore[arg-type]

    def pair(at: int, name: str, **fields: object) -> list[ReportedEvent]:
        return [event(name, Phase.INTENT, **fields), event(name, Phase.OUTCOME, at, **fields)]

    rec, who = {"object": "rec-1", "participant": "P01", "study_id": "st1"}, {"person": "ana"}
    events = [
        *pair(0, "recording:content:sealed", request_id="q1", **rec, **who),
        *pair(2, "recording:content:read", request_id="q2", **rec, caller="transcription"),
        *pair(4, "recording:content:read", request_id="q3", object="rec-2", participant="P02"),
        event("release:bundle:built", Phase.INTENT, object="st1", request_id="q4", **who),
        *pair(7, "transcript:content:read", object="rec-1/run", participant="P01",
              study_id="st1", request_id="q4"),
        event("bundle:manifest:sealed", Phase.FACT, object="rel-9/manifest", request_id="q4"),
        event("release:bundle:built", Phase.OUTCOME, 6, object="st1", request_id="q4",
              attributes={"release_id": "rel-9"}, **who),
        *pair(11, "release:bundle:exported", object="rel-9", request_id="q5", person="ben"),
        event("access:call:denied", Phase.FACT, result=Outcome.DENIED, person="eve",
              object="x", reason="not_on_the_list"),
        event("recording:content:read", Phase.INTENT, object="rec-2", participant="P02",
              person="eve"),
    ]  # fmt: skip
    return [
        written(one, index, f"2026-11-25T10:{index:02}:00.000000Z")
        for index, one in enumerate(events)
    ]


class TestCustody:
    """The chain of custody of a recording."""

    def test_trace(self) -> None:
        """Every act from sealing to the release and its export, and none of another recording."""
        names = [step.began.event.name for step in trace(_story(), "rec-1")]
        assert names == [
            "recording:content:sealed",
            "recording:content:read",
            "release:bundle:built",
            "transcript:content:read",
            "bundle:manifest:sealed",
            "release:bundle:exported",
        ]

    def test_open_acts(self) -> None:
        """An act without outcome shows as such."""
        last = steps(_story())[-1]
        assert (last.outcome, last.who) == ("no outcome", "eve")


class TestReports:
    """For people who decide."""

    def test_evidence(self) -> None:
        """Counts, denials, exports and open acts of the month, as one page without script."""
        report = evidence_report(
            _story(), "2026-11", origin="audit.example/log", verification=["the log is whole"]
        )
        facts = dict(report.facts)
        assert facts["Refused"] == "1"
        assert facts["Without an outcome"] == "1"
        assert facts["Participants concerned"] == "2"
        sections = {section.title: section for section in report.sections}
        assert [cells[5] for cells in sections["Handed out"].rows] == ["ben"]
        page = html_page(report)
        assert "<script" not in page
        assert "the log is whole" in page
        empty = evidence_report(_story(), "2026-12", origin="o", verification=[])
        assert dict(empty.facts)["Acts"] == "0"
        assert dict(empty.facts)["Log begins"] == "2026-11-25 10:00 UTC"

    @pytest.mark.parametrize("split", range(15))
    def test_evidence_is_the_same_of_what_matters(self, split: int) -> None:
        """Entries before the month that change nothing are left unread, and the report stays."""
        story = [
            written(one.event, one.index, f"2026-{10 + (one.index >= split)}-{one.time:%dT%X.%fZ}")
            for one in _story()
        ]
        leaves = [one.leaf for one in story]
        for month in ("2026-10", "2026-11"):
            chosen = map(decode_verified, of_month(leaves, month))
            assert evidence_report(chosen, month, origin="o", verification=[]) == evidence_report(
                story, month, origin="o", verification=[]
            )
        assert len(of_month(leaves, "2026-12")) < len(leaves) == 15
        assert of_month([], "2026-11") == []

    def test_evidence_of_pseudonyms(self) -> None:
        """What was asked, granted and shown is counted, and each is listed by its person."""
        people = {
            Event.REVEAL_REQUESTED: "lim",
            Event.REVEAL_GRANTED: "nora",
            Event.PSEUDONYM_REVEALED: "lim",
        }
        events = [
            ReportedEvent(name.value, Phase.FACT, Outcome.SUCCESS, person=person, study_id="st1",
                  object="rvl-" + "a" * 26)
            for name, person in people.items()
        ]  # fmt: skip
        refused = ReportedEvent(
            Event.PSEUDONYM_REVEALED.value, Phase.FACT, Outcome.DENIED, person="odd",
            reason="somebody_else",
        )  # fmt: skip
        entries = [written(event, at) for at, event in enumerate([*events, refused])]
        report = evidence_report(entries, "2026-11", origin="o", verification=[])
        assert dict(report.facts)["Pseudonyms: asked for, granted, shown"] == "1 / 1 / 1"
        [rows] = [one.rows for one in report.sections if one.title.startswith("Pseudonyms")]
        assert len(rows) == 4

    def test_evidence_of_control(self) -> None:
        """Reviews count for the month that they looked at; settings, sign-ins, witnesses show."""
        events = [
            ReportedEvent("configuration:settings:changed", Phase.FACT, Outcome.SUCCESS,
                  attributes={"field.workers": "unset:0a1b"}),
            ReportedEvent("access:session:signed_in", Phase.FACT, Outcome.SUCCESS, person="ana"),
            ReportedEvent("study:description:written", Phase.FACT, Outcome.SUCCESS,
                  attributes={"changed": "policy,review"}),
            ReportedEvent("study:description:written", Phase.FACT, Outcome.SUCCESS,
                  attributes={"changed": "nothing"}),
        ]  # fmt: skip
        review = ReportedEvent(
            "audit:review:recorded", Phase.FACT, Outcome.SUCCESS, person="officer",
            attributes={
                "since": "2026-11-01T00:00:00Z", "until": "2026-12-01T00:00:00Z",
                "decision": "nothing-to-report", "checkpoint_size": "4", "verdict": "whole",
            },
        )  # fmt: skip
        entries = [written(event, index) for index, event in enumerate(events)]
        entries.append(written(review, 4, "2026-12-02T10:00:00.000000Z"))
        report = evidence_report(
            entries, "2026-11", origin="o", verification=["the log is whole"],
            witnesses=[("one", "away", "3", "2026-11-25 10:00 UTC")],
        )  # fmt: skip
        facts = dict(report.facts)
        assert (facts["Reviews of this period"], facts["Settings seen or changed"]) == ("1", "2")
        sections = {section.title: section.rows for section in report.sections}
        period = "2026-11-01 to 2026-12-01"
        assert sections["Reviews"] == (
            ("4", "2026-12-02 10:00", "officer", period, "nothing to report", "4", "whole"),
        )
        assert [row[3] for row in sections["Signed in"]] == ["ana"]
        assert sections["Witnesses"][0][:2] == ("one", "away")
        later = evidence_report(entries, "2026-12", origin="o", verification=[])
        assert dict(later.facts)["Reviews of this period"] == "0"

    def test_breach(self) -> None:
        """What a person touched: participants, objects, clocks."""
        suspicion = Suspicion(
            "transcription",
            datetime(2026, 11, 25, tzinfo=UTC),
            datetime(2026, 11, 26, tzinfo=UTC),
            datetime(2026, 11, 27, 8, tzinfo=UTC),
        )
        report = breach_report(_story(), suspicion, origin="o")
        facts = dict(report.facts)
        assert facts["Participants concerned"] == "1"
        assert facts["Read in clear"] == "1 act"
        assert facts["Notice to the Commissioner by"] == "2026-11-30 08:00 UTC"
        assert report.sections[0].rows[0][:4] == ("st1", "P01", "1", "1")

    def test_pdf(self) -> None:
        """The same report as PDF."""
        from services.audit_evidence.pdf import pdf_bytes

        report = evidence_report(_story(), "2026-11", origin="o", verification=["whole"])
        assert pdf_bytes(report, datetime(2026, 12, 1, tzinfo=UTC)).startswith(b"%PDF-")

    def test_texts_are_escaped(self) -> None:
        """Nothing in a report can become markup."""
        report = evidence_report([], "2026-11", origin="<b>&", verification=["<script>x"])
        assert "<script" not in html_page(report)
        assert "<b>" not in html_page(report)

    @pytest.mark.parametrize(
        "month", ["2026", "2026-13", "26-11", "2026-11-01", "0000-01", "٢٠٢٦-١١"]
    )
    def test_months(self, month: str) -> None:
        """A month has one spelling."""
        with pytest.raises(InvalidFormat):
            month_of(month)
