# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.deployment import Deployment, study_file


@pytest.fixture(scope="session")
def deployment(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A deployment with all services running and a study in it."""
    folder = tmp_path_factory.mktemp("e2e")
    deployment = Deployment(folder / "home")
    deployment.up()
    deployment.ok("study", "create", str(study_file(folder)))
    yield deployment
    deployment.down()
