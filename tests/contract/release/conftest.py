# SPDX-License-Identifier: Apache-2.0
"""One set of running services for the tests of a module."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.release_service import ReleaseDeployment


@pytest.fixture(scope="module")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[ReleaseDeployment]:
    """Audit, research storage and release as processes of their own."""
    with ReleaseDeployment(tmp_path_factory.mktemp("home")).start() as started:
        yield started
