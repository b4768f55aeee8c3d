# SPDX-License-Identifier: Apache-2.0
"""The interceptor of every gRPC server: authentication, access, validation, error mapping."""

from __future__ import annotations

import errno
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import grpc
import structlog
from google.protobuf.message import Message

from services.common import authority, context, validation
from services.common.access_list import AccessList
from services.common.audit import AuditTrail
from services.common.authority import RoleRefused
from services.common.errors import (
    Cancelled,
    Exhausted,
    Internal,
    InvalidInput,
    PermissionDenied,
    SottoError,
    Unauthenticated,
)
from services.common.identity import certified
from services.common.membership import NotAMember
from services.common.sessions import Credential, Sessions, address_of
from services.registry.access import HEALTH
from services.registry.attributes import Attributes
from services.registry.events import Event
from services.registry.identities import FLOW, PEOPLE
from sotto.audit.v1 import entry_pb2

_log = structlog.get_logger(__name__)

REASON_KEY = "sotto-reason"
# gRPC gives a call without deadline one in the far future.
_MOST_SECONDS = 7 * 86400.0


class CallInterceptor(grpc.ServerInterceptor):
    """Wraps every handler of a server in: identity, access, deadline, validation, error mapping."""

    def __init__(
        self, access: AccessList, trail: AuditTrail, persons: authority.Persons = "account"
    ) -> None:
        self._access = access
        self._persons: authority.Persons = persons
        self._trail = trail
        self._sessions = Sessions(trail)

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[Any, Any] | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Replace the handler by one with these checks around it."""
        handler: Any = continuation(handler_call_details)
        if handler is None:
            return None
        method = handler_call_details.method
        behaviour = (
            handler.unary_unary
            or handler.unary_stream
            or handler.stream_unary
            or handler.stream_stream
        )
        wrap = self._stream if handler.response_streaming else self._unary
        make: Any = {
            (False, False): grpc.unary_unary_rpc_method_handler,
            (False, True): grpc.unary_stream_rpc_method_handler,
            (True, False): grpc.stream_unary_rpc_method_handler,
            (True, True): grpc.stream_stream_rpc_method_handler,
        }[handler.request_streaming, handler.response_streaming]
        wrapped: grpc.RpcMethodHandler[Any, Any] = make(
            wrap(method, behaviour, handler.request_streaming),
            request_deserializer=handler.request_deserializer,
            response_serializer=handler.response_serializer,
        )
        return wrapped

    def _unary(self, method: str, behaviour: Any, streaming: bool) -> Any:
        def call(request: Any, grpc_context: grpc.ServicerContext) -> Any:
            try:
                return behaviour(
                    self._enter(method, request, grpc_context, streaming), grpc_context
                )
            except Exception as error:  # noqa: BLE001 - the last resort of every call
                _abort(method, self._recorded(method, error), grpc_context)

        return call

    def _stream(self, method: str, behaviour: Any, streaming: bool) -> Any:
        if getattr(behaviour, "experimental_non_blocking", False):
            return self._answering_later(method, behaviour)

        def call(request: Any, grpc_context: grpc.ServicerContext) -> Iterator[Any]:
            try:
                yield from behaviour(
                    self._enter(method, request, grpc_context, streaming), grpc_context
                )
            except Exception as error:  # noqa: BLE001 - the last resort of every call
                _abort(method, self._recorded(method, error), grpc_context)

        return call

    def _answering_later(self, method: str, behaviour: Any) -> Any:
        """Wrap a handler that goes on to answer through a callback after it returned."""

        def call(
            request: Any, grpc_context: grpc.ServicerContext, send_response_callback: Any
        ) -> None:
            try:
                behaviour(
                    self._enter(method, request, grpc_context, streaming=False),
                    grpc_context,
                    send_response_callback,
                )
            except Exception as error:  # noqa: BLE001 - the last resort of every call
                _abort(method, error, grpc_context)

        call.experimental_non_blocking = True  # type: ignore[attr-defined]
        return call

    def _enter(
        self,
        method: str,
        request: Any,
        grpc_context: grpc.ServicerContext,
        streaming: bool,
    ) -> Any:
        service = method.rsplit("/", 1)[0].lstrip("/")
        caller, person = certified(_certified_names(grpc_context))
        fault = ""
        try:
            claimed = context.CallContext.from_metadata(
                [(key, value) for key, value in grpc_context.invocation_metadata() or ()], caller
            )
        except ValueError as error:
            # A caller that is not on the list is recorded as such, whatever else is wrong.
            fault = str(error)
            claimed = context.CallContext(caller=caller, request_id=context.new_request_id())
        # From here on the role is one that the certificate may carry, in the audit log too.
        call = authority.credible(claimed, person)
        context.enter(call)
        if not self._access.permits(caller, service):
            reason = "not_on_the_list" if caller else "no_name"
            self._record_denial(method, reason, claimed_role=claimed.role)
            if not caller:
                raise Unauthenticated(
                    "the certificate carries no client name of Sotto's; use one issued for it"
                )
            raise PermissionDenied(
                f"{caller} may not call {service}; hospital IT decides in the setting 'allow'"
                " of the service"
            )
        if fault:
            raise InvalidInput(fault)
        if service != HEALTH:
            authority.require(claimed, service, person, persons=self._persons)
        if service != HEALTH and grpc_context.time_remaining() > _MOST_SECONDS:
            raise InvalidInput("the call has no deadline within a week; set one")
        if caller in PEOPLE and service != HEALTH:
            self._sessions.admit(_credential(call, grpc_context))
        if streaming:
            return (_validated(message) for message in request)
        return _validated(request)

    def _recorded(self, method: str, error: Exception) -> Exception:
        """Record a refusal of person or role unless an act did; return the error to answer."""
        if not isinstance(error, NotAMember | RoleRefused) or error.is_recorded:
            return error
        try:
            if isinstance(error, NotAMember):
                self._record_denial(method, error.reason, study_id=error.study_id)
            else:
                self._record_denial(
                    method,
                    error.reason,
                    claimed_role=error.claimed_role,
                    claimed_person=error.claimed_person,
                )
        except SottoError as fault:  # the log is away: the call is refused all the same
            return fault
        return error

    def _record_denial(
        self,
        method: str,
        reason: str,
        *,
        claimed_role: str = "",
        claimed_person: str = "",
        study_id: str = "",
    ) -> None:
        call = context.current()
        claims: Attributes = {}
        if claimed_role not in {"", call.role}:
            claims["claimed_role"] = _known_role(claimed_role)
        if claimed_person not in {"", call.person}:
            claims["claimed_person"] = claimed_person
        self._trail.fact(
            Event.CALL_DENIED,
            object=method.lstrip("/"),
            study_id=study_id,
            outcome=entry_pb2.OUTCOME_DENIED,
            reason=reason,
            attributes=claims,
        )


def _known_role(claimed: str) -> str:
    """Return a role as the log holds it: it has no room for a word that the caller made up."""
    return claimed if claimed in {*PEOPLE, FLOW} else "unknown"


def _validated(message: Message) -> Message:
    validation.validate(message)
    return message


def _credential(call: context.CallContext, grpc_context: grpc.ServicerContext) -> Credential:
    shown: Mapping[str, Any] = grpc_context.auth_context()
    certificate = next(iter(shown.get("x509_pem_cert", [])), b"")
    address = address_of(grpc_context.peer())
    return Credential(call.caller, call.person, call.role, certificate, address)


def _certified_names(grpc_context: grpc.ServicerContext) -> Sequence[str]:
    """Return the alternative names of the certificate: DNS names, URIs and addresses."""
    shown: Mapping[str, Any] = grpc_context.auth_context()
    names = shown.get("x509_subject_alternative_name", [])
    return [name.decode("ascii", "replace") for name in names]


def _abort(method: str, error: Exception, grpc_context: grpc.ServicerContext) -> NoReturn:
    """End the call with the status of its error: advice to the caller, detail to the log."""
    if isinstance(error, SottoError):
        answer: SottoError = error
        if error.status in {"INTERNAL", "DATA_LOSS"}:
            _log.error("call_failed", method=method, reason=answer.reason, exc_info=error)
        else:
            _log.info("call_refused", method=method, reason=answer.reason, code=answer.status)
    elif isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        answer = Exhausted("the disk is full; free disk space, then try again", reason="disk_full")
        _log.error("disk_full", method=method, exc_info=error)
    elif isinstance(error, MemoryError):
        answer = Exhausted("not enough memory; try again, or give the service more")
        _log.error("memory_full", method=method)
    elif not grpc_context.is_active():
        answer = Cancelled("the caller cancelled the call, or its connection was lost")
        _log.info("call_ended", method=method)
    else:
        request_id = context.current().request_id
        answer = Internal(f"an internal error; the log has it under request id {request_id}")
        _log.error("call_failed", method=method, exc_info=error)
    grpc_context.set_trailing_metadata(((REASON_KEY, answer.reason),))
    grpc_context.abort(getattr(grpc.StatusCode, answer.status), answer.message)
    raise AssertionError  # abort never returns
