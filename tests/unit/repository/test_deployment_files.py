# SPDX-License-Identifier: Apache-2.0
"""Files for service managers and clusters say what the processes take."""

from __future__ import annotations

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft202012Validator
from pydantic import BaseModel

from services.console.settings import ConsoleSettings
from services.registry.identities import CONSOLE
from services.registry.processes import PROCESSES, SERVICES
from services.transcription.settings import TranscriptionSettings

ROOT = Path(__file__).resolve().parents[3]
UNITS = sorted((ROOT / "infra" / "systemd").glob("*.service"))
SETTINGS: dict[str, type[BaseModel]] = {
    "services.console": ConsoleSettings,
    "services.transcription": TranscriptionSettings,
}


def values(path: Path) -> dict[str, list[str]]:
    """Return the values of a unit by name."""
    found: dict[str, list[str]] = {}
    for line in path.read_text("utf-8").splitlines():
        name, mark, value = line.partition("=")
        if mark and not line.startswith("#"):
            found.setdefault(name, []).append(value)
    return found


def fields(environment: dict[str, str]) -> dict[str, str]:
    """Return what an environment sets, by the names of settings."""
    return {key.removeprefix("SOTTO_").lower(): value for key, value in environment.items()}


def manifest() -> dict[str, Any]:
    """Return the objects of the cluster's file by kind."""
    text = (ROOT / "infra" / "kubernetes" / "console.yaml").read_text("utf-8")
    return {one["kind"]: one for one in yaml.safe_load_all(text)}


class TestUnits:
    @pytest.mark.parametrize("path", UNITS, ids=lambda path: path.name)
    def test_start_what_there_is(self, path: Path) -> None:
        """Each starts a process of ours, or all, with settings that it takes, and again."""
        unit = values(path)
        assert (unit["Restart"], unit["User"]) == (["always"], ["sotto"])
        (command,) = unit["ExecStart"]
        told = dict(one.split("=", 1) for one in unit["Environment"][0].split())
        if command.endswith("bin/sotto up"):
            assert set(told) == {"SOTTO_HOME"}
            return
        module = command.rpartition(" ")[2]
        assert module in {one.module for one in PROCESSES}
        given = {key: value.replace("%i", "2") for key, value in fields(told).items()}
        assert set(given) <= set(SETTINGS[module].model_fields)
        assert SETTINGS[module].model_validate(given).model_dump()["service"] == given["service"]

    def test_several_consoles(self) -> None:
        """Each of a machine has a number and a port of its own."""
        (told,) = values(ROOT / "infra" / "systemd" / "sotto-console@.service")["Environment"]
        assert "SOTTO_INSTANCE=%i" in told
        assert re.search(r"SOTTO_LISTEN=\S+:844%i", told)


SCHEMAS = json.loads((ROOT / "tests" / "data" / "kubernetes" / "schemas-1.34.json").read_bytes())


def faults(one: dict[str, Any]) -> list[str]:
    """Return what the API of a cluster would not take of an object."""
    group, _, version = one["apiVersion"].rpartition("/")
    api = {"": "core", "networking.k8s.io": "networking"}.get(group, group)
    kind = f"#/$defs/io.k8s.api.{api}.{version}.{one['kind']}"
    return [
        error.message for error in Draft202012Validator({"$ref": kind, **SCHEMAS}).iter_errors(one)
    ]


class TestCluster:
    def test_the_api_takes_it(self) -> None:
        """Every object is as the API describes it, and a name that it does not know is noticed."""
        objects = manifest()
        assert [fault for one in objects.values() for fault in faults(one)] == []
        (console,) = objects["Deployment"]["spec"]["template"]["spec"]["containers"]
        console["securityContext"]["readonlyRootFilesystem"] = True
        (fault,) = faults(objects["Deployment"])
        assert "readonlyRootFilesystem" in fault

    def test_settings(self) -> None:
        """The environment and the file are settings of the console, which knows every service."""
        pod = manifest()["Deployment"]["spec"]["template"]["spec"]
        (console,) = pod["containers"]
        given: dict[str, Any] = fields({one["name"]: one["value"] for one in console["env"]})
        given["addresses"] = json.loads(given["addresses"])
        told = tomllib.loads(manifest()["ConfigMap"]["data"]["sotto.toml"])[CONSOLE]
        settings = ConsoleSettings.model_validate({**given, **told})
        assert set(settings.addresses) == set(SERVICES)
        assert set(given) | set(told) <= set(ConsoleSettings.model_fields)
        ports = {one["name"]: one["containerPort"] for one in console["ports"]}
        assert settings.listen.endswith(f":{ports['pages']}")
        assert settings.health_listen.endswith(f":{ports['health']}")
        for probe in ("readinessProbe", "livenessProbe"):
            assert console[probe]["grpc"]["port"] == ports["health"]
        assert console["command"][-1] == "services.console"

    def test_what_stays(self) -> None:
        """Accounts are on a volume that stays, keys in memory, and there is one pod at a time."""
        pod = manifest()["Deployment"]["spec"]
        assert (pod["replicas"], pod["strategy"]) == (1, {"type": "Recreate"})
        spec = pod["template"]["spec"]
        mounts = {one["mountPath"]: one["name"] for one in spec["containers"][0]["volumeMounts"]}
        volumes = {one["name"]: one for one in spec["volumes"]}
        assert "persistentVolumeClaim" in volumes[mounts["/home/sotto/console"]]
        for path in ("/home/sotto", "/etc/sotto/pages"):
            assert volumes[mounts[path]]["emptyDir"] == {"medium": "Memory"}

    def test_way_out(self) -> None:
        """The pod reaches the ports of the services and the names of these alone."""
        policy = manifest()["NetworkPolicy"]["spec"]
        assert policy["policyTypes"] == ["Ingress", "Egress"]
        services, names = policy["egress"]
        assert services["ports"] == [{"port": 4001, "endPort": 4006}]
        assert {one["port"] for one in names["ports"]} == {53}
