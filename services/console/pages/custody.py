# SPDX-License-Identifier: Apache-2.0
"""The chain of custody of a recording, for compliance: a picture and a table of the same."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from services.audit_client.answers import custody_of
from services.audit_evidence.chain import LANES, CustodyNode, chain
from services.common.errors import InvalidInput, SottoError
from services.console.pages.officer import Officer
from services.console.web.forms import GivenForm
from services.console.web.visit import Visit
from services.registry.identities import (
    AUDIT,
    CLINICAL,
    COMPLIANCE,
    DEIDENTIFICATION,
    RELEASE,
    RESEARCH,
    TRANSCRIPTION,
)
from services.registry.ids import RECORDING_ID

router = APIRouter()

# Of the picture, in its own units.
_LANE, _ROW, _HEAD, _LEFT, _RIGHT = 122, 34, 46, 160, 60

#: What holds a recording, in words.
HOLDERS = {
    CLINICAL: "clinical store",
    TRANSCRIPTION: "transcription",
    DEIDENTIFICATION: "de-identification",
    RESEARCH: "research store",
    RELEASE: "release",
}


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """A node of the chain at its place in the picture."""

    x: int
    y: int
    node: CustodyNode


@dataclass(frozen=True, slots=True)
class Picture:
    """The chain as lanes of those who held the recording, and nodes from above to below."""

    width: int
    height: int
    lanes: tuple[tuple[int, str], ...]
    nodes: tuple[DrawnNode, ...]

    @property
    def path(self) -> str:
        """The line from node to node."""
        return " ".join(f"{one.x},{one.y}" for one in self.nodes)


def picture(nodes: Sequence[CustodyNode]) -> Picture:
    """Lay the nodes of a chain out."""
    lanes = tuple((_LEFT + _LANE * at, HOLDERS[name]) for at, name in enumerate(LANES))
    drawn = tuple(
        DrawnNode(_LEFT + _LANE * node.lane, _HEAD + _ROW * at + 18, node)
        for at, node in enumerate(nodes)
    )
    return Picture(
        _LEFT + _LANE * (len(LANES) - 1) + _RIGHT, _HEAD + _ROW * len(nodes) + 20, lanes, drawn
    )


@router.get("/custody")
def ask(visit: Officer) -> Response:
    """Ask for a recording."""
    return _form(visit)


@router.post("/custody")
def find(visit: Officer, form: GivenForm) -> Response:
    """Look whether the log knows the recording, and go to it."""
    recording = form.text("recording", most=64)
    try:
        _require_id(recording)
        with visit.calling(COMPLIANCE, "audit") as services:
            custody_of(services.channel(AUDIT), recording)
    except SottoError as error:
        if error.status not in {"NOT_FOUND", "INVALID_ARGUMENT"}:
            raise
        return _form(visit, visit.say_error(error), recording)
    return visit.go(f"/custody/{recording}")


@router.get("/custody/{recording}")
def show(visit: Officer, recording: str) -> Response:
    """Show who held the recording, from the inbox to the releases that it went into."""
    _require_id(recording)
    with visit.calling(COMPLIANCE, "audit") as services:
        acts = custody_of(services.channel(AUDIT), recording)
    nodes = chain(acts)
    return visit.render(
        "compliance/custody.html",
        recording=recording,
        study=next((one.began.event.study_id for one in acts if one.began.event.study_id), ""),
        nodes=nodes,
        acts=len(acts),
        lanes=[HOLDERS[name] for name in LANES],
        picture=picture(nodes),
    )


def _require_id(recording: str) -> None:
    if not re.fullmatch(RECORDING_ID, recording):
        raise InvalidInput("the id of a recording is written as rec- and 26 letters and digits")


def _form(visit: Visit, fault: str = "", recording: str = "") -> Response:
    return visit.render(
        "compliance/custody_form.html",
        404 if fault else 200,
        fault=fault,
        recording=recording,
    )
