# SPDX-License-Identifier: Apache-2.0
"""The interceptor of every gRPC server: authentication, access, validation, error mapping."""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NoReturn

import grpc
import structlog
from google.protobuf.message import Message

from services.common import authority, context, validation
from services.common.access_list import AccessList
from services.common.audit import AuditTrail
from services.common.authority import RoleRefused
from services.common.delegation import Delegation, Verifier
from services.common.denials import Denials
from services.common.errors import (
    Cancelled,
    Exhausted,
    Internal,
    InvalidInput,
    PermissionDenied,
    SottoError,
    Unauthenticated,
    disk_full,
)
from services.common.files import says_disk_full
from services.common.identity import certified
from services.common.membership import NotAMember, missing
from services.common.rooms import Client, Room, TooManyCalls
from services.common.session_checks import SessionChecks
from services.common.sessions import Credential, Sessions, address_of
from services.common.silence import SilenceWatch
from services.common.study_limits import OutsideOfSession, WholeInstallation
from services.registry.access import HEALTH
from services.registry.identities import CONSOLE, PEOPLE

_log = structlog.get_logger(__name__)

REASON_KEY = "sotto-reason"
# gRPC gives a call without deadline one in the far future.
_MOST_SECONDS = 7 * 86400.0
_REFUSALS = (NotAMember, RoleRefused, TooManyCalls, WholeInstallation)
# Whoever is signed in to the console learns of no study of others, not even that there is one.
_LIKE_MISSING = frozenset({"not_a_member", "no_study"})


class CallInterceptor(grpc.ServerInterceptor):
    """Wraps every handler of a server in: identity, limits, access, validation, error mapping.

    What can be decided without a message is decided before one is waited for. So every handler is
    given to gRPC as one that takes a stream of bytes, which is the same on the wire; a handler of
    one message gets the first. `served` calls of a certificate are served at a time.
    """

    def __init__(
        self,
        access: AccessList,
        trail: AuditTrail,
        served: int,
        verifier: Verifier,
        persons: authority.Persons = "account",
    ) -> None:
        self._access = access
        self._verifier = verifier
        self._persons: authority.Persons = persons
        self._denials = Denials(trail)
        self._sessions = Sessions(trail)
        self._silence = SilenceWatch()
        self._served = served
        self._rooms: dict[str, Room] = {}
        self._wrapped: dict[str, grpc.RpcMethodHandler[Any, Any]] = {}

    def intercept_service(
        self,
        continuation: Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[Any, Any] | None],
        handler_call_details: grpc.HandlerCallDetails,
    ) -> grpc.RpcMethodHandler[Any, Any] | None:
        """Replace the handler by one with these checks around it, on threads of its service."""
        method = handler_call_details.method
        if method not in self._wrapped:  # gRPC asks from one thread
            handler = continuation(handler_call_details)
            if handler is None:
                return None
            self._wrapped[method] = self._wrap(method, handler)
        return self._wrapped[method]

    def close(self) -> None:
        """Record the refusals that were only counted so far."""
        self._denials.flush()

    def _wrap(self, name: str, handler: Any) -> grpc.RpcMethodHandler[Any, Any]:
        service = _service_of(name)
        room = self._rooms.get(service) or Room(service, self._served)
        self._rooms[service] = room
        method = _Method(name, service, room, handler)
        call: Any
        make: Any = grpc.stream_stream_rpc_method_handler
        if not handler.response_streaming:
            make, call = grpc.stream_unary_rpc_method_handler, self._unary(method)
        elif getattr(method.behaviour, "experimental_non_blocking", False):
            call = self._answering_later(method)
        else:
            call = self._stream(method)
        call.experimental_thread_pool = room.threads  # gRPC's mark of the threads that a call takes
        made: grpc.RpcMethodHandler[Any, Any] = make(
            call, request_deserializer=None, response_serializer=handler.response_serializer
        )
        return made

    def _unary(self, method: _Method) -> Any:
        def call(received: Iterator[bytes], grpc_context: grpc.ServicerContext) -> Any:
            try:
                with self._entered(method, grpc_context) as (client, credential):
                    checks = SessionChecks(method.name, context.current())
                    messages = self._silence.messages(received, grpc_context)
                    request = checks.request(method.read(messages))
                    with client.served(grpc_context.is_active):
                        self._admit(method, credential)
                        return checks.answer(method.behaviour(request, grpc_context))
            except Exception as error:  # noqa: BLE001 - the last resort of every call
                _abort(method.name, self._recorded(method.name, error), grpc_context)

        return call

    def _stream(self, method: _Method) -> Any:
        def call(received: Iterator[bytes], grpc_context: grpc.ServicerContext) -> Iterator[Any]:
            try:
                with self._entered(method, grpc_context) as (client, credential):
                    checks = SessionChecks(method.name, context.current())
                    messages = self._silence.messages(received, grpc_context)
                    request = checks.request(method.read(messages))
                    with client.served(grpc_context.is_active):
                        self._admit(method, credential)
                        yield from checks.answers(method.behaviour(request, grpc_context))
            except Exception as error:  # noqa: BLE001 - the last resort of every call
                _abort(method.name, self._recorded(method.name, error), grpc_context)

        return call

    def _answering_later(self, method: _Method) -> Any:
        """Wrap a handler that goes on to answer through a callback after it returned."""

        def call(
            received: Iterator[bytes],
            grpc_context: grpc.ServicerContext,
            send_response_callback: Any,
        ) -> None:
            try:
                with self._entered(method, grpc_context):
                    request = method.read(self._silence.messages(received, grpc_context))
                    method.behaviour(request, grpc_context, send_response_callback)
            except Exception as error:  # noqa: BLE001 - the last resort of every call
                _abort(method.name, self._recorded(method.name, error), grpc_context)

        call.experimental_non_blocking = True  # type: ignore[attr-defined]
        return call

    @contextlib.contextmanager
    def _entered(
        self, method: _Method, grpc_context: grpc.ServicerContext
    ) -> Iterator[tuple[Client, Credential]]:
        """Let a call in by its certificate and metadata, and count it while the block lasts."""
        shown: Mapping[str, Any] = grpc_context.auth_context()
        certificate: bytes = next(iter(shown.get("x509_pem_cert", [])), b"")
        caller, person = certified(_alternative_names(shown))
        fault = ""
        try:
            claimed = context.CallContext.from_metadata(
                [(key, value) for key, value in grpc_context.invocation_metadata() or ()], caller
            )
        except ValueError as error:
            # A caller that is not on the list is recorded as such, whatever else is wrong.
            fault = str(error)
            claimed = context.CallContext(caller=caller, request_id=context.new_request_id())
        delegation, refusal = self._stated(claimed)
        # From here on the role is one that the certificate may carry, in the audit log too.
        call = authority.credible(claimed, person, delegation)
        context.enter(call)
        # People take turns with their own calls, also where they share the console's certificate.
        whose = certificate + (f"\n{delegation.person}".encode() if delegation else b"")
        with method.room.under_way(whose) as client:
            if refusal is not None and caller == CONSOLE:
                raise refusal
            self._check_access(method, claimed, call.client)
            if fault:
                raise InvalidInput(fault)
            if refusal is not None:
                raise refusal
            if method.service != HEALTH:
                authority.require(
                    claimed, method.service, person, delegation, persons=self._persons
                )
                if grpc_context.time_remaining() > _MOST_SECONDS:
                    raise InvalidInput("the call has no deadline within a week; set one")
            address = address_of(grpc_context.peer())
            proof = delegation.session.encode() if delegation else certificate
            yield client, Credential(caller, call.person, call.role, proof, address)

    def _stated(self, claimed: context.CallContext) -> tuple[Delegation | None, RoleRefused | None]:
        """Return whom the console states to be signed in, or why its statement does not hold."""
        try:
            return authority.stated(claimed, self._verifier), None
        except RoleRefused as refusal:
            return None, refusal

    def _admit(self, method: _Method, credential: Credential) -> None:
        """Record that a person signs in, in a turn of their certificate: a record takes a while."""
        signs_in = credential.client in (*PEOPLE, CONSOLE) and credential.person
        if signs_in and method.service != HEALTH:
            self._sessions.admit(credential)

    def _check_access(self, method: _Method, claimed: context.CallContext, client: str) -> None:
        """Refuse who is not on the list; `client` is the one whose rights the call has."""
        caller = claimed.caller
        if self._access.permits(client, method.service):
            return
        reason = "not_on_the_list" if caller else "no_name"
        self._denials.record(method.name, reason, claimed_role=claimed.role)
        if not caller:
            raise Unauthenticated(
                "the certificate carries no client name of Sotto's; use one issued for it"
            )
        raise PermissionDenied(
            f"{client} may not call {method.service}; hospital IT decides in the setting 'allow'"
            " of the service"
        )

    def _recorded(self, method: str, error: Exception) -> Exception:
        """Record a refusal of person, role or number unless an act did; return what to answer."""
        answer = _told(error)
        if not isinstance(error, _REFUSALS) or error.is_recorded:
            return answer
        try:
            if isinstance(error, NotAMember):
                self._denials.record(method, error.reason, study_id=error.study_id)
            elif isinstance(error, RoleRefused):
                self._denials.record(
                    method,
                    error.reason,
                    claimed_role=error.claimed_role,
                    claimed_person=error.claimed_person,
                )
            else:
                self._denials.record(method, error.reason)
        except SottoError as fault:  # the log is away: the call is refused all the same
            return fault
        return answer


def _told(error: Exception) -> Exception:
    """Return what a refused caller is told: of a study of others, that there is none."""
    call = context.current()
    if call.client == call.caller or not isinstance(error, SottoError):
        return error
    if isinstance(error, NotAMember) and not error.study_id:
        return error
    is_like_missing = isinstance(error, OutsideOfSession) or error.reason in _LIKE_MISSING
    return missing() if is_like_missing else error


class _Method:
    """A method of a gRPC service: its name as on the wire, its handler, and its room."""

    def __init__(self, name: str, service: str, room: Room, handler: Any) -> None:
        self.name = name
        self.service = service
        self.room = room
        self.behaviour: Any = (
            handler.unary_unary
            or handler.unary_stream
            or handler.stream_unary
            or handler.stream_stream
        )
        self._streaming = handler.request_streaming
        self._decode: Callable[[bytes], Message] = handler.request_deserializer

    def read(self, received: Iterator[bytes]) -> Any:
        """Return the valid message of a call, or for a stream its valid messages.

        The first message of a stream has been read by then. Raises InvalidInput.
        """
        first = next(received, None)
        if not self._streaming:
            if first is None:
                raise InvalidInput("the call ended without its message; call again, and send it")
            return self._valid(first)
        if first is None:
            return iter(())
        return itertools.chain([self._valid(first)], map(self._valid, received))

    def _valid(self, received: bytes) -> Message:
        try:
            message = self._decode(received)
        except Exception:  # noqa: BLE001 - its text may hold what was received
            raise InvalidInput(
                "what was received is no message that this method takes; see that client and"
                " service are of the same version",
                reason="undecodable",
            ) from None
        validation.validate(message)
        return message


def _service_of(method: str) -> str:
    return method.rsplit("/", 1)[0].lstrip("/")


def _alternative_names(shown: Mapping[str, Any]) -> Sequence[str]:
    """Return the alternative names of the certificate: DNS names, URIs and addresses."""
    names = shown.get("x509_subject_alternative_name", [])
    return [name.decode("ascii", "replace") for name in names]


def _abort(method: str, error: Exception, grpc_context: grpc.ServicerContext) -> NoReturn:
    """End the call with the status of its error: advice to the caller, detail to the log."""
    if isinstance(error, SottoError):
        answer: SottoError = error
        if error.status in {"INTERNAL", "DATA_LOSS"}:
            _log.error("call_failed", method=method, reason=answer.reason, exc_info=error)
        elif isinstance(error, PermissionDenied | Unauthenticated | TooManyCalls):
            # The audit log has it, or its count. A line each would let one client fill the disk
            # that the audit log is on.
            _log.debug("call_refused", method=method, reason=answer.reason, code=answer.status)
        else:
            _log.info("call_refused", method=method, reason=answer.reason, code=answer.status)
    elif isinstance(error, OSError) and says_disk_full(error):
        answer = disk_full()
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
