# SPDX-License-Identifier: Apache-2.0
"""Opens the log that a command names."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # loads cryptography, which only some commands need
    from services.audit.cli.log_export import LogCopy

#: Reads the log of a home through its running service.
Fetch = Callable[[Path | None], "AbstractContextManager[LogCopy]"]


@dataclass(frozen=True, slots=True)
class LogReader:
    """Access to a log: a copy by its files, else the installation's own by `fetch`.

    The running service records who reads; files do not, they are for auditors.
    """

    fetch: Fetch

    def open(self, log: Path | None, home: Path | None) -> AbstractContextManager[LogCopy]:
        """Open the copy at `log`, or the log of the home when none is named."""
        from services.audit.cli.log_export import copy_at

        return self.fetch(home) if log is None else copy_at(log)
