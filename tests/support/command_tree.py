# SPDX-License-Identifier: Apache-2.0
"""Every command of the command line with its parameters, and words that call each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import typer

from flows.cli import main as cli

RECORDING = "rec-" + "a" * 26
REVEAL = "rvl-" + "a" * 26
SEEN = "0" * 32 + ":0:0"


@dataclass(frozen=True)
class Parameter:
    """A parameter of a command: its name, and the option that sets it, empty for an argument."""

    name: str
    option: str


@dataclass(frozen=True)
class Command:
    """A command by its words, with its parameters."""

    words: tuple[str, ...]
    parameters: tuple[Parameter, ...]

    @property
    def name(self) -> str:
        """Its words as people type them."""
        return " ".join(self.words)


def commands() -> list[Command]:
    """Return every command, down to the last."""
    found: list[Command] = []
    for name in ("up", "down", "status", *cli.COMMANDS):
        root: Any = typer.main.get_command(cli.build([name]))
        found += _below((name,), root.commands[name])
    return found


def _below(words: tuple[str, ...], command: Any) -> Iterator[Command]:
    if below := getattr(command, "commands", None):
        for name, one in below.items():
            yield from _below((*words, name), one)
        return
    yield Command(
        words,
        tuple(
            Parameter(one.name, "" if one.param_type_name == "argument" else max(one.opts, key=len))
            for one in command.params
        ),
    )


def arguments(folder: Path, study: str, participant: str, recording: str) -> dict[str, list[str]]:
    """Return words that complete each command that needs some; files are in `folder`."""
    folder.mkdir(exist_ok=True)
    text = folder / "interview.txt"
    text.write_text("I: Hello.\nP: Hello.\n", "utf-8")
    described = folder / "study.yaml"
    described.write_text(
        f"id: {study}\ntitle: t\nlanguages: [en]\npolicy: research-default\n"
        f"participants: [{participant}]\n",
        "utf-8",
    )
    out = str(folder / "out")
    named = folder / "names.yaml"
    named.write_text("people: [{name: Puan Halimah}]\n", "utf-8")
    of_study = ["--study", study]
    period = ["--since", "2026-01-01", "--until", "2035-01-01"]
    return {
        "study create": [str(described), "--yes"],
        "study countersign": [study],
        "study show": [study],
        "study add-names": [study, str(named)],
        "study enrol-voice": [study, str(text), "--person", "ana", "--yes"],
        "study voices": [study],
        "study erase-voice": [study, "--person", "ana"],
        "ingest": [str(text), *of_study, "--participant", participant],
        "models bundle": ["base", "--out", out],
        "review show": [recording],
        "review approve": [recording, "--run", SEEN],
        "review reject": [recording, "--run", SEEN, "--reason", "x"],
        "review add": [recording, "0:0"],
        "review restore": [recording, "0:0", "--yes"],
        "review retype": [recording, "0:0", "PERSON"],
        "review reword": [recording, "Hello.", "Hullo.", "--segment", "0"],
        "review undo": [recording],
        "review redo": [recording],
        "review accept": [recording, "0:1"],
        "review later": [recording, "0:1"],
        "review clear": [recording, "0"],
        "review merge": [recording, "[Person 1]", "[Person 2]"],
        "review roles": [recording, "S1=interviewer"],
        "review listen": [recording, "0"],
        **{f"quality {one}": of_study for one in ("show", "open", "sample", "disputes", "search")},
        "quality record": ["1", *of_study],
        "quality rule": ["1", *of_study],
        "quality sign": [*of_study, "--seen", "1"],
        "release verify": [str(folder)],
        "release build": of_study,
        "release list": of_study,
        "release export": [*of_study, "--out", out],
        "release terms": of_study,
        "release copies": of_study,
        "release destroyed": ["cpy-" + "a" * 26, *of_study],
        "participant withdraw": [participant, *of_study, "--yes"],
        "participant preview": [participant, *of_study],
        "pseudonym request": [
            "Nurse 1", *of_study, "--participant", participant, "--reason", "legal_duty"
        ],
        **{f"pseudonym {one}": [REVEAL, *of_study] for one in ("grant", "refuse", "reveal")},
        "audit show": ["0"],
        "audit trace": [recording],
        "audit prove": ["0", "--out", out],
        "audit check-proof": [str(text)],
        "audit report": ["--month", "2026-11", "--out", f"{out}.html"],
        "audit who": [participant],
        "audit breach": ["operator", *period, "--out", f"{out}.html"],
        "audit start-anew": ["--reason", "restored", "--person", "ana"],
        "audit export": ["--out", out],
        "audit review": [
            "--from", "2026-11-01", "--to", "2026-11-02", "--finding", "nothing-to-report",
        ],
        "audit witness ask": ["http://127.0.0.1:9", "--key", str(text)],
        "certificates issue": ["release"],
        "certificates renew": ["release"],
        "storage hold": [recording, *of_study, "--participant", participant],
        "deid evaluate": [str(text)],
        "deid attack": [str(text)],
        "recordings show": [recording],
        "recordings redo": ["--dry-run"],
        "recordings remove": [recording, "--reason", "other", "--yes"],
        "recordings move": [recording, "--participant", participant, "--yes"],
        "console accounts add": ["ana"],
        "console accounts change": ["ana"],
        "console accounts remove": ["ana"],
        "console accounts unbind": ["ana"],
        "console sessions end": ["ana"],
        "backup create": [str(folder / "backup"), "--passphrase-file", str(text)],
        "backup verify": [str(folder)],
    }  # fmt: skip
