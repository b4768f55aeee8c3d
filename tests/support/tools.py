# SPDX-License-Identifier: Apache-2.0
"""What tests need of the machine, and the one place where a test is skipped when it is missing.

With `SOTTO_TESTS_NEED_ALL=1` in the environment, as in `.ci/run`, a missing tool fails the test: a
run that tested nothing must not look like one that passed. Only what `OPTIONAL` lists may be
missing there.
"""

from __future__ import annotations

import importlib.util
import os
import shutil
import subprocess
from typing import NoReturn

import pytest

NEED_ALL = "SOTTO_TESTS_NEED_ALL"

#: Packages that no environment of ours installs, each with the reason for skipping its tests.
OPTIONAL = {
    "gliner": "an optional recogniser; gigabytes of packages and a model of its own",
    "stanza": "an optional engine; its models are not in the package registry",
    "torch": "the library under transformers and gliner; gigabytes",
    "transformers": "an optional engine; gigabytes of packages and a model of its own",
}


def need(*tools: str) -> None:
    """Skip the test, or fail it where all tools are required, unless each of `tools` is there.

    A tool is a program on the path, such as `openssl`, or with the prefix `python:` a package, such
    as `python:faker`.
    """
    for tool in tools:
        package = tool.removeprefix("python:")
        if package == tool:
            if shutil.which(tool) is None:
                missing(f"the program {tool} is not installed")
        elif importlib.util.find_spec(package) is None:
            if package in OPTIONAL:
                pytest.skip(
                    f"{package} is not installed: {OPTIONAL[package]}", allow_module_level=True
                )
            missing(f"the package {package} is not installed")


def need_absence(*packages: str) -> None:
    """Skip a test of what is said without these optional packages when one of them is installed."""
    for package in packages:
        assert package in OPTIONAL, f"{package} is always installed"
        if importlib.util.find_spec(package) is not None:
            pytest.skip(f"{package} is installed here")


def need_tracing() -> None:
    """Skip or fail the test unless strace is there and this process may trace another."""
    need("strace")
    if subprocess.run(["strace", "true"], capture_output=True, check=False).returncode:
        missing("strace may not trace here")


def need_system(is_so: bool, reason: str) -> None:
    """Skip the test, also where all tools are required, unless the system is as it must be.

    For what no installation of a tool changes: the account, the kernel and its settings.
    """
    if not is_so:
        pytest.skip(reason)


def missing(reason: object) -> NoReturn:
    """Skip the test for `reason`, or fail it where all tools are required."""
    if os.environ.get(NEED_ALL, "") not in {"", "0"}:
        pytest.fail(f"{reason}; {NEED_ALL} is set, so this test must not be skipped", pytrace=False)
    pytest.skip(str(reason), allow_module_level=True)
