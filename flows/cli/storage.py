# SPDX-License-Identifier: Apache-2.0
"""``sotto storage``: look after the stores of both zones."""

from __future__ import annotations

import importlib
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.shared import HomeOption, JsonOption, connected, emit, home_of, say, table
from services.plumbing import access
from services.plumbing.errors import Corrupted, WrongUse

if TYPE_CHECKING:
    from services.plumbing.client import Peers
    from sotto.storage.v1 import admin_service_pb2_grpc

app = typer.Typer(no_args_is_help=True, help="Look after the stores.")
# The check is offline: it needs the settings of a site and its store, no service.
app.command("check")(importlib.import_module("services.storage.cli").check)

_ZONES = {"clinical": access.CLINICAL, "research": access.RESEARCH}

ZoneOption = Annotated[
    str, typer.Option("--zone", help="clinical or research; both by default.", metavar="ZONE")
]


@app.command()
def status(zone: ZoneOption = "", home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say where each zone keeps its objects, and what holds its key."""
    rows = []
    with connected(home_of(home), access.OPERATOR, _services(zone)) as peers:
        from sotto.storage.v1 import admin_pb2

        for service in _services(zone):
            found = _stub(peers, service).DescribeStore(admin_pb2.DescribeStoreRequest())
            rows.append((found.zone, found.backend, found.key_provider, found.zone_key_id))
    if as_json:
        for row in rows:
            emit(dict(zip(("zone", "backend", "key_provider", "zone_key_id"), row, strict=True)))
    else:
        table(("zone", "objects in", "zone key in", "zone key"), rows)


@app.command()
def scrub(
    repair: Annotated[
        bool, typer.Option("--repair", help="Remove remains of erased participants.")
    ] = False,
    zone: ZoneOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open every object and report damage, missing parts and orphans."""
    rows = []
    with connected(home_of(home), access.OPERATOR, _services(zone)) as peers:
        from sotto.storage.v1 import admin_pb2

        for service in _services(zone):
            name = service.removeprefix("storage-")
            scanned = 0
            for item in _stub(peers, service).Scrub(admin_pb2.ScrubRequest(repair=repair)):
                scanned = item.scanned
                if item.object:
                    rows.append((name, item.object, item.finding, item.action))
            say(f"{name}: {scanned} objects opened.")
    if as_json:
        for row in rows:
            emit(dict(zip(("zone", "object", "finding", "action"), row, strict=True)))
    elif rows:
        table(("zone", "object", "finding", "done"), rows)
    if any(action == "none" for *_, action in rows):
        msg = f"{len(rows)} findings; restore what is damaged or missing from a backup"
        raise Corrupted(msg)


@app.command("rotate-key")
def rotate_key(zone: ZoneOption = "", home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Give each zone a new zone key and wrap all data keys anew. Back the keys up afterwards."""
    with connected(home_of(home), access.OPERATOR, _services(zone)) as peers:
        from sotto.storage.v1 import admin_pb2

        for service in _services(zone):
            name = service.removeprefix("storage-")
            found = _stub(peers, service).RotateZoneKey(admin_pb2.RotateZoneKeyRequest())
            if as_json:
                emit({"zone": name, "key_id": found.key_id, "rewrapped": found.rewrapped})
            else:
                say(f"{name}: zone key {found.key_id}, {found.rewrapped} data keys wrapped anew.")
    say("Back up the keys now: older backups of them do not open any more.")


def _services(zone: str) -> tuple[str, ...]:
    if zone and zone not in _ZONES:
        msg = "a zone is clinical or research"
        raise WrongUse(msg)
    return (_ZONES[zone],) if zone else tuple(_ZONES.values())


def _stub(peers: Peers, service: str) -> admin_service_pb2_grpc.StoreAdminServiceStub:
    from sotto.storage.v1 import admin_service_pb2_grpc

    return admin_service_pb2_grpc.StoreAdminServiceStub(peers.channel(service))
