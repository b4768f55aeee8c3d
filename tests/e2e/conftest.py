# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.support.house import House, study_file


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    """A house with all services running and a study in it."""
    folder = tmp_path_factory.mktemp("e2e")
    house = House(folder / "home")
    house.up()
    house.ok("study", "create", str(study_file(folder)))
    yield house
    house.down()
