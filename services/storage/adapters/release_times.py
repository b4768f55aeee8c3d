# SPDX-License-Identifier: Apache-2.0
"""Times of releases, asked of the research zone.

The clinical zone asks the research zone, never the other way round, and sends ids alone.
"""

from __future__ import annotations

from datetime import UTC, datetime

import grpc

from services.common.errors import NotFound
from services.storage.domain.names import Owner, RecordingRef
from services.storage_client.catalog import CatalogClient, recording_ref


class ResearchReleaseTimes:
    """The port `ReleaseTimes`, over gRPC."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._catalog = CatalogClient(channel)

    def of(self, ref: RecordingRef) -> datetime | None:
        """Return when the first release with a recording's words was finished, or None."""
        name = recording_ref(ref.owner.study, ref.owner.participant, ref.recording_id)
        try:
            state = self._catalog.recording(name)
        except NotFound:
            return None  # nothing of it ever reached the research zone
        return state.released_at.ToDatetime(UTC) if state.HasField("released_at") else None

    def of_study(self, study: str) -> dict[RecordingRef, datetime]:
        """Return the times of all recordings of a study that were released."""
        return {
            RecordingRef(
                Owner(state.ref.study_id, state.ref.participant), state.ref.recording_id
            ): state.released_at.ToDatetime(UTC)
            for state in self._catalog.recordings(study)
            if state.HasField("released_at")
        }
