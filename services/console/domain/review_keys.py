# SPDX-License-Identifier: Apache-2.0
"""The keys of the review pages: one table for the dispatcher, the help and the tests."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Key:
    """A key as browsers name it, the control that it presses, and what it does, in English."""

    key: str
    control: str
    meaning: str


#: `control` is the `data-control` of a button, link or field of the page.
KEYS: tuple[Key, ...] = (
    Key("Enter", "accept", "Accept the place as it stands and go on"),
    Key("a", "accept", "Accept the place as it stands and go on"),
    Key("Shift+Enter", "accept-all", "Accept all mentions of the same words, after their list"),
    Key("x", "redact", "Redact the place, or the words that are selected, everywhere"),
    Key("Shift+X", "redact-all", "Redact all mentions, after their list"),
    Key("r", "restore", "Put the words back that were replaced"),
    Key("t", "retype", "Give it the kind that is chosen"),
    Key("m", "merge", "Merge it with the label that is chosen"),
    Key("s", "skip", "Put it off to the end"),
    Key("0", "nothing", "Nothing is left in this turn"),
    Key("n", "next", "Next doubtful place"),
    Key("p", "previous", "Previous doubtful place"),
    Key("j", "later", "Later turns"),
    Key("k", "earlier", "Earlier turns"),
    Key("w", "wording", "Write the words of this turn anew"),
    Key("u", "undo", "Undo your last step"),
    Key("Control+z", "undo", "Undo your last step"),
    Key("Shift+U", "redo", "Do again what was undone"),
    Key("Control+y", "redo", "Do again what was undone"),
    Key(" ", "listen", "Hear the place again"),
    Key("i", "identified", "Show what was said beside, or hide it"),
    Key("?", "help", "Show these keys"),
)


def names_of(control: str) -> str:
    """Return the keys of a control, as the page names them."""
    return "\t".join(one.key for one in KEYS if one.control == control)


def shown(key: str) -> str:
    """Return a key as people read it."""
    return "Space" if key == " " else key
