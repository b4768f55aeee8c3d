# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


class TestOffline:
    @pytest.mark.parametrize("module", ["vad", "whisper", "whisper_model"])
    def test_whatever_is_imported_first_the_hub_is_off(self, module: str) -> None:
        """No order of imports lets the model hub's client believe that it may use a network."""
        code = (
            f"import services.transcription.adapters.{module}\n"
            "import faster_whisper\n"
            "from huggingface_hub import constants\n"
            "raise SystemExit(0 if constants.HF_HUB_OFFLINE else 1)\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}"},
            check=False,
        )
        assert done.returncode == 0

    def test_the_commands_of_models_import_no_engine(self) -> None:
        """Listing models stays quick, since no engine is imported for it."""
        code = (
            "import sys\n"
            "import services.transcription.cli\n"
            "raise SystemExit(bool({'faster_whisper', 'numpy', 'av', 'grpc'} & set(sys.modules)))\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", code],
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}"},
            check=False,
        )
        assert done.returncode == 0
