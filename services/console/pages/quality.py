# SPDX-License-Identifier: Apache-2.0
"""Rounds of quality: how they stand, reading a sample, ruling on doubts, signing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated

from fastapi import APIRouter, Path
from starlette.responses import Response

from services.common.errors import InvalidInput, PermissionDenied
from services.console.pages import quality_words
from services.console.pages.quality_texts import LACKS, STATES, TYPES, UNDER_WAY, Chart
from services.console.web.forms import Form, GivenForm
from services.console.web.language import speaking
from services.console.web.visit import SignedIn, Visit
from services.console.web.waiting import Waiting
from services.registry import ids
from services.registry.identities import COMPLIANCE, REVIEWER
from sotto.release.v1 import quality_pb2, review_pb2

router = APIRouter()

StudyPath = Annotated[str, Path(pattern=f"^(?:{ids.STUDY_ID})$")]
RoundPath = Annotated[int, Path(ge=1, le=99_999_999)]
_ROWS = 3
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a passage; `kind` is empty for words in clear, else "replaced" or "marked"."""

    text: str
    kind: str = ""


@router.get("/quality")
def studies(visit: SignedIn) -> Response:
    """List the studies whose rounds the person may see."""
    found: set[str] = set()
    if REVIEWER in visit.roles:
        with visit.calling(REVIEWER, purpose="review") as services:
            answer = services.reviews.ListReviews(review_pb2.ListReviewsRequest(page_size=_PAGE))
            found |= {one.ref.study_id for one in answer.items}
    if COMPLIANCE in visit.roles:
        with visit.calling(COMPLIANCE, purpose="oversight") as services:
            found |= set(services.clinical.studies())
    return visit.render("quality/studies.html", studies=sorted(found))


@router.get("/quality/{study}")
def state(visit: SignedIn, study: StudyPath) -> Response:
    """Show the gate of a study and its rounds in plain words."""
    role = REVIEWER if REVIEWER in visit.roles else COMPLIANCE
    with visit.calling(role, purpose="review") as services:
        found = services.quality.overview(study)
    rounds = list(reversed(found.rounds))
    with speaking(visit.language):
        figures = [
            (one.number, quality_words.facts(one), one.by_type)
            for one in map(quality_words.Figures.of_round, rounds)
        ]
    return visit.render(
        "quality/study.html",
        study=study,
        gate=found.gate if found.HasField("gate") else None,
        waiting=len(found.waiting),
        rounds=rounds,
        figures=figures,
        newest=rounds[0] if rounds else None,
        states=STATES,
        lacks=LACKS,
        chart=Chart.of(found.rounds, found.gate.bound),
        may_act=role == REVIEWER,
        may_open=_may_open(found),
    )


@router.post("/quality/{study}/open")
def open_round(visit: SignedIn, study: StudyPath) -> Response:
    """Draw a sample."""
    with visit.calling(REVIEWER, purpose="review") as services:
        services.quality.open(study)
    return visit.go(f"/quality/{study}")


@router.get("/quality/{study}/{number}/read")
def read(visit: SignedIn, study: StudyPath, number: RoundPath) -> Response:
    """Show the next passage that is left for the person."""
    with visit.calling(REVIEWER, purpose="review") as services:
        found = services.quality.read(study, number, 1)
    return _passage(visit, "quality/read.html", study, number, found.passages, left=found.left)


@router.post("/quality/{study}/{number}/read")
def mark(visit: SignedIn, study: StudyPath, number: RoundPath, form: GivenForm) -> Response:
    """Take what the person marked in the passage, and go on to the next one."""
    passage = form.number("passage")
    misses = _misses(form)
    with visit.calling(REVIEWER, purpose="review") as services:
        try:
            services.quality.record(
                study, number, [passage], {passage: misses} if misses else {}, among=1
            )
        except InvalidInput as error:
            found = services.quality.read(study, number, 1)
            return _passage(
                *(visit, "quality/read.html", study, number, found.passages, 400),
                *(visit.say_error(error), misses, found.left),
            )
    return visit.go(f"/quality/{study}/{number}/read")


@router.get("/quality/{study}/{number}/rule")
def dispute(visit: SignedIn, study: StudyPath, number: RoundPath) -> Response:
    """Show the passage on which two others agree least."""
    with visit.calling(REVIEWER, purpose="review") as services:
        found = services.quality.disputes(study, number)
    return _passage(visit, "quality/rule.html", study, number, found)


@router.post("/quality/{study}/{number}/rule")
def rule(visit: SignedIn, study: StudyPath, number: RoundPath, form: GivenForm) -> Response:
    """Take the ruling, and go on to the next passage."""
    passage = form.number("passage")
    verdict = form.one_of("verdict", ("first", "second", "nothing", "words"))
    with visit.calling(REVIEWER, purpose="review") as services:
        found = services.quality.disputes(study, number)
        shown = next((one for one in found if one.number == passage), None)
        if shown is None:
            raise PermissionDenied("this passage does not wait for your ruling any more")
        if verdict == "words":
            misses = _misses(form)
            if not misses:
                fault = visit.say("Give the words that should have been replaced.")
                return _passage(visit, "quality/rule.html", study, number, [shown], 400, fault)
            services.quality.rule(study, number, passage, misses)
        else:
            places = {"first": 0, "second": 1}
            marks = shown.readings[places[verdict]].marks if verdict in places else ()
            services.quality.rule_as(study, number, passage, marks)
    return visit.go(f"/quality/{study}/{number}/rule")


@router.post("/quality/{study}/{number}/search")
def search(visit: SignedIn, study: StudyPath, number: RoundPath) -> Response:
    """Replace what the round found missed, wherever it stands in the study."""
    with visit.calling(REVIEWER, purpose="review") as services:
        services.quality.search(study, number)
    return visit.go(f"/quality/{study}")


@router.post("/quality/{study}/{number}/sign")
def sign(visit: SignedIn, study: StudyPath, number: RoundPath, form: GivenForm) -> Response:
    """Vouch for the round as it was shown."""
    visit.step_up(f"/quality/{study}")
    with visit.calling(REVIEWER, purpose="review") as services:
        services.quality.sign(study, number, form.number("generation"))
    return visit.go(f"/quality/{study}")


def waiting(visit: Visit) -> list[Waiting]:
    """Return what waits for a reviewer in rounds of quality."""
    found: list[Waiting] = []
    with visit.calling(REVIEWER, purpose="review") as services:
        answer = services.reviews.ListReviews(review_pb2.ListReviewsRequest(page_size=_PAGE))
        for study in sorted({one.ref.study_id for one in answer.items}):
            overview = services.quality.overview(study)
            rounds = overview.rounds
            if _may_open(overview):
                heading = visit.say("Quality of {study}", study=study)
                text = visit.say(
                    "Approved transcripts that wait for a sample to be drawn: {count}.",
                    count=len(overview.waiting),
                )
                link = visit.say("See what comes next")
                found.append(Waiting(heading, text, f"/quality/{study}", link))
            elif rounds and rounds[-1].state in UNDER_WAY:
                name, _, meaning = STATES[rounds[-1].state]
                heading = visit.say("Quality of {study}", study=study)
                text = f"{visit.say(name)}. {visit.say(meaning)}"
                link = visit.say("See what comes next")
                found.append(Waiting(heading, text, f"/quality/{study}", link))
    return found


def _may_open(found: quality_pb2.ListRoundsResponse) -> bool:
    """Return whether a round may be opened: something waits, and none is under way."""
    if not found.HasField("gate") or not found.waiting:
        return False
    if not found.rounds:
        return True
    newest = found.rounds[-1]
    ended = {
        quality_pb2.ROUND_STATE_PASSED,
        quality_pb2.ROUND_STATE_FAILED,
        quality_pb2.ROUND_STATE_OVERTAKEN,
    }
    missed = newest.state == quality_pb2.ROUND_STATE_MISSED and newest.searched
    return newest.state in ended or missed


def _passage(
    visit: Visit,
    template: str,
    study: str,
    number: int,
    found: Sequence[quality_pb2.Passage],
    status: int = 200,
    fault: str = "",
    given: Sequence[tuple[str, str]] = (),
    left: int = 0,
) -> Response:
    one = found[0] if found else None
    rows = [*given, *[(TYPES[0], "")] * _ROWS][:_ROWS]
    return visit.render(
        template,
        status,
        study=study,
        number=number,
        passage=one,
        left=left or len(found),
        pieces=_pieces(one.text, one.replaced, "replaced") if one else [],
        readings=[_pieces(one.text, reading.marks, "marked") for reading in one.readings]
        if one
        else [],
        rows=rows,
        types=TYPES,
        fault=fault,
    )


def _pieces(text: str, places: Sequence[quality_pb2.PassageMark], kind: str) -> list[Piece]:
    """Cut a text at its places, which do not overlap; of those that do the first one counts."""
    pieces: list[Piece] = []
    last = 0
    for one in sorted(places, key=lambda place: place.start):
        if one.start >= last:
            pieces += (Piece(text[last : one.start]), Piece(text[one.start : one.end], kind))
            last = one.end
    return [piece for piece in (*pieces, Piece(text[last:])) if piece.text]


def _misses(form: Form) -> list[tuple[str, str]]:
    """Read the rows of a form that have words: entity type and words."""
    found = []
    for row in range(1, _ROWS + 1):
        words = form.text(f"words{row}", most=400)
        if words:
            found.append((form.one_of(f"type{row}", TYPES), words))
    return found
