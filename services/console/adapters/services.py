# SPDX-License-Identifier: Apache-2.0
"""The services that a page calls, each under the name of what it is for."""

from __future__ import annotations

from collections.abc import Callable

import grpc

from services.registry import identities
from services.release_client.quality import Quality
from services.release_client.reveals import Reveals
from services.storage_client.catalog import CatalogClient
from sotto.release.v1 import release_service_pb2_grpc

Channel = Callable[[str], grpc.Channel]
"""Gives the channel to a service by its name."""


class Services:
    """The clients of a page; their calls are those of the person for whom `Visit.calling` acts."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel

    @property
    def reviews(self) -> release_service_pb2_grpc.ReviewServiceStub:
        """Transcripts that wait for review, and decisions on them."""
        return release_service_pb2_grpc.ReviewServiceStub(self.channel(identities.RELEASE))

    @property
    def releases(self) -> release_service_pb2_grpc.ReleaseReaderServiceStub:
        """Releases of the studies of a researcher."""
        return release_service_pb2_grpc.ReleaseReaderServiceStub(self.channel(identities.RELEASE))

    @property
    def quality(self) -> Quality:
        """Rounds of quality, as reviewers take part in them."""
        return Quality(self.channel(identities.RELEASE))

    @property
    def reveals(self) -> Reveals:
        """Requests to reveal pseudonyms."""
        return Reveals(self.channel(identities.DEIDENTIFICATION))

    @property
    def clinical(self) -> CatalogClient:
        """Studies and recordings of the clinical zone."""
        return CatalogClient(self.channel(identities.CLINICAL))
