# SPDX-License-Identifier: Apache-2.0
"""What runs: workers, queue, stores, keys, backups, models, processes and their certificates."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from importlib import metadata
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.console.web.code_words import ENTITY_TYPES
from services.console.web.plots import Bars, Plot, per_day
from services.console.web.visit import Visit, in_role
from services.registry import identities
from services.registry.identities import OPERATOR
from services.storage_client.catalog import CatalogClient
from services.upkeep_client import certificates, parts
from sotto.storage.v1 import catalog_pb2

router = APIRouter()

Operator = Annotated[Visit, Depends(in_role(OPERATOR))]

_DAYS = 30
_MOST_TYPES = 6


@router.get("/system")
def show(visit: Operator) -> Response:
    """Show the parts of the installation."""
    return _parts(visit, "system/page.html")


@router.get("/system/parts")
def parts_alone(visit: Operator) -> Response:
    """Return the parts alone, for a page that looks again by itself."""
    return _parts(visit, "system/parts.html")


def _parts(visit: Visit, template: str) -> Response:
    now = dt.datetime.now(dt.UTC)
    own = [
        certificates.of_process(name, metadata.version("sotto"), ends_at, now, of="console")
        for name, ends_at in visit.console.certificates().items()
    ]
    with visit.calling(OPERATOR, purpose="operations") as services:
        found = parts.read(services, now, own)
    return visit.render(template, parts=found)


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
        said = visit.say(ENTITY_TYPES.get(kind, kind))
        yield Plot(visit.say("Replaced: {kind}", kind=said), Bars(per_day(counts, _DAYS)))
