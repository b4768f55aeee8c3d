# SPDX-License-Identifier: Apache-2.0
"""A transcript made elsewhere that is parsed in the sandbox; see `importing` for the forms."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import BinaryIO

from services.common.sandbox.limits import Limits
from services.common.sandbox.parent import Sandbox, SandboxFailed
from services.transcription.adapters.importing.source import ImportLimits
from services.transcription.adapters.turn_parser import READING, TURNS
from services.transcription.domain.reading import Reading, ReadingOptions
from services.transcription.domain.transcript import Role
from services.transcription.domain.turns import Turn
from services.transcription.errors import BadTranscript, TooLarge

_TASK = "services.transcription.adapters.turn_parser"

_ROLES = tuple(Role)

_SANDBOX = Limits(cpu_seconds=300, wait_seconds=1800.0)
"""The largest transcript that settings allow at first takes seconds and a few hundred MiB."""


def read_confined(
    file: BinaryIO,
    file_name: str = "",
    limits: ImportLimits | None = None,
    options: ReadingOptions | None = None,
    *,
    sandbox: Limits = _SANDBOX,
    allow_weak: bool = False,
) -> Iterator[Turn | Reading]:
    """Yield the turns of a transcript and last what was found, and raise what `read` raises.

    Where a limit of the sandbox is hit it raises `TooLarge`, which names it.
    """
    limits = limits or ImportLimits()
    runner = Sandbox(_TASK, sandbox, (BadTranscript, TooLarge), allow_weak)
    order = {
        "file_name": file_name,
        "limits": asdict(limits),
        "options": asdict(options or ReadingOptions()),
    }
    parsed = runner.run(file, order)
    found = 0
    reading: Reading | None = None
    try:
        for number, data in parsed:
            if reading is not None:
                raise SandboxFailed
            if number == READING:
                reading = Reading.parse(data, "", _broken, canonical=False)
                continue
            for turn in _turns(number, data):
                found += 1
                if found > limits.max_turns:
                    raise SandboxFailed
                yield turn
        if reading is None:
            raise SandboxFailed
        yield reading
    except SandboxFailed as error:
        if error.limit:
            raise TooLarge(
                f"Reading this transcript takes more than the limit of {error.limit}; save it "
                "again as plain text, or split it."
            ) from None
        raise BadTranscript(
            "The parser broke on this transcript, which is damaged or made to do so; save it "
            "again as plain text."
        ) from None
    finally:
        parsed.close()


def _turns(number: int, data: bytes) -> Iterator[Turn]:
    """Return a batch of turns, and trust none: the parser may have been taken over."""
    try:
        batch = json.loads(data) if number == TURNS else None
    except (ValueError, RecursionError):
        batch = None
    if not isinstance(batch, list):
        raise SandboxFailed
    for item in batch:
        if not isinstance(item, list) or len(item) != 5:
            raise SandboxFailed
        speaker, text, start, end, role = item
        if not (isinstance(speaker, str) and isinstance(text, str) and role in _ROLES):
            raise SandboxFailed
        if not (_is_time(start) and _is_time(end)):
            raise SandboxFailed
        yield Turn(speaker, text, start, end, Role(role))


def _broken(_message: str) -> SandboxFailed:
    return SandboxFailed()


def _is_time(value: object) -> bool:
    return value is None or (type(value) is int and 0 <= value < 2**62)
