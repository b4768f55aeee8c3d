# SPDX-License-Identifier: Apache-2.0
"""Entries for a monitoring system: CEF lines (ArcSight Common Event Format) and OCSF 1.8 events."""

from __future__ import annotations

import json
from typing import Any

from services.audit_evidence.action_types import classify, is_denied
from services.audit_evidence.entry import Entry, Outcome, Phase, to_microseconds
from services.registry.events import ActionType

_VENDOR, _PRODUCT, _VERSION = "Sotto", "Sotto audit log", "1"

# Action type -> OCSF class and activity.
_OCSF: dict[ActionType, tuple[int, int]] = {
    ActionType.READ: (6005, 1),
    ActionType.UPDATE: (6005, 2),
    ActionType.CREATE: (6005, 6),
    ActionType.DELETE: (6005, 7),
    ActionType.DISCLOSE: (6006, 12),
    ActionType.DENY: (6003, 99),
    ActionType.START: (6002, 3),
    ActionType.STOP: (6002, 4),
    ActionType.READ_LOG: (1008, 3),
    ActionType.SIGN_IN: (3002, 1),
    ActionType.EXECUTE: (6003, 99),
}


# What somebody must look at today.
_ALARMS = frozenset({"audit:witness:conflict"})
_AUTHENTICATION = 3002


def cef_line(entry: Entry) -> str:
    """Return an entry as one CEF line without line end."""
    event = entry.event
    severity = 8 if is_denied(event) else 6 if event.outcome is Outcome.FAILURE else 3
    if event.name in _ALARMS:
        severity = 10
    head = [_VENDOR, _PRODUCT, _VERSION, event.name, event.name.replace(":", " "), str(severity)]
    fields = {
        "rt": str(to_microseconds(entry.time) // 1000),
        "externalId": str(entry.index),
        "act": event.name.rsplit(":", 1)[-1],
        "outcome": str(event.outcome),
        "reason": event.reason,
        "src": event.attributes.get("address", ""),
        "suser": event.person,
        "spriv": event.role,
        "sourceServiceName": event.caller,
        "dvchost": entry.service,
        "fname": event.object,
        "cat": str(event.phase),
        "cn1Label": "intent" if event.intent_index is not None else "",
        "cn1": "" if event.intent_index is None else str(event.intent_index),
    }
    custom = {
        "participant": event.participant,
        "study": event.study_id,
        "request": event.request_id,
        "zone": event.zone,
        "purpose": event.purpose,
        "attributes": json.dumps(dict(event.attributes), sort_keys=True)
        if event.attributes
        else "",
    }
    for number, (label, value) in enumerate(custom.items(), 1):
        if value:
            fields[f"cs{number}Label"] = label
            fields[f"cs{number}"] = value
    extension = " ".join(f"{key}={_value(value)}" for key, value in fields.items() if value)
    return f"CEF:0|{'|'.join(map(_head, head))}|{extension}"


def ocsf_event(entry: Entry, origin: str) -> dict[str, Any]:
    """Return an entry as an OCSF event, as plain JSON data; an intent has status 0, not known."""
    event = entry.event
    kind, activity = _OCSF[classify(event)]
    status = {Outcome.SUCCESS: 1, Outcome.FAILURE: 2, Outcome.DENIED: 2}.get(event.outcome, 0)
    found: dict[str, Any] = {
        "activity_id": activity,
        "category_uid": kind // 1000,
        "class_uid": kind,
        "type_uid": kind * 100 + activity,
        "severity_id": 4 if is_denied(event) else 3 if event.outcome is Outcome.FAILURE else 1,
        "status_id": status,
        "time": to_microseconds(entry.time) // 1000,
        "metadata": {
            "version": "1.8.0",
            "uid": f"{origin}/{entry.index}",
            "log_name": origin,
            "sequence": entry.index,
            "event_code": event.name,
            "correlation_uid": event.request_id,
            "product": {"name": _PRODUCT, "vendor_name": _VENDOR, "version": _VERSION},
        },
        "actor": {
            "app_name": event.caller or entry.service,
            "user": {"name": event.person, "groups": [{"name": event.role}]},
        },
        "service": {"name": entry.service},
        "unmapped": {
            "phase": str(event.phase),
            "object": event.object,
            "study": event.study_id,
            "participant": event.participant,
            "zone": event.zone,
            "purpose": event.purpose,
            **dict(event.attributes),
        },
    }
    if event.name in _ALARMS:
        found["severity_id"] = 5
    if kind == _AUTHENTICATION:
        found["user"] = {"name": event.person or event.caller}
    if address := event.attributes.get("address"):
        found["src_endpoint"] = {"ip": address}
    if event.reason:
        found["status_detail"] = event.reason
    if event.phase is Phase.OUTCOME:
        found["unmapped"]["intent"] = event.intent_index
    if is_denied(event):
        found["metadata"]["profiles"] = ["security_control"]
        found["action_id"], found["disposition_id"] = 2, 2
    return _without_empty(found)


def _without_empty(value: dict[str, Any]) -> dict[str, Any]:
    kept: dict[str, Any] = {}
    for key, part in value.items():
        whole = _without_empty(part) if isinstance(part, dict) else part
        if whole in ("", {}, None, [{"name": ""}]):
            continue
        kept[key] = whole
    return kept


def _head(text: str) -> str:
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("\n", " ").replace("\r", " ")


def _value(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("=", "\\=")
    return escaped.replace("\n", "\\n").replace("\r", "\\r")
