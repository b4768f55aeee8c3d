# SPDX-License-Identifier: Apache-2.0
"""What is known of a store: its disk, its zone key, when it was last read whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from services.common.client import Channels
from services.common.errors import SottoError
from services.registry.events import Event
from services.registry.identities import CLINICAL, RESEARCH
from services.upkeep_client import log_facts
from services.upkeep_client.facts import Fact, Tone, ago, minute
from sotto.storage.v1 import admin_pb2, admin_service_pb2_grpc

_SECONDS = 5.0
_MIB, _GIB = 1 << 20, 1 << 30
_SOON_DAYS, _FAR_DAYS = 90, 3 * 365
_MAKE_ROOM = "Make room before it is full: nothing is taken in then, and nothing is lost."
_LITTLE_SHARE, _LITTLE_BYTES = 0.10, 5 * _GIB
#: A key that wraps others is replaced after one to two years (NIST SP 800-57 part 1, 5.3.6).
KEY_AGE = dt.timedelta(days=365)


def store(peers: Channels, zone: str, now: dt.datetime) -> Iterator[Fact]:
    """Yield what is known of the store of a zone."""
    told = _described(peers, zone)
    yield Fact("objects in", "{backend}", {"backend": told.backend})
    yield _disk(told)
    yield from _lasts(told, _beside(peers, zone, told))
    yield Fact("keys by", "{provider}", {"provider": told.key_provider})
    yield Fact("zone key", "{key}", {"key": told.zone_key_id})
    yield _key_age(told, now)
    yield log_facts.last(
        peers, Event.STORE_SCRUBBED, now, zone=told.zone, name="read whole and checked",
        most=dt.timedelta(days=14), command="sotto storage scrub",
    )  # fmt: skip


def _described(peers: Channels, zone: str) -> admin_pb2.DescribeStoreResponse:
    stub = admin_service_pb2_grpc.StoreAdminServiceStub(peers.channel(zone))
    return stub.DescribeStore(admin_pb2.DescribeStoreRequest(), timeout=_SECONDS)


def _beside(
    peers: Channels, zone: str, told: admin_pb2.DescribeStoreResponse
) -> admin_pb2.DescribeStoreResponse | None:
    """Return what the other zone's store tells where it fills the same disk."""
    if not told.taken_days:
        return None
    try:
        other = _described(peers, RESEARCH if zone == CLINICAL else CLINICAL)
    except SottoError:
        return None
    same = other.disk_total_bytes == told.disk_total_bytes
    return other if same and abs(other.disk_free_bytes - told.disk_free_bytes) < _GIB else None


def _lasts(
    told: admin_pb2.DescribeStoreResponse, beside: admin_pb2.DescribeStoreResponse | None
) -> Iterator[Fact]:
    """Yield how long the disk lasts at the pace of the last weeks; nothing of too short a time."""
    a_day = told.taken_bytes_per_day + (beside.taken_bytes_per_day if beside else 0)
    if not told.taken_days or not a_day:
        return
    left = told.disk_free_bytes // a_day
    values: dict[str, object] = {
        "left": left if left < _SOON_DAYS else left // 30,
        "days": told.taken_days,
        "taken": f"{a_day / _MIB:,.1f}",
    }
    if left < _SOON_DAYS:
        text = "about {left} days, at {taken} MiB a day as in the last {days}"
    elif left < _FAR_DAYS:
        text = "about {left} months, at {taken} MiB a day as in the last {days} days"
    else:
        text = "more than 3 years, at {taken} MiB a day as in the last {days} days"
    doubt = left < _SOON_DAYS
    yield Fact(
        "disk lasts", text, values, Tone.DOUBT if doubt else Tone.PLAIN, _MAKE_ROOM if doubt else ""
    )


def _disk(told: admin_pb2.DescribeStoreResponse) -> Fact:
    if not told.disk_total_bytes:
        return Fact("disk", "unknown: this store does not tell; look at it where it runs")
    free, total = told.disk_free_bytes, told.disk_total_bytes
    values: dict[str, object] = {
        "free": f"{free / _GIB:.1f}", "total": f"{total / _GIB:.1f}",
        "share": f"{100 * free / total:.0f}",
    }  # fmt: skip
    text = "{free} GiB free of {total} GiB ({share} %)"
    if free / total >= _LITTLE_SHARE and free >= _LITTLE_BYTES:
        return Fact("disk", text, values)
    return Fact(
        "disk", text, values, Tone.DOUBT,
        _MAKE_ROOM,
    )  # fmt: skip


def _key_age(told: admin_pb2.DescribeStoreResponse, now: dt.datetime) -> Fact:
    if not told.HasField("zone_key_made_at"):
        if told.key_provider == "pkcs11":
            return Fact("age of the zone key", "unknown: the token does not tell when it was made")
        return Fact(
            "age of the zone key", "unknown: the key provider does not keep when it was made",
        )  # fmt: skip
    made_at = told.zone_key_made_at.ToDatetime(dt.UTC)
    values: dict[str, object] = {"made": minute(made_at), "ago": ago(made_at, now)}
    if now - made_at < KEY_AGE:
        return Fact("age of the zone key", "made at {made} UTC, {ago} ago", values)
    return Fact(
        "age of the zone key", "made at {made} UTC, {ago} ago; a new one is due", values,
        Tone.DOUBT, "Replace it, and back the keys up right after: sotto storage rotate-key",
    )  # fmt: skip
