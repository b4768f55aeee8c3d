# SPDX-License-Identifier: Apache-2.0
"""Sentences that many commands and services need: counts, and names that nobody knows."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

from services.common.errors import NotFound

_NAMED_AT_MOST = 10
# Names that are compared; beyond these a search for the nearest one takes longer than it helps.
_COMPARED_AT_MOST = 20_000


def counted(count: int, one: str, many: str = "") -> str:
    """Return a number with its noun, as in "1 transcript" and "2 transcripts"."""
    return f"{count} {one if count == 1 else many or f'{one}s'}"


def nearest(value: str, known: Iterable[str]) -> str:
    """Return the known name that looks most like a value, empty where none does.

    Capitals count for nothing, and a name that the value is a part of is near.
    """
    names = list(dict.fromkeys(known))[-_COMPARED_AT_MOST:]
    by_fold = {name.casefold(): name for name in names}
    wanted = value.strip().casefold()
    if wanted in by_fold:
        return by_fold[wanted]
    if len(wanted) > 1:
        holders = [name for name in by_fold if name.startswith(wanted) or name.endswith(wanted)]
        if holders:
            return by_fold[min(holders, key=len)]
    found = difflib.get_close_matches(wanted, by_fold, n=1)
    return by_fold[found[0]] if found else ""


def unknown(
    kind: str,
    value: str,
    known: Iterable[str],
    *,
    near: str | None = None,
    there: str = "there is",
    is_listed: bool = True,
) -> NotFound:
    """Return the error for a name that nobody knows, with the nearest one or those that there are.

    `kind` is what it should name, such as "study"; `near` the nearest name where it was looked for
    already; `there` begins the sentence; `is_listed` says
    whether a list of names helps. An empty answer in its place would say that nothing is there, or
    that nothing happened.
    """
    names = list(dict.fromkeys(known))
    near = nearest(value, names) if near is None else near
    if near:
        hint = f"is {near} meant?"
    elif not names:
        hint = "there is none yet"
    elif not is_listed:
        hint = "none is like it"
    else:
        shown = sorted(names)[:_NAMED_AT_MOST]
        rest = len(names) - len(shown)
        hint = f"known: {', '.join(shown)}{f' and {rest} more' if rest > 0 else ''}"
    return NotFound(f"{there} no {kind} {value}; {hint}", reason="unknown_name")
