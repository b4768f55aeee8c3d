# SPDX-License-Identifier: Apache-2.0
"""What the tables of examples assert."""

from __future__ import annotations

from collections.abc import Callable

from services.deidentification.recognisers.base import SottoRecognizer

Find = Callable[[type[SottoRecognizer], str], list[tuple[str, str]]]


def covers(found: list[tuple[str, str]], text: str, kind: str = "") -> None:
    """One finding holds the whole text, and is of the kind where one is asked for."""
    assert any(text in piece and kind in ("", entity) for entity, piece in found), found


def untouched(found: list[tuple[str, str]]) -> None:
    """Nothing was found."""
    assert found == []
