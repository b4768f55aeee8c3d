# SPDX-License-Identifier: Apache-2.0
"""What the log tells of looking after the installation: checks, backups, witnesses."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from services.common.client import Channels
from services.common.errors import SottoError
from services.registry import identities
from services.registry.events import Event
from services.upkeep_client.facts import Fact, Tone, ago, minute
from sotto.audit.v1 import audit_service_pb2_grpc, upkeep_pb2

_SECONDS = 10.0
_VERIFIED_MOST = dt.timedelta(days=2)
_BACKUP_MOST = dt.timedelta(days=7)
_TRIAL_MOST = dt.timedelta(days=92)
_COSIGNS = "cosigns"
_DO_IT = "Do it now: {command}"


def log(peers: Channels, now: dt.datetime) -> Iterator[Fact]:
    """Yield what is known of the log itself."""
    told = _told(peers)
    yield _last(
        told, Event.LOG_VERIFIED, now, name="verified", most=_VERIFIED_MOST,
        command="sotto audit verify --record",
    )  # fmt: skip
    if not told.witnesses:
        yield Fact("witnesses", "none: the log asks nobody")
    for one in told.witnesses:
        since = minute(one.since.ToDatetime(dt.UTC)) if one.HasField("since") else "-"
        values: dict[str, object] = {"state": one.state, "since": since}
        good = one.state == _COSIGNS
        yield Fact(
            f"witness {one.name}", "{state} since {since} UTC", values,
            Tone.GOOD if good else Tone.BAD,
            "" if good else "See docs/audit.md, witnesses.",
        )  # fmt: skip


def backups(peers: Channels, now: dt.datetime) -> Iterator[Fact]:
    """Yield what is known of backups that `sotto backup` made and tried."""
    told = _told(peers)
    yield _last(
        told, Event.BACKUP_MADE, now, name="last backup", most=_BACKUP_MOST,
        command="sotto backup create FOLDER",
    )  # fmt: skip
    yield _last(
        told, Event.BACKUP_CHECKED, now, name="last one that was read whole", most=_TRIAL_MOST,
        command="sotto backup verify BACKUP",
    )  # fmt: skip
    yield _last(
        told, Event.BACKUP_RESTORED, now, name="last trial of a restore", most=_TRIAL_MOST,
        command="sotto backup restore BACKUP --home EMPTY --trial-of HOME",
    )  # fmt: skip


def last(
    peers: Channels, event: Event, now: dt.datetime, *, zone: str, name: str, most: dt.timedelta,
    command: str,
) -> Fact:  # fmt: skip
    """Return when something was done last; where the log is away, that nobody knows."""
    try:
        told = _told(peers)
    except SottoError as error:
        return Fact(name, "unknown: {why}", {"why": error.message}, Tone.DOUBT)
    return _last(told, event, now, name=name, most=most, command=command, zone=zone)


def _told(peers: Channels) -> upkeep_pb2.GetUpkeepResponse:
    return audit_service_pb2_grpc.AuditUpkeepServiceStub(peers.channel(identities.AUDIT)).GetUpkeep(
        upkeep_pb2.GetUpkeepRequest(), timeout=_SECONDS
    )


def _last(
    told: upkeep_pb2.GetUpkeepResponse, event: Event, now: dt.datetime, *, name: str,
    most: dt.timedelta, command: str, zone: str = "",
) -> Fact:  # fmt: skip
    found = [one for one in told.acts if one.event == event.value and one.zone == zone]
    if not found:
        return Fact(
            name, "never, as far as the log knows", {"command": command}, Tone.DOUBT, _DO_IT
        )
    [one] = found
    at = one.at.ToDatetime(dt.UTC)
    values: dict[str, object] = {
        "at": minute(at), "ago": ago(at, now), "findings": one.findings, "command": command,
    }  # fmt: skip
    if not one.good or one.findings:
        return Fact(
            name, "at {at} UTC, {ago} ago; findings: {findings}", values,
            Tone.DOUBT if one.good else Tone.BAD, "See what was found: {command}",
        )  # fmt: skip
    if now - at > most:
        return Fact(
            name, "at {at} UTC, {ago} ago, which is long", values, Tone.DOUBT, _DO_IT
        )  # fmt: skip
    return Fact(name, "at {at} UTC, {ago} ago", values, Tone.GOOD)
