# SPDX-License-Identifier: Apache-2.0
"""`sotto storage`: look after the stores of both zones."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.options import StudyOption
from services.common.client_session import connected
from services.common.errors import Corrupted, NotFound, WrongUse
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.output import print_message, print_record, print_table
from services.registry import identities

if TYPE_CHECKING:
    from services.common.client import Peers
    from sotto.storage.v1 import admin_service_pb2_grpc

app = typer.Typer(no_args_is_help=True, help="Look after the stores.")

_ZONES = {"clinical": identities.CLINICAL, "research": identities.RESEARCH}

ZoneOption = Annotated[
    str, typer.Option("--zone", help="clinical or research; both by default.", metavar="ZONE")
]


@app.command()
def status(zone: ZoneOption = "", home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Say where each zone keeps its objects, and what holds its key."""
    rows = []
    with connected(installation_of(home), identities.OPERATOR, _services(zone)) as peers:
        from sotto.storage.v1 import admin_pb2

        for service in _services(zone):
            found = _stub(peers, service).DescribeStore(admin_pb2.DescribeStoreRequest())
            rows.append((found.zone, found.backend, found.key_provider, found.zone_key_id))
    if as_json:
        for row in rows:
            print_record(
                dict(zip(("zone", "backend", "key_provider", "zone_key_id"), row, strict=True))
            )
    else:
        print_table(("zone", "objects in", "zone key in", "zone key"), rows)


@app.command()
def scrub(
    repair: Annotated[
        bool, typer.Option("--repair", help="Remove remains of erased participants.")
    ] = False,
    accept: Annotated[
        bool,
        typer.Option("--accept", help="Let what was rolled back count, as after a restore."),
    ] = False,
    zone: ZoneOption = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Open every object and report damage, missing parts and orphans."""
    rows = []
    with connected(installation_of(home), identities.OPERATOR, _services(zone)) as peers:
        from sotto.storage.v1 import admin_pb2

        for service in _services(zone):
            name = service.removeprefix("storage-")
            scanned = 0
            for item in _stub(peers, service).Scrub(
                admin_pb2.ScrubRequest(repair=repair, accept=accept)
            ):
                scanned = item.scanned
                if item.object:
                    rows.append((name, item.object, item.finding, item.action))
            print_message(f"{name}: {scanned} objects opened.")
    if as_json:
        for row in rows:
            print_record(dict(zip(("zone", "object", "finding", "action"), row, strict=True)))
    elif rows:
        print_table(("zone", "object", "finding", "done"), rows)
    if any(action == "none" for *_, action in rows):
        raise Corrupted(f"{len(rows)} findings; restore what is damaged or missing from a backup")


@app.command("rotate-key")
def rotate_key(zone: ZoneOption = "", home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Make new zone keys and wrap all data keys with them. Back the keys up afterwards."""
    with connected(installation_of(home), identities.OPERATOR, _services(zone)) as peers:
        from sotto.storage.v1 import admin_pb2

        unopened = 0
        for service in _services(zone):
            name = service.removeprefix("storage-")
            found = _stub(peers, service).RotateZoneKey(admin_pb2.RotateZoneKeyRequest())
            unopened += len(found.unopened_keys)
            if as_json:
                print_record(
                    {
                        "zone": name,
                        "key_id": found.key_id,
                        "rewrapped": found.rewrapped,
                        "unopened_keys": list(found.unopened_keys),
                        "zone_keys_kept": found.zone_keys_kept,
                    }
                )
                continue
            print_message(
                f"{name}: zone key {found.key_id}, {found.rewrapped} data keys wrapped again."
            )
            for record in found.unopened_keys:
                print_message(f"{name}: key record {record} does not open.")
    print_message("Back up the keys now: older backups of them do not open any more.")
    if unopened:
        raise Corrupted(
            f"{unopened} key records do not open: restore them from a backup, or move them to "
            "another place; a zone key that one of them may need is kept until then"
        )


def _services(zone: str) -> tuple[str, ...]:
    if zone and zone not in _ZONES:
        raise WrongUse("a zone is clinical or research")
    return (_ZONES[zone],) if zone else tuple(_ZONES.values())


def _stub(peers: Peers, service: str) -> admin_service_pb2_grpc.StoreAdminServiceStub:
    from sotto.storage.v1 import admin_service_pb2_grpc

    return admin_service_pb2_grpc.StoreAdminServiceStub(peers.channel(service))


@app.command()
def verify(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Compare the stores with the audit log: what was sealed is there, what was erased stays so.

    Meant for after a restore from a backup.
    """
    services = (identities.AUDIT, *_services(""))
    with connected(
        installation_of(home), identities.COMPLIANCE, services, purpose="audit"
    ) as peers:
        from flows import reconcile

        log = reconcile.read_log(peers.channel(identities.AUDIT))
        rows: list[tuple[str, ...]] = []
        for zone, service in _ZONES.items():
            logged = log.get(zone, reconcile.LoggedZone())
            stored = reconcile.read_store(peers.channel(service))
            rows += [
                (zone, *key, finding.value) for key, finding in reconcile.compare(logged, stored)
            ]
            print_message(
                f"{zone}: {len(logged.sealed)} recordings sealed by the log, "
                f"{len(stored.listed)} here."
            )
    columns = ("zone", "study", "participant", "recording", "finding")
    if as_json:
        for row in rows:
            print_record(dict(zip(columns, row, strict=True)))
    elif rows:
        print_table(columns, rows)
    if rows:
        raise Corrupted(
            f"{len(rows)} recordings are not as the log says; restore what is missing from a later"
            " backup, withdraw again what came back"
        )


@app.command()
def retention(
    apply: Annotated[
        bool, typer.Option("--apply", help="Delete what is due; else only show it.")
    ] = False,
    study: Annotated[str, typer.Option("--study", help="One study; all by default.")] = "",
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show which recordings the studies' rules ask to delete, and delete them with --apply."""
    with connected(
        installation_of(home), identities.OPERATOR, _services(""), purpose="retention"
    ) as peers:
        from flows import retention as rules
        from services.recordings_client import catalog

        catalog.require_study(peers, study)
        planned = rules.plan(peers, study)
        found = [one.record() for one in (rules.apply(peers, planned) if apply else planned)]
    if as_json:
        for record in found:
            print_record(record)
    elif found:
        print_table(tuple(found[0]), [tuple(record.values()) for record in found])
    else:
        print_message("No recording has a rule of retention and was released.")
    if any(record["state"] == "due" for record in found):
        print_message(
            "Nothing was deleted. Delete what is due with: sotto storage retention --apply"
        )


@app.command()
def hold(
    recording: Annotated[str, typer.Argument(metavar="RECORDING", help="Recording id.")],
    participant: Annotated[
        str, typer.Option("--participant", metavar="CODE", help="Participant code.")
    ],
    study: StudyOption,
    lift: Annotated[bool, typer.Option("--lift", help="Lift the hold.")] = False,
    home: HomeOption = None,
) -> None:
    """Set a legal hold on a recording, or lift it: retention deletes nothing that is held."""
    with connected(
        installation_of(home), identities.COMPLIANCE, (identities.CLINICAL,), purpose="legal_hold"
    ) as peers:
        from services.recordings_client import catalog
        from services.storage_client.catalog import recording_ref
        from sotto.storage.v1 import recording_pb2, recording_service_pb2_grpc

        catalog.require_participant(peers, study, participant)
        [state] = catalog.require_recording(peers, recording, study)
        if state.ref.participant != participant:
            raise NotFound(f"{recording} is of {state.ref.participant}, not of {participant}")
        stub = recording_service_pb2_grpc.HoldServiceStub(peers.channel(identities.CLINICAL))
        ref = recording_ref(study, participant, recording)
        stub.PutHold(recording_pb2.PutHoldRequest(ref=ref, held=not lift))
    print_message(f"{recording} is {'free' if lift else 'held'}.")
