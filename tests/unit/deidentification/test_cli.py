# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification import cli
from services.deidentification.domain.engine import Engine
from services.deidentification.errors import PolicyError, TranscriptError


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
        assert set(redaction) == {"start", "end", "entity_type", "replacement", "score", "doubtful"}

    def test_policy_by_name_or_file(self, tmp_path: Path) -> None:
        """A policy that ships, a file, or an error that says what there is."""
        own = tmp_path / "own.yaml"
        own.write_text("name: own\nversion: 1\nentities: {PERSON: mask}\n")
        assert cli.read_policy(str(own)).name == "own"
        assert cli.read_policy("safe-harbor").name == "safe-harbor"
        with pytest.raises(PolicyError, match="research-default"):
            cli.read_policy(str(tmp_path / "none.yaml"))
