# SPDX-License-Identifier: Apache-2.0
"""A MinIO server and a folder of tokens for those integration tests that need them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from sotto.storage.v1 import catalog_pb2, catalog_service_pb2_grpc
from tests.support import s3, softhsm, storage_service
from tests.support.softhsm import TOKENS, SoftHsm
from tests.support.storage_service import StorageServer, s3_settings, study
from tests.support.tools import missing


@pytest.fixture(scope="session")
def minio(tmp_path_factory: pytest.TempPathFactory) -> Iterator[s3.S3Server]:
    """A server, started when first asked for."""
    try:
        with s3.running("minio", tmp_path_factory.mktemp("minio")) as server:
            yield server
    except s3.NotInstalled as error:
        missing(error)


@pytest.fixture(params=["directory", "s3"])
def storage(request: pytest.FixtureRequest) -> dict[str, Any]:
    """Settings of a service on a fresh store."""
    if request.param == "directory":
        return {"storage": "directory"}
    server: s3.S3Server = request.getfixturevalue("minio")
    return s3_settings(server)


@pytest.fixture
def locked(minio: s3.S3Server) -> Callable[..., dict[str, Any]]:
    """Makes settings of a service on a bucket with object lock."""
    return lambda: s3_settings(minio, lock=True)


@pytest.fixture
def clinical(tmp_path: Path, storage: dict[str, Any]) -> Iterator[StorageServer]:
    """The clinical zone, with a study."""
    service = storage_service.start(tmp_path / "home", "clinical", **storage)
    catalog_service_pb2_grpc.CatalogWriterServiceStub(service.channel("operator")).PutStudy(
        catalog_pb2.PutStudyRequest(study=study())
    )
    yield service
    service.stop()


@pytest.fixture
def research(tmp_path: Path, storage: dict[str, Any]) -> Iterator[StorageServer]:
    """The research zone."""
    service = storage_service.start(tmp_path / "home", "research", **storage)
    yield service
    service.stop()


_USED = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def hsm(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SoftHsm]:
    """Tokens made before the library is loaded, which looks for them then."""
    made = softhsm.make(tmp_path_factory.mktemp("softhsm") / "hsm")
    if made is None:
        missing("SoftHSM2 is not installed: apt-get install softhsm2")
    for label in TOKENS:
        made.token(label)
    before = os.environ.get("SOFTHSM2_CONF")
    os.environ["SOFTHSM2_CONF"] = str(made.config)
    yield made
    os.environ.pop("SOFTHSM2_CONF")
    if before is not None:
        os.environ["SOFTHSM2_CONF"] = before


@pytest.fixture
def token(hsm: SoftHsm, request: pytest.FixtureRequest) -> str:  # noqa: ARG001 - made by it
    """A token of its own for each test."""
    used = request.config.stash.setdefault(_USED, [])
    label = TOKENS[len(used)]
    used.append(label)
    return label
