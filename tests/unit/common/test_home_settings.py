# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from services.common.home_settings import choose
from services.common.installation import Installation


class TestChoose:
    @pytest.mark.parametrize(
        "before",
        [
            None,
            "",
            "recordings_at_once = 3",
            "[transcription]",
            "[transcription]  # speech\nspeech_threads = 2\n\n[console]\nidle_minutes = 5.0\n",
        ],
    )
    def test_adds_one_line(
        self, tmp_path: Path, before: str | None, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A setting that nobody chose is added, and everything else stays as it was."""
        monkeypatch.delenv("SOTTO_SPEECH_MODEL", raising=False)
        file = tmp_path / "sotto.toml"
        if before is not None:
            file.write_text(before)

        assert choose(Installation(tmp_path), "transcription", "speech_model", "base")

        read = tomllib.loads(file.read_text())
        assert read["transcription"].pop("speech_model") == "base"
        old = tomllib.loads(before or "")
        assert read == {"transcription": {}, **old}
        assert file.stat().st_mode & 0o777 == 0o600

    @pytest.mark.parametrize(
        "before",
        [
            '[transcription]\nspeech_model = "small"\n',
            'speech_model = "small"\n',
            "transcription = { speech_threads = 2 }\n",
        ],
    )
    def test_changes_nothing_that_stands_there(
        self, tmp_path: Path, before: str, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """What somebody chose stays, and so does a file that a line cannot be added to."""
        monkeypatch.delenv("SOTTO_SPEECH_MODEL", raising=False)
        file = tmp_path / "sotto.toml"
        file.write_text(before)

        assert not choose(Installation(tmp_path), "transcription", "speech_model", "base")

        assert file.read_text() == before
