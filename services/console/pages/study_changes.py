# SPDX-License-Identifier: Apache-2.0
"""What a form or a study file would change, shown before it is changed, and the change itself."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass

from starlette.responses import Response

from services.common.errors import InvalidInput
from services.common.roster_document import Roster
from services.console.adapters.services import Services
from services.console.errors import SignInRefused, TooManyAttempts
from services.console.pages import study_form
from services.console.web import proof
from services.console.web.faults import Fault, Unusable
from services.console.web.forms import Form
from services.console.web.visit import Visit
from services.registry.identities import OPERATOR
from services.studies import studies, study_file
from services.studies.study_changes import Change, changes, describe, of_roster, policy_diff
from sotto.study.v1 import study_pb2

#: Labels of what a study says, in English, in the order of the page.
LABELS = {
    "study_id": "Id",
    "title": "Title",
    "languages": "Languages",
    "policy": "Policy of de-identification",
    "review": "Review",
    "keep_recordings_days": "Days to keep recordings after the first release",
    "speakers": "How many people speak in an interview",
    "notation": "How releases mark pauses and overlap",
    "audio": "Sound in releases",
    "quality": "Gate of quality",
    "release_terms": "Terms of releases",
    "copies_until": "Day until which copies may be kept",
    "participants": "Participants",
    "members": "Members",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """What somebody wants of a study: `before` is None for a new one, `names` for those kept."""

    before: study_pb2.Study | None
    after: study_pb2.Study
    names: Roster | None
    changed: Sequence[Change]
    below_floor: Sequence[str]
    countersigned_by: Sequence[str]

    @property
    def is_grave(self) -> bool:
        """Whether it asks for fresh proof: what is grave does, and so does a new study."""
        return self.before is None or any(one.is_grave for one in self.changed)

    @property
    def seen(self) -> str:
        """A mark of what the study was when this was shown, and of what was shown."""
        stored = self.before.SerializeToString(deterministic=True) if self.before else b""
        shown = "\n".join(one.text for one in self.changed).encode()
        return hashlib.sha256(stored + b"\n" + shown).hexdigest()


def wanted(services: Services, form: Form) -> Wanted:
    """Return what a form wants; raises Unusable with what is wrong, field by field."""
    names: Roster | None = None
    if form.text("from_file"):
        study, document = study_form.from_file(
            form.exact("file", most=study_form.MOST_OF_FILE),
            form.exact("policy_document", most=study_form.MOST_OF_POLICY),
        )
        before, names = studies.stored(services, study.id), study.roster
    else:
        before = _stored(services, form)
        study, document = study_form.study_of(form, before)
    after = study_file.to_message(study, document)
    try:
        policy = studies.validate(services, after)
    except InvalidInput as error:
        raise Unusable([Fault("policy_document", error.message)]) from None
    found = changes(before, after) if before else []
    had = studies.roster_before(services, study) if before else None
    if had is not None and names is not None:
        found.append(of_roster(had, names.name_count))
    return Wanted(
        before,
        after,
        names,
        found,
        policy.below_floor,
        _signers(services, before, policy.digest),
    )


def _stored(services: Services, form: Form) -> study_pb2.Study | None:
    """Return the stored study of a form; one that is called new must not be there."""
    study_id = form.text("id")
    before = studies.stored(services, study_id) if study_form.is_id(study_id) else None
    if form.text("is_new") and before is not None:
        raise Unusable([Fault("id", "there is a study of this id; open it to change it")])
    return before


def _signers(services: Services, before: study_pb2.Study | None, digest: str) -> Sequence[str]:
    if before is None:
        return ()
    _, signed = studies.countersignatures(services, before.id)
    return [
        one.person
        for one in signed
        if one.policy_digest == digest and one.person not in before.policy_changed_by
    ]


def show(visit: Visit, form: Form, found: Wanted, fault: str = "", status: int = 200) -> Response:
    """Show what would change."""
    kept = [
        (name, value) for name, value in form.fields if name not in {"password", "code", "seen"}
    ]
    return visit.render(
        "studies/changes.html",
        status,
        kept=kept,
        found=found,
        record=describe(found.after),
        labels=LABELS,
        diff=policy_diff(found.before or study_pb2.Study(), found.after),
        proof_needed=found.is_grave and proof.is_needed(visit),
        fault=fault,
        back="/studies/file" if form.text("from_file") else "",
    )


def write(visit: Visit, form: Form) -> Response:
    """Make the change as it was shown; where it would be another one by now, show it again."""
    with visit.calling(OPERATOR, purpose="operations") as services:
        found = wanted(services, form)
        if form.text("seen") != found.seen:
            fault = "The study was changed meanwhile. Look at what would change now."
            return show(visit, form, found, fault, 409)
        try:
            token = proof.take(visit, form) if found.is_grave else ""
        except (SignInRefused, TooManyAttempts) as error:
            return show(visit, form, found, visit.say_error(error), 403)
        studies.write(services, found.after, found.names)
    return proof.keep(visit.go(f"/studies/{found.after.id}"), token)
