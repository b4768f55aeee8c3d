# SPDX-License-Identifier: Apache-2.0
"""Writes objects into a zone until it is killed; says on stdout which ones are acknowledged."""

from __future__ import annotations

import sys
from pathlib import Path

from tests.support.storage_zone import P07, open_zone


def content(number: int, size: int) -> bytes:
    """What object `number` holds."""
    return (b"%08d " % number) * (size // 9)


def name(number: int) -> str:
    """Name of object `number`."""
    return f"{P07.prefix}x/{number}/source"


def main() -> None:
    """Write `count` objects of `size` bytes."""
    root, count, size = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
    zone = open_zone(root)
    for number in range(count):
        if not zone.store.exists(name(number)):
            with zone.store.writing(P07, name(number), "a/b") as writing:
                data = content(number, size)
                for start in range(0, len(data), 65536):
                    writing.write(data[start : start + 65536])
                writing.commit()
        print(number, flush=True)  # noqa: T201 - the acknowledgement


if __name__ == "__main__":
    main()
