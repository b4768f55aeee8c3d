# SPDX-License-Identifier: Apache-2.0
"""Vaults and rosters."""

from __future__ import annotations

import json

import grpc

from services.common.audit import AuditTrail
from services.common.errors import InvalidInput
from services.common.roster_document import Roster
from services.registry.events import Event
from services.storage.domain.names import Owner
from services.storage.domain.pending import PendingList
from services.storage.domain.versioned import VersionedDocuments
from services.storage.errors import DataCorrupted
from sotto.storage.v1 import vault_pb2, vault_service_pb2_grpc

#: As the contract has it for the whole document.
_MOST_BYTES = 3 * 1024 * 1024


class VaultHandlers(vault_service_pb2_grpc.VaultServiceServicer):
    """Which name became which label, for the de-identification service."""

    def __init__(self, vaults: VersionedDocuments, trail: AuditTrail) -> None:
        self._vaults = vaults
        self._trail = trail

    def GetVault(
        self,
        request: vault_pb2.GetVaultRequest,
        context: grpc.ServicerContext,
    ) -> vault_pb2.GetVaultResponse:
        """Return a vault and its generation."""
        owner = _owner(request.ref)
        with self._trail.record(
            Event.VAULT_READ, object="vault", study_id=owner.study, participant=owner.code
        ) as act:
            document, generation = self._vaults.latest(owner)
            act.note(generation=generation)
        return vault_pb2.GetVaultResponse(document=document, generation=generation)

    def PutVault(
        self,
        request: vault_pb2.PutVaultRequest,
        context: grpc.ServicerContext,
    ) -> vault_pb2.PutVaultResponse:
        """Replace a vault unless it was changed in between."""
        owner = _owner(request.ref)
        with self._trail.record(
            Event.VAULT_WRITTEN, object="vault", study_id=owner.study, participant=owner.code
        ) as act:
            generation = self._vaults.put(owner, request.document, request.base_generation)
            act.note(generation=generation)
        return vault_pb2.PutVaultResponse(generation=generation)


class RosterReaderHandlers(vault_service_pb2_grpc.RosterReaderServiceServicer):
    """The names that a study knows, for transcription and de-identification."""

    def __init__(self, rosters: VersionedDocuments, trail: AuditTrail) -> None:
        self._rosters = rosters
        self._trail = trail

    def GetRoster(
        self,
        request: vault_pb2.GetRosterRequest,
        context: grpc.ServicerContext,
    ) -> vault_pb2.GetRosterResponse:
        """Return the roster of a study."""
        owner = Owner.of_study(request.study_id)
        with self._trail.record(Event.ROSTER_READ, object="roster", study_id=owner.study) as act:
            document, generation = self._rosters.latest(owner)
            act.note(generation=generation)
        return vault_pb2.GetRosterResponse(document=document)


class RosterWriterHandlers(vault_service_pb2_grpc.RosterWriterServiceServicer):
    """Writes rosters; cannot read them back."""

    def __init__(
        self, rosters: VersionedDocuments, pending: PendingList, trail: AuditTrail
    ) -> None:
        self._rosters = rosters
        self._pending = pending
        self._trail = trail

    def PutRoster(
        self,
        request: vault_pb2.PutRosterRequest,
        context: grpc.ServicerContext,
    ) -> vault_pb2.PutRosterResponse:
        """Set the roster of a study, or add to it; one that no engine could read is refused.

        Its writer learns how many names the one before had, and whether it is the same, but none.
        """
        given = Roster.parse(request.document, "the roster", InvalidInput, canonical=False)
        owner = Owner.of_study(request.study_id)
        if request.dry_run:
            with self._trail.record(
                Event.ROSTER_READ, object="roster", study_id=owner.study
            ) as act:
                before, generation = self._rosters.latest(owner)
                act.note(generation=generation)
            # Whether it adds anything would tell of each name, by guessing, whether it is there.
            return _compared(before, existed=not request.add and before == request.document)
        with (
            self._trail.record(Event.ROSTER_WRITTEN, object="roster", study_id=owner.study),
            self._pending.changing(owner.study) as change,
        ):
            before, _ = self._rosters.latest(owner)
            if request.add:
                existed = self._rosters.update(owner, lambda there: _extended(there, given))
            else:
                existed = self._rosters.replace(owner, request.document)
            change.happened = not existed
        return _compared(before, existed=existed)


def _extended(before: bytes, given: Roster) -> bytes:
    """Return a stored roster with more names; raises InvalidInput where it gets too long."""
    there = _stored(before).extended(given)
    document = json.dumps(there.model_dump(), ensure_ascii=False, sort_keys=True).encode()
    if len(document) > _MOST_BYTES:
        raise InvalidInput(
            "with these names the roster would be longer than 3 MiB; replace it by a shorter one"
        )
    return document


def _stored(document: bytes) -> Roster:
    if not document:
        return Roster()
    return Roster.parse(document, "the stored roster", DataCorrupted, canonical=False)


def _compared(before: bytes, *, existed: bool) -> vault_pb2.PutRosterResponse:
    names = _stored(before).name_count
    return vault_pb2.PutRosterResponse(existed=existed, names_before=names)


def _owner(ref: vault_pb2.VaultRef) -> Owner:
    return Owner(ref.study_id, ref.participant) if ref.participant else Owner.of_study(ref.study_id)
