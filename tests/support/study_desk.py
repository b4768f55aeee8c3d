# SPDX-License-Identifier: Apache-2.0
"""The console before both stores and the reader of policies, in this process."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import grpc

from services.common.audit import AuditTrail
from services.common.errors import Unavailable
from services.deidentification.handlers.deidentification import PolicyHandlers
from services.registry import identities
from services.storage.adapters.directory import DirectoryBackend
from services.storage.domain.catalog import Catalog
from services.storage.domain.countersignatures import CountersignatureStore
from services.storage.domain.names import Owner
from services.storage.domain.pending import PendingList
from services.storage.domain.versioned import VersionedDocuments
from services.storage.handlers.catalog import CatalogReaderHandlers, CatalogWriterHandlers
from services.storage.handlers.countersignatures import CountersignatureHandlers
from services.storage.handlers.vault import RosterWriterHandlers
from sotto.study.v1 import study_pb2
from tests.support.console import Desk
from tests.support.fake_audit_log import FakeAuditLog
from tests.support.in_process import InProcessChannel
from tests.support.storage_zone import open_zone

#: A policy of a study's own, which keeps names: it needs a countersignature.
KEEPS_NAMES = "name: strict\nversion: 1\nentities:\n  PERSON: keep\n"


class Stores:
    """What the pages of studies call; `log` has what the stores recorded."""

    def __init__(self, folder: Path) -> None:
        self.log = FakeAuditLog()
        trail = AuditTrail(self.log)
        zones = {name: open_zone(folder / name, name).store for name in ("clinical", "research")}
        clinical, research = Catalog(zones["clinical"]), Catalog(zones["research"])
        self.catalogs = (clinical, research)
        self._rosters = VersionedDocuments(zones["clinical"], "roster")
        signatures = CountersignatureStore(zones["clinical"])
        pending = PendingList(
            DirectoryBackend(folder / "pending"), zones["clinical"], clinical.sealed
        )
        self._servicers: dict[str, dict[str, object]] = {
            identities.CLINICAL: {
                "sotto.storage.v1.CatalogReaderService": CatalogReaderHandlers(
                    clinical, signatures
                ),
                "sotto.storage.v1.CatalogWriterService": CatalogWriterHandlers(
                    clinical, pending, trail
                ),
                "sotto.storage.v1.CountersignatureService": CountersignatureHandlers(
                    clinical, signatures, pending, trail
                ),
                "sotto.storage.v1.RosterWriterService": RosterWriterHandlers(
                    self._rosters, pending, trail
                ),
            },
            identities.RESEARCH: {
                "sotto.storage.v1.CatalogReaderService": CatalogReaderHandlers(research),
                "sotto.storage.v1.CatalogWriterService": CatalogWriterHandlers(
                    research, None, trail
                ),
            },
            identities.DEIDENTIFICATION: {
                "sotto.deidentification.v1.PolicyService": PolicyHandlers()
            },
        }

    def channel(self, name: str) -> grpc.Channel:
        """Return the channel to a service."""
        if name not in self._servicers:
            raise Unavailable(f"{name} does not answer; see: sotto status")
        return InProcessChannel.to(self._servicers[name])

    def study(self, study_id: str) -> study_pb2.Study:
        """Return a study as the clinical zone has it, which the research zone has too."""
        stored = [study_pb2.Study.FromString(one.get_study(study_id)) for one in self.catalogs]
        assert stored[0].title == stored[1].title
        return stored[0]

    def roster(self, study_id: str) -> str:
        """Return the sealed names of a study, as text."""
        return self._rosters.latest(Owner.of_study(study_id))[0].decode()


@contextmanager
def study_desk(folder: Path) -> Iterator[tuple[Desk, Stores]]:
    """Give a console and the stores that it calls."""
    stores = Stores(folder)
    with Desk(folder, channel=stores.channel) as desk:
        yield desk, stores
