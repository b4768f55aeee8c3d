# SPDX-License-Identifier: Apache-2.0
"""One way to call a service: mTLS, the callee's certified name checked, a deadline, our errors."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, NoReturn

import grpc

from services.common import context, errors, identity, tls_failures
from services.common.audit import Appender
from services.registry.identities import AUDIT
from sotto.audit.v1 import audit_service_pb2_grpc, entry_pb2

UNARY_SECONDS = 30.0
STREAM_SECONDS = 6 * 3600.0
_REPORT_SECONDS = 60.0
# How gRPC words that the other side's certificate was not accepted.
_TLS_FAILURES = ("handshake failed", "Hostname Verification")
MOST_MESSAGE_BYTES = 4 * 1024 * 1024


class Peers:
    """Channels to the services that one process may call, opened when first used.

    `on_peer_refused` is called with the name of a service whose certificate was not accepted, at
    most once a minute for each.
    """

    def __init__(
        self,
        credentials: identity.Credentials,
        addresses: Mapping[str, str],
        on_peer_refused: Callable[[str], None] = lambda _peer: None,
    ) -> None:
        self._on_peer_refused = on_peer_refused
        self._credentials = grpc.ssl_channel_credentials(
            credentials.authority, credentials.key, credentials.certificate
        )
        self._addresses = dict(addresses)
        self._channels: dict[str, grpc.Channel] = {}
        self._lock = threading.Lock()

    def channel(self, name: str) -> grpc.Channel:
        """Return the channel to a service; raises Unavailable when no address of it is known."""
        with self._lock:
            if name not in self._channels:
                address = self._addresses.get(name)
                if not address:
                    raise errors.Unavailable(
                        f"no address of {name} is known; start the services with: sotto up"
                    )
                self._channels[name] = self._open(name, address)
            return self._channels[name]

    def _open(self, name: str, address: str) -> grpc.Channel:
        channel = grpc.secure_channel(
            address,
            self._credentials,
            options=[
                # The certificate must be that of the very service, not just of our authority.
                ("grpc.ssl_target_name_override", identity.host_name(name)),
                ("grpc.max_receive_message_length", MOST_MESSAGE_BYTES),
                ("grpc.max_send_message_length", MOST_MESSAGE_BYTES),
                ("grpc.initial_reconnect_backoff_ms", 100),
                ("grpc.max_reconnect_backoff_ms", 2000),
                ("grpc.enable_retries", 0),
                ("grpc.enable_http_proxy", 0),
            ],
        )
        return grpc.intercept_channel(channel, _Outgoing(name, self._on_peer_refused))

    def close(self) -> None:
        """Close all channels."""
        with self._lock:
            for channel in self._channels.values():
                channel.close()
            self._channels.clear()


def audit_appender(peers: Peers) -> Appender:
    """Return what appends to the audit service.

    It raises Unavailable with advice when the service cannot be reached or cannot take entries.
    """
    stub = audit_service_pb2_grpc.AuditAppendServiceStub(peers.channel(AUDIT))

    def append(event: entry_pb2.Event) -> int:
        try:
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
    """An interceptor that adds deadline and context to calls and maps statuses to our errors."""

    def __init__(self, peer: str, on_peer_refused: Callable[[str], None]) -> None:
        self._peer = peer
        self._on_peer_refused = on_peer_refused
        self._last_report = float("-inf")

    def intercept_unary_unary(self, continuation: Any, details: Any, request: Any) -> Any:
        return self._single(continuation, details, request, UNARY_SECONDS)

    def intercept_stream_unary(self, continuation: Any, details: Any, request_iterator: Any) -> Any:
        source = _Source(request_iterator)
        try:
            return self._single(continuation, details, source, STREAM_SECONDS)
        except errors.SottoError:
            if source.error is not None:
                raise source.error from None
            raise

    def intercept_unary_stream(self, continuation: Any, details: Any, request: Any) -> Any:
        call = continuation(_with_context(details, STREAM_SECONDS), request)
        return _Stream(call, self._raise)

    def intercept_stream_stream(
        self, continuation: Any, details: Any, request_iterator: Any
    ) -> Any:
        call = continuation(_with_context(details, STREAM_SECONDS), request_iterator)
        return _Stream(call, self._raise)

    def _single(self, continuation: Any, details: Any, request: Any, seconds: float) -> Any:
        call = continuation(_with_context(details, seconds), request)
        if call.code() is not grpc.StatusCode.OK:
            self._raise(call)
        return call

    def _raise(self, call: Any) -> NoReturn:
        status = call.code().name
        reason = dict(call.trailing_metadata() or ()).get("sotto-reason", "")
        details = call.details() or ""
        if status == "UNAVAILABLE" and any(mark in details for mark in _TLS_FAILURES):
            tls_failures.outgoing_failed()
            self._report_refused_peer()
            raise errors.Unavailable(
                f"what answers at the address of {self._peer} does not show its certificate; tell"
                " hospital IT: it may be another installation, or an attacker in between",
                reason="peer_refused",
            )
        if status == "UNAVAILABLE" and not reason:
            raise errors.Unavailable(
                f"{self._peer} cannot be reached;"
                " see 'sotto status', start the services with: sotto up"
            )
        if status == "DEADLINE_EXCEEDED" and not reason:
            raise errors.TimedOut(f"{self._peer} did not answer in time; try again")
        raise errors.from_status(status, call.details() or f"{self._peer} failed", reason)

    def _report_refused_peer(self) -> None:
        if time.monotonic() - self._last_report > _REPORT_SECONDS:
            self._last_report = time.monotonic()
            with contextlib.suppress(errors.SottoError):  # the call has failed all the same
                self._on_peer_refused(self._peer)


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
