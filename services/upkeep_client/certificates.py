# SPDX-License-Identifier: Apache-2.0
"""Processes that answer, their versions, and when their certificates end."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from services.common import process_facts
from services.common.client import Channels
from services.common.errors import SottoError
from services.recordings_client.work import Work
from services.upkeep_client.facts import Fact, Tone
from sotto.storage.v1 import work_pb2

WARN = dt.timedelta(days=30)
_ALONE = "certificate until {day}"
_ENDS_ALONE = "its certificate ends on {day}; days left: {days}"
_RENEW = "Renew it: sotto certificates renew {of}. Running services take it at once."


def of_service(peers: Channels, name: str, now: dt.datetime) -> Iterator[Fact]:
    """Yield each process that answers for a service, or that none does."""
    try:
        found = process_facts.read(peers.channel(name))
    except SottoError as error:
        yield Fact(name, "away: {why}", {"why": error.message}, Tone.BAD)
        return
    for one in found:
        shown = f"{name} ({one.instance})" if len(found) > 1 else name
        yield of_process(shown, one.version, one.certificate_ends_at, now, of=name)


def of_workers(work: Work, now: dt.datetime) -> Iterator[Fact]:
    """Yield each worker that is alive."""
    for one in work.workers:
        if one.state == work_pb2.WORKER_STATE_ALIVE:
            told = one.HasField("certificate_ends_at")
            ends = one.certificate_ends_at.ToDatetime(dt.UTC) if told else None
            yield of_process(f"worker {one.name}", one.version, ends, now, of="flows")


def of_process(
    name: str, version: str, ends_at: dt.datetime | None, now: dt.datetime, *, of: str = ""
) -> Fact:
    """Return a process with its version, "" where nobody asked it, and its certificate.

    That is the one `of` a name, by which it is renewed.
    """
    if ends_at is None:
        return Fact(
            name, "its version and the end of its certificate are unknown: it is older than this",
            tone=Tone.DOUBT, advice="Start it again with this version.",
        )  # fmt: skip
    values: dict[str, object] = {
        "version": version, "day": f"{ends_at:%Y-%m-%d}", "days": max((ends_at - now).days, 0),
        "of": of or name,
    }  # fmt: skip
    if ends_at - now > WARN:
        text = "version {version}, certificate until {day}" if version else _ALONE
        return Fact(name, text, values, Tone.GOOD)
    text = "version {version}, its certificate ends on {day}; days left: {days}"
    return Fact(
        name, text if version else _ENDS_ALONE, values,
        Tone.BAD if ends_at <= now else Tone.DOUBT, _RENEW,
    )  # fmt: skip
