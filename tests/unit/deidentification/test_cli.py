# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification import cli
from services.deidentification.domain.engine import Engine
from services.deidentification.errors import PolicyError, TranscriptError
from services.deidentification.evaluation import measure, read_gold, render, wilson


class TestRecords:
    """JSON lines as input of the command."""

    @pytest.mark.parametrize(
        "line",
        [
            b"{",
            b"[]",
            b'{"x":1}',
            b'{"text":3}',
            b'{"turns":[{"speaker":"a"}]}',
            b"\xff\xfe",
            b'{"text":"\\ud800"}',
        ],
    )
    def test_bad_line_is_named_without_content(self, line: bytes) -> None:
        """The error names the number of the line and nothing of its content."""
        stream = io.BytesIO(b'{"text":"Encik Faizal"}\n' + line + b"\n")
        with pytest.raises(TranscriptError) as caught:
            list(cli.records(stream))
        assert "line 2" in caught.value.message
        assert "Faizal" not in caught.value.message
        assert caught.value.exit_code == 4

    @given(st.binary())
    def test_any_bytes(self, data: bytes) -> None:
        """Any bytes give records or TranscriptError."""
        with contextlib.suppress(TranscriptError):
            list(cli.records(io.BytesIO(data)))

    def test_answer_keeps_what_it_does_not_know(self, engine: Engine) -> None:
        """Other fields pass, offsets are of the original."""
        record = {
            "id": "a",
            "site": 3,
            "turns": [{"speaker": "P", "t": 1.5, "text": "Encik Faizal came"}],
        }
        answer = cli.answer(record, engine.deidentify(cli.transcript(record)))
        (turn,) = answer["turns"]
        assert (answer["id"], answer["site"], turn["t"], turn["speaker"]) == ("a", 3, 1.5, "P")
        (redaction,) = turn["redactions"]
        assert record["turns"][0]["text"][redaction["start"] : redaction["end"]] == "Encik Faizal"
        assert set(redaction) == {"start", "end", "entity_type", "replacement", "score"}

    def test_policy_by_name_or_file(self, tmp_path: Path) -> None:
        """A policy that ships, a file, or an error that says what there is."""
        own = tmp_path / "own.yaml"
        own.write_text("name: own\nversion: 1\nentities: {PERSON: mask}\n")
        assert cli.read_policy(str(own)).name == "own"
        assert cli.read_policy("safe-harbor").name == "safe-harbor"
        with pytest.raises(PolicyError, match="research-default"):
            cli.read_policy(str(tmp_path / "none.yaml"))


class TestEvaluation:
    """Figures that a clinic can trust."""

    def test_counts(self, engine: Engine) -> None:
        """A found span, a missed one, and a redaction beyond gold are counted as such."""
        text = "Encik Faizal met xqzt at Skudai"
        record = {
            "text": text,
            "spans": [
                {"start": 6, "end": 12, "label": "PERSON"},
                {"start": 17, "end": 21, "label": "PERSON"},
            ],
        }
        figures = measure(engine, [read_gold(record, 1)])
        assert (figures.direct.spans, figures.direct.covered) == (2, 1)
        assert figures.misses == [(0, 0, "PERSON", "xqzt")]
        assert figures.precision < 1
        assert json.dumps(figures.as_json(misses=False)).find("xqzt") == -1
        assert "xqzt" not in render(figures, misses=False)
        assert "xqzt" in render(figures, misses=True)

    def test_interval(self) -> None:
        """Wilson's interval holds the proportion and narrows with the number."""
        low, high = wilson(95, 100)
        assert low < 0.95 < high
        assert wilson(950, 1000)[0] > low
        assert wilson(0, 0) == (0.0, 1.0)

    def test_bad_gold_is_named(self) -> None:
        """A span outside of its turn names the line."""
        with pytest.raises(TranscriptError, match="line 7"):
            read_gold({"text": "a", "spans": [{"start": 0, "end": 5, "label": "PERSON"}]}, 7)
