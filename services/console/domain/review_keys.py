# SPDX-License-Identifier: Apache-2.0
"""The keys of the review pages: one table for the dispatcher, the help, the form and the tests."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from services.common.errors import InvalidInput

#: Keys that have a name instead of a character, as browsers name them; a blank is Space here.
NAMED = (
    *("Enter", "Space", "Backspace", "Delete", "Insert", "Home", "End", "PageUp", "PageDown"),
    *("ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"),
)
_KEY = re.compile(
    rf"(?P<control>Control\+)?(?P<shift>Shift\+)?(?P<key>{'|'.join(NAMED)}|[!-~\u00a1-\uffef])"
)
#: Browsers keep these for tabs and windows, whatever a page says.
_OF_BROWSERS = frozenset("Control+" + one for one in "tnwqlr")
_MOST_EACH = 4


@dataclass(frozen=True, slots=True)
class Command:
    """What keys do: the control that they press, their usual names, the meaning in English.

    `control` is the `data-control` of a button, link or field of a page.
    """

    control: str
    keys: tuple[str, ...]
    meaning: str


COMMANDS: tuple[Command, ...] = (
    Command("accept", ("Enter", "a"), "Accept the place as it stands and go on"),
    Command(
        "accept-all", ("Shift+Enter",), "Accept all mentions of the same words, after their list"
    ),
    Command("redact", ("x",), "Redact the place, or the words that are selected, everywhere"),
    Command("redact-all", ("Shift+X",), "Redact all mentions, after their list"),
    Command("restore", ("r",), "Put the words back that were replaced"),
    Command("retype", ("t",), "Give it the kind that is chosen"),
    Command("merge", ("m",), "Merge it with the label that is chosen"),
    Command("skip", ("s",), "Put it off to the end"),
    Command("nothing", ("0",), "Nothing is left in this turn"),
    Command("next", ("n",), "Next doubtful place"),
    Command("previous", ("p",), "Previous doubtful place"),
    Command("later", ("j",), "Later turns"),
    Command("earlier", ("k",), "Earlier turns"),
    Command("wording", ("w",), "Write the words of this turn anew"),
    Command("undo", ("u", "Control+z"), "Undo your last step"),
    Command("redo", ("Shift+U", "Control+y"), "Do again what was undone"),
    Command("listen", ("Space",), "Hear the place again"),
    Command("identified", ("i",), "Show what was said beside, or hide it"),
    Command("help", ("?",), "Show these keys"),
)
_BY_CONTROL = {one.control: one for one in COMMANDS}


@dataclass(frozen=True, slots=True)
class Keymap:
    """The keys of a person. `chosen` has the controls that have other keys than usual."""

    chosen: Mapping[str, tuple[str, ...]]
    is_on: bool = True

    @classmethod
    def read(cls, text: str) -> Keymap:
        """Return what was kept, the usual keys where nothing was.

        What another version kept counts as far as it is known here and nothing else has the key.
        """
        kept = json.loads(text) if text else {}
        known = {
            control: tuple(keys)
            for control, keys in kept.get("keys", {}).items()
            if control in _BY_CONTROL and all(normal(one) == one for one in keys)
        }
        made = cls(known, bool(kept.get("on", True)))
        return cls({}, made.is_on) if made.clash() else made

    def text(self) -> str:
        """Return what is kept."""
        return json.dumps({"on": self.is_on, "keys": {k: list(v) for k, v in self.chosen.items()}})

    def keys(self, control: str) -> tuple[str, ...]:
        """Return the keys of a control, whether they are on or off."""
        return self.chosen.get(control, _BY_CONTROL[control].keys)

    def names_of(self, control: str) -> str:
        """Return the keys of a control as a page names them, none where keys are off."""
        return " ".join(self.keys(control)) if self.is_on else ""

    def clash(self) -> tuple[str, Command, Command] | None:
        """Return a key that two commands have, and these; None where each has its own."""
        taken: dict[str, Command] = {}
        for command in COMMANDS:
            for key in self.keys(command.control):
                if key in taken:
                    return key, taken[key], command
                taken[key] = command
        return None


def chosen(fields: Mapping[str, str], *, is_on: bool) -> Keymap:
    """Return the keys that a form names, by control, with blanks between several.

    Raises InvalidInput for what is no key, for one that browsers keep, and where two commands
    would have the same.
    """
    found: dict[str, tuple[str, ...]] = {}
    for control, command in _BY_CONTROL.items():
        keys = tuple(dict.fromkeys(_checked(one) for one in fields.get(control, "").split()))
        if len(keys) > _MOST_EACH:
            raise InvalidInput(f"a command has at most {_MOST_EACH} keys")
        if keys != command.keys:
            found[control] = keys
    made = Keymap(found, is_on)
    if clash := made.clash():
        key, first, second = clash
        raise InvalidInput(
            f"the key {key} is given twice, for {first.meaning!r} and {second.meaning!r};"
            " nothing was kept"
        )
    return made


def normal(name: str) -> str:
    """Return a key as the dispatcher names it, empty for what is no key.

    Shift is told of letters and of keys that have a name: what it makes of other keys is a
    character of its own, such as the question mark.
    """
    found = _KEY.fullmatch(name)
    if found is None:
        return ""
    key, shift = found["key"], bool(found["shift"])
    if len(key) == 1 and key.lower() != key.upper():
        shift = shift or key != key.lower()
        key = key.upper() if shift else key.lower()
    elif len(key) == 1 and shift:
        return ""
    return f"{found['control'] or ''}{'Shift+' if shift else ''}{key}"


def _checked(name: str) -> str:
    key = normal(name)
    if not key:
        raise InvalidInput(
            f"{name!r} names no key: write one character, or one of {', '.join(NAMED)}, with"
            " Shift+ or Control+ before it where it is held"
        )
    if key in _OF_BROWSERS:
        raise InvalidInput(f"browsers keep {key} for themselves; take another key")
    return key
