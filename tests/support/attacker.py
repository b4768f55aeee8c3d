# SPDX-License-Identifier: Apache-2.0
"""Calls of any method by any certificate, as an attacker makes them: past our own client."""

from __future__ import annotations

import importlib
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from google.protobuf.message import Message

from services.common import identity
from services.registry.access import ALLOWED
from tests.support.deployment import ROOT
from tests.support.speaking import PERSON, spoken

#: What a call may be given: a message, or bytes that need not be one.
Sent = Message | bytes


def grpc_services() -> dict[str, ServiceDescriptor]:
    """Return the descriptors of all gRPC services of the contracts, by full name."""
    found = {}
    for path in sorted((ROOT / "protos").glob("sotto/**/*_service_pb2.py")):
        name = ".".join(path.relative_to(ROOT / "protos").with_suffix("").parts)
        services = importlib.import_module(name).DESCRIPTOR.services_by_name
        found.update({one.full_name: one for one in services.values()})
    return found


@dataclass(frozen=True, slots=True)
class Method:
    """One method of one server."""

    server: str
    descriptor: MethodDescriptor

    @property
    def service(self) -> str:
        """Full name of its gRPC service."""
        return str(self.descriptor.containing_service.full_name)

    @property
    def path(self) -> str:
        """The path that a call names."""
        return f"/{self.service}/{self.descriptor.name}"

    def request(self) -> Message:
        """Return an empty request."""
        return message_factory.GetMessageClass(self.descriptor.input_type)()

    def allows(self, client: str) -> bool:
        """Return whether the list of who may call whom has this client."""
        return client in ALLOWED[self.server][self.service]


def methods() -> Iterator[Method]:
    """Yield every method of every server of an installation."""
    described = grpc_services()
    for server, lists in ALLOWED.items():
        for service in lists:
            for method in described[service].methods:
                yield Method(server, method)


@dataclass(frozen=True, slots=True)
class Answer:
    """How a call ended: its status, such as OK, what came back, and what the server said."""

    code: str
    messages: Sequence[Any] = ()
    details: str = ""

    @property
    def message(self) -> Any:
        """The only message of the answer."""
        [one] = self.messages
        return one


class Attacker:
    """Channels to the servers of a running installation, with any of its certificates."""

    def __init__(self, pki: Path, addresses: Mapping[str, str]) -> None:
        self._pki = pki
        self._addresses = addresses
        self._channels: dict[tuple[str, str], grpc.Channel] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Close all channels."""
        for channel in self._channels.values():
            channel.close()
        self._channels.clear()

    def channel(self, client: str, server: str) -> grpc.Channel:
        """Return a channel that adds nothing to a call: no metadata, no deadline, no retry."""
        key = (client, server)
        if key not in self._channels:
            self._channels[key] = self.new_channel(client, server)
        return self._channels[key]

    def new_channel(self, client: str, server: str) -> grpc.Channel:
        """Return a channel with a connection of its own, which the caller closes."""
        shown = identity.load(self._pki / client)
        return grpc.secure_channel(
            self._addresses[server],
            grpc.ssl_channel_credentials(shown.authority, shown.key, shown.certificate),
            options=[
                ("grpc.ssl_target_name_override", identity.host_name(server)),
                ("grpc.enable_retries", 0),
                ("grpc.use_local_subchannel_pool", 1),
                ("grpc.max_receive_message_length", 64 << 20),
                ("grpc.max_send_message_length", 64 << 20),
            ],
        )

    def open(
        self,
        client: str,
        method: Method,
        sent: Iterator[Sent],
        *,
        metadata: Iterable[tuple[str, str]] = (),
        seconds: float | None = None,
        channel: grpc.Channel | None = None,
    ) -> Any:
        """Start a call and return it; `sent` may wait for ever before it yields anything."""
        call = (channel or self.channel(client, method.server)).stream_stream(
            method.path,
            request_serializer=_encoded,
            response_deserializer=message_factory.GetMessageClass(
                method.descriptor.output_type
            ).FromString,
        )
        return call(sent, timeout=seconds, metadata=tuple(metadata))

    def call(
        self,
        client: str,
        method: Method,
        *sent: Sent,
        metadata: Iterable[tuple[str, str]] | None = None,
        seconds: float = 10.0,
    ) -> Answer:
        """Make a call to its end; without `metadata` it says what an honest client would."""
        said = honest(client) if metadata is None else metadata
        running = self.open(client, method, iter(sent), metadata=said, seconds=seconds)
        messages = []
        try:
            messages.extend(running)
        except grpc.RpcError as error:
            return Answer(error.code().name, messages, error.details() or "")
        return Answer("OK", messages)


def named(server: str, name: str) -> Method:
    """Return a method by its server and its name, such as `PutStudy`."""
    [found] = [one for one in methods() if one.server == server and one.descriptor.name == name]
    return found


def honest(
    client: str, person: str = PERSON, purpose: str = "research"
) -> tuple[tuple[str, str], ...]:
    """Return the metadata that an honest client sends: person and role of people, or the role of
    the orchestrator.
    """
    said = {**spoken(client, person), "purpose": purpose}
    return tuple((f"sotto-{key}", value) for key, value in said.items() if value)


def _encoded(sent: Sent) -> bytes:
    return sent if isinstance(sent, bytes) else sent.SerializeToString()
