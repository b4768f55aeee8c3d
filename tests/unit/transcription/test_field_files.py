# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest

from services.transcription.domain.turns import to_segments
from tests.support.reading import read_all

FOLDER = Path(__file__).parents[2] / "data/field"
EXPECTED = json.loads((FOLDER / "expected.json").read_text("utf-8"))


@pytest.mark.parametrize("name", EXPECTED)
def test_a_file_as_people_have_it_is_read_as_a_person_would(name: str) -> None:
    """Speakers, roles, times and words are those that a careful person finds in the file."""
    turns, reading = read_all((FOLDER / name).read_bytes(), name)
    found = {
        "form": reading.form,
        "turns": [
            [one.speaker, one.role.value, one.start_ms, one.end_ms, one.text]
            for one in to_segments(turns)
        ],
        "left_out": reading.left_out,
        "warnings": [one.kind for one in reading.warnings],
    }
    assert found == EXPECTED[name]


def test_no_file_is_without_a_word() -> None:
    """Each transcript of the folder has its expectation."""
    files = {path.name for path in FOLDER.iterdir()}
    others = {
        name
        for name in files
        if name.startswith("q") or name in ("c01-duplicate-keys.yaml", "README.md")
    }
    assert files - others - {"expected.json"} == set(EXPECTED)
