# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import contextlib
from pathlib import Path

import pytest

from services.common import supervisor
from services.common.errors import Exhausted
from services.common.installation import Installation
from services.registry.identities import AUDIT
from tests.support.deployment import Deployment
from tests.support.small_disk import mounted


def _fill(disk: Path) -> None:
    with (disk / "ballast").open("wb", buffering=0) as file, contextlib.suppress(OSError):
        while file.write(bytes(4096)):
            pass


class TestStartOnAFullDisk:
    """A disk that fills up between two starts is called full, though no log can say so."""

    def test_service_that_cannot_start(self, tmp_path: Path) -> None:
        """The supervisor names the disk, not an empty log."""
        with mounted(tmp_path / "disk", 4) as disk:
            installation = Installation(disk / "home")
            supervisor.prepare(installation)
            _fill(disk)

            with (
                pytest.raises(Exhausted, match="is full; free disk space") as caught,
                supervisor.running(installation, [AUDIT]),
            ):
                pass
            assert caught.value.reason == "disk_full"

    def test_command_that_cannot_start(self, tmp_path: Path) -> None:
        """So does a command on a disk that takes not even its folders."""
        with mounted(tmp_path / "disk", 1) as disk:
            _fill(disk)
            done = Deployment(disk / "home").sotto("up", "--detach")

        assert done.code == Exhausted.exit_code
        assert done.err.endswith("is full; free disk space, then try again\n")
