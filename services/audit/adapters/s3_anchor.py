# SPDX-License-Identifier: Apache-2.0
"""Checkpoints as write-once objects in a bucket, which should have object lock.

Each has its own name, `<prefix><size, 20 digits>`, with a retention that the store itself
enforces, so that nobody who takes over the audit server can remove what was published.
"""

from __future__ import annotations

import contextlib
import io
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import urllib3
from minio import Minio
from minio.commonconfig import COMPLIANCE
from minio.error import MinioException
from minio.retention import Retention

from services.audit.errors import LogUnavailable
from services.audit_evidence.checkpoint import peek
from services.common.s3_client import S3Connection, connect

_AFTER_FAILURE = 60.0
_READ_SECONDS = 10.0
_MOST_BYTES = 1_000_000


@dataclass(frozen=True)
class S3AnchorOptions:
    """Where checkpoints go. `days` of retention, 0 for none; `every` seconds at most one."""

    connection: S3Connection
    bucket: str
    prefix: str = "checkpoints/"
    days: int = 0
    every: float = 3600.0


class S3Anchor:
    """An anchor in a bucket; raises WrongUse when the settings cannot be used."""

    def __init__(
        self, options: S3AnchorOptions, *, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self.options = options
        self._client = connect(
            Minio, options.connection, read_seconds=_READ_SECONDS, retry=urllib3.Retry(total=1)
        )
        self._clock = clock
        self._due = 0.0
        self._size = -1

    def latest(self) -> str | None:
        """Return the largest checkpoint that was ever put here, deleted and replaced ones too."""
        with _faults():
            found = [
                item
                for item in self._client.list_objects(
                    self.options.bucket, self.options.prefix, include_version=True
                )
                if not item.is_delete_marker and item.object_name
            ]
            if not found:
                return None
            # Under the largest name the oldest version: it was there first.
            name = max(str(item.object_name) for item in found)
            versions = [item for item in found if item.object_name == name]
            first = min(versions, key=lambda item: item.last_modified or datetime.now(UTC))
            answer = self._client.get_object(self.options.bucket, name, version_id=first.version_id)
            try:
                return answer.read(_MOST_BYTES).decode("utf-8", "replace")
            finally:
                answer.close()
                answer.release_conn()

    def publish(self, note: str) -> None:
        """Put a checkpoint, unless one was put within the agreed time; raises OSError."""
        size = peek(note).size
        if size <= self._size or self._clock() < self._due:
            return
        self._due = self._clock() + _AFTER_FAILURE
        data = note.encode()
        until = datetime.now(UTC) + timedelta(days=self.options.days)
        retention = Retention(COMPLIANCE, until) if self.options.days else None
        try:
            self._client.put_object(
                self.options.bucket,
                f"{self.options.prefix}{size:020}",
                io.BytesIO(data),
                len(data),
                content_type="text/plain; charset=utf-8",
                retention=retention,
            )
        except (MinioException, urllib3.exceptions.HTTPError) as error:
            raise OSError(0, f"the bucket refused it ({type(error).__name__})") from error
        self._size = size
        self._due = self._clock() + self.options.every


@contextlib.contextmanager
def _faults() -> Iterator[None]:
    try:
        yield
    except (MinioException, urllib3.exceptions.HTTPError) as error:
        raise LogUnavailable(
            f"the bucket of published checkpoints cannot be read ({type(error).__name__}); the log "
            "does not start without having compared itself"
        ) from error
