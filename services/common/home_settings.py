# SPDX-License-Identifier: Apache-2.0
"""Adds a setting to `sotto.toml` where nobody chose one; what stands there stays as it is."""

from __future__ import annotations

import json
import re
import tomllib

from services.common.files import write_private
from services.common.installation import Installation
from services.common.settings import value_for


def choose(installation: Installation, service: str, name: str, value: str) -> bool:
    """Set a service's setting in the home's file unless it is set; return whether that was done.

    Nothing is done where the environment or the file says something, and where the file has the
    service's table in a way that a line cannot be added to, such as within braces. Raises WrongUse
    when the file cannot be read.
    """
    if value_for(installation.root, service, name):
        return False
    path = installation.root / "sotto.toml"
    before = path.read_text("utf-8") if path.exists() else ""
    line = f"{name} = {json.dumps(value)}\n"
    header = re.compile(rf"^\[{re.escape(service)}\][ \t]*(#.*)?(\n|\Z)", re.MULTILINE)
    if found := header.search(before):
        head = before[: found.end()]
        after = f"{head if head.endswith(chr(10)) else head + chr(10)}{line}{before[found.end() :]}"
    else:
        gap = "" if not before else "\n" if before.endswith("\n") else "\n\n"
        after = f"{before}{gap}[{service}]\n{line}"
    try:
        read = tomllib.loads(after)
    except tomllib.TOMLDecodeError:
        return False
    if read[service].get(name) != value:
        return False
    installation.make_folder()
    write_private(path, after.encode())
    return True
