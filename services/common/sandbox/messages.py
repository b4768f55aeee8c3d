# SPDX-License-Identifier: Apache-2.0
"""What a confined process and its parent say to each other over two pipes.

The parent begins with a line of JSON, the order. All else are messages of the confined process: a
header, then as many bytes as it says. A `READ` is answered by the bytes of the file at that offset.
"""

from __future__ import annotations

import struct

WALLS, READ, ITEM, REFUSED, LIMIT, DONE = b"W", b"R", b"I", b"F", b"L", b"D"

HEADER = struct.Struct("!cQQ")
"""Kind; then a number of the task's own and a length, or offset and length of a `READ`."""

MOST_READ_BYTES = 1024 * 1024
"""Bytes of the largest `READ`, so that a process that was taken over cannot fill the memory of its
parent with a whole file."""

MOST_MESSAGE_BYTES = 64 * 1024 * 1024
"""Bytes of the largest message of a confined process."""
