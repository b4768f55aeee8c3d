# SPDX-License-Identifier: Apache-2.0
"""The clinical zone for reveals: their records, and the one label that is asked for."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import grpc
from google.protobuf.timestamp_pb2 import Timestamp

from services.deidentification.domain.reveals import Reveal, Revealed
from services.deidentification.domain.vault import Vault
from services.registry.reveals import RevealReason, RevealState
from sotto.storage.v1 import reveal_pb2, reveal_service_pb2_grpc, vault_pb2, vault_service_pb2_grpc

_REASON, _STATE = "REVEAL_REASON_", "REVEAL_STATE_"


class ClinicalReveals:
    """Implements `RevealZone`."""

    def __init__(self, clinical: grpc.Channel) -> None:
        self._records = reveal_service_pb2_grpc.RevealStoreServiceStub(clinical)
        self._vaults = vault_service_pb2_grpc.VaultServiceStub(clinical)

    def reveals(self, study: str) -> Sequence[tuple[Reveal, int]]:
        """Return the reveals of a study, or of all for "", the oldest first."""
        found = self._records.ListReveals(reveal_pb2.ListRevealsRequest(study_id=study)).reveals
        return [(from_message(one.reveal), one.generation) for one in found]

    def put_reveal(self, reveal: Reveal, generation: int) -> None:
        """Store the step behind a generation; raises Conflict."""
        request = reveal_pb2.PutRevealRequest(reveal=to_message(reveal), generation=generation)
        self._records.PutReveal(request)

    def behind(self, study: str, participant: str, label: str) -> Sequence[Revealed]:
        """Return what the tables of the participant and of the study have under a label."""
        own = self._document(study, participant) if participant else b""
        vault = Vault.loads(self._document(study, ""), own)
        return [
            Revealed(study_wide, tuple(sorted(forms, key=lambda form: (-len(form), form))))
            for study_wide, table in ((False, vault.participant), (True, vault.study))
            for entry in table.entries
            if entry.label == label
            and (forms := {" ".join(words) for words in entry.forms if words})
        ]

    def _document(self, study: str, participant: str) -> bytes:
        ref = vault_pb2.VaultRef(study_id=study, participant=participant)
        return self._vaults.GetVault(vault_pb2.GetVaultRequest(ref=ref)).document


def reason_of(number: reveal_pb2.RevealReason) -> RevealReason:
    """Return a reason of a message."""
    return RevealReason(reveal_pb2.RevealReason.Name(number).removeprefix(_REASON).lower())


def to_message(reveal: Reveal) -> reveal_pb2.Reveal:
    """Return a reveal as the contract writes it."""
    return reveal_pb2.Reveal(
        study_id=reveal.study,
        participant=reveal.participant,
        reveal_id=reveal.reveal_id,
        label=reveal.label,
        recording_id=reveal.recording,
        reason=_REASON + reveal.reason.upper(),
        requested_by=reveal.requested_by,
        requested_at=_stamp(reveal.requested_at),
        state=_STATE + reveal.state.upper(),
        decided_by=reveal.decided_by,
        decided_at=_stamp(reveal.decided_at),
        expires_at=_stamp(reveal.expires_at),
        most_times=reveal.most_times,
        shown_at=[stamp for one in reveal.shown_at if (stamp := _stamp(one))],
    )


def from_message(message: reveal_pb2.Reveal) -> Reveal:
    """Read what `to_message` wrote."""
    state = reveal_pb2.RevealState.Name(message.state).removeprefix(_STATE).lower()
    return Reveal(
        study=message.study_id,
        participant=message.participant,
        reveal_id=message.reveal_id,
        label=message.label,
        reason=reason_of(message.reason),
        requested_by=message.requested_by,
        requested_at=message.requested_at.ToDatetime(UTC),
        recording=message.recording_id,
        state=RevealState(state),
        decided_by=message.decided_by,
        decided_at=_time(message, "decided_at"),
        expires_at=_time(message, "expires_at"),
        most_times=message.most_times,
        shown_at=tuple(one.ToDatetime(UTC) for one in message.shown_at),
    )


def _stamp(time: datetime | None) -> Timestamp | None:
    if time is None:
        return None
    stamp = Timestamp()
    stamp.FromDatetime(time)
    return stamp


def _time(message: reveal_pb2.Reveal, field: str) -> datetime | None:
    if not message.HasField(field):
        return None
    found: Timestamp = getattr(message, field)
    return found.ToDatetime(UTC)
