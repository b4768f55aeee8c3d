# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
import subprocess
from pathlib import Path

import pytest

from services.common.signing import Signer
from tests.support.release_builders import write_release
from tests.support.tools import need

DOCUMENT = Path(__file__).parents[3] / "docs" / "release.md"
NEEDED = ("bash", "openssl", "python3", "sha256sum")


class TestDocumentedCheck:
    """The commands of docs/release.md, run as they stand there."""

    @pytest.fixture
    def script(self) -> str:
        """Take the block that checks a folder without Sotto."""
        need(*NEEDED)
        block = re.search(r"coreutils alone:\n\n((?:    .+\n)+)", DOCUMENT.read_text("utf-8"))
        assert block
        return "set -e -o pipefail\n" + block[1]

    @pytest.fixture
    def folder(self, tmp_path: Path) -> Path:
        """Return an export with the key beside it."""
        signer = Signer.generate()
        write_release(tmp_path / "export", signer)
        (tmp_path / "export" / "release-key.pem").write_text(signer.public_key.pem)
        return tmp_path / "export"

    def run(self, script: str, folder: Path) -> int:
        """Return the exit status of the script in a folder."""
        return subprocess.run(["bash", "-c", script], cwd=folder, check=False).returncode

    def test_accepts_a_whole_folder(self, script: str, folder: Path) -> None:
        """A stranger with common tools gets a yes."""
        assert self.run(script, folder) == 0

    @pytest.mark.parametrize("name", ["P07_S1.txt", "README.txt", "certificate.json"])
    def test_refuses_a_changed_file(self, script: str, folder: Path, name: str) -> None:
        """A stranger with common tools gets a no."""
        data = (folder / name).read_bytes()
        (folder / name).write_bytes(data[:-3] + b"x" + data[-2:])
        assert self.run(script, folder) != 0
