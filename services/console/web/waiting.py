# SPDX-License-Identifier: Apache-2.0
"""What waits for a person, as the first page shows it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from services.console.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Waiting:
    """What waits for a person: a heading, a sentence and a link, in the visitor's language."""

    heading: str
    text: str
    path: str
    link: str
    count: int | None = None


Look = Callable[[Visit], Sequence[Waiting]]
"""Looks what waits for a visitor in a role."""
