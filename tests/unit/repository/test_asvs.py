# SPDX-License-Identifier: Apache-2.0
"""The table of the security standard names tests that are there, for every item that binds."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
PAGE = ROOT / "docs" / "console-security.md"
#: Items of ASVS 5.0.0 that bind pages with identified content.
BINDING = frozenset(
    """2.3.1 2.3.3 2.3.5 2.4.1 3.2.1 3.2.2 3.3.1 3.3.2 3.3.3 3.3.4 3.4.1 3.4.3 3.4.4 3.4.5 3.4.6
    3.4.7 3.4.8 3.5.1 3.5.2 3.5.3 3.5.8 5.4.1 5.4.2 6.2.1 6.2.9 6.2.10 6.2.12 6.3.1 6.3.3 6.8.4
    7.2.3 7.2.4 7.3.1 7.3.2 7.4.1 7.4.4 7.4.5 7.5.3 8.2.2 8.3.1 8.3.2 10.2.1 10.2.2 10.5.1 10.5.2
    10.5.3 10.5.4 10.5.5 14.2.1 14.2.6 14.3.1 14.3.2 14.3.3 16.3.2 16.5.3""".split()
)
ROW = re.compile(r"^\| ([0-9., ]+) \| (.+) \| (.+) \| (.+) \|$", re.MULTILINE)
ROWS = ROW.findall(PAGE.read_text("utf-8"))
NAMED = sorted({name for *_, tests in ROWS for name in re.findall(r"`([^`]+)`", tests)})


def names_in(path: Path) -> set[str]:
    """Return the tests of a file, each as `Class::test` or `test`."""
    found = set()
    for node in ast.parse(path.read_text("utf-8")).body:
        if isinstance(node, ast.FunctionDef):
            found.add(node.name)
        elif isinstance(node, ast.ClassDef):
            inner = (one for one in node.body if isinstance(one, ast.FunctionDef))
            found |= {f"{node.name}::{one.name}" for one in inner}
    return found


class TestAsvs:
    def test_every_item_has_a_row(self) -> None:
        """No item is left out, and none stands twice."""
        items = [one for row in ROWS for one in row[0].split(", ")]
        assert sorted(items) == sorted(BINDING)

    def test_every_row_has_a_test_or_a_reason(self) -> None:
        """Where nothing is named, a reason stands."""
        silent = [
            item for item, _, _, tests in ROWS if not re.match(r"`|none[ a-z]*: .{20}", tests)
        ]
        assert silent == []

    @pytest.mark.parametrize("name", NAMED)
    def test_every_test_that_is_named_is_there(self, name: str) -> None:
        """A test that was renamed or went is noticed here."""
        file, _, inner = name.partition("::")
        path = ROOT / "tests" / file
        assert path.exists()
        assert not inner or inner in names_in(path)
