# SPDX-License-Identifier: Apache-2.0
"""The research zone as the clinical zone asks it: times of releases, removals, deletions of sound.

The clinical zone asks the research zone, never the other way round, and sends ids alone.
"""

from __future__ import annotations

from datetime import UTC, datetime

import grpc

from services.common.errors import NotFound
from services.registry.removals import RemovalReason
from services.storage.domain.deletion import Deletion
from services.storage.domain.intake_repair import ResearchRemoval
from services.storage.domain.names import Owner, RecordingRef
from services.storage.errors import Retained
from services.storage_client.catalog import CatalogClient, recording_ref
from sotto.storage.v1 import removal_pb2, removal_service_pb2_grpc


class ResearchZoneClient:
    """The port `ResearchZone`, over gRPC."""

    def __init__(self, channel: grpc.Channel) -> None:
        self._catalog = CatalogClient(channel)
        self._removals = removal_service_pb2_grpc.TranscriptRemovalServiceStub(channel)

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

    def delete_audio(self, ref: RecordingRef, rule: str) -> None:
        """Delete the sound of a recording from releases."""
        done = self._removals.DeleteReleasedAudio(
            removal_pb2.DeleteReleasedAudioRequest(
                ref=recording_ref(ref.owner.study, ref.owner.participant, ref.recording_id),
                rule=rule,
            )
        )
        if done.objects_retained or done.objects_failed:
            raise Retained(
                f"sound of {ref.recording_id} in releases could not be deleted: a lock of the store"
                " holds it, or the store failed; the next run of the rule tries again"
            )

    def remove(self, ref: RecordingRef, reason: RemovalReason) -> ResearchRemoval:
        """Remove the transcripts of a recording."""
        name = f"REMOVAL_REASON_{reason.name}"
        done = self._removals.RemoveTranscripts(
            removal_pb2.RemoveTranscriptsRequest(
                ref=recording_ref(ref.owner.study, ref.owner.participant, ref.recording_id),
                reason=name,
            )
        )
        until = done.retained_until.ToDatetime(UTC) if done.HasField("retained_until") else None
        # The names of what failed stay there: its own log has them.
        failed = ("",) * done.objects_failed
        return ResearchRemoval(
            Deletion(done.objects_deleted, done.objects_retained, until, failed),
            tuple(done.release_ids),
        )
