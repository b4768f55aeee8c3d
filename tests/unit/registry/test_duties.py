# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.registry.access import ALLOWED
from services.registry.duties import APART, DUTIES, callers_of
from services.registry.identities import COMPLIANCE, FLOWS, OPERATOR


class TestDuties:
    def test_every_grpc_service_is_for_one_duty(self) -> None:
        """A new service of a server finds no place but a duty, which says what it gives."""
        places = [place for places in DUTIES.values() for place in places]

        assert len(places) == len(set(places))
        assert set(places) == {(server, one) for server, lists in ALLOWED.items() for one in lists}

    @pytest.mark.parametrize(("one", "other"), APART)
    def test_no_certificate_holds_duties_that_are_kept_apart(self, one: str, other: str) -> None:
        """Whoever steers, writes policies, decides or takes out is another one each."""
        assert callers_of(one) & callers_of(other) == frozenset()

    def test_the_orchestrator_writes_no_study_and_builds_no_release(self) -> None:
        """It steers what others described; each of its duties is named here."""
        held = {duty for duty in DUTIES if FLOWS in callers_of(duty)}

        assert held == {
            "have recordings transcribed and de-identified",
            "see what is due",
            "tell how far work is",
            "note why a recording stopped, or that it is tried again",
            "apply the rule of a policy",
            "delete what a study's rule of retention ends",
            "end uploads that nobody finished",
            "see ids, counts and states",
            "have a store checked by schedule",
            "append to the audit log",
            "have the audit log checked by schedule",
        }

    def test_who_looks_into_the_log_runs_nothing(self) -> None:
        """The compliance officer's certificate starts no work, and the operator's reads no log."""
        assert COMPLIANCE not in callers_of("have recordings transcribed and de-identified")
        assert OPERATOR not in callers_of("read the audit log")
