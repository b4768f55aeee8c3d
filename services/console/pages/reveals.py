# SPDX-License-Identifier: Apache-2.0
"""Undoing a pseudonym: a reviewer asks, a compliance officer decides, who asked is shown it.

What stands behind a label is in the answer to a form alone, so that no address has it and going
back shows nothing.
"""

from __future__ import annotations

from collections.abc import Sequence

from fastapi import APIRouter
from starlette.responses import Response

from services.common.errors import PermissionDenied, SottoError
from services.console.web.forms import Form, GivenForm
from services.console.web.visit import SignedIn, Visit
from services.console.web.waiting import Waiting
from services.registry.identities import COMPLIANCE, REVIEWER
from services.registry.reveals import MOST_HOURS, MOST_TIMES, USUAL_HOURS, RevealReason
from services.release_client.reveals import reason_of, state_of
from sotto.release.v1 import review_pb2
from sotto.storage.v1 import reveal_pb2

router = APIRouter()

#: Reasons as the page says them.
REASONS = {
    RevealReason.INCIDENTAL_FINDING: "something was said that somebody has to act on",
    RevealReason.SAFETY_REPORT: "a safety report",
    RevealReason.DATA_CORRECTION: "data of the study are corrected",
    RevealReason.PERSON_ASKS: "the person asks what is held of them",
    RevealReason.LEGAL_DUTY: "a law, a court or an authority asks",
}
#: How far requests are, each with its tone.
STATES = {
    "waits": ("waits for an officer", "doubt"),
    "granted": ("granted", "good"),
    "refused": ("refused", "bad"),
    "shown": ("shown", "plain"),
    "over": ("its time is over", "plain"),
}
#: Hours that an officer may grant.
HOURS = (1, USUAL_HOURS, 72, MOST_HOURS)
_PURPOSE = "reveal"
_PAGE = 1000
_FIELDS = ("study", "participant", "label", "reason", "recording")


@router.get("/reveals")
def show(visit: SignedIn, study: str = "", participant: str = "", recording: str = "") -> Response:
    """Show what the person asked for, and what waits for them as an officer."""
    given = {"study": study, "participant": participant, "recording": recording}
    return _page(visit, given=given)


@router.post("/reveals/for")
def ask_for(visit: SignedIn, form: GivenForm) -> Response:
    """Show the form with what the bench of a reviewer sends; nothing is asked yet."""
    return _page(visit, given={name: form.text(name, most=100) for name in _FIELDS})


@router.post("/reveals/ask")
def ask(visit: SignedIn, form: GivenForm) -> Response:
    """Ask who or what a label stands for."""
    given = {name: form.text(name, most=100) for name in _FIELDS}
    chosen = RevealReason(form.one_of("reason", list(RevealReason)))
    with visit.calling(REVIEWER, _PURPOSE) as services:
        try:
            services.reveals.request(
                given["study"], given["participant"], given["label"], chosen, given["recording"]
            )
        except SottoError as error:
            return _page(visit, 400, given=given, fault=visit.say_error(error))
    return visit.go("/reveals")


@router.post("/reveals/decide")
def decide(visit: SignedIn, form: GivenForm) -> Response:
    """Grant or refuse what another person asked for."""
    study, reveal = _which(form)
    if form.one_of("decision", {"grant", "refuse"}) == "grant":
        visit.step_up("/reveals")
        with visit.calling(COMPLIANCE, _PURPOSE) as services:
            services.reveals.grant(
                study, reveal, hours=form.number("hours"), times=form.number("times")
            )
    else:
        with visit.calling(COMPLIANCE, _PURPOSE) as services:
            services.reveals.refuse(study, reveal)
    return visit.go("/reveals")


@router.post("/reveals/show")
def reveal(visit: SignedIn, form: GivenForm) -> Response:
    """Show who or what stands behind a label; each time counts."""
    visit.step_up("/reveals")
    study, asked = _which(form)
    with visit.calling(REVIEWER, _PURPOSE) as services:
        answer = services.reveals.show(study, asked)
    return visit.render(
        "reveals/shown.html",
        reveal=answer.reveal,
        revealed=answer.revealed,
        left=answer.reveal.most_times - len(answer.reveal.shown_at),
    )


def waiting(visit: Visit) -> Sequence[Waiting]:
    """Tell a reviewer what was granted to them."""
    with visit.calling(REVIEWER, _PURPOSE) as services:
        found = sum(state_of(one) == "granted" for one in services.reveals.list())
    if not found:
        return []
    text = visit.say("A compliance officer granted what you asked for. It is shown for a while.")
    return [
        Waiting(
            visit.say("Pseudonyms to be shown to you"), text, "/reveals", visit.say("See it"), found
        )
    ]


def waiting_officer(visit: Visit) -> Sequence[Waiting]:
    """Tell an officer what others asked for."""
    with visit.calling(COMPLIANCE, _PURPOSE) as services:
        asked = services.reveals.list()
    found = sum(state_of(one) == "waits" and one.requested_by != visit.person for one in asked)
    if not found:
        return []
    text = visit.say("A reviewer asks who stands behind a pseudonym. You decide, and see no name.")
    heading = visit.say("Requests to reveal a pseudonym")
    return [Waiting(heading, text, "/reveals", visit.say("Decide"), found)]


def _page(visit: Visit, status: int = 200, *, given: dict[str, str], fault: str = "") -> Response:
    if not {REVIEWER, COMPLIANCE} & set(visit.roles):
        raise PermissionDenied("this page is for reviewers and compliance officers")
    mine: list[reveal_pb2.Reveal] = []
    everybody: list[reveal_pb2.Reveal] = []
    studies: set[str] = set()
    if REVIEWER in visit.roles:
        with visit.calling(REVIEWER, _PURPOSE) as services:
            mine = list(reversed(services.reveals.list()))
            found = services.reviews.ListReviews(review_pb2.ListReviewsRequest(page_size=_PAGE))
            studies = {one.ref.study_id for one in found.items}
    if COMPLIANCE in visit.roles:
        with visit.calling(COMPLIANCE, _PURPOSE) as services:
            everybody = list(reversed(services.reveals.list()))
    return visit.render(
        "reveals/page.html",
        status,
        mine=mine,
        waits=[one for one in everybody if state_of(one) == "waits"],
        decided=[one for one in everybody if state_of(one) != "waits"],
        studies=[(one, one) for one in sorted(studies)],
        reason_choices=[(code, visit.say(words)) for code, words in REASONS.items()],
        given={name: given.get(name, "") for name in _FIELDS},
        fault=fault,
        reasons=REASONS,
        states=STATES,
        state_of=state_of,
        reason_of=reason_of,
        hours=HOURS,
        usual_hours=USUAL_HOURS,
        most_times=MOST_TIMES,
        may_ask=REVIEWER in visit.roles,
        may_decide=COMPLIANCE in visit.roles,
    )


def _which(form: Form) -> tuple[str, str]:
    return form.text("study", most=64), form.text("reveal", most=64)
