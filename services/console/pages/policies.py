# SPDX-License-Identifier: Apache-2.0
"""Policies of studies, for compliance: what keeps more than a policy may, and the word on it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.responses import Response

from services.common.errors import SottoError
from services.console.adapters.services import Services
from services.console.errors import SignInRefused, TooManyAttempts
from services.console.pages.officer import Officer
from services.console.web import proof
from services.console.web.forms import GivenForm
from services.console.web.visit import Visit
from services.console.web.waiting import Waiting
from services.registry.identities import COMPLIANCE
from services.studies import studies
from sotto.storage.v1 import catalog_pb2
from sotto.study.v1 import study_pb2

router = APIRouter()


@dataclass(frozen=True, slots=True)
class StudyPolicy:
    """The policy of a study, what lies below the floor in it, and who said yes to it."""

    study: study_pb2.Study
    version: str
    digest: str
    below_floor: Sequence[str]
    signed: Sequence[catalog_pb2.PolicyCountersignature]

    @property
    def waits(self) -> bool:
        """Whether nothing is de-identified under it until somebody countersigns it."""
        return bool(self.below_floor) and not self.signed


@router.get("/policies")
def show_all(visit: Officer) -> Response:
    """List the policies of the studies, those that wait first."""
    found = sorted(_all(visit), key=lambda one: (not one.waits, one.study.id))
    return visit.render("compliance/policies.html", policies=found)


@router.get("/policies/{study_id}")
def one(visit: Officer, study_id: str) -> Response:
    """Show what a study's policy keeps, its text, and who may say yes to it."""
    with visit.calling(COMPLIANCE, "compliance") as services:
        found = _policy(services, study_id)
    return _page(visit, found)


@router.post("/policies/{study_id}")
def countersign(visit: Officer, study_id: str, form: GivenForm) -> Response:
    """Let the study use the policy that was shown; one shows again who one is."""
    with visit.calling(COMPLIANCE, "compliance") as services:
        found = _policy(services, study_id)
    if form.text("digest") != found.digest:
        return _page(visit, found, "The policy was changed meanwhile. Look at it again.", 409)
    try:
        token = proof.take(visit, form)
    except (SignInRefused, TooManyAttempts) as error:
        return _page(visit, found, visit.say_error(error), 403)
    with visit.calling(COMPLIANCE, "compliance") as services:
        try:
            studies.countersign(services, study_id, found.digest)
        except SottoError as error:
            return proof.keep(_page(visit, found, visit.say_error(error), 403), token)
    return proof.keep(visit.go(f"/policies/{study_id}"), token)


def _page(visit: Visit, found: StudyPolicy, fault: str = "", status: int = 200) -> Response:
    return visit.render(
        "compliance/policy.html",
        status,
        found=found,
        is_mine=visit.person in found.study.policy_changed_by,
        proof_needed=proof.is_needed(visit),
        fault=fault,
    )


def _policy(services: Services, study_id: str) -> StudyPolicy:
    study, signed = studies.countersignatures(services, study_id)
    told = studies.validate(services, study)
    valid = [
        one
        for one in signed
        if one.policy_digest == told.digest and one.person not in study.policy_changed_by
    ]
    return StudyPolicy(study, told.version, told.digest, list(told.below_floor), valid)


def _all(visit: Visit) -> list[StudyPolicy]:
    with visit.calling(COMPLIANCE, "compliance") as services:
        return [_policy(services, one) for one in services.clinical.studies()]


def waiting(visit: Visit) -> Sequence[Waiting]:
    """Return the policies that wait for a countersignature, for the first page."""
    with visit.calling(COMPLIANCE, "compliance") as services:
        own = [
            one
            for one in map(services.clinical.study, services.clinical.studies())
            if one.policy_document
        ]
        count = sum(_policy(services, one.id).waits for one in own)
    if not count:
        return ()
    return (
        Waiting(
            visit.say("Policies that wait for a countersignature"),
            visit.say("They keep more than a policy may by itself; nothing is made under them."),
            "/policies",
            visit.say("Look at them"),
            count,
        ),
    )
