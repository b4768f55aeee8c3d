# SPDX-License-Identifier: Apache-2.0
"""What `sotto status --all` says of each part of an installation, as the console's page does."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from importlib.metadata import version

from services.common import process_facts
from services.common.certificate_authority import PARTS, read
from services.common.client_session import connected
from services.common.installation import Installation
from services.common.output import print_message, print_record
from services.registry.identities import CONSOLE, OPERATOR
from services.upkeep_client import certificates, parts
from services.upkeep_client.facts import Fact, Part, Tone

_MARKS = {Tone.PLAIN: " ", Tone.GOOD: " ", Tone.DOUBT: "?", Tone.BAD: "!"}


def show(installation: Installation, *, as_json: bool) -> None:
    """Print every part; one that somebody has to look at is marked."""
    now = dt.datetime.now(dt.UTC)
    with connected(installation, OPERATOR, ()) as peers:
        ends_at = process_facts.certificate_end(peers.shown)
        own = certificates.of_process("this command", version("sotto"), ends_at, now, of=OPERATOR)
        found = parts.read(peers, now, [*_console(installation, now), own])
    for part in found:
        if as_json:
            print_record(_record(part))
        else:
            for line in _lines(part):
                print_message(line)


def _console(installation: Installation, now: dt.datetime) -> Iterator[Fact]:
    """Yield the console's certificate, where this home has one."""
    folder = installation.pki / CONSOLE
    if all((folder / one).exists() for one in PARTS):
        ends_at = read(folder).not_valid_after_utc
        yield certificates.of_process("console", "", ends_at, now)


def _lines(part: Part) -> Iterator[str]:
    yield f"{part.name}:" + (f" away: {part.fault}" if part.fault else "")
    for fact in part.facts:
        text, *advice = fact.lines()
        yield f"{_MARKS[fact.tone]} {fact.name}: {text}"
        for line in advice:
            yield f"      {line}"


def _record(part: Part) -> dict[str, object]:
    return {
        "name": part.key,
        "fault": part.fault,
        "facts": [
            {
                "name": fact.name,
                "text": next(fact.lines()),
                "tone": fact.tone.value,
                "advice": " ".join(list(fact.lines())[1:]),
            }
            for fact in part.facts
        ],
    }
