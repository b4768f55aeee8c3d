# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer

from flows.cli import main as cli

ROOT = Path(__file__).resolve().parents[3]
# The change log speaks of commands that are no more.
PAGES = [
    *(page for page in ROOT.glob("*.md") if page.name != "CHANGELOG.md"),
    *(
        page
        for folder in ("docs", "infra", "benchmarks")
        for page in ROOT.glob(f"{folder}/**/*.md")
    ),
]
TYPED = re.compile(r"(?:`|^ *(?:\$ )?|&& )sotto ([a-z][^`\n]*)", re.MULTILINE)
ENDS = re.compile(r"  | #| \| | > | < |; ")
NO_COMMANDS = {"release 2"}  # the name of a format
TAKES_FILES = {"transcribe"}  # and has commands as well


def typed() -> Iterator[tuple[str, list[str]]]:
    """Yield the words of each command of the pages, with the page."""
    for page in PAGES:
        for found in TYPED.finditer(page.read_text("utf-8")):
            if found[1] not in NO_COMMANDS:
                yield page.name, [one.rstrip(".,:)") for one in ENDS.split(found[1])[0].split()]


def fault(command: Any, words: list[str]) -> str:
    """Return the first word that a command does not know; empty where it knows all."""
    for at, word in enumerate(words):
        below = getattr(command, "commands", None)
        if below and not word.startswith("-"):
            if word not in below:
                return "" if command.name in TAKES_FILES else word
            return fault(below[word], words[at + 1 :])
        options = {one for given in command.params for one in (*given.opts, *given.secondary_opts)}
        option = re.match(r"\[?(--[a-z][a-z-]*)", word)
        if option and option[1] not in options and not below:
            return option[1]
    return ""


def test_commands_of_the_pages_exist() -> None:
    """Every command that a page tells to type is there, with its options."""
    names = ("up", "down", "status", *cli.COMMANDS)
    known: dict[str, Any] = {
        name: typer.main.get_command(cli.build([name])).commands[name]  # type: ignore[attr-defined]
        for name in names
    }
    commands = list(typed())

    assert len(commands) > 300
    assert {(page, words[0]) for page, words in commands if words[0] not in known} == set()
    faults = {
        (page, " ".join(words), word)
        for page, words in commands
        if (word := fault(known[words[0]], words[1:]))
    }
    assert faults == set()
