# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from services.registry.import_formats import IMPORT_FORMATS, ImportFormat, format_by_suffix
from services.registry.left_out import LEFT_OUT
from services.registry.reading_warnings import READING_WARNINGS
from services.transcription.adapters.importing import IMPORTERS

DOCUMENT = Path(__file__).parents[3] / "docs/intake.md"


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
        """The page has a row for each form with its suffixes, in the order of this table."""
        page = DOCUMENT.read_text("utf-8")
        rows = [
            f"\n| {one.name} | {', '.join(f'`{suffix}`' for suffix in one.suffixes)} | "
            for one in IMPORT_FORMATS
        ]
        places = [page.find(row) for row in rows]
        assert -1 not in places
        assert places == sorted(places)

    @pytest.mark.parametrize("kinds", [LEFT_OUT, READING_WARNINGS], ids=["left out", "warnings"])
    def test_the_document_lists_all_that_is_told(self, kinds: Mapping[str, object]) -> None:
        """What may be left out, and every warning, has a row of its own."""
        page = DOCUMENT.read_text("utf-8")
        assert [kind for kind in kinds if f"\n| `{kind}` | " not in page] == []
