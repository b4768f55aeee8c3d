# SPDX-License-Identifier: Apache-2.0
"""Backends that the contract suite runs against: a folder, MinIO, VersityGW; with versions too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from services.storage.adapters.directory import DirectoryBackend
from services.storage.adapters.s3 import S3Backend
from services.storage.adapters.s3_options import S3Options
from services.storage.domain.ports import ObjectBackend
from tests.support import s3
from tests.support.tools import missing

SERVERS = ("minio", "versitygw")
BACKENDS = ("directory", *SERVERS, *(f"{name}-versioned" for name in SERVERS))


@pytest.fixture(scope="session")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, s3.S3Server]]:
    """Servers by kind, each started when first asked for."""
    started: dict[str, s3.S3Server] = {}

    class Started(dict[str, s3.S3Server]):
        def __missing__(self, kind: str) -> s3.S3Server:
            server = s3.S3Server(kind, tmp_path_factory.mktemp(kind))
            try:
                server.start()
            except s3.NotInstalled as error:
                missing(error)
            started[kind] = self[kind] = server
            return server

    yield Started()
    for server in started.values():
        server.kill()


@pytest.fixture(params=BACKENDS)
def backend(
    request: pytest.FixtureRequest, tmp_path: Path, servers: dict[str, s3.S3Server]
) -> ObjectBackend:
    """An empty store that passed its self-test."""
    made: ObjectBackend
    if request.param == "directory":
        made = DirectoryBackend(tmp_path / "objects")
    else:
        kind, _, versioned = request.param.partition("-")
        server = servers[kind]
        bucket = server.bucket(versioned=bool(versioned))
        made = S3Backend(S3Options(server.endpoint, bucket, server.credentials()))
    made.self_test()
    return made
