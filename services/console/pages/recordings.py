# SPDX-License-Identifier: Apache-2.0
"""Recordings by state: what needs somebody, what is in progress, and mistakes undone."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Depends
from starlette.responses import Response

from services.console.adapters.services import Services
from services.console.web.forms import GivenForm
from services.console.web.visit import Visit, in_role
from services.console.web.waiting import Waiting
from services.recordings_client import catalog, redo, removals, showing, work
from services.recordings_client.catalog import RecordingSummary
from services.recordings_client.showing import ShownRecording
from services.recordings_client.work import Work, WorkProgress
from services.registry.identities import OPERATOR
from services.registry.recording_doubts import doubt_sentences
from services.registry.removals import RemovalReason

router = APIRouter()

Operator = Annotated[Visit, Depends(in_role(OPERATOR))]

ALL, ATTENTION, PROGRESS = "all", "attention", "progress"
#: Views of the list, with their names in English.
VIEWS = {ALL: "All", ATTENTION: "Needs attention", PROGRESS: "In progress"}
#: Names of states in English, as the list shows them.
STATES = {
    "sealed": "sealed",
    "transcribing": "transcribing",
    "transcribed": "transcribed",
    "deidentified": "deidentified",
    "needs_review": "needs review",
    "approved": "approved",
    "rejected": "rejected",
    "released": "released",
    "failed": "failed",
    "erased": "erased",
}
#: Reasons of a removal in English.
REASONS = {
    RemovalReason.WRONG_PARTICIPANT: "It is of another participant",
    RemovalReason.WRONG_SESSION: "It is another interview of the participant",
    RemovalReason.WRONG_READING: "It is to be read with other options",
    RemovalReason.DUPLICATE: "It is there twice",
    RemovalReason.NOT_CONSENTED: "The participant did not consent to it",
    RemovalReason.REPLACED: "Another file of the same interview is there, and this one failed",
    RemovalReason.OTHER: "Something else",
}
#: What comes next, by itself or by somebody else, where no work is due.
_NEXT = {
    "needs_review": "A reviewer decides on it.",
    "approved": "The next release takes it.",
}
_TONES = {"failed": "bad", "rejected": "doubt", "needs_review": "doubt", "released": "good"}


_IN_HEADING = {"who", "state", "failed"}
_MOMENT = re.compile(r"(\d{4}-\d\d-\d\d)T(\d\d:\d\d)[0-9:.]*(?:\+00:00|Z)")


@dataclass(frozen=True, slots=True)
class Row:
    """A recording in the list; `progress` is None where nothing is due for it."""

    recording: RecordingSummary
    progress: WorkProgress | None
    doubts: Sequence[str] = ()

    @property
    def needs_attention(self) -> bool:
        """Whether somebody has to do something that nobody else is asked for."""
        return self.recording.state == "failed" or bool(self.doubts) or self.recording.invented

    @property
    def is_in_progress(self) -> bool:
        """Whether it waits, or is worked on."""
        return self.progress is not None and self.recording.state != "failed"

    @property
    def next(self) -> str:
        """What comes next, in English; empty where nothing does, or the progress tells."""
        return "" if self.is_in_progress else _NEXT.get(self.recording.state, "")

    @property
    def tone(self) -> str:
        """How its state looks."""
        return _TONES.get(self.recording.state, "plain")


def _rows_of(recordings: Sequence[RecordingSummary], now: Work) -> list[Row]:
    return [
        Row(
            one,
            now.progress.get(one.recording_id),
            tuple(doubt_sentences(one.doubts)),
        )
        for one in recordings
    ]


@router.get("/recordings")
def show(visit: Operator, show: str = ALL) -> Response:
    """Show recordings by state."""
    return _list(visit, "recordings/list.html", show)


@router.get("/recordings/table")
def table(visit: Operator, show: str = ALL) -> Response:
    """Return the list alone, for a page that looks again by itself."""
    return _list(visit, "recordings/table.html", show)


def _list(visit: Visit, template: str, view: str) -> Response:
    view = view if view in VIEWS else ALL
    with visit.calling(OPERATOR, purpose="operations") as services:
        now = work.read(services)
        rows = _rows_of(catalog.recordings(services), now)
    groups = {
        ALL: rows,
        ATTENTION: [row for row in rows if row.needs_attention],
        PROGRESS: sorted(
            (row for row in rows if row.is_in_progress),
            key=lambda row: row.progress.before if row.progress else 0,
        ),
    }
    return visit.render(
        template, view=view, views=VIEWS, rows=groups[view], groups=groups, states=STATES,
        queue=now.queue,
    )  # fmt: skip


@router.get("/recordings/{recording_id}")
def one(visit: Operator, recording_id: str) -> Response:
    """Show what is known of a recording, and what can be done."""
    with visit.calling(OPERATOR, purpose="operations") as services:
        shown = showing.show(services, recording_id)
        study = services.clinical.study(shown.summary.study_id)
        due = _due(services, recording_id)
        progress = work.read(services, shown.summary.study_id).progress.get(recording_id)
    return visit.render(
        "recordings/one.html",
        progress=progress,
        summary=shown.summary,
        facts=list(_facts(shown)),
        codes=[(code, code) for code in study.participants],
        due=due,
        why=[(reason.value, visit.say(text)) for reason, text in REASONS.items()],
        states=STATES,
        tone=_TONES.get(shown.summary.state, "plain"),
    )


@router.get("/recordings/{recording_id}/progress")
def how_far(visit: Operator, recording_id: str) -> Response:
    """Return how far a recording is, for a page that looks again by itself."""
    with visit.calling(OPERATOR, purpose="operations") as services:
        now = work.read(services).progress.get(recording_id)
    return visit.render("recordings/progress.html", progress=now, recording_id=recording_id)


def _facts(shown: ShownRecording) -> Iterator[tuple[str, str]]:
    """Yield what the heading of the page leaves out, with moments as elsewhere."""
    for name, fact in showing.facts(shown):
        if name not in _IN_HEADING:
            yield name, _MOMENT.sub(r"\1 \2 UTC", fact)


def _due(services: Services, recording_id: str) -> redo.Due | None:
    found = redo.find_due(services, recording_id=recording_id)
    return found[0] if found else None


@router.post("/recordings/redo")
def again(visit: Operator, form: GivenForm) -> Response:
    """Put a recording on the list of what is worked on; one that failed is tried again."""
    recording_id = form.text("recording")
    with visit.calling(OPERATOR, purpose="operations") as services:
        due = _due(services, recording_id)
        if due is not None:
            redo.mark(services, due)
    return visit.go(f"/recordings/{recording_id}")


@router.post("/recordings/remove")
def remove(visit: Operator, form: GivenForm) -> Response:
    """Remove a recording that was brought in by mistake."""
    why = RemovalReason(form.one_of("why", [one.value for one in REASONS]))
    visit.step_up(f"/recordings/{form.text('recording')}")
    with visit.calling(OPERATOR, purpose="operations") as services:
        found = removals.locate(services, form.text("recording"))
        removals.remove(services, found.ref, why)
    return visit.go("/recordings")


@router.post("/recordings/move")
def move(visit: Operator, form: GivenForm) -> Response:
    """Move a recording to the participant or interview that it is of."""
    with visit.calling(OPERATOR, purpose="operations") as services:
        found = removals.locate(services, form.text("recording"))
        moved = removals.move(services, found.ref, form.text("participant"), form.number("session"))
    return visit.go(f"/recordings/{moved.ref.recording_id}")


def waiting(visit: Visit) -> Sequence[Waiting]:
    """Return what waits for an operator on the first page."""
    with visit.calling(OPERATOR, purpose="operations") as services:
        rows = _rows_of(catalog.recordings(services), Work())
    count = sum(row.needs_attention for row in rows)
    if not count:
        return ()
    return (
        Waiting(
            visit.say("Recordings that need attention"),
            visit.say("They failed, or something in them may be missing. Each says what to do."),
            f"/recordings?show={ATTENTION}",
            visit.say("Look at them"),
            count,
        ),
    )
