# SPDX-License-Identifier: Apache-2.0
"""What is known of a store: its disk, its zone key, when it was last read whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from services.common.client import Channels
from services.registry.events import Event
from services.upkeep_client import log_facts
from services.upkeep_client.facts import Fact, Tone, ago, minute
from sotto.storage.v1 import admin_pb2, admin_service_pb2_grpc

_SECONDS = 5.0
_GIB = 1 << 30
_LITTLE_SHARE, _LITTLE_BYTES = 0.10, 5 * _GIB
#: A key that wraps others is replaced after one to two years (NIST SP 800-57 part 1, 5.3.6).
KEY_AGE = dt.timedelta(days=365)


def store(peers: Channels, zone: str, now: dt.datetime) -> Iterator[Fact]:
    """Yield what is known of the store of a zone."""
    stub = admin_service_pb2_grpc.StoreAdminServiceStub(peers.channel(zone))
    told = stub.DescribeStore(admin_pb2.DescribeStoreRequest(), timeout=_SECONDS)
    yield Fact("objects in", "{backend}", {"backend": told.backend})
    yield _disk(told)
    yield Fact("keys by", "{provider}", {"provider": told.key_provider})
    yield Fact("zone key", "{key}", {"key": told.zone_key_id})
    yield _key_age(told, now)
    yield log_facts.last(
        peers, Event.STORE_SCRUBBED, now, zone=told.zone, name="read whole and checked",
        most=dt.timedelta(days=14), command="sotto storage scrub",
    )  # fmt: skip


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
        "Make room before it is full: nothing is taken in then, and nothing is lost.",
    )  # fmt: skip


def _key_age(told: admin_pb2.DescribeStoreResponse, now: dt.datetime) -> Fact:
    if not told.HasField("zone_key_made_at"):
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
