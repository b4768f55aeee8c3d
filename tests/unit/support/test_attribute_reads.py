# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from tests.support.attribute_reads import Code

DECLARED = """
class Rule:
    limit: int


class Settings:
    rules: list[Rule]
    first: Rule
    never: int

    @classmethod
    def load(cls) -> Self: ...


class Own(Settings):
    more: int


class Other:
    never: int
"""


class TestReads:
    @pytest.mark.parametrize(
        ("code", "found"),
        [
            ("def f(settings: Settings):\n    return settings.first", {"Settings.first"}),
            ("settings = Own.load()\nsettings.first.limit", {"Settings.first", "Rule.limit"}),
            ("def f(own: Own):\n    return own.first, own.more", {"Settings.first", "Own.more"}),
            (
                "def f(settings: Settings):\n    return max(r.limit for r in settings.rules)",
                {"Settings.rules", "Rule.limit"},
            ),
            (
                ("class Room:\n    def __init__(self, own: Own):\n        self._kept = own\n"
                "    def size(self):\n        return self._kept.more"),
                {"Own.more"},
            ),
            ("def f(settings: Settings):\n    settings.never = 1", set()),
            ("def f(other: Other):\n    return other.never", {"Other.never"}),
            ("# settings.never\nx = 'settings.never'", set()),
        ],
        ids=[
            "parameter", "constructor", "inherited", "loop", "kept", "written", "namesake", "words",
        ],
    )  # fmt: skip
    def test_of_a_class(self, tmp_path: Path, code: str, found: set[str]) -> None:
        """An attribute is read where an expression of its class is asked for it, nowhere else."""
        (tmp_path / "product").mkdir()
        (tmp_path / "product" / "one.py").write_text(f"{DECLARED}\n{code}\n")

        reads = Code(tmp_path, ["product"]).reads

        names = {f"{read.owner.partition(':')[2]}.{read.attribute}" for read in reads}
        assert {name for name in names if not name.startswith("Room")} == found
