# SPDX-License-Identifier: Apache-2.0
"""Contract, renderers and page name the formats of the registry's table, and no other."""

from __future__ import annotations

import re
from pathlib import Path

from services.registry.export_formats import ExportFormat
from services.release.domain.naming import RENDERING_VERSION
from services.release.domain.render import RENDERERS
from sotto.release.v1 import release_pb2

PAGE = (Path(__file__).parents[3] / "docs" / "release.md").read_text("utf-8")


class TestOneTable:
    """Every place that names a format follows the table."""

    def test_contract(self) -> None:
        """The contract's enum has the same names and numbers, beside the one for "not given"."""
        wanted = {f"FORMAT_{one.name}": one.number for one in ExportFormat}
        assert dict(release_pb2.Format.items()) == {"FORMAT_UNSPECIFIED": 0, **wanted}

    def test_renderers(self) -> None:
        """Each format has a renderer."""
        assert set(RENDERERS) == set(ExportFormat)

    def test_names(self) -> None:
        """Name, suffix and the certificate's format are one word; media types are distinct."""
        for one in ExportFormat:
            assert re.fullmatch(r"[a-z]{2,8}", one.value)
            assert one.suffix == f".{one.value}"
            assert one.name == one.value.upper()
        assert len({one.media_type for one in ExportFormat}) == len(ExportFormat)

    def test_page(self) -> None:
        """The page has a row for each format, in the table's order."""
        table = PAGE.split("| format | form | for |\n", 1)[1].split("\n\n", 1)[0]
        assert re.findall(r"^\| (\w+) \|", table, re.MULTILINE) == [*ExportFormat]

    def test_a_new_format_raises_the_rendering_version(self) -> None:
        """A release's id is made from that version: else an old release could not be built anew."""
        first = {"docx", "jsonl", "txt", "vtt"}
        formats = {"1": first, "2": first, "3": first, "4": first}
        assert set(ExportFormat) == formats[RENDERING_VERSION]
