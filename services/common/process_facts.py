# SPDX-License-Identifier: Apache-2.0
"""What each server tells of its process beside its health, and what reads that of all replicas."""

from __future__ import annotations

import datetime as dt
import socket
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

import grpc
from cryptography import x509
from grpc_health.v1 import health_pb2, health_pb2_grpc

from services.common import identity

_VERSION, _INSTANCE, _ENDS = "sotto-version", "sotto-instance", "sotto-certificate-ends"
_TIMEOUT_SECONDS = 5.0
# Calls go to replicas in turn: after so many without a new one all have answered.
_MOST_CALLS = 32
_CALLS_WITHOUT_NEWS = 2


@dataclass(frozen=True, slots=True)
class ProcessFacts:
    """A process of a service: its machine with its number there, and what it told of itself.

    A certificate's end is None, and a version empty, where an older process does not tell it.
    """

    instance: str
    version: str
    certificate_ends_at: dt.datetime | None


def certificate_end(credentials: identity.Credentials) -> dt.datetime:
    """Return when a certificate ends."""
    return x509.load_pem_x509_certificate(credentials.certificate).not_valid_after_utc


def of(credentials: identity.Credentials, instance: int) -> Mapping[str, str]:
    """Return what a process tells of itself, as metadata."""
    return {
        _VERSION: version("sotto"),
        _INSTANCE: f"{ascii(socket.gethostname())[1:-1]}, {instance}",
        _ENDS: f"{certificate_end(credentials):%Y-%m-%dT%H:%M:%SZ}",
    }


def read(channel: grpc.Channel) -> list[ProcessFacts]:
    """Return the processes that answer for a service; raises Unavailable where none does."""
    stub: Any = health_pb2_grpc.HealthStub(channel)
    found: dict[str, ProcessFacts] = {}
    without_news = 0
    for _ in range(_MOST_CALLS):
        one = _read_once(stub)
        if one.instance in found:
            without_news += 1
        found[one.instance] = one
        if without_news >= _CALLS_WITHOUT_NEWS:
            break
    return [found[instance] for instance in sorted(found)]


def _read_once(stub: Any) -> ProcessFacts:
    _, call = stub.Check.with_call(health_pb2.HealthCheckRequest(), timeout=_TIMEOUT_SECONDS)
    told = dict(_texts(call))
    ends = told.get(_ENDS, "")
    return ProcessFacts(
        told.get(_INSTANCE, ""),
        told.get(_VERSION, ""),
        dt.datetime.fromisoformat(ends) if ends else None,
    )


def _texts(call: grpc.Call) -> Iterator[tuple[str, str]]:
    for key, value in call.trailing_metadata() or ():
        if isinstance(value, str):
            yield key, value
