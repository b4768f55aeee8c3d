# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest

from services.common.errors import Conflict, NotFound
from services.deidentification.domain.reveals import Reveal, Reveals, new_id
from services.deidentification.errors import NotGranted, SomebodyElse
from services.registry.reveals import RevealReason, RevealState
from tests.support.reveal_desk import NURSE, RevealZone

NOW = datetime(2026, 11, 29, 10, 0, tzinfo=UTC)


class Desk:
    """The rules over a zone, with a clock that the test sets."""

    def __init__(self) -> None:
        self.zone, self.now = RevealZone(), NOW
        self.reveals = Reveals(self.zone, lambda: self.now)

    def ask(self, label: str = "Nurse 2", person: str = "dr.lim") -> tuple[Reveal, bool]:
        """Ask for a label of P07."""
        asked = Reveal("peer", "P07", new_id(), label, RevealReason.SAFETY_REPORT, person, self.now)
        return self.reveals.request(asked)

    def decide(
        self, asked: Reveal, person: str = "puan.aishah", *, grants: bool = True, times: int = 0
    ) -> Reveal:
        """Decide on what was asked."""
        return self.reveals.decide(
            "peer", asked.reveal_id, person, grants=grants, hours=0, times=times
        )


@pytest.fixture
def desk() -> Desk:
    """Nothing asked yet."""
    return Desk()


class TestReveals:
    def test_one_asks_another_grants_the_first_sees_it_once(self, desk: Desk) -> None:
        """For a day and one time, where the officer says nothing else."""
        asked, existed = desk.ask()
        assert (asked.state, existed) == (RevealState.PENDING, False)
        granted = desk.decide(asked)
        assert granted.expires_at == NOW + timedelta(hours=24)
        shown, found = desk.reveals.show("peer", asked.reveal_id, "dr.lim")
        assert (list(found), shown.shown_at) == ([NURSE], (NOW,))
        with pytest.raises(NotGranted, match="as often as was granted"):
            desk.reveals.show("peer", asked.reveal_id, "dr.lim")

    def test_nobody_grants_or_refuses_their_own(self, desk: Desk) -> None:
        """Whatever their role is."""
        asked, _ = desk.ask()
        for person in ("dr.lim", ""):
            with pytest.raises(SomebodyElse):
                desk.decide(asked, person)
        assert desk.reveals.find("peer", asked.reveal_id)[0].state == RevealState.PENDING

    def test_only_who_asked_sees_it(self, desk: Desk) -> None:
        """Neither who granted it nor a colleague; the vault is not opened for them."""
        asked, _ = desk.ask()
        desk.decide(asked)
        desk.zone.read.clear()
        for person in ("puan.aishah", "dr.tan", ""):
            with pytest.raises(SomebodyElse):
                desk.reveals.show("peer", asked.reveal_id, person)
        assert desk.zone.read == []

    @pytest.mark.parametrize("state", ["pending", "refused", "over"])
    def test_nothing_is_shown_without_a_grant_that_counts(self, desk: Desk, state: str) -> None:
        """Nor is the vault opened."""
        asked, _ = desk.ask()
        if state != "pending":
            desk.decide(asked, grants=state == "over")
        desk.now += timedelta(hours=24)
        desk.zone.read.clear()
        with pytest.raises(NotGranted):
            desk.reveals.show("peer", asked.reveal_id, "dr.lim")
        assert desk.zone.read == []

    def test_a_decision_stays(self, desk: Desk) -> None:
        """Also where two officers decide at a time."""
        asked, _ = desk.ask()
        desk.decide(asked, grants=False)
        with pytest.raises(NotGranted, match=r"refused by puan\.aishah") as refusal:
            desk.decide(asked, "en.kumar")
        assert refusal.value.reason == "decided"

    def test_asking_again_is_the_same_request_while_it_is_open(self, desk: Desk) -> None:
        """A colleague's is another one; after the end it is a new one."""
        first, _ = desk.ask()
        assert desk.ask() == (first, True)
        assert desk.ask(person="dr.tan")[1] is False
        desk.decide(first)
        assert desk.ask()[0].reveal_id == first.reveal_id
        desk.now += timedelta(hours=25)
        assert desk.ask()[1] is False

    def test_what_the_study_does_not_know_is_not_asked_for(self, desk: Desk) -> None:
        """A name in the place of a label stays out of the records, and of the message."""
        with pytest.raises(NotFound) as missing:
            desk.ask("Siti Aminah")
        assert "Siti" not in missing.value.message
        assert desk.zone.kept == {}

    def test_what_the_vault_lost_is_not_counted_as_shown(self, desk: Desk) -> None:
        """Such as after a restore."""
        asked, _ = desk.ask()
        desk.zone.kept[asked.reveal_id] = replace(asked, label="Nurse 3"), 1
        desk.decide(asked)
        with pytest.raises(NotFound):
            desk.reveals.show("peer", asked.reveal_id, "dr.lim")
        assert desk.zone.kept[asked.reveal_id][0].shown_at == ()

    def test_a_lost_race_is_tried_again_and_not_for_ever(self, desk: Desk) -> None:
        """Two replicas show what was granted once, once."""
        asked, _ = desk.ask()
        desk.zone.races = 1
        assert desk.decide(asked, times=2).most_times == 2
        desk.zone.races = 99
        with pytest.raises(Conflict):
            desk.reveals.show("peer", asked.reveal_id, "dr.lim")

    def test_an_unknown_one(self, desk: Desk) -> None:
        """Says where to look, and that a participant may have withdrawn."""
        with pytest.raises(NotFound, match="withdrew"):
            desk.reveals.show("peer", "rvl-" + "z" * 26, "dr.lim")
