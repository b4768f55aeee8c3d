# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json

import pytest

from services.common.output import print_message, print_record, print_table


class TestOutput:
    def test_messages_go_to_stderr(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Stdout holds results alone, so that a program can read it."""
        print_message("Sotto is up.")
        assert capsys.readouterr() == ("", "Sotto is up.\n")

    def test_a_record_is_a_line_of_json(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A record is one line, with its text as it is."""
        print_record({"participant": "P07", "count": 2, "title": "两\nlines"})
        out = capsys.readouterr().out
        assert out.count("\n") == 1
        assert json.loads(out) == {"participant": "P07", "count": 2, "title": "两\nlines"}
        assert "两" in out

    def test_a_table_shows_every_cell(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A table has its columns in order, and prints markup as it is."""
        print_table(("NAME", "STATE"), [("audit", "running"), ("[red]", 7)])
        assert capsys.readouterr().out.split() == [
            "NAME", "STATE", "audit", "running", "[red]", "7",
        ]  # fmt: skip
