# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import Path

import pytest

from services.registry.import_formats import IMPORT_FORMATS, ImportFormat, format_by_suffix
from services.transcription.adapters.importing import IMPORTERS

DOCUMENT = Path(__file__).parents[3] / "docs/transcription.md"


class TestTable:
    def test_every_format_has_an_importer_and_the_reverse(self) -> None:
        """What is taken in as a transcript can be read, and what can be read is taken in."""
        assert [one.name for one in IMPORT_FORMATS] == list(IMPORTERS)

    def test_a_suffix_stands_for_one_format(self) -> None:
        """Suffixes are in lower case, begin with a dot, and belong to one format each."""
        suffixes = [suffix for one in IMPORT_FORMATS for suffix in one.suffixes]
        assert len(set(suffixes)) == len(suffixes)
        assert all(suffix == suffix.lower() and suffix[0] == "." for suffix in suffixes)

    @pytest.mark.parametrize("one", IMPORT_FORMATS, ids=lambda one: one.name)
    def test_the_suffix_decides_in_any_case(self, one: ImportFormat) -> None:
        """A file is recognised by its suffix in upper and lower case."""
        for suffix in one.suffixes:
            assert format_by_suffix("interview" + suffix) is one
            assert format_by_suffix("INTERVIEW" + suffix.upper()) is one
        assert format_by_suffix(one.name) is None

    def test_recordings_are_none_of_them(self) -> None:
        """Sound and film have no format here."""
        for name in ("a.wav", "a.mp3", "a.ogg", "a.m4a", "a.mp4", "a", ""):
            assert format_by_suffix(name) is None

    def test_the_document_lists_them(self) -> None:
        """The table of the document is this one, in the same order."""
        rows = [
            f"| {one.name} | {', '.join(f'`{suffix}`' for suffix in one.suffixes)} "
            f"| `{one.media_type}` |"
            for one in IMPORT_FORMATS
        ]
        head = "| format | suffixes | media type |\n| --- | --- | --- |\n"
        assert head + "\n".join(rows) + "\n\n" in DOCUMENT.read_text("utf-8")
