# SPDX-License-Identifier: Apache-2.0
"""Checkpoints in files.

checkpoint   the newest published checkpoint of the log
witnessed    the newest checkpoint that witnesses cosigned
"""

from __future__ import annotations

from pathlib import Path

from services.audit.errors import LogDamaged, LogUnavailable
from services.common.files import write_private

CHECKPOINT_FILE = "checkpoint"
WITNESSED_FILE = "witnessed"
#: What reports call the newest cosigned checkpoint of a copy.
WITNESSED_NAME = "the witnessed checkpoint"


class FileAnchor:
    """A checkpoint in a file, replaced as a whole; put it where backups of the log do not reach."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def latest(self) -> str | None:
        """Read the file; raises LogDamaged when it is there and is no text."""
        try:
            return self._path.read_text("utf-8")
        except FileNotFoundError:
            return None
        except ValueError:
            raise LogDamaged(f"{self._path} is not a checkpoint; keep it as evidence") from None
        except OSError as error:
            raise LogUnavailable(f"{self._path} cannot be read: {error.strerror}") from None

    def publish(self, note: str) -> None:
        """Replace the file durably."""
        write_private(self._path, note.encode(), mode=0o644)


class ReadOnlyAnchor(FileAnchor):
    """A checkpoint that another part writes, such as the cosigned one: compared, never written."""

    def publish(self, note: str) -> None:
        """Leave the file as it is."""
