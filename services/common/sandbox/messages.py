# SPDX-License-Identifier: Apache-2.0
"""What a confined process and its service, here the parent, say to each other over two pipes.

The parent begins with a line of JSON, the order. All else are messages of the confined process: a
header, then as many bytes as it says. A `READ` is answered by the bytes of the file at that offset.
The last two are between a service and a template.
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

ASKED = b"R"
"""What a service sends to a template, beside three descriptors: a socket that stands for the run,
and the ends of the two pipes. The run ends where the service closes its end of that socket."""

ENDED = struct.Struct("!i")
"""What comes by that socket when the run is over: its exit code, negative for a signal. Without it,
the template is gone."""
