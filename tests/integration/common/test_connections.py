# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import resource
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.common import server as common_server
from services.registry import identities
from sotto.storage.v1 import catalog_service_pb2_grpc
from tests.integration.common import fake_server
from tests.integration.common.fake_server import STUDY, FakeServer
from tests.support.deployment import wait_until

MOST, FLOOD = 20, 60


@pytest.fixture
def small(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeServer]:
    """Start a server that holds 20 connections."""
    monkeypatch.setattr(common_server, "_MOST_CONNECTIONS", MOST)
    started = fake_server.start(tmp_path)
    yield started
    started.close()


def _held(connections: list[socket.socket]) -> int:
    """Return how many of the connections the server has not closed."""
    held = 0
    for one in connections:
        try:
            held += one.recv(1, socket.MSG_PEEK) != b""
        except BlockingIOError:
            held += 1
        except ConnectionError:
            pass
    return held


def test_flood_of_connections_leaves_descriptors_to_the_service(small: FakeServer) -> None:
    """Whoever connects and shows nothing takes some connections, and no call that is under way."""
    reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(small.channel(identities.FLOWS))
    reader.GetStudy(STUDY)
    flood = [socket.create_connection(("127.0.0.1", small.port)) for _ in range(FLOOD)]
    try:
        for one in flood:
            one.setblocking(False)
        wait_until(lambda: _held(flood) <= MOST)
        assert reader.GetStudy(STUDY).study.id == "s1"
    finally:
        for one in flood:
            one.close()


def test_connections_take_at_most_half_of_the_descriptors(monkeypatch: pytest.MonkeyPatch) -> None:
    """A service that may open few files holds fewer connections."""
    monkeypatch.setattr(resource, "getrlimit", lambda _limit: (1024, 4096))
    assert common_server._most_connections() == 512


def test_lack_of_threads_does_not_end_a_server(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system starts no thread for a call, that call waits, and later ones are served."""
    server = fake_server.start(tmp_path)
    begin, refused, free = threading.Thread.start, threading.Event(), threading.Event()

    def refuse(thread: threading.Thread) -> None:
        if thread.name.startswith("call-"):
            refused.set()
            raise RuntimeError("can't start new thread")
        begin(thread)

    def hold(_given: object) -> None:
        free.wait()

    reader = catalog_service_pb2_grpc.CatalogReaderServiceStub(server.raw(identities.FLOWS))
    try:
        reader.GetStudy(STUDY, timeout=60)
        server.behaviour.act = hold
        with monkeypatch.context() as lacking:
            lacking.setattr(threading.Thread, "start", refuse)
            waiting = [reader.GetStudy.future(STUDY, timeout=30) for _ in range(4)]
            wait_until(refused.is_set)
        free.set()
        assert [one.result().study.id for one in waiting] == ["s1"] * 4
        assert reader.GetStudy(STUDY, timeout=30).study.id == "s1"
    finally:
        free.set()
        server.close()
