# SPDX-License-Identifier: Apache-2.0
"""Withdrawal of consent: what it would take, the erasure in both zones, and whom to tell."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import grpc

from services.audit_client.copies import held_copies
from services.audit_client.recipients import Recipient, recipients
from services.common.errors import SottoError
from services.registry import identities
from sotto.storage.v1 import admin_pb2, admin_service_pb2_grpc

ZONES = (identities.CLINICAL, identities.RESEARCH)

#: What the objects of each kind are, in words; kinds are parts of their names.
KIND_WORDS = {
    "source": "recording or transcript as it came in",
    "manifest": "description of a recording",
    "transcript": "parts of transcripts",
    "selected": "choice of a transcript",
    "vault": "pseudonyms and the persons behind them",
    "review": "decisions of reviewers",
    "correction": "corrections of reviewers",
    "approval": "decisions of version 0.1",
    "failure": "reasons why work stopped",
    "hold": "legal holds",
    "reveal": "requests to reveal pseudonyms",
    "content-deleted": "records of a deletion by rule",
    "removed": "records of a removal",
    "bundle": "files of releases",
}

#: Returns the channel to a service by its name.
Channels = Callable[[str], grpc.Channel]


@dataclass(frozen=True)
class ZonePreview:
    """What an erasure would find in a zone: its objects, by kind and by name.

    `error` is why the zone could not be asked, None where it answered.
    """

    zone: str
    objects: tuple[admin_pb2.ErasureObject, ...] = ()
    erased_before: bool = False
    error: SottoError | None = None

    @property
    def locked(self) -> tuple[admin_pb2.ErasureObject, ...]:
        """Those that a lock of the store keeps; unreadable once the key is gone."""
        return tuple(one for one in self.objects if one.locked)

    @property
    def counts(self) -> dict[str, int]:
        """How many there are of each kind."""
        found: dict[str, int] = {}
        for one in self.objects:
            found[one.kind] = found.get(one.kind, 0) + 1
        return dict(sorted(found.items()))


@dataclass(frozen=True)
class ZoneErasure:
    """What came of an erasure in a zone: its receipt, or why there is none."""

    zone: str
    receipt: admin_pb2.ErasureReceipt | None = None
    error: SottoError | None = None

    @property
    def is_complete(self) -> bool:
        """Whether nothing is left to do but to wait for what a lock holds."""
        if self.receipt is None:
            return False
        left = (
            self.receipt.objects_failed or self.receipt.unopened_keys
            or self.receipt.rotation_failed
        )  # fmt: skip
        return self.receipt.verified_unreadable and not left


@dataclass(frozen=True)
class Withdrawal:
    """What came of a withdrawal: in each zone, and who received releases with the words.

    `unread` is why the log could not say who received them, `unknown` why the records of copies
    could not say what became of these; the erasure waits for neither.
    """

    study_id: str
    participant: str
    zones: tuple[ZoneErasure, ...]
    told: tuple[Recipient, ...] = field(default=())
    unread: SottoError | None = None
    unknown: SottoError | None = None

    @property
    def failed(self) -> tuple[ZoneErasure, ...]:
        """The zones in which nothing was erased."""
        return tuple(one for one in self.zones if one.error is not None)

    @property
    def is_complete(self) -> bool:
        """Whether both zones are done."""
        return all(one.is_complete for one in self.zones)


def preview(channel: Channels, study_id: str, participant: str) -> list[ZonePreview]:
    """Return what a withdrawal would take, in both zones; changes nothing."""
    return [_preview(channel(zone), zone, study_id, participant) for zone in ZONES]


def _preview(channel: grpc.Channel, zone: str, study_id: str, participant: str) -> ZonePreview:
    name = zone.removeprefix("storage-")
    stub = admin_service_pb2_grpc.ErasureServiceStub(channel)
    request = admin_pb2.PreviewErasureRequest(study_id=study_id, participant=participant)
    objects: list[admin_pb2.ErasureObject] = []
    erased = False
    try:
        for part in stub.PreviewErasure(request):
            objects.extend(part.objects)
            erased = part.erased_before
    except SottoError as error:
        return ZonePreview(name, error=error)
    return ZonePreview(name, tuple(objects), erased)


def erase(channel: grpc.Channel, zone: str, study_id: str, participant: str) -> ZoneErasure:
    """Erase a participant in one zone; what fails there is in the answer, not raised."""
    stub = admin_service_pb2_grpc.ErasureServiceStub(channel)
    request = admin_pb2.EraseParticipantRequest(study_id=study_id, participant=participant)
    name = zone.removeprefix("storage-")
    try:
        return ZoneErasure(name, stub.EraseParticipant(request).receipt)
    except SottoError as error:
        return ZoneErasure(name, error=error)


def withdraw(channel: Channels, study_id: str, participant: str) -> Withdrawal:
    """Erase a participant in both zones, and name who received releases with the words.

    A zone that fails holds up no other one. May be repeated.
    """
    zones = tuple(erase(channel(zone), zone, study_id, participant) for zone in ZONES)
    try:
        told, unknown = people_to_tell(channel, study_id, participant)
    except SottoError as error:
        return Withdrawal(study_id, participant, zones, unread=error)
    return Withdrawal(study_id, participant, zones, tuple(told), unknown=unknown)


def people_to_tell(
    channel: Channels, study_id: str, participant: str
) -> tuple[list[Recipient], SottoError | None]:
    """Return who received releases with a participant's words, and what became of the copies.

    The second is why that is not known, None where it is. Raises what reading the log raises.
    """
    try:
        held = held_copies(channel(identities.RELEASE), study_id).copies
    except SottoError as error:
        return recipients(channel(identities.AUDIT), study_id, participant), error
    return recipients(channel(identities.AUDIT), study_id, participant, held), None
