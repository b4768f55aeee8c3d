# SPDX-License-Identifier: Apache-2.0
"""How long a disk lasts, and how old a zone key is, as hospital IT reads it."""

from __future__ import annotations

import datetime as dt

import grpc
import pytest

from services.registry.identities import CLINICAL, RESEARCH
from services.upkeep_client import stores
from services.upkeep_client.facts import Fact, Tone
from sotto.storage.v1 import admin_pb2, admin_service_pb2_grpc
from tests.support.in_process import InProcessChannel

GIB, MIB = 1 << 30, 1 << 20
NOW = dt.datetime(2026, 11, 29, tzinfo=dt.UTC)


class Store(admin_service_pb2_grpc.StoreAdminServiceServicer):
    """A store that tells what it is given."""

    def __init__(self, **told: object) -> None:
        self._told = admin_pb2.DescribeStoreResponse(**told)  # type: ignore[arg-type]

    def DescribeStore(
        self, _request: admin_pb2.DescribeStoreRequest, _context: grpc.ServicerContext
    ) -> admin_pb2.DescribeStoreResponse:
        """Tell it."""
        return self._told


class Stores:
    """Channels to the stores of both zones; the log is away."""

    def __init__(self, clinical: Store, research: Store) -> None:
        self._stores = {CLINICAL: clinical, RESEARCH: research}

    def channel(self, name: str) -> grpc.Channel:
        """Return the channel to a store."""
        service = "sotto.storage.v1.StoreAdminService"
        return InProcessChannel.to({service: self._stores[name]} if name in self._stores else {})


def store(free: int = 100 * GIB, a_day: int = 0, days: int = 28, **told: object) -> Store:
    """Describe a store on a disk of 500 GiB."""
    return Store(
        disk_free_bytes=free, disk_total_bytes=500 * GIB, taken_bytes_per_day=a_day,
        taken_days=days, **told,
    )  # fmt: skip


def facts(clinical: Store, research: Store | None = None) -> dict[str, Fact]:
    """Return the facts of the clinical store by name."""
    beside = research or Store(zone="research")
    described = stores._described(Stores(clinical, beside), CLINICAL)
    other = stores._beside(Stores(clinical, beside), CLINICAL, described)
    told = [*stores._lasts(described, other), stores._key_age(described, NOW)]
    return {one.name: one for one in told}


class TestDiskLasts:
    @pytest.mark.parametrize(
        ("a_day", "words", "tone"),
        [
            (2 * GIB, "about 50 days, at 2,048.0 MiB a day as in the last 28", Tone.DOUBT),
            (GIB // 2, "about 6 months, at 512.0 MiB a day as in the last 28 days", Tone.PLAIN),
            (MIB, "more than 3 years, at 1.0 MiB a day as in the last 28 days", Tone.PLAIN),
        ],
    )
    def test_at_the_pace_of_the_last_weeks(self, a_day: int, words: str, tone: Tone) -> None:
        """In days where it is soon, which is marked with what to do."""
        fact = facts(store(a_day=a_day))["disk lasts"]
        assert next(fact.lines()) == words
        assert fact.tone is tone
        assert bool(fact.advice) is (tone is Tone.DOUBT)

    def test_zones_on_one_disk_fill_it_together(self) -> None:
        """Two stores that tell of the same disk; another disk does not count."""
        together = facts(store(a_day=GIB), store(a_day=GIB))["disk lasts"]
        assert together.values["left"] == 50
        alone = facts(store(a_day=2 * GIB), store(free=400 * GIB, a_day=GIB))["disk lasts"]
        assert alone.values["left"] == 50

    @pytest.mark.parametrize("told", [store(days=0, a_day=GIB), store(a_day=0)])
    def test_too_little_is_known(self, told: Store) -> None:
        """Nothing is said."""
        assert "disk lasts" not in facts(told)


class TestKeyAge:
    def test_a_token_that_does_not_tell(self) -> None:
        """In words, apart from other providers."""
        for provider, words in (("pkcs11", "token does not tell"), ("other", "provider does not")):
            told = facts(store(key_provider=provider))["age of the zone key"].text
            assert words in told
