# SPDX-License-Identifier: Apache-2.0
"""A local account of the console."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How far an account is."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@dataclass(frozen=True, slots=True)
class Account:
    """A local account. Without `studies` it reaches all that list the person as a member."""

    name: str
    roles: tuple[str, ...]
    studies: tuple[str, ...] = ()
    state: State = State.INVITED
    password: str = ""
    totp_secret: bytes = b""
    totp_step: int = 0
    set_up_hash: bytes = b""
    set_up_until: float = 0.0
    created: float = 0.0
