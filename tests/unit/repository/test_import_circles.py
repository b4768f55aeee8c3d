# SPDX-License-Identifier: Apache-2.0
"""The modules of the services and flows import each other in one direction only."""

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


def modules() -> dict[str, ast.Module]:
    """Return the parsed modules of the services and flows, by their import path."""
    found = {}
    for package in ("services", "flows"):
        for path in (REPOSITORY / package).rglob("*.py"):
            parts = path.relative_to(REPOSITORY).with_suffix("").parts
            name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
            found[name] = ast.parse(path.read_text("utf-8"))
    return found


def imports(of: ast.Module, known: set[str]) -> set[str]:
    """Return the known modules that one imports anywhere: on top, in a function, or for types."""
    found = set()
    for node in ast.walk(of):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            names = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= names if names <= known else names | {str(node.module)}
    return found & known


def circle(graph: dict[str, set[str]]) -> list[str]:
    """Return the modules of one import circle, in order; empty when there is no circle."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return []


class TestImports:
    """Late imports count: they hide a circle, they do not remove it."""

    def test_no_circle(self) -> None:
        """No module reaches itself through what it imports."""
        parsed = modules()
        assert len(parsed) > 100
        known = set(parsed)
        assert circle({name: imports(tree, known) for name, tree in parsed.items()}) == []

    @pytest.mark.parametrize(
        "late",
        ["import services.b", "def f():\n    from services import b", "from services.b import x"],
    )
    def test_a_circle_is_found(self, late: str) -> None:
        """The check sees a circle through a late import too."""
        known = {"services", "services.a", "services.b"}
        graph = {
            "services.a": imports(ast.parse(late), known),
            "services.b": imports(ast.parse("from services.a import y"), known),
        }
        assert set(circle(graph)) == {"services.a", "services.b"}
