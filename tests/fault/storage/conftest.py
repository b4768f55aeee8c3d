# SPDX-License-Identifier: Apache-2.0
"""What the fault tests of storage share."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import s3
from tests.support.tools import missing


@pytest.fixture(params=["minio", "versitygw"])
def server(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[s3.S3Server]:
    """A server of its own for each test."""
    try:
        with s3.running(request.param, tmp_path / request.param) as started:
            yield started
    except s3.NotInstalled as error:
        missing(error)
