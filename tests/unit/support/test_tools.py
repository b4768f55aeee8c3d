# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest
from _pytest.outcomes import Failed, Skipped

from tests.support import tools
from tests.support.tools import NEED_ALL, OPTIONAL, need

TESTS = Path(__file__).resolve().parents[2]


class TestNeed:
    """A missing tool is a skip on a developer's machine and a failure where all are required."""

    @pytest.mark.parametrize("tool", ["no-such-program", "python:no_such_package"])
    def test_missing(self, tool: str, monkeypatch: pytest.MonkeyPatch) -> None:
        """Both kinds of tool are named in the message."""
        monkeypatch.delenv(NEED_ALL, raising=False)
        with pytest.raises(Skipped, match=tool.removeprefix("python:")):
            need(tool)
        monkeypatch.setenv(NEED_ALL, "1")
        with pytest.raises(Failed, match=tool.removeprefix("python:")):
            need(tool)

    def test_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A tool that is there lets the test go on."""
        monkeypatch.setenv(NEED_ALL, "1")
        need("sh", "python:pytest")

    def test_optional(self, monkeypatch: pytest.MonkeyPatch) -> None:
        """A package of the allow-list is skipped everywhere, with its reason."""
        monkeypatch.setenv(NEED_ALL, "1")
        monkeypatch.setitem(OPTIONAL, "no_such_package", "it does not exist")
        with pytest.raises(Skipped, match="it does not exist"):
            need("python:no_such_package")

    def test_is_the_only_way_to_skip(self) -> None:
        """No test skips by itself: such a skip would go unseen where all tools are required."""
        ways = ("pytest" + ".skip(", "importor" + "skip", "mark." + "skipif")
        found = {
            str(path.relative_to(TESTS))
            for path in TESTS.rglob("*.py")
            if path != Path(tools.__file__) and any(way in path.read_text("utf-8") for way in ways)
        }
        assert not found
