# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest

from services.common.errors import Exhausted
from services.transcription.adapters.models import ModelRegistry
from services.transcription.adapters.spool import SealedSpool
from tests.support import small_disk

ROOT = Path(__file__).parents[3]

SPOOL = """
import resource, sys
from pathlib import Path
from services.common.errors import Exhausted
from services.transcription.adapters.spool import SealedSpool
resource.setrlimit(resource.RLIMIT_FSIZE, (1 << 20, 1 << 20))
with SealedSpool(Path(sys.argv[1]), memory_bytes=0, max_bytes=1 << 40) as spool:
    try:
        for _ in range(100):
            spool.write(bytes(1 << 16))
    except Exhausted as error:
        assert error.retryable and "free disk space" in error.message
        raise SystemExit(42)
"""


class TestFullDisk:
    def test_the_working_copy_finds_no_room(self, tmp_path: Path) -> None:
        """A disk that ends in the middle of a recording is told apart from a bad recording."""
        done = subprocess.run(
            [sys.executable, "-c", SPOOL, str(tmp_path)],
            env={"PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}"},
            check=False,
        )
        assert done.returncode == 42
        assert list(tmp_path.iterdir()) == []

    def test_a_file_system_that_is_full(self, tmp_path: Path) -> None:
        """The kernel's own error for a full file system is understood."""
        with (
            small_disk.mounted(tmp_path / "disk", 1) as disk,
            SealedSpool(disk, memory_bytes=0, max_bytes=1 << 40) as spool,
            pytest.raises(Exhausted, match="free disk space"),
        ):
            spool.write(bytes(1 << 21))

    def test_a_model_that_does_not_fit(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A model that cannot be written leaves nothing behind."""
        source = tmp_path / "m"
        source.mkdir()
        for name in ("model.bin", "config.json", "tokenizer.json"):
            (source / name).write_text("{}")

        def full(*_paths: object) -> None:
            raise OSError(errno.ENOSPC, "No space left on device")

        monkeypatch.setattr("shutil.copyfileobj", full)
        with pytest.raises(Exhausted, match="free disk space"):
            ModelRegistry(tmp_path / "models").add(source, "mine", lambda _: {})
        assert list((tmp_path / "models").iterdir()) == []
