# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.registry.reveals import RevealReason, RevealState
from services.storage.domain import names
from services.storage.domain.reveals import RevealRecord, Reveals
from services.storage.domain.scrub import Scrub
from services.storage.errors import DiffersFromStored, GenerationMoved, RolledBack
from tests.support.storage_zone import P07, P08, StorageZone, open_zone

ID = "rvl-" + "a" * 26
AT = "2026-11-29T10:00:00.000000+00:00"
ASKED = RevealRecord(
    reveal=ID,
    label="P07's brother",
    reason=RevealReason.SAFETY_REPORT,
    requested_by="dr.lim",
    requested_at=AT,
)
GRANTED = ASKED.model_copy(
    update={
        "state": RevealState.GRANTED, "decided_by": "puan.aishah", "decided_at": AT,
        "expires_at": AT, "most_times": 2,
    }
)  # fmt: skip
REFUSED = ASKED.model_copy(
    update={"state": RevealState.REFUSED, "decided_by": "puan.aishah", "decided_at": AT}
)


@pytest.fixture
def zone(tmp_path: Path) -> StorageZone:
    """The clinical zone."""
    return open_zone(tmp_path / "zone")


def shown(before: RevealRecord, *times: str) -> RevealRecord:
    """Return a record that was shown at these times too."""
    return before.model_copy(update={"shown_at": (*before.shown_at, *times)})


class TestSteps:
    """What was asked, decided and shown is written once."""

    def test_each_is_a_generation_and_the_newest_is_listed(self, zone: StorageZone) -> None:
        """Asked, granted, shown twice; nothing of it is strange to a scrub."""
        reveals = Reveals(zone.store)
        for base, one in enumerate((ASKED, GRANTED, shown(GRANTED, AT), shown(GRANTED, AT, AT))):
            assert reveals.put(P07, one, base) == base + 1
        assert list(reveals.all(P07.study)) == [(P07, shown(GRANTED, AT, AT), 4)]
        assert list(reveals.all("")) == list(reveals.all(P07.study))
        assert list(reveals.all("other")) == []
        assert list(Scrub(zone.store).findings()) == []

    @pytest.mark.parametrize(
        ("before", "after"),
        [
            ((), GRANTED),
            ((ASKED,), ASKED),
            ((ASKED,), GRANTED.model_copy(update={"decided_by": "dr.lim"})),
            ((ASKED,), GRANTED.model_copy(update={"label": "P07's sister"})),
            ((ASKED,), GRANTED.model_copy(update={"expires_at": None})),
            ((ASKED,), shown(GRANTED, AT)),
            ((ASKED, REFUSED), GRANTED),
            ((ASKED, REFUSED), shown(REFUSED, AT)),
            ((ASKED, GRANTED), shown(GRANTED, AT, AT)),
            ((ASKED, GRANTED), shown(GRANTED.model_copy(update={"most_times": 5}), AT)),
            ((ASKED, GRANTED, shown(GRANTED, AT)), GRANTED),
        ],
    )
    def test_any_other_is_refused(
        self, zone: StorageZone, before: tuple[RevealRecord, ...], after: RevealRecord
    ) -> None:
        """Nobody grants their own, changes a word that was given, or takes a showing back."""
        reveals = Reveals(zone.store)
        for base, one in enumerate(before):
            reveals.put(P07, one, base)
        with pytest.raises(DiffersFromStored):
            reveals.put(P07, after, len(before))

    def test_one_time_more_than_was_granted_is_refused(self, zone: StorageZone) -> None:
        """The store counts too."""
        reveals = Reveals(zone.store)
        for base, one in enumerate((ASKED, GRANTED, shown(GRANTED, AT), shown(GRANTED, AT, AT))):
            reveals.put(P07, one, base)
        with pytest.raises(DiffersFromStored):
            reveals.put(P07, shown(GRANTED, AT, AT, AT), 4)

    def test_of_two_writers_one_wins(self, zone: StorageZone) -> None:
        """The other one reads again: two replicas show one showing once."""
        Reveals(zone.store).put(P07, ASKED, 0)
        Reveals(zone.store).put(P07, GRANTED, 1)
        with pytest.raises(GenerationMoved):
            Reveals(zone.store).put(P07, REFUSED, 1)

    def test_survives_and_is_missed_where_it_was_taken_away(self, zone: StorageZone) -> None:
        """Another process finds it; nobody hides that something was shown."""
        reveals = Reveals(zone.store)
        for base, one in enumerate((ASKED, GRANTED, shown(GRANTED, AT))):
            reveals.put(P07, one, base)
        again = open_zone(zone.root)
        assert [one for _, one, _ in Reveals(again.store).all("")] == [shown(GRANTED, AT)]
        zone.store.backend.delete(names.generation(P07, names.reveal(ID), 3))
        with pytest.raises(RolledBack):
            list(Reveals(again.store).all(""))

    def test_goes_with_the_participant(self, zone: StorageZone) -> None:
        """Whose key seals it; those of others stay."""
        reveals = Reveals(zone.store)
        reveals.put(P07, ASKED, 0)
        other = ASKED.model_copy(update={"reveal": "rvl-" + "b" * 26, "label": "P08's friend"})
        reveals.put(P08, other, 0)
        zone.store.keyring.destroy(P07, ())
        assert [owner for owner, _, _ in reveals.all(P07.study)] == [P08]
