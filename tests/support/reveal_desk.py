# SPDX-License-Identifier: Apache-2.0
"""Requests to reveal pseudonyms in memory, and the services that their pages call."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import grpc

from services.common.audit import AuditTrail
from services.common.errors import Conflict, NotFound, Unavailable
from services.deidentification.domain.reveals import Reveal, Revealed
from services.deidentification.domain.reveals import Reveals as Rules
from services.deidentification.handlers.reveals import (
    RevealDecisionHandlers,
    RevealHandlers,
    RevealReaderHandlers,
)
from services.registry.identities import DEIDENTIFICATION, RELEASE
from services.storage_client.catalog import CatalogClient
from sotto.release.v1 import quality_pb2, review_pb2
from sotto.storage.v1 import catalog_pb2, recording_pb2
from sotto.study.v1 import study_pb2
from tests.support.fake_audit_log import FakeAuditLog
from tests.support.in_process import InProcessChannel
from tests.support.members import member

NURSE = Revealed(True, ("siti aminah", "siti"))


class RevealZone:
    """Records in a list, and a vault of one nurse; `races` calls lose theirs first."""

    def __init__(self) -> None:
        self.kept: dict[str, tuple[Reveal, int]] = {}
        self.races = 0
        self.read: list[str] = []

    def reveals(self, study: str) -> Sequence[tuple[Reveal, int]]:
        """Those of a study."""
        return [one for one in self.kept.values() if study in ("", one[0].study)]

    def put_reveal(self, reveal: Reveal, generation: int) -> None:
        """Keep a step."""
        if self.races:
            self.races -= 1
            raise Conflict("another was faster")
        assert self.kept.get(reveal.reveal_id, (None, 0))[1] == generation
        self.kept[reveal.reveal_id] = reveal, generation + 1

    def behind(self, _study: str, _participant: str, label: str) -> Sequence[Revealed]:
        """Look into the vault."""
        self.read.append(label)
        return [NURSE] if label == "Nurse 2" else []


_PACKAGE = "sotto.deidentification.v1."


class Catalog:
    """A catalogue of one study, whose reviewers are lim and nora, and its queue."""

    def GetStudy(self, request: Any, _context: object) -> catalog_pb2.GetStudyResponse:
        """Describe it."""
        if request.study_id != "peer":
            raise NotFound("there is no such study")
        study = study_pb2.Study(
            id="peer", participants=["P07"], members=[member("lim"), member("nora")]
        )
        return catalog_pb2.GetStudyResponse(study=study)

    def ListStudies(self, _request: Any, _context: object) -> catalog_pb2.ListStudiesResponse:
        """Name it."""
        return catalog_pb2.ListStudiesResponse(study_ids=["peer"])

    def ListRounds(self, _request: Any, _context: object) -> quality_pb2.ListRoundsResponse:
        """Tell of no round."""
        return quality_pb2.ListRoundsResponse()

    def ListReviews(self, _request: Any, _context: object) -> review_pb2.ListReviewsResponse:
        """Give the queue."""
        ref = recording_pb2.RecordingRef(study_id="peer", participant="P07")
        return review_pb2.ListReviewsResponse(items=[review_pb2.ReviewItem(ref=ref)])


class Hospital:
    """The services behind the pages."""

    def __init__(self) -> None:
        self.zone, self.log = RevealZone(), FakeAuditLog()
        storage = {"sotto.storage.v1.CatalogReaderService": Catalog()}
        catalog = CatalogClient(InProcessChannel.to(storage))
        rules, trail = Rules(self.zone), AuditTrail(self.log)
        self._channels: dict[str, dict[str, object]] = {
            DEIDENTIFICATION: {
                f"{_PACKAGE}RevealService": RevealHandlers(rules, catalog, trail),
                f"{_PACKAGE}RevealDecisionService": RevealDecisionHandlers(rules, catalog, trail),
                f"{_PACKAGE}RevealReaderService": RevealReaderHandlers(self.zone, catalog),
            },
            RELEASE: {
                "sotto.release.v1.ReviewService": Catalog(),
                "sotto.release.v1.QualityReaderService": Catalog(),
            },
        }

    def channel(self, name: str) -> grpc.Channel:
        """Return the channel to a service."""
        if name not in self._channels:
            raise Unavailable(f"this test has no {name}")
        return InProcessChannel.to(self._channels[name])
