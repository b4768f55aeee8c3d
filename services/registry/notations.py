# SPDX-License-Identifier: Apache-2.0
"""How pauses, overlap and what was not understood are written in releases."""

from __future__ import annotations

from enum import StrEnum
from typing import Self


class Notation(StrEnum):
    """A notation; `number` is its value in the contract's enum `Notation`."""

    number: int

    def __new__(cls, name: str, number: int) -> Self:
        """Make a member that equals its name and carries the rest."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.number = number
        return member

    NONE = ("none", 0)
    PLAIN = ("plain", 1)
    JEFFERSON = ("jefferson", 2)


BY_NUMBER = {one.number: one for one in Notation}
