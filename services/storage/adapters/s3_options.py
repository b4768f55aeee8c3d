# SPDX-License-Identifier: Apache-2.0
"""Options of the S3 backend; apart from it so that reading settings loads no SDK."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class S3Options:
    """Where the bucket is, and how to get in; `lock_days` 0 asks for no retention.

    `prefix` is put before every name, so that several stores can share a bucket. With `shreds` the
    store holds keys: a bucket that could keep what was deleted is refused.
    """

    endpoint: str
    bucket: str
    credentials: Path
    region: str = "us-east-1"
    ca: Path | None = None
    plain_http: bool = False
    lock_days: int = 0
    lock_optional: bool = False
    prefix: str = ""
    shreds: bool = False
    timeout_s: float = 60.0
