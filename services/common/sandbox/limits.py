# SPDX-License-Identifier: Apache-2.0
"""How much a confined process may take, and what the system has to confine it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """What one confined process may take at most: bytes and seconds.

    `wait_seconds` is how long its parent waits for it, all waits together: the time that the
    parent takes to use what it got does not count.
    """

    memory_bytes: int = 2 * 1024**3
    cpu_seconds: int = 3600
    wait_seconds: float = 3600.0
    output_bytes: int = 1024**3


@dataclass(frozen=True, slots=True)
class Walls:
    """What confines a process on this system: seccomp, and the version of Landlock (0: none).

    `missing` says why there is no seccomp; empty where there is.
    """

    seccomp: bool
    landlock: int
    missing: str = ""

    @property
    def names(self) -> str:
        """What there is, for people; "nothing" where there is none."""
        landlock = f"Landlock {self.landlock}" if self.landlock else ""
        return ", ".join(filter(None, ("seccomp" if self.seccomp else "", landlock))) or "nothing"

    @property
    def whole(self) -> bool:
        """Whether no wall is missing."""
        return self.seccomp and self.landlock > 0
