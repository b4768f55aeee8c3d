# SPDX-License-Identifier: Apache-2.0
"""Write the tables of settings in the docs from the fields of the settings, or check that they fit.

A table stands between two marks, of which the first names the class of settings:

    <!-- settings: services.storage.settings:StorageSettings -->
    <!-- end of settings -->
"""

from __future__ import annotations

import importlib
import json
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from pydantic.fields import FieldInfo
from pydantic_core import PydanticUndefined

from services.common.settings import InstallationSettings, ServiceSettings

DOCS = Path(__file__).resolve().parents[2] / "docs"

_TABLE = re.compile(
    r"<!-- settings: (?P<place>[\w.]+:\w+) -->\n.*?<!-- end of settings -->", re.DOTALL
)
_SET_BY_THE_SUPERVISOR = {"home", "service", "zone", "instance"}
_WORDS = {Path: "path", str: "text", int: "whole number", float: "number", bool: "true or false"}


def places(text: str) -> list[str]:
    """Return the classes, as `module:class`, whose tables a page holds."""
    return [found["place"] for found in _TABLE.finditer(text)]


def written(text: str) -> str:
    """Return a page with all its tables as they should be."""

    def renewed(found: re.Match[str]) -> str:
        place = found["place"]
        return f"<!-- settings: {place} -->\n{table(load(place))}\n<!-- end of settings -->"

    return _TABLE.sub(renewed, text)


def table(settings: type[InstallationSettings]) -> str:
    """Return the Markdown table of the fields that a class adds to the common ones."""
    common = {} if settings is ServiceSettings else ServiceSettings.model_fields
    rows = [
        f"| `{name}` | {_takes(field)} | {_default(field)} | {_text(field.description or '')} |"
        for name, field in settings.model_fields.items()
        if name not in common and name not in _SET_BY_THE_SUPERVISOR
    ]
    return "\n".join(
        ["| setting | takes | default | meaning |", "| --- | --- | --- | --- |", *rows]
    )


def _text(description: str) -> str:
    """Return a description that Markdown shows as it is."""
    return description.replace("<", "\\<").replace("|", "\\|")


def _takes(field: FieldInfo) -> str:
    limits = {type(one).__name__: _limit(one) for one in field.metadata}
    words = " or ".join(_kinds(field.annotation))
    low, high = limits.get("Ge", limits.get("Gt")), limits.get("Le", limits.get("Lt"))
    if low is not None and high is not None:
        return f"{words}, {'from' if 'Ge' in limits else 'above'} {low:g} to {high:g}"
    if low is not None:
        return f"{words}, {'at least' if 'Ge' in limits else 'above'} {low:g}"
    return words


def _limit(limit: object) -> float | None:
    """Return the number of a limit such as `Ge(0)`; None where it is another kind of limit."""
    for name in ("ge", "gt", "le", "lt"):
        if hasattr(limit, name):
            return float(getattr(limit, name))
    return None


def _kinds(annotation: Any) -> Iterator[str]:
    origin = get_origin(annotation)
    if origin is Literal:
        yield from (f"`{value}`" if value else "nothing" for value in get_args(annotation))
    elif origin is list:
        yield f"list of {' or '.join(_kinds(get_args(annotation)[0]))}s"
    elif origin is dict:
        yield "table"
    elif origin is not None:
        for one in get_args(annotation):
            if one is not type(None):
                yield from _kinds(one)
    else:
        yield _WORDS.get(annotation, "text")


def _default(field: FieldInfo) -> str:
    value = field.get_default(call_default_factory=True)
    if value is PydanticUndefined:
        return "required"
    if value is None or value in ("", [], {}, ()):
        return ""
    return f"`{value if isinstance(value, str | Path) else json.dumps(value, default=str)}`"


def load(place: str) -> type[InstallationSettings]:
    """Import a class of settings by its place, `module:class`."""
    module, name = place.split(":")
    found: type[InstallationSettings] = getattr(importlib.import_module(module), name)
    return found


def stale() -> list[Path]:
    """Return the pages whose tables are not what the settings say."""
    texts = ((path, path.read_text("utf-8")) for path in sorted(DOCS.glob("*.md")))
    return [path for path, text in texts if written(text) != text]


def main() -> int:
    """With `--check` name what is stale; otherwise write it anew."""
    pages = stale()
    if sys.argv[1:] == ["--check"]:
        for page in pages:
            sys.stderr.write(f"{page.name}: run make docs\n")
        return bool(pages)
    for page in pages:
        page.write_text(written(page.read_text("utf-8")), "utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
