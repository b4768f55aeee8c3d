# SPDX-License-Identifier: Apache-2.0
"""What runs: services, queue, stores, keys, models, versions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from importlib import metadata
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.common.errors import SottoError
from services.console.adapters.services import Services
from services.console.web.plots import Bars, Plot, per_day
from services.console.web.visit import Visit, in_role
from services.registry import identities
from services.registry.identities import OPERATOR
from services.storage_client.catalog import CatalogClient
from services.storage_client.recordings_pending import pending
from sotto.deidentification.v1 import deidentification_pb2, deidentification_service_pb2_grpc
from sotto.storage.v1 import admin_pb2, admin_service_pb2_grpc, catalog_pb2
from sotto.transcription.v1 import transcription_pb2, transcription_service_pb2_grpc

router = APIRouter()

Operator = Annotated[Visit, Depends(in_role(OPERATOR))]

_SECONDS = 5.0
_DAYS = 30
_MOST_TYPES = 6
_GIB = 1 << 30


@dataclass(frozen=True, slots=True)
class Part:
    """A part of the installation: what it tells of itself, or why it does not."""

    name: str
    facts: Sequence[tuple[str, str]] = ()
    fault: str = ""


@router.get("/system")
def show(visit: Operator) -> Response:
    """Show the parts of the installation."""
    return _parts(visit, "system/page.html")


@router.get("/system/parts")
def parts(visit: Operator) -> Response:
    """Return the parts alone, for a page that looks again by itself."""
    return _parts(visit, "system/parts.html")


def _parts(visit: Visit, template: str) -> Response:
    looks: Mapping[str, Callable[[Services], Iterable[tuple[str, str]]]] = {
        "Queue": _queue,
        "Clinical store": lambda services: _store(services, identities.CLINICAL),
        "Research store": lambda services: _store(services, identities.RESEARCH),
        "Transcription": _transcription,
        "De-identification": _deidentification,
    }
    found = []
    with visit.calling(OPERATOR, purpose="operations") as services:
        for name, look in looks.items():
            try:
                found.append(Part(name, tuple(look(services))))
            except SottoError as error:
                found.append(Part(name, fault=error.message))
    found.append(Part("Console", [("version", metadata.version("sotto"))]))
    return visit.render(template, parts=found)


def _queue(services: Services) -> Iterable[tuple[str, str]]:
    waiting = pending(services.channel(identities.CLINICAL))
    yield "waiting or in progress", str(len(waiting))


def _store(services: Services, zone: str) -> Iterable[tuple[str, str]]:
    stub = admin_service_pb2_grpc.StoreAdminServiceStub(services.channel(zone))
    told = stub.DescribeStore(admin_pb2.DescribeStoreRequest(), timeout=_SECONDS)
    yield "objects in", told.backend
    if told.disk_total_bytes:
        free, total = told.disk_free_bytes / _GIB, told.disk_total_bytes / _GIB
        yield "disk", f"{free:.1f} GiB / {total:.1f} GiB ({100 * free / total:.0f} %)"
    yield "keys by", told.key_provider
    yield "zone key", told.zone_key_id


def _transcription(services: Services) -> Iterable[tuple[str, str]]:
    stub = transcription_service_pb2_grpc.TranscriptionServiceStub(
        services.channel(identities.TRANSCRIPTION)
    )
    told = stub.DescribeEngine(transcription_pb2.DescribeEngineRequest(), timeout=_SECONDS)
    model = told.model or "none; see: sotto models pull --help"
    yield "speech model", model + (" (demo)" if told.demo else "")
    yield "engine", told.engine
    yield "sandbox", told.sandbox


def _deidentification(services: Services) -> Iterable[tuple[str, str]]:
    stub = deidentification_service_pb2_grpc.DeidentificationServiceStub(
        services.channel(identities.DEIDENTIFICATION)
    )
    told = stub.DescribeEngine(deidentification_pb2.DescribeEngineRequest(), timeout=_SECONDS)
    yield from sorted(told.versions.items())


@router.get("/recordings-over-time")
def over_time(visit: Operator) -> Response:
    """Show throughput and what was replaced, day by day."""
    with visit.calling(OPERATOR, purpose="operations") as services:
        research = CatalogClient(services.channel(identities.RESEARCH))
        states = list(research.recordings())
    return visit.render("system/over_time.html", plots=list(_plots(visit, states)))


def _plots(visit: Visit, states: Sequence[catalog_pb2.RecordingState]) -> Iterable[Plot]:
    runs = [run for state in states for run in state.transcripts]
    moments = [run.committed_at.ToDatetime() for run in runs]
    days = per_day([(moment, 1) for moment in moments], _DAYS)
    yield Plot(visit.say("Transcripts that were de-identified"), Bars(days))
    kinds: dict[str, int] = {}
    for run in runs:
        for kind, count in run.manifest.deidentification.redactions.items():
            kinds[kind] = kinds.get(kind, 0) + count
    for kind in sorted(kinds, key=lambda one: (-kinds[one], one))[:_MOST_TYPES]:
        counts = [
            (run.committed_at.ToDatetime(), run.manifest.deidentification.redactions.get(kind, 0))
            for run in runs
        ]
        yield Plot(visit.say("Replaced: {kind}", kind=kind), Bars(per_day(counts, _DAYS)))
