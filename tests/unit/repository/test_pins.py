# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
import tomllib

import pytest
from packaging.requirements import Requirement

from infra.dev import pins

PROJECT = tomllib.loads((pins.ROOT / "pyproject.toml").read_text("utf-8"))["project"]
FILES = [pins.RUN, pins.DEV, pins.GO]


def read(name: str) -> str:
    """The text of one file of pins."""
    return (pins.ROOT / name).read_text("utf-8")


def asked(extra: str) -> list[Requirement]:
    """The requirements of an extra, with those of the extras that it names."""
    found = []
    for requirement in map(Requirement, PROJECT["optional-dependencies"][extra]):
        if requirement.name == PROJECT["name"]:
            found += [inner for name in requirement.extras for inner in asked(name)]
        else:
            found.append(requirement)
    return found


def unmet(requirements: list[Requirement], versions: dict[str, str]) -> list[str]:
    """The requirements that no pin meets."""
    return [
        str(requirement)
        for requirement in requirements
        if not requirement.specifier.contains(
            versions.get(pins.normal(requirement.name), "0.dev0"), prereleases=True
        )
        or pins.normal(requirement.name) not in versions
    ]


class TestPins:
    def test_what_runs_is_pinned_as_the_project_asks(self) -> None:
        """Each requirement of the embedded default has a pin that meets it: else `make pins`."""
        wanted = [*map(Requirement, PROJECT["dependencies"]), *asked("embedded")]

        assert unmet(wanted, pins.pinned(read(pins.RUN))) == []

    def test_what_developers_need_is_pinned_as_the_project_asks(self) -> None:
        """Each requirement of developers has a pin in one of the two files: else `make pins`."""
        versions = pins.pinned(read(pins.RUN)) | pins.pinned(read(pins.DEV))

        assert unmet(asked("dev"), versions) == []

    def test_no_package_is_pinned_twice(self) -> None:
        """A package is in one file, so that two versions cannot meet."""
        assert not pins.pinned(read(pins.RUN)).keys() & pins.pinned(read(pins.DEV)).keys()

    @pytest.mark.parametrize("name", FILES)
    def test_every_pin_has_hashes(self, name: str) -> None:
        """Each pin is followed by at least one SHA-256, and nothing else is in the file."""
        body = re.sub(r"^#.*\n", "", read(name), flags=re.MULTILINE)
        entry = r"[a-z0-9._-]+==\S+(?: ; [^\\\n]+)?(?: \\\n    --hash=sha256:[0-9a-f]{64})+\n"

        assert re.fullmatch(f"(?:{entry})+", body)

    @pytest.mark.parametrize("name", FILES)
    def test_no_index_is_named(self, name: str) -> None:
        """The pins hold on every index, since a hospital may have its own."""
        assert "://" not in read(name)
        assert "--index" not in read(name)
