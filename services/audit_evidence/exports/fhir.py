# SPDX-License-Identifier: Apache-2.0
"""Entries as FHIR R5 AuditEvent resources (HL7 FHIR 5.0.0), after the patterns of IHE BALP."""

from __future__ import annotations

import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from services.audit_evidence.action_types import classify
from services.audit_evidence.entry import Entry, Outcome, Phase, format_time, to_microseconds
from services.registry.events import ActionType

_DCM = "http://dicom.nema.org/resources/ontology/DCM"
_TYPE = "http://terminology.hl7.org/CodeSystem/audit-event-type"
_REST = "http://hl7.org/fhir/restful-interaction"
_LIFECYCLE = "http://terminology.hl7.org/CodeSystem/iso-21089-lifecycle"
_OUTCOME = "http://terminology.hl7.org/CodeSystem/audit-event-outcome"
_PARTICIPATION = "http://terminology.hl7.org/CodeSystem/v3-ParticipationType"
_ENTITY_ROLE = "http://terminology.hl7.org/CodeSystem/object-role"
_OURS = "urn:sotto"

_Coding = tuple[str, str, str]
# Action type -> category, code, action letter.
_KINDS: dict[ActionType, tuple[_Coding, _Coding, str]] = {
    ActionType.READ: ((_TYPE, "rest", "RESTful Operation"), (_REST, "read", "read"), "R"),
    ActionType.CREATE: ((_TYPE, "rest", "RESTful Operation"), (_REST, "create", "create"), "C"),
    ActionType.UPDATE: ((_TYPE, "rest", "RESTful Operation"), (_REST, "update", "update"), "U"),
    ActionType.DELETE: ((_TYPE, "rest", "RESTful Operation"), (_REST, "delete", "delete"), "D"),
    ActionType.DISCLOSE: (
        (_DCM, "110106", "Export"),
        (_LIFECYCLE, "disclose", "Disclose"),
        "R",
    ),
    ActionType.DENY: (
        (_DCM, "110113", "Security Alert"),
        (_OURS, "AuthZ-Role", "Not allowed"),
        "E",
    ),
    ActionType.START: (
        (_DCM, "110100", "Application Activity"),
        (_DCM, "110120", "Application Start"),
        "E",
    ),
    ActionType.STOP: (
        (_DCM, "110100", "Application Activity"),
        (_DCM, "110121", "Application Stop"),
        "E",
    ),
    ActionType.SIGN_IN: ((_DCM, "110114", "User Authentication"), (_DCM, "110122", "Login"), "E"),
    ActionType.READ_LOG: (
        (_DCM, "110101", "Audit Log Used"),
        (_DCM, "110101", "Audit Log Used"),
        "R",
    ),
    ActionType.EXECUTE: (
        (_DCM, "110100", "Application Activity"),
        (_TYPE, "object", "Object"),
        "E",
    ),
}
_RESULTS = {
    Outcome.SUCCESS: ("0", "Success"),
    Outcome.FAILURE: ("8", "Serious failure"),
    Outcome.DENIED: ("4", "Minor failure"),
}


def audit_event(entry: Entry, origin: str) -> dict[str, Any]:
    """Return an entry as an AuditEvent, as plain JSON data; `origin` names the log."""
    event = entry.event
    category, code, action = _KINDS[classify(event)]
    recorded = format_time(to_microseconds(entry.time))
    resource: dict[str, Any] = {
        "resourceType": "AuditEvent",
        "id": f"entry-{entry.index}",
        "category": [_concept(category)],
        "code": {"coding": [_coding(code), _coding((_OURS, event.name, event.name))]},
        "action": action,
        "occurredDateTime": recorded,
        "recorded": recorded,
        "agent": _agents(entry),
        "source": {
            "site": _identified("log", origin),
            "observer": _identified("service", entry.service),
        },
    }
    if event.outcome in _RESULTS:
        number, words = _RESULTS[event.outcome]
        resource["outcome"] = {"code": _coding((_OUTCOME, number, words))}
        if event.reason:
            resource["outcome"]["detail"] = [{"text": event.reason}]
    if event.purpose:
        resource["authorization"] = [{"text": event.purpose}]
    if event.participant:
        resource["patient"] = _identified(f"study:{event.study_id}", event.participant)
    if entities := _entities(entry):
        resource["entity"] = entities
    return resource


def bundle_lines(entries: Iterable[Entry], origin: str) -> Iterator[str]:
    """Return a Bundle of type collection, a line an entry: no more than one is in memory."""
    yield '{"resourceType":"Bundle","type":"collection","entry":[\n'
    comma = ""
    for entry in entries:
        name = uuid.uuid5(uuid.NAMESPACE_URL, f"{_OURS}:log:{origin}:{entry.index}")
        item = {"fullUrl": f"urn:uuid:{name}", "resource": audit_event(entry, origin)}
        yield comma + json.dumps(item, ensure_ascii=False)
        comma = ",\n"
    yield "\n]}\n"


def _agents(entry: Entry) -> list[dict[str, Any]]:
    event = entry.event
    agents: list[dict[str, Any]] = []
    if event.person:
        person: dict[str, Any] = {
            "type": _concept((_PARTICIPATION, "IRCP", "information recipient")),
            "who": _identified("person", event.person),
            "requestor": True,
        }
        if event.role:
            person["role"] = [{"text": event.role}]
        if address := event.attributes.get("address"):
            person["networkString"] = address
        agents.append(person)
    if event.caller:
        agents.append(
            {
                "type": _concept((_DCM, "110153", "Source Role ID")),
                "who": _identified("service", event.caller),
                "requestor": not event.person,
            }
        )
    if not agents or entry.service != event.caller:
        agents.append(
            {
                "type": _concept((_DCM, "110152", "Destination Role ID")),
                "who": _identified("service", entry.service),
                "requestor": not agents,
            }
        )
    return agents


def _entities(entry: Entry) -> list[dict[str, Any]]:
    event = entry.event
    entities: list[dict[str, Any]] = []
    details = [
        {"type": {"text": key}, "valueString": value}
        for key, value in sorted(event.attributes.items())
        if value
    ]
    if event.object or details:
        what = _identified("object", event.object) if event.object else {"display": event.name}
        entity: dict[str, Any] = {"what": what, "role": _role("4", "Domain Resource")}
        if details:
            entity["detail"] = details
        entities.append(entity)
    if event.study_id:
        what = _identified("study", event.study_id)
        entities.append({"what": what, "role": _role("20", "Job")})
    if event.request_id:
        entities.append({"what": _identified("request", event.request_id)})
    if event.phase is not Phase.FACT:
        intent = entry.index if event.intent_index is None else event.intent_index
        entities.append({"what": _identified("intent", str(intent))})
    return entities


def _role(code: str, words: str) -> dict[str, Any]:
    return _concept((_ENTITY_ROLE, code, words))


def _concept(coding: _Coding) -> dict[str, Any]:
    return {"coding": [_coding(coding)]}


def _coding(coding: _Coding) -> dict[str, str]:
    system, code, display = coding
    return {"system": system, "code": code, "display": display}


def _identified(kind: str, value: str) -> dict[str, Any]:
    return {"identifier": {"system": f"{_OURS}:{kind}", "value": value}}
