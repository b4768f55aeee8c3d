# SPDX-License-Identifier: Apache-2.0
"""``sotto storage``: look after the stores of both zones."""

from __future__ import annotations

import datetime as dt
from typing import TYPE_CHECKING, Annotated

import typer

from flows.cli.shared import StudyOption, connected, emit, say, table
from services.common.errors import Corrupted, WrongUse
from services.common.options import HomeOption, JsonOption, installation_of
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
    with connected(installation_of(home), identities.OPERATOR, _services(zone)) as peers:
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
    with connected(installation_of(home), identities.OPERATOR, _services(zone)) as peers:
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


@app.command()
def verify(home: HomeOption = None, as_json: JsonOption = False) -> None:
    """Hold the stores against the audit log: what was sealed is there, what was erased stays so.

    Meant for after a restore from a backup.
    """
    services = (identities.AUDIT, *_services(""))
    with connected(
        installation_of(home), identities.COMPLIANCE, services, purpose="audit"
    ) as peers:
        sealed, erased = _from_log(peers)
        rows = []
        for zone, service in _ZONES.items():
            there, gone = _from_store(peers, service)
            lost = {
                (study, participant, recording)
                for study, participant, recording in sealed[zone] - there
                if (study, participant) not in erased[zone]
            }
            back = {key for key in there if key[:2] in erased[zone]} - gone
            rows += [(zone, *key, "missing") for key in sorted(lost)]
            rows += [(zone, *key, "erased, but here again") for key in sorted(back)]
            say(f"{zone}: {len(sealed[zone])} recordings sealed by the log, {len(there)} here.")
    columns = ("zone", "study", "participant", "recording", "finding")
    if as_json:
        for row in rows:
            emit(dict(zip(columns, row, strict=True)))
    elif rows:
        table(columns, rows)
    if rows:
        msg = (
            f"{len(rows)} recordings are not as the log says; restore what is missing from a later"
            " backup, withdraw again what came back"
        )
        raise Corrupted(msg)


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

        planned = rules.plan(peers, dt.datetime.now(dt.UTC), study)
        found = [one.record() for one in (rules.apply(peers, planned) if apply else planned)]
    if as_json:
        for record in found:
            emit(record)
    elif found:
        table(tuple(found[0]), [tuple(record.values()) for record in found])
    else:
        say("No recording has a rule of retention and was released.")
    if any(record["state"] == "due" for record in found):
        say("Nothing was deleted. Delete what is due with: sotto storage retention --apply")


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
        from sotto.storage.v1 import recording_pb2, recording_service_pb2_grpc

        stub = recording_service_pb2_grpc.HoldServiceStub(peers.channel(identities.CLINICAL))
        ref = recording_pb2.RecordingRef(
            study_id=study, participant=participant, recording_id=recording
        )
        stub.PutHold(recording_pb2.PutHoldRequest(ref=ref, held=not lift))
    say(f"{recording} is {'free' if lift else 'held'}.")


_Key = tuple[str, str, str]


def _from_log(peers: Peers) -> tuple[dict[str, set[_Key]], dict[str, set[tuple[str, str]]]]:
    """Recordings that the log says were sealed, and participants that it says were erased."""
    from services.registry.events import Event
    from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

    stub = audit_service_pb2_grpc.AuditQueryServiceStub(peers.channel(identities.AUDIT))
    sealed: dict[str, set[_Key]] = {zone: set() for zone in _ZONES}
    erased: dict[str, set[tuple[str, str]]] = {zone: set() for zone in _ZONES}
    for event in (Event.RECORDING_SEALED, Event.TRANSCRIPT_SEALED, Event.KEY_DESTROYED):
        token = ""
        while True:
            page = stub.ListEntries(
                entry_pb2.ListEntriesRequest(
                    page_size=1000,
                    page_token=token,
                    filter=entry_pb2.EntryFilter(
                        name=event.value, outcome=entry_pb2.OUTCOME_SUCCESS
                    ),
                )
            )
            for entry in page.entries:
                found = entry.event
                if event is Event.KEY_DESTROYED:
                    erased[found.zone].add((found.study_id, found.participant))
                else:
                    recording = found.object.split("/")[0]
                    sealed[found.zone].add((found.study_id, found.participant, recording))
            token = page.next_page_token
            if not token:
                break
    return sealed, erased


def _from_store(peers: Peers, service: str) -> tuple[set[_Key], set[_Key]]:
    """Recordings that a zone lists, and those among them that it calls erased."""
    from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc

    stub = catalog_service_pb2_grpc.CatalogReaderServiceStub(peers.channel(service))
    there: set[_Key] = set()
    gone: set[_Key] = set()
    token = ""
    while True:
        page = stub.ListRecordings(catalog_pb2.ListRecordingsRequest(page_token=token))
        for state in page.recordings:
            key = (state.ref.study_id, state.ref.participant, state.ref.recording_id)
            there.add(key)
            if state.erased:
                gone.add(key)
        token = page.next_page_token
        if not token:
            return there, gone
