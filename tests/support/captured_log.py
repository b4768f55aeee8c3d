# SPDX-License-Identifier: Apache-2.0
"""The log of a process, caught in memory."""

from __future__ import annotations

import io
import json
import logging
from typing import Any, NoReturn


class CapturedLog:
    """The log of a process, caught in memory."""

    def __init__(self) -> None:
        self.stream = io.StringIO()

    @property
    def text(self) -> str:
        """All that was written."""
        return self.stream.getvalue()

    @property
    def lines(self) -> list[str]:
        """What was written, by line."""
        return self.text.splitlines()

    @property
    def records(self) -> list[dict[str, Any]]:
        """The records; fails when a line is not strict JSON."""
        return [json.loads(line, parse_constant=_refuse) for line in self.lines]

    @property
    def last(self) -> dict[str, Any]:
        """The newest record."""
        return self.records[-1]

    def without_pytest(self) -> None:
        """Take away the handler that pytest adds, which fails on records that ours must accept."""
        root = logging.getLogger()
        root.handlers[:] = [one for one in root.handlers if "pytest" not in type(one).__module__]

    def clear(self) -> None:
        """Forget what was written."""
        self.stream.seek(0)
        self.stream.truncate()


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is not JSON")
