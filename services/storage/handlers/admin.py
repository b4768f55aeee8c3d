# SPDX-License-Identifier: Apache-2.0
"""Erasure and administration of a zone."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator

import grpc
import structlog

from services.common.audit import AuditTrail
from services.registry.events import Event
from services.storage.adapters.folder_pace import Pace
from services.storage.domain import clock
from services.storage.domain.erasure import Erasure, ErasureObject, Receipt
from services.storage.domain.names import Owner
from services.storage.domain.pending import PendingList
from services.storage.domain.scrub import Scrub
from services.storage.domain.store import SealedStore
from services.storage.handlers import convert
from sotto.storage.v1 import admin_pb2, admin_service_pb2_grpc

_log = structlog.get_logger(__name__)


_OBJECTS_IN_A_MESSAGE = 1000


class ErasureHandlers(admin_service_pb2_grpc.ErasureServiceServicer):
    """Erases participants, for the withdrawal of consent."""

    def __init__(self, erasure: Erasure, pending: PendingList | None, trail: AuditTrail) -> None:
        self._erasure = erasure
        self._pending = pending
        self._trail = trail

    def PreviewErasure(
        self,
        request: admin_pb2.PreviewErasureRequest,
        context: grpc.ServicerContext,
    ) -> Iterator[admin_pb2.PreviewErasureResponse]:
        """List what an erasure would take in this zone."""
        owner = Owner(request.study_id, request.participant)
        with self._trail.record(
            Event.ERASURE_PREVIEWED, study_id=owner.study, participant=owner.code
        ) as act:
            found = [_erasure_object(one) for one in self._erasure.preview(owner)]
            erased = self._erasure.is_erased(owner)
            act.note(objects=len(found))
        for at in range(0, max(1, len(found)), _OBJECTS_IN_A_MESSAGE):
            yield admin_pb2.PreviewErasureResponse(
                objects=found[at : at + _OBJECTS_IN_A_MESSAGE], erased_before=erased
            )

    def EraseParticipant(
        self,
        request: admin_pb2.EraseParticipantRequest,
        context: grpc.ServicerContext,
    ) -> admin_pb2.EraseParticipantResponse:
        """Destroy a participant's key in this zone."""
        owner = Owner(request.study_id, request.participant)
        with self._trail.record(
            Event.KEY_DESTROYED, study_id=owner.study, participant=owner.code
        ) as act:
            receipt = self._erasure.erase(owner)
            if self._pending is not None:
                self._pending.forget_owner(owner)
            deletion, rotation = receipt.deletion, receipt.rotation
            act.note(
                key_id=receipt.key_id,
                objects_deleted=deletion.deleted,
                objects_retained=deletion.retained,
                objects_failed=len(deletion.failed),
                failed_open=receipt.verified_unreadable,
                rewrapped=rotation.rewrapped if rotation else 0,
                unopened=len(rotation.unopened) if rotation else 0,
            )
            if receipt.rotation_failed:
                act.note(reason=receipt.rotation_failed)
            if deletion.retained_until is not None:
                act.note(expires=deletion.retained_until.isoformat())
        return admin_pb2.EraseParticipantResponse(receipt=_receipt(receipt))


class StoreAdminHandlers(admin_service_pb2_grpc.StoreAdminServiceServicer):
    """Administers the store, for hospital IT.

    `space` returns free and all bytes of its disk, `pace` how fast it fills.
    """

    def __init__(
        self,
        store: SealedStore,
        backend: str,
        space: Callable[[], tuple[int, int]],
        pace: Callable[[], Pace],
        trail: AuditTrail,
    ) -> None:
        self._store = store
        self._backend = backend
        self._space = space
        self._pace = pace
        self._trail = trail

    def DescribeStore(
        self,
        request: admin_pb2.DescribeStoreRequest,
        context: grpc.ServicerContext,
    ) -> admin_pb2.DescribeStoreResponse:
        """Describe the store."""
        provider = self._store.keyring.provider
        free, total = self._space()
        pace = self._pace()
        told = admin_pb2.DescribeStoreResponse(
            zone=self._store.zone,
            backend=self._backend,
            key_provider=provider.name,
            zone_key_id=provider.current_version(),
            disk_free_bytes=free,
            disk_total_bytes=total,
            taken_bytes_per_day=pace.bytes_per_day,
            taken_days=pace.days,
        )
        if made_at := provider.made_at():
            told.zone_key_made_at.FromDatetime(clock.parse(made_at))
        return told

    def Scrub(
        self,
        request: admin_pb2.ScrubRequest,
        context: grpc.ServicerContext,
    ) -> Iterator[admin_pb2.ScrubResponse]:
        """Scrub the zone."""
        scrub = Scrub(self._store, repair=request.repair, accept=request.accept)
        count = 0
        with self._trail.record(
            Event.STORE_SCRUBBED, attributes={"repair": request.repair, "accept": request.accept}
        ) as act:
            for item in scrub.findings():
                count += 1
                yield admin_pb2.ScrubResponse(
                    object=item.name,
                    finding=item.finding,
                    action=item.action,
                    scanned=item.scanned,
                )
            act.note(objects=scrub.scanned, findings=count)
        yield admin_pb2.ScrubResponse(scanned=scrub.scanned)

    def RotateZoneKey(
        self,
        request: admin_pb2.RotateZoneKeyRequest,
        context: grpc.ServicerContext,
    ) -> admin_pb2.RotateZoneKeyResponse:
        """Rotate the zone key."""
        with self._trail.record(Event.ZONE_KEY_ROTATED) as act:
            done = self._store.keyring.rotate()
            act.note(key_id=done.version, rewrapped=done.rewrapped, unopened=len(done.unopened))
        return admin_pb2.RotateZoneKeyResponse(
            key_id=done.version,
            rewrapped=done.rewrapped,
            unopened_keys=done.unopened,
            zone_keys_kept=done.kept,
        )


class StoreCheckHandlers(admin_service_pb2_grpc.StoreCheckServiceServicer):
    """Walks the zone on a schedule, for the orchestrator, and repairs nothing."""

    def __init__(self, store: SealedStore, trail: AuditTrail) -> None:
        self._store = store
        self._trail = trail

    def CheckZone(
        self,
        request: admin_pb2.CheckZoneRequest,
        context: grpc.ServicerContext,
    ) -> admin_pb2.CheckZoneResponse:
        """Walk the zone and count what is wrong."""
        scrub = Scrub(self._store, repair=False)
        with self._trail.record(Event.STORE_SCRUBBED, attributes={"repair": False}) as act:
            found = Counter(item.finding for item in scrub.findings())
            act.note(objects=scrub.scanned, findings=found.total())
        if found:
            _log.error("zone_damaged", zone=self._store.zone, counts=dict(found))
        return admin_pb2.CheckZoneResponse(scanned=scrub.scanned, findings=found)


def _erasure_object(found: ErasureObject) -> admin_pb2.ErasureObject:
    message = admin_pb2.ErasureObject(
        name=found.name, kind=found.kind, locked=found.lock is not None
    )
    if found.lock is not None and found.lock.until is not None:
        message.locked_until.FromDatetime(found.lock.until)
    return message


def _receipt(receipt: Receipt) -> admin_pb2.ErasureReceipt:
    rotation = receipt.rotation
    message = admin_pb2.ErasureReceipt(
        study_id=receipt.owner.study,
        participant=receipt.owner.participant,
        zone=receipt.zone,
        key_id=receipt.key_id,
        objects_deleted=receipt.deletion.deleted,
        objects_retained=receipt.deletion.retained,
        objects_failed=len(receipt.deletion.failed),
        verified_unreadable=receipt.verified_unreadable,
        unopened_keys=rotation.unopened if rotation else (),
        zone_key_replaced=rotation is not None and not rotation.kept,
        rotation_failed=receipt.rotation_failed,
    )
    if receipt.destroyed_at:
        message.destroyed_at.CopyFrom(convert.timestamp(receipt.destroyed_at))
    if receipt.deletion.retained_until is not None:
        message.retained_until.FromDatetime(receipt.deletion.retained_until)
    return message
