# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.transcription.adapters.importing import json_forms, jsonl
from services.transcription.adapters.importing.source import Source
from services.transcription.errors import BadTranscript
from tests.support.reading_json import Row


class TestLines:
    def read(self, text: str) -> list[Row]:
        """The passages of JSON Lines."""
        found = jsonl.read(Source(text.encode()))
        return [(one.speaker, one.start_ms, one.end_ms, one.text) for one in found]

    def test_a_turn_a_line(self) -> None:
        """Blank lines do not matter; each line may be a document of another form."""
        text = '{"speaker":"I","text":"a","start":1}\n\n{"speaker":"P","text":"b","start":2.5}\n'
        assert self.read(text) == [("I", 1000, None, "a"), ("P", 2500, None, "b")]
        text = '{"segments":[{"text":"a"}]}\n{"segments":[{"text":"b"}]}\n'
        assert [row[3] for row in self.read(text)] == ["a", "b"]

    @pytest.mark.parametrize(
        ("text", "place"),
        [
            ('{"text":"a"}\n{"text":\n', "line 2"),
            ('{"text":"a"}\n\n[1]\n', "Line 3"),
            ('{"text":"a"}\n{"text":"b","start":"x"}\n', "line 2.start"),
        ],
    )
    def test_faults_are_named_by_line(self, text: str, place: str) -> None:
        """A fault is named by its line and field."""
        with pytest.raises(BadTranscript, match=place):
            self.read(text)

    def test_recognition(self) -> None:
        """Two lines that are objects are JSON Lines, one alone only where its name says so."""
        assert jsonl.looks_like('{"a": 1}\n{"b": 2}\n')
        assert not jsonl.looks_like('{"a": 1}\n')
        assert jsonl.looks_like('{"a": 1}\n', alone=True)
        assert not jsonl.looks_like('{\n "a": 1}\n', alone=True)
        assert json_forms.looks_like('[\n {"a"')
        assert json_forms.looks_like("{}")
        for text in ("[00:00:01] I: hi", "{Salmah} hi", "[[noise]] hi", "[Salmah]: hi"):
            assert not json_forms.looks_like(text)
