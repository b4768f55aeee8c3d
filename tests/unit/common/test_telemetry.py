# SPDX-License-Identifier: Apache-2.0
"""Libraries are told not to report to their makers, before they are imported."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from services.common import telemetry
from services.registry.processes import PROCESSES

ROOT = Path(__file__).resolve().parents[3]
REPORTING = ("onnxruntime", "ctranslate2", "faster_whisper", "huggingface_hub", "prefect")

# Runs something in a process without any switch, and fails at the import of a library that reports
# while a switch is missing. What was run may end as it likes.
WATCH = """
import importlib.abc, json, os, runpy, sys
switches, reporting = json.loads(sys.argv[1]), json.loads(sys.argv[2])
class Watch(importlib.abc.MetaPathFinder):
    def find_spec(self, name, path=None, target=None):
        missing = [one for one in switches if os.environ.get(one) != switches[one]]
        if name.partition(".")[0] in reporting and missing:
            print(f"{name} was imported without {missing}", file=sys.stderr)
            os._exit(9)
sys.meta_path.insert(0, Watch())
code, sys.argv[:] = sys.argv[3], ["x", *sys.argv[4:]]
try:
    exec(code)
except (SystemExit, ImportError):
    pass
os._exit(0 if all(os.environ.get(one) == switches[one] for one in switches) else 8)
"""
RUN = "runpy.run_module({!r}, run_name='__main__', alter_sys=True)"


def watch(code: str, *arguments: str) -> None:
    """Run code under watch."""
    environment = {
        name: value
        for name, value in os.environ.items()
        if name not in telemetry.OFF and not name.startswith("SOTTO_")
    }
    done = subprocess.run(
        [
            *(sys.executable, "-c", WATCH, json.dumps(dict(telemetry.OFF)), json.dumps(REPORTING)),
            *(code, *arguments),
        ],
        capture_output=True,
        text=True,
        env={**environment, "PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}"},
        check=False,
    )
    assert done.returncode == 0, done.stderr


class TestEveryProcess:
    @pytest.mark.parametrize("module", sorted({spec.module for spec in PROCESSES}))
    def test_of_an_installation_switches_it_off(self, module: str) -> None:
        """Started by itself, without a supervisor and its environment, it sets every switch before
        a library that would report is imported.
        """
        watch(RUN.format(module))

    def test_of_the_command_line_switches_it_off(self) -> None:
        """So does each command; this one loads models."""
        watch(RUN.format("flows.cli.main"), "deid", "policy", "validate", "none.yaml")

    @pytest.mark.parametrize(
        "folder",
        [
            "services/transcription/adapters",
            "services/deidentification/adapters",
            "infra/models/ner",
            "infra/models/whisper",
        ],
    )
    def test_that_loads_a_model_switches_it_off(self, folder: str) -> None:
        """Whichever module of those that load models comes first, the switches are set."""
        package = folder.replace("/", ".")
        modules = sorted(
            f"{package}.{path.stem}"
            for path in (ROOT / folder).glob("*.py")
            if path.stem not in {"__init__", "__main__"}
        )
        assert modules
        watch(
            "import importlib, contextlib\n"
            f"for one in {modules!r}:\n"
            "    with contextlib.suppress(ImportError): importlib.import_module(one)\n"
            "import onnxruntime\n"
        )

    def test_no_other_package_imports_a_library_that_loads_models(self) -> None:
        """A module elsewhere that did would be in no list of this test, unless it sets the switches
        itself, before.
        """
        homes = (
            "services/transcription/adapters/",
            "services/deidentification/adapters/",
            "infra/models/ner/",
            "infra/models/whisper/",
        )
        strangers = [
            path
            for top in ("services", "flows", "infra", "benchmarks")
            for path in (ROOT / top).rglob("*.py")
            if not str(path.relative_to(ROOT)).startswith(homes)
            and any(
                line.strip().startswith((f"import {one}", f"from {one}"))
                for one in REPORTING[:3]
                for line in path.read_text("utf-8").split("telemetry.switch_off()")[0].splitlines()
            )
        ]
        assert not strangers
