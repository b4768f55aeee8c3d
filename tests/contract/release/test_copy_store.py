# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from collections.abc import Iterator
from dataclasses import dataclass

import pytest

from services.registry import identities
from services.release.adapters.copy_store import CopyStoreClient
from services.release.domain.copies.copy import Copy, Taking
from services.release.domain.copies.ports import CopyStore
from services.release.errors import CopyChanged
from tests.support.memory_copies import MemoryCopies
from tests.support.release_builders import NOON
from tests.support.release_service import ReleaseDeployment

_numbers = itertools.count()


@dataclass
class Kept:
    """A store under test and a study in it."""

    store: CopyStore
    study: str


@pytest.fixture(params=["memory", "service"])
def kept(request: pytest.FixtureRequest, deployment: ReleaseDeployment) -> Iterator[Kept]:
    """A store that has no copy of the study yet."""
    study = f"copies-{next(_numbers)}"
    if request.param == "memory":
        yield Kept(MemoryCopies(), study)
        return
    deployment.create_study(study)
    with deployment.peers(identities.RELEASE) as peers:
        yield Kept(CopyStoreClient(peers.channel(identities.RESEARCH)), study)


def copy(study: str, person: str = "nur") -> Copy:
    """Return a copy that was just taken."""
    return Copy(
        taking=Taking(
            study=study,
            release="rel-" + "a" * 26,
            person=person,
            form="txt-readable",
            purpose="analysis",
            purpose_text="für die Auswertung",
            terms="Keep it.",
            taken_at=NOON,
            request_id="q1",
        )
    )


class TestCopyStore:
    """What the domain relies on holds for records in memory and for the real service."""

    def test_gives_the_newest_state_of_each(self, kept: Kept) -> None:
        """Nothing before the first; a later state takes the place of the one before."""
        assert list(kept.store.copies(kept.study)) == []
        mine, theirs = copy(kept.study), copy(kept.study, "dr.lim")
        assert [kept.store.put_copy(one, 0) for one in (mine, theirs)] == [1, 1]
        gone = mine.model_copy(update={"destroyed_at": NOON})
        assert kept.store.put_copy(gone, 1) == 2
        found = {
            one.copy.copy_id: (one.copy, one.generation) for one in kept.store.copies(kept.study)
        }
        assert found == {mine.copy_id: (gone, 2), theirs.copy_id: (theirs, 1)}

    def test_of_two_writers_one_wins(self, kept: Kept) -> None:
        """The other one reads again."""
        kept.store.put_copy(copy(kept.study), 0)
        with pytest.raises(CopyChanged):
            kept.store.put_copy(copy(kept.study), 0)
