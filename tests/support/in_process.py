# SPDX-License-Identifier: Apache-2.0
"""Channels to handlers in this process: calls without a socket, messages copied as on the wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, cast

import grpc

from services.common import context


class InProcessChannel:
    """A channel whose calls reach servicers by the names of their gRPC services.

    `caller` is the client's certified name, as a service would take it from the assertion: the role
    of the call where it is not given.
    """

    def __init__(self, servicers: Mapping[str, object], caller: str = "") -> None:
        self._servicers = servicers
        self._caller = caller

    @classmethod
    def to(cls, servicers: Mapping[str, object], caller: str = "") -> grpc.Channel:
        """Return it as what stubs take."""
        return cast("grpc.Channel", cls(servicers, caller))

    def unary_unary(self, method: str, *given: Any, **more: Any) -> Callable[..., Any]:
        """Return a call of one message for one."""
        handler, copied = self._handler(method), _copier(given, more)

        def call(request: Any, *_args: object, **_more: object) -> Any:
            with self._acting():
                return copied(handler(request, None))

        return call

    def unary_stream(self, method: str, *given: Any, **more: Any) -> Callable[..., Any]:
        """Return a call of one message for several."""
        handler, copied = self._handler(method), _copier(given, more)

        def call(request: Any, *_args: object, **_more: object) -> Iterator[Any]:
            with self._acting():
                answers = list(handler(request, None))
            return iter([copied(one) for one in answers])

        return call

    def stream_unary(self, method: str, *_given: Any, **_more: Any) -> Callable[..., Any]:
        """Return what fails: no page of ours sends a stream in these tests."""
        raise AssertionError(f"{method} takes a stream")

    stream_stream = stream_unary

    def _handler(self, method: str) -> Callable[[Any, Any], Any]:
        _, service, name = method.split("/")

        def missing(_request: object, _context: object) -> Any:
            raise AssertionError(f"this test has no {service}")

        return cast(
            "Callable[[Any, Any], Any]", getattr(self._servicers.get(service), name, missing)
        )

    def _acting(self) -> Any:
        return context.acting(caller=self._caller or context.current().role)


def _copier(given: Any, more: Any) -> Callable[[Any], Any]:
    """Return what sends an answer through its encoding, as stubs give it to a channel."""
    read = more.get("response_deserializer") or given[1]
    return lambda message: read(message.SerializeToString())
