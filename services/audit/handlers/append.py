# SPDX-License-Identifier: Apache-2.0
"""Append events that services report."""

from __future__ import annotations

import grpc

from services.audit.domain.ownership import require_owner
from services.audit.domain.writer import Writer
from services.audit.errors import NotOwner
from services.audit.handlers import convert
from services.common import authority
from services.common.audit import Appender, AuditTrail
from services.common.context import CallContext, current
from services.registry.access import APPEND
from services.registry.attributes import Attributes
from services.registry.events import EVENTS, Event
from services.registry.identities import CLIENTS
from sotto.audit.v1 import audit_service_pb2_grpc as stubs
from sotto.audit.v1 import entry_pb2

_MOST_SECONDS = 9.0
_MARGIN_SECONDS = 0.5
_METHOD = f"{APPEND}/Append"


class AuditAppendHandlers(stubs.AuditAppendServiceServicer):
    """AuditAppendService over the log's writer.

    An append is not itself recorded: it is the record. A refused one is, in `trail`.
    """

    def __init__(self, writer: Writer, trail: AuditTrail) -> None:
        self._writer = writer
        self._trail = trail

    def Append(
        self, request: entry_pb2.AppendRequest, context: grpc.ServicerContext
    ) -> entry_pb2.AppendResponse:
        """Append under the caller's name from its certificate; answer when it is durable.

        A client that acts for people or for the orchestrator writes no entry in another role, and
        each client the events that it owns alone.
        """
        caller = current().caller
        if caller in CLIENTS:
            told = CallContext(person=request.event.person, role=request.event.role, caller=caller)
            authority.require(told, APPEND)
        event = convert.to_event(request.event)
        remaining = context.time_remaining() or _MOST_SECONDS
        try:
            require_owner(event, caller)
            index = self._writer.append(
                event,
                caller,
                timeout=max(0.1, min(_MOST_SECONDS, remaining - _MARGIN_SECONDS)),
            )
        except NotOwner as refused:
            self._record_refusal(event.name, refused)
            raise
        return entry_pb2.AppendResponse(index=index)

    def _record_refusal(self, event: str, refused: NotOwner) -> None:
        """Record that a client tried to write what is not its own."""
        tried: Attributes = {"event": event} if event in EVENTS else {}
        self._trail.fact(
            Event.CALL_DENIED,
            object=_METHOD,
            outcome=entry_pb2.OUTCOME_DENIED,
            reason=refused.reason,
            attributes=tried,
        )
        refused.is_recorded = True


def own_appender(writer: Writer, service: str) -> Appender:
    """Return the function that the audit service's own trail appends with: straight to the log."""

    def append(event: entry_pb2.Event) -> int:
        return writer.append(convert.to_event(event), service)

    return append
