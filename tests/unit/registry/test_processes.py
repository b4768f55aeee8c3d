# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import importlib.util
import tomllib
from pathlib import Path
from typing import Any

import pytest

from services.registry import access, identities, processes

ROOT = Path(__file__).resolve().parents[3]
PACKAGES = {one.module for one in processes.PROCESSES if one.module.startswith("services.")}


@pytest.fixture(scope="module")
def contracts() -> dict[str, Any]:
    """Import contracts of `pyproject.toml` by name."""
    content = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    return {one["name"]: one for one in content["tool"]["importlinter"]["contracts"]}


class TestProcesses:
    def test_names_are_unique(self) -> None:
        """No two processes share a name, which is that of files and of addresses."""
        names = [one.name for one in processes.PROCESSES]
        assert len(names) == len(set(names))

    def test_needs_stand_before(self) -> None:
        """The table is in an order in which the processes can start."""
        seen: set[str] = set()
        for one in processes.PROCESSES:
            assert set(one.needs) <= seen, one.name
            seen.add(one.name)

    def test_modules_can_be_run(self) -> None:
        """What the table starts is there to be started."""
        for one in processes.PROCESSES:
            spec = importlib.util.find_spec(one.module)
            assert spec is not None
            if spec.submodule_search_locations is not None:
                assert importlib.util.find_spec(f"{one.module}.__main__"), one.module

    def test_zones(self) -> None:
        """Each zone has one process, which is told its zone by the environment."""
        zones = {one.zone: one.environment for one in processes.PROCESSES if one.zone}
        assert zones == {
            "clinical": {"SOTTO_ZONE": "clinical"},
            "research": {"SOTTO_ZONE": "research"},
        }

    def test_services_are_those_that_serve(self) -> None:
        """Every service has a list of who may call it, and a package of its own."""
        assert set(processes.SERVICES) == set(access.ALLOWED)
        folders = {
            f"services.{path.parent.name}" for path in (ROOT / "services").glob("*/__main__.py")
        }
        assert folders == PACKAGES

    def test_names_are_apart(self) -> None:
        """No client is named like a service."""
        names = [*processes.SERVICES, *identities.CLIENTS]
        assert len(names) == len(set(names))


class TestImportContracts:
    @pytest.mark.parametrize(
        ("contract", "key"),
        [
            ("Services know each other by their contracts only", "modules"),
            ("Flows know services by their contracts only", "forbidden_modules"),
            ("The common code has no domain", "forbidden_modules"),
        ],
    )
    def test_list_every_service(self, contracts: dict[str, Any], contract: str, key: str) -> None:
        """The import contracts list the services of the table."""
        listed = {name for name in contracts[contract][key] if name.startswith("services.")}
        assert listed == PACKAGES

    def test_list_every_domain(self, contracts: dict[str, Any]) -> None:
        """So does the contract of the domains."""
        listed = contracts["Domains know no wire, no orchestrator and no adapter"]
        assert set(listed["source_modules"]) == {f"{name}.domain" for name in PACKAGES}
