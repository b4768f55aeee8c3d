# SPDX-License-Identifier: Apache-2.0
"""Writes the log as JSON Lines that `audit verify` and a few lines of any language can check."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path

from services.audit.adapters.sources import checkpoint_file, key_file, witnessed_file
from services.common.files import write_private


def write_jsonl(
    path: Path,
    leaves: Iterable[bytes],
    checkpoint: str,
    verifier_keys: Sequence[str],
    witnessed: str = "",
) -> int:
    """Write entries, one a line, then checkpoint and keys beside them; gives the number of entries.

    `witnessed` is the newest checkpoint that witnesses cosigned, where there is one.

    The bytes of a line are the bytes that were hashed. An existing file is replaced.
    """
    count = 0
    with path.open("wb") as file:
        for leaf in leaves:
            file.write(leaf + b"\n")
            count += 1
    write_private(checkpoint_file(path), checkpoint.encode(), mode=0o644)
    beside = witnessed_file(path)
    beside.unlink(missing_ok=True)
    if witnessed:
        write_private(beside, witnessed.encode(), mode=0o644)
    keys = "".join(key + "\n" for key in verifier_keys)
    write_private(key_file(path), keys.encode(), mode=0o644)
    return count
