# SPDX-License-Identifier: Apache-2.0
"""One way to call a service: mTLS, the callee's certified name checked, a deadline, our errors."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, NoReturn, Protocol

import grpc

from services.common import context, errors, identity, tls_failures
from services.common.addresses import AddressBook
from services.common.audit import Appender
from services.common.channels import PeerChannel
from services.common.renewal import RenewedCredentials
from services.registry.identities import AUDIT
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

UNARY_SECONDS = 30.0
STREAM_SECONDS = 6 * 3600.0
_REPORT_SECONDS = 60.0
# Pauses before a call that was lost is made again. A connection to a process that died is chosen
# until its end was noticed, on a busy machine some time later, so once more is not enough.
_PAUSES = (0.0, 0.05, 0.2)
# How gRPC words that the server cancelled the call, not we.
_CANCELLED_BY_SERVER = "CANCELLED"
# How gRPC words that the other side's certificate was not accepted.
_TLS_FAILURES = ("handshake failed", "Hostname Verification")


class Channels(Protocol):
    """What leads to services by their names."""

    @property
    def channel(self) -> Callable[[str], grpc.Channel]:
        """Gives the channel to a service."""
        ...


class Peers:
    """Channels to the services that one process may call, connected when first used.

    `addresses` tells where services are, as the setting of that name does; other names are looked
    up in the folder `run` of the installation, at each call. `on_peer_refused` is called with the
    name of a service whose certificate was not accepted, at most once a minute for each.
    """

    def __init__(
        self,
        credentials: identity.Credentials,
        addresses: Mapping[str, str],
        on_peer_refused: Callable[[str], None] = lambda _peer: None,
        *,
        run: Path | None = None,
    ) -> None:
        self._on_peer_refused = on_peer_refused
        self._credentials = RenewedCredentials(credentials)
        self._book = AddressBook(addresses, run)
        self._opened: dict[str, PeerChannel] = {}
        self._channels: dict[str, grpc.Channel] = {}
        self._lock = threading.Lock()

    def channel(self, name: str) -> grpc.Channel:
        """Return the channel to a service.

        A call raises Unavailable while no address of the service is known.
        """
        with self._lock:
            if name not in self._channels:
                opened = PeerChannel(name, self._credentials.current, self._book.find)
                self._opened[name] = opened
                outgoing = _Outgoing(
                    name, opened.current, self._credentials.current, self._on_peer_refused
                )
                self._channels[name] = grpc.intercept_channel(opened, outgoing)
            return self._channels[name]

    @property
    def shown(self) -> identity.Credentials:
        """What this process shows to services now."""
        return self._credentials.current()

    def close(self) -> None:
        """Close all channels."""
        with self._lock:
            for channel in self._opened.values():
                channel.close()
            self._opened.clear()
            self._channels.clear()


def audit_appender(peers: Peers) -> Appender:
    """Return what appends to the audit service.

    It raises Unavailable with advice when the service cannot be reached or cannot take entries.
    """
    stub = audit_service_pb2_grpc.AuditAppendServiceStub(peers.channel(AUDIT))

    def append(event: entry_pb2.Event) -> int:
        try:
            # The entry says for whom something was done. The call is made for nobody: a service
            # may have to record the refusal of a role that it could never pass on.
            with context.acting(person="", person_proof="", role="", assertion=""):
                return stub.Append(entry_pb2.AppendRequest(event=event), timeout=10.0).index
        except (errors.Unavailable, errors.TimedOut, errors.Exhausted) as error:
            raise errors.Unavailable(
                "the audit log cannot take entries now, so nothing was done; see that the audit"
                " service runs and its disk has space, then try again",
                reason="audit_unavailable",
            ) from error

    return append


class _Outgoing(
    grpc.UnaryUnaryClientInterceptor,
    grpc.UnaryStreamClientInterceptor,
    grpc.StreamUnaryClientInterceptor,
    grpc.StreamStreamClientInterceptor,
):
    """An interceptor that adds deadline and context to calls and maps statuses to our errors.

    A call of one message for one is made again when the connection is lost or none can be made,
    since there may be another replica of the service. A call with a stream is not: its caller has
    sent or received a part of it.
    """

    def __init__(
        self,
        peer: str,
        connect: Callable[[], object],
        shown: Callable[[], identity.Credentials],
        on_peer_refused: Callable[[str], None],
    ) -> None:
        self._peer = peer
        self._connect = connect
        self._shown = shown
        self._on_peer_refused = on_peer_refused
        self._last_report = float("-inf")

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        self._connect()
        given = _with_context(details, UNARY_SECONDS)
        deadline = time.monotonic() + (given.timeout or UNARY_SECONDS)
        call = continuation(given, request)
        for seconds in _PAUSES:
            if not _was_lost(call) or time.monotonic() + seconds >= deadline:
                break
            time.sleep(seconds)
            given.timeout = deadline - time.monotonic()
            call = continuation(given, request)
        return self._done(call)

    def intercept_stream_unary(self, continuation: Any, details: Any, request_iterator: Any) -> Any:
        self._connect()
        source = _Source(request_iterator)
        try:
            return self._done(continuation(_with_context(details, STREAM_SECONDS), source))
        except errors.SottoError:
            if source.error is not None:
                raise source.error from None
            raise

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        self._connect()
        call = continuation(_with_context(details, STREAM_SECONDS), request)
        return _Stream(call, self._raise)

    def intercept_stream_stream(
        self, continuation: Any, details: Any, request_iterator: Any
    ) -> Any:
        self._connect()
        call = continuation(_with_context(details, STREAM_SECONDS), request_iterator)
        return _Stream(call, self._raise)

    def _done(self, call: Any) -> Any:
        if call.code() is not grpc.StatusCode.OK:
            self._raise(call)
        return call

    def _raise(self, call: Any) -> NoReturn:
        status = call.code().name
        reason = _reason(call)
        details = call.details() or ""
        if status == "UNAVAILABLE" and _is_tls_failure(details):
            tls_failures.outgoing_failed()
            self._report_refused_peer()
            raise errors.Unavailable(
                self._fault_of_times(details)
                or f"what answers at the address of {self._peer} does not show its certificate;"
                " tell hospital IT: it may be another installation, or an attacker in between",
                reason="peer_refused",
            )
        if status == "UNAVAILABLE" and not reason:
            raise errors.Unavailable(
                self._fault_of_times(details)
                or f"{self._peer} cannot be reached;"
                " see 'sotto status', start the services with: sotto up"
            )
        if status == "CANCELLED" and not reason and details == _CANCELLED_BY_SERVER:
            raise errors.Unavailable(
                f"{self._peer} ended the call: it stops, or it waited too long for what was to be"
                " sent; try again"
            )
        if status == "DEADLINE_EXCEEDED" and not reason:
            raise errors.TimedOut(f"{self._peer} did not answer in time; try again")
        raise errors.from_status(status, call.details() or f"{self._peer} failed", reason)

    def _fault_of_times(self, details: str) -> str:
        from services.common import certificate_times  # only a call that failed needs it

        return certificate_times.fault(self._peer, details, self._shown())

    def _report_refused_peer(self) -> None:
        if time.monotonic() - self._last_report > _REPORT_SECONDS:
            self._last_report = time.monotonic()
            with contextlib.suppress(errors.SottoError):  # the call has failed all the same
                self._on_peer_refused(self._peer)


def _was_lost(call: Any) -> bool:
    """Return whether a call ended without any server's decision, so that another may answer."""
    return (
        call.code() is grpc.StatusCode.UNAVAILABLE
        and not _reason(call)
        and not _is_tls_failure(call.details() or "")
    )


def _reason(call: Any) -> str:
    return str(dict(call.trailing_metadata() or ()).get("sotto-reason", ""))


def _is_tls_failure(details: str) -> bool:
    return any(mark in details for mark in _TLS_FAILURES)


class _Source:
    """The messages of an upload, and the error that the caller raised while making them."""

    def __init__(self, messages: Iterator[Any]) -> None:
        self._messages = messages
        self.error: BaseException | None = None

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return next(self._messages)
        except StopIteration:
            raise
        except BaseException as error:
            self.error = error
            raise


class _Stream:
    """A stream of answers whose errors are ours."""

    def __init__(self, call: Any, fail: Callable[[Any], NoReturn]) -> None:
        self._call = call
        self._fail = fail

    def __iter__(self) -> Iterator[Any]:
        return self

    def __next__(self) -> Any:
        try:
            return next(self._call)
        except StopIteration:
            raise
        except grpc.RpcError:
            self._fail(self._call)

    def __getattr__(self, name: str) -> Any:
        return getattr(self._call, name)


class _Details(grpc.ClientCallDetails):
    def __init__(
        self, details: Any, timeout: float, metadata: list[tuple[str, str | bytes]]
    ) -> None:
        self.method = details.method
        self.timeout = timeout
        self.metadata = tuple(metadata)
        self.credentials = details.credentials
        self.wait_for_ready = details.wait_for_ready
        self.compression = details.compression


def _with_context(details: Any, seconds: float) -> _Details:
    metadata = [*(details.metadata or ()), *context.current().to_metadata()]
    return _Details(details, details.timeout or seconds, metadata)
