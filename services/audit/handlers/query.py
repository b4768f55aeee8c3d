# SPDX-License-Identifier: Apache-2.0
"""Read and prove the log. Reading entries is itself recorded."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

import grpc

from services.audit.adapters.cosigning import WitnessStatus
from services.audit.domain.known import require_known
from services.audit.domain.log import AuditLog
from services.audit.handlers import convert
from services.common.audit import AuditTrail
from services.common.errors import InvalidInput
from services.registry import ids
from services.registry.attributes import Attributes
from services.registry.events import Event
from sotto.audit.v1 import audit_service_pb2_grpc as stubs
from sotto.audit.v1 import entry_pb2

_DEFAULT_PAGE = 100
_MOST_BYTES = 1024 * 1024


class AuditCheckpointHandlers(stubs.AuditCheckpointServiceServicer):
    """AuditCheckpointService over the log: checkpoints hold no entry, so that none is recorded."""

    def __init__(
        self,
        log: AuditLog,
        refresh: Callable[[], None],
        witnessed: Callable[[], str],
        hospital: str = "",
    ) -> None:
        self._hospital = hospital
        self._log = log
        self._refresh = refresh
        self._witnessed = witnessed

    def GetCheckpoint(
        self, request: entry_pb2.GetCheckpointRequest, context: grpc.ServicerContext
    ) -> entry_pb2.GetCheckpointResponse:
        """Return the newest checkpoint."""
        self._refresh()
        return entry_pb2.GetCheckpointResponse(
            checkpoint=self._log.snapshot.note,
            verifier_keys=map(str, self._log.verifier_keys),
            witnessed=self._witnessed(),
            hospital=self._hospital,
        )


class AuditQueryHandlers(stubs.AuditQueryServiceServicer):
    """AuditQueryService over the log.

    Consistency proofs hold no entry, only hashes: asking for one is not recorded.
    """

    def __init__(
        self,
        log: AuditLog,
        trail: AuditTrail,
        refresh: Callable[[], None],
        witnessed: Callable[[], str],
        witnesses: Callable[[], Iterable[WitnessStatus]] = tuple,
    ) -> None:
        self._log = log
        self._witnessed = witnessed
        self._witnesses = witnesses
        self._trail = trail
        self._refresh = refresh

    def ListEntries(
        self, request: entry_pb2.ListEntriesRequest, context: grpc.ServicerContext
    ) -> entry_pb2.ListEntriesResponse:
        """Return a page of matching entries."""
        self._refresh()
        query = convert.to_query(request.filter)
        position = _position(request.page_token)
        lowest = request.filter.from_index
        start = lowest if request.newest_first else max(position, lowest)
        snapshot = self._log.snapshot
        attributes: Attributes = {"from_index": start}
        if asked := sorted(field.name for field, _ in request.filter.ListFields()):
            attributes["filter"] = ",".join(asked)
        # Who asked for whom is kept, but not as the participant whom the entry is about.
        if re.fullmatch(ids.PARTICIPANT_CODE, query.participant):
            attributes["asked_participant"] = query.participant
        if re.fullmatch(ids.STUDY_ID, query.study_id):
            attributes["asked_study"] = query.study_id
        with self._trail.record(Event.LOG_READ, attributes=attributes) as act:
            size = request.page_size or _DEFAULT_PAGE
            following: int | None
            if request.newest_first:
                found, following = self._log.page_back(
                    query, start, position or snapshot.size, size
                )
                following = following if following > start else None
            else:
                found, following = self._log.page(query, start, size)
            act.note(entries=len(found))
        if not found and not request.page_token:
            # Nothing is an answer only to a question whose every part is known.
            require_known(self._log, query)
        return entry_pb2.ListEntriesResponse(
            entries=map(convert.to_entry_message, found),
            next_page_token="" if following is None else str(following),
            checkpoint=snapshot.note,
        )

    def GetWitnesses(
        self, request: entry_pb2.GetWitnessesRequest, context: grpc.ServicerContext
    ) -> entry_pb2.GetWitnessesResponse:
        """Return what each witness last did; names and sizes alone, so that nothing is recorded."""
        return entry_pb2.GetWitnessesResponse(
            witnesses=map(convert.to_witness_message, self._witnesses())
        )

    def GetInclusionProof(
        self, request: entry_pb2.GetInclusionProofRequest, context: grpc.ServicerContext
    ) -> entry_pb2.GetInclusionProofResponse:
        """Return the proof, and the entry that it is about."""
        self._refresh()
        with self._trail.record(Event.LOG_READ, attributes={"from_index": request.index}):
            snapshot = self._log.snapshot
            size = request.tree_size or snapshot.size
            hashes, size = self._log.inclusion_proof(request.index, size)
            leaf = self._log.leaf(request.index)
        return entry_pb2.GetInclusionProofResponse(
            hashes=hashes,
            tree_size=size,
            checkpoint="" if request.tree_size else snapshot.note,
            leaf=leaf,
        )

    def GetConsistencyProof(
        self, request: entry_pb2.GetConsistencyProofRequest, context: grpc.ServicerContext
    ) -> entry_pb2.GetConsistencyProofResponse:
        """Return the proof that the log only grew."""
        self._refresh()
        snapshot = self._log.snapshot
        size = request.to_size or snapshot.size
        hashes, size = self._log.consistency_proof(request.from_size, size)
        return entry_pb2.GetConsistencyProofResponse(
            hashes=hashes, to_size=size, checkpoint="" if request.to_size else snapshot.note
        )

    def ExportEntries(
        self, request: entry_pb2.ExportEntriesRequest, context: grpc.ServicerContext
    ) -> Iterator[entry_pb2.ExportEntriesResponse]:
        """Stream the canonical bytes in runs of about a megabyte, then the checkpoint over them."""
        self._refresh()
        # Taken before the intent, so that an export does not end in its own open intent.
        witnessed = self._witnessed()
        snapshot = self._log.snapshot
        with self._trail.record(
            Event.LOG_EXPORTED, attributes={"from_index": request.from_index}
        ) as act:
            first, held, room = request.from_index, list[bytes](), _MOST_BYTES
            for leaf in self._log.leaves(first, snapshot.size):
                held.append(leaf)
                room -= len(leaf)
                if room <= 0:
                    yield entry_pb2.ExportEntriesResponse(leaves=held, first_index=first)
                    first, held, room = first + len(held), [], _MOST_BYTES
            if held:
                yield entry_pb2.ExportEntriesResponse(leaves=held, first_index=first)
            act.note(entries=max(0, snapshot.size - request.from_index))
        yield entry_pb2.ExportEntriesResponse(
            first_index=snapshot.size,
            checkpoint=snapshot.note,
            verifier_keys=map(str, self._log.verifier_keys),
            witnessed=witnessed,
        )


def _position(token: str) -> int:
    if not token:
        return 0
    if not token.isascii() or not token.isdigit() or len(token) > 16:
        raise InvalidInput("page_token is not one that this service returned")
    return int(token)
