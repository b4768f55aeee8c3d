# SPDX-License-Identifier: Apache-2.0
"""What a reviewer does on the bench: each is one step, and shows the next place."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fastapi import APIRouter
from starlette.responses import Response

from services.common.errors import Conflict, InvalidInput, SottoError
from services.console.adapters.readings import Opened
from services.console.pages import review
from services.console.pages.review import Reviewer
from services.console.web.forms import Form, GivenForm
from services.console.web.review_view import KINDS, Bench, change, origin
from services.console.web.visit import Visit
from services.corrections.model import MarkedPlace
from services.registry.identities import REVIEWER
from services.release_client import review_places
from services.release_client.review_places import Place, original_words
from services.release_client.reviewing import STATES, Reading, Reviewing, Seen
from sotto.release.v1 import review_pb2
from sotto.storage.v1 import review_pb2 as stored_pb2

router = APIRouter()
_ROLES = ("", "interviewer", "participant")


@dataclass(frozen=True, slots=True)
class Act:
    """A step that a form asks for."""

    reviewing: Reviewing
    opened: Opened
    form: Form

    @property
    def reading(self) -> Reading:
        """What was read."""
        return self.opened.reading

    @property
    def place(self) -> Place:
        """The place that the form names."""
        return review_places.find(self.reading.segments, self.form.text("place"))

    @property
    def kind(self) -> str:
        """The kind of identifier that the form chooses."""
        return self.form.one_of("kind", KINDS)

    def original(self, place: Place) -> str:
        """Return the words behind a replacement; raises InvalidInput where they are ambiguous."""
        words = self.opened.identified or self.reviewing.identified(self.reading.item.ref)
        found = original_words(self.reading.segments[place.segment], place, words)
        if found is None:
            raise InvalidInput("it cannot be told which words stood there")
        return found


Answer = (
    review_pb2.AddCorrectionResponse
    | review_pb2.MarkPlacesResponse
    | review_pb2.MergeLabelsResponse
    | review_pb2.UndoStepResponse
    | review_pb2.RedoStepResponse
    | review_pb2.RemoveCorrectionResponse
    | review_pb2.AssignRolesResponse
)


@router.post("/review/{recording}/step")
def step(visit: Reviewer, recording: str, form: GivenForm) -> Response:
    """Take a step, and show the next place."""
    act = form.one_of("action", _STEPS)
    opened = review.opened_of(visit, recording)
    where = form.text("place")
    try:
        with visit.calling(REVIEWER, purpose="review") as services:
            made = _STEPS[act](Act(Reviewing(services), opened, form))
    except Conflict:
        # Somebody else came between: what they did is shown, and nothing was done here.
        opened = review.read(visit, recording, identified=opened.identified is not None)
        fault = visit.say("Somebody else worked on this meanwhile; look at it again.")
        return review.show(visit, Bench(opened.reading, opened.identified, where), fault=fault)
    except SottoError as error:
        if error.reason == "step_up_required":
            raise
        return review.show(
            visit, Bench(opened.reading, opened.identified, where), fault=visit.say_error(error)
        )
    after = opened.reading
    if made.HasField("step"):
        found = opened.reading.after(made.step, made.generation)
        if found is None:
            opened = review.read(visit, recording, identified=opened.identified is not None)
            after = opened.reading
        else:
            after = found
            review.readings(visit).put(review.handle(visit), recording, after, opened.identified)
    goes_on = act not in _STAYS
    bench = Bench(after, opened.identified, "" if goes_on else where)
    return review.show(visit, bench, said=_said(visit, act, made, len(bench.queue)))


@router.post("/review/{recording}/mentions")
def mentions(visit: Reviewer, recording: str, form: GivenForm) -> Response:
    """Show every mention of the same in its context, all ticked, before one decision takes them."""
    act = form.one_of("action", ("accept", "redact", "restore", "retype"))
    opened = review.opened_of(visit, recording)
    where = form.text("place")
    with visit.calling(REVIEWER, purpose="review") as services:
        place = review_places.find(opened.reading.segments, where)
        kind = form.one_of("kind", KINDS) if act == "redact" else ""
        asked = MarkedPlace(place.segment, place.start, place.end)
        found = Reviewing(services).mentions(opened.reading, asked, kind)
    bench = Bench(opened.reading, opened.identified, where)
    listed = [(_named(one), bench.spot(_as_place(one))) for one in found]
    return review.show(
        visit,
        bench,
        mentions={
            "action": act,
            "kind": form.text("kind"),
            "place": where,
            "listed": listed,
        },
        said=visit.say_count(
            len(listed), "{count} mention is listed", "{count} mentions are listed"
        ),
    )


@router.post("/review/{recording}/decide")
def decide(visit: Reviewer, recording: str, form: GivenForm) -> Response:
    """Approve or reject what was read."""
    approves = form.one_of("decision", ("approve", "reject")) == "approve"
    if approves:
        visit.step_up(f"/review/{recording}")
    decision = review_pb2.DECISION_APPROVE if approves else review_pb2.DECISION_REJECT
    seen = Seen.parse(form.text("run"), recording)
    with visit.calling(REVIEWER, purpose="review") as services:
        reviewing = Reviewing(services)
        item = reviewing.find(recording)
        if STATES[item.review.state] == "pending":
            # Own corrections wrote words on the run since the page was opened. While it waits no
            # decision stands that was not seen, and what else was changed the corrections tell.
            seen = replace(seen, review=item.review.generation)
        reviewing.decide(item.ref, seen, decision, form.text("reason", most=500))
    review.readings(visit).drop(review.handle(visit), recording)
    return visit.go("/review")


def _accept(act: Act) -> Answer:
    ticked = act.form.texts("ticked")
    places = [_marked(one) for one in ticked] if ticked else [_spot(act.place)]
    return act.reviewing.mark(act.reading, review_pb2.MARK_ACCEPT, places)


def _skip(act: Act) -> Answer:
    return act.reviewing.mark(act.reading, review_pb2.MARK_SKIP, [_spot(act.place)])


def _nothing(act: Act) -> Answer:
    turn = MarkedPlace(act.place.segment)
    return act.reviewing.mark(act.reading, review_pb2.MARK_NOTHING_HERE, [turn])


def _redact(act: Act) -> Answer:
    place = act.place
    if place.replacement is not None:
        raise InvalidInput("that is replaced already; give it another kind instead")
    return act.reviewing.add(_adding(act, _spot(place), stored_pb2.CORRECTION_KIND_REDACT))


def _add(act: Act) -> Answer:
    """Redact words that were selected, or typed with the number of their turn."""
    number = act.form.number("turn")
    if number >= len(act.reading.segments):
        raise InvalidInput(f"the last turn is {len(act.reading.segments) - 1}")
    segment = act.reading.segments[number]
    if act.form.text("to"):
        start = origin(segment, act.form.number("from"), at_end=False)
        end = origin(segment, act.form.number("to"), at_end=True)
        if start is None or end is None:
            raise InvalidInput("these words were corrected; take that back first")
    else:
        start, end = review_places.find_words(segment, act.form.text("words"), 0)
    spot = MarkedPlace(number, start, end)
    return act.reviewing.add(_adding(act, spot, stored_pb2.CORRECTION_KIND_REDACT))


def _retype(act: Act) -> Answer:
    return act.reviewing.add(_adding(act, _spot(act.place), stored_pb2.CORRECTION_KIND_RETYPE))


def _restore(act: Act) -> Answer:
    place = act.place
    if place.replacement is None:
        raise InvalidInput("nothing was replaced there")
    request = _adding(act, _spot(place), stored_pb2.CORRECTION_KIND_RESTORE, has_kind=False)
    request.text = act.original(place)
    for name in act.form.texts("ticked"):
        other = _place_at(act, _marked(name))
        if (other.segment, other.start) != (place.segment, place.start):
            request.also.add(
                segment=other.segment,
                start=other.start,
                end=other.end,
                text=act.original(other),
            )
    return act.reviewing.add(request)


def _wording(act: Act) -> Answer:
    number = act.form.number("turn")
    if number >= len(act.reading.segments):
        raise InvalidInput(f"the last turn is {len(act.reading.segments) - 1}")
    segment = act.reading.segments[number]
    found = change(segment.corrected.text, act.form.text("wording"))
    if found is None:
        raise InvalidInput("nothing is written anew")
    start = origin(segment, found[0], at_end=False)
    end = origin(segment, found[1], at_end=True)
    if start is None or end is None:
        raise InvalidInput("these words were corrected; take that back first")
    request = _adding(
        act,
        MarkedPlace(number, start, end),
        stored_pb2.CORRECTION_KIND_WORDING,
        has_kind=False,
    )
    request.text = found[2]
    return act.reviewing.add(request)


def _merge(act: Act) -> Answer:
    place = act.place
    segment = act.reading.segments[place.segment]
    start, end = segment.corrected.place_of(place.start, place.end)
    label = segment.corrected.text[start:end]
    if not act.form.text("into"):
        raise InvalidInput("choose the label that it is the same as")
    return act.reviewing.merge(act.reading, label, act.form.text("into"))


def _undo(act: Act) -> Answer:
    return act.reviewing.undo(act.reading, act.form.number("number"))


def _redo(act: Act) -> Answer:
    return act.reviewing.redo(act.reading)


def _roles(act: Act) -> Answer:
    speakers = {one.message.speaker for one in act.reading.segments}
    roles = {one: act.form.one_of(f"role-{one}", _ROLES) for one in sorted(speakers)}
    return act.reviewing.assign(act.reading, roles)


_STEPS: Mapping[str, Callable[[Act], Answer]] = {
    "accept": _accept,
    "skip": _skip,
    "nothing": _nothing,
    "redact": _redact,
    "add": _add,
    "retype": _retype,
    "restore": _restore,
    "wording": _wording,
    "merge": _merge,
    "undo": _undo,
    "redo": _redo,
    "roles": _roles,
}
_STAYS = frozenset({"add", "wording", "roles", "merge"})


def _adding(
    act: Act, spot: MarkedPlace, kind: stored_pb2.CorrectionKind, *, has_kind: bool = True
) -> review_pb2.AddCorrectionRequest:
    request = review_pb2.AddCorrectionRequest(
        ref=act.reading.item.ref,
        run_key=act.reading.item.run_key,
        kind=kind,
        segment=spot.segment,
        start=spot.start,
        end=spot.end,
        entity_type=act.kind if has_kind else "",
    )
    ticked = set(act.form.texts("ticked"))
    for name in act.form.texts("listed"):
        if name not in ticked:
            one = _marked(name)
            request.left_out.add(segment=one.segment, start=one.start, end=one.end)
    return request


def _spot(place: Place) -> MarkedPlace:
    return MarkedPlace(place.segment, place.start, place.end)


def _named(one: MarkedPlace) -> str:
    return f"{one.segment}-{one.start}-{one.end}"


def _marked(name: str) -> MarkedPlace:
    parts = name.split("-")
    if len(parts) != 3 or not all(one.isascii() and one.isdigit() for one in parts):
        raise InvalidInput("the list of mentions was changed; ask for it again")
    return MarkedPlace(*map(int, parts))


def _as_place(one: MarkedPlace) -> Place:
    return Place(one.segment, 0, one.start, one.end, None, (), None)


def _place_at(act: Act, one: MarkedPlace) -> Place:
    if one.segment >= len(act.reading.segments):
        raise InvalidInput("the list of mentions was changed; ask for it again")
    for place in act.reading.segments[one.segment].places:
        if (place.start, place.end) == (one.start, one.end):
            return place
    raise InvalidInput("the list of mentions was changed; ask for it again")


def _said(visit: Visit, act: str, made: Answer, left: int) -> str:
    """Return what is read out: what was done, and how much is left."""
    done = {
        "accept": visit.say("Accepted."),
        "skip": visit.say("Put off."),
        "nothing": visit.say("Nothing is left in that turn."),
        "restore": visit.say("Words are back."),
        "undo": visit.say("Undone."),
        "redo": visit.say("Done again."),
    }.get(act, visit.say("Corrected."))
    count = len(made.step.added) if made.HasField("step") else 0
    where = visit.say("{count} places changed.", count=count) if count > 1 else ""
    rest = visit.say_count(left, "{count} doubtful place left.", "{count} doubtful places left.")
    return " ".join(part for part in (done, where, rest) if part)
