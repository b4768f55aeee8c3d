# SPDX-License-Identifier: Apache-2.0
"""A copy of the log, read from files or from the service, and what it is written out as."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from services.audit.adapters.checkpoint_file import WITNESSED_NAME
from services.audit.adapters.export_jsonl import write_jsonl
from services.audit.adapters.export_tiles import write_tiles
from services.audit.adapters.key_files import read_vkeys
from services.audit.adapters.sources import key_file, open_source
from services.audit.domain.nodes import TileNodes
from services.audit_evidence import merkle
from services.audit_evidence.checkpoint import peek
from services.audit_evidence.custody import trace
from services.audit_evidence.entry import Entry, decode, format_time, to_microseconds
from services.audit_evidence.errors import NoSuchEntry
from services.audit_evidence.exports.fhir import bundle_lines
from services.audit_evidence.exports.siem import cef_line, ocsf_event
from services.audit_evidence.exports.table import csv_lines
from services.audit_evidence.frontier import Frontier
from services.audit_evidence.proof_file import LogProof
from services.common.errors import InvalidInput


@dataclass
class LogCopy:
    """Leaves in order; the keys are known from the start, the checkpoint when all were read."""

    leaves: Iterable[bytes]
    checkpoint: str = ""
    verifier_keys: list[str] = field(default_factory=list)
    witnessed: str = ""

    def entries(self) -> Iterator[Entry]:
        """Decode the entries; raises InvalidFormat for one that is not of the log's form."""
        return map(decode, self.leaves)

    @property
    def origin(self) -> str:
        """Name of the log, from its newest key."""
        return self.verifier_keys[0].split("+", 1)[0] if self.verifier_keys else ""


@contextlib.contextmanager
def copy_at(path: Path) -> Iterator[LogCopy]:
    """Open a copy from files: audit folder, database, export or tiles."""
    source = open_source(path)
    keys = key_file(path)
    with contextlib.closing(source):
        notes = source.checkpoints()
        yield LogCopy(
            source.entries(),
            notes[0][1].decode("utf-8", "replace") if notes else "",
            [str(key) for key in read_vkeys(keys)] if keys.exists() else [],
            dict(notes).get(WITNESSED_NAME, b"").decode("utf-8", "replace"),
        )


def _cef(entries: Iterable[Entry], _origin: str) -> Iterator[str]:
    return (cef_line(entry) + "\n" for entry in entries)


def _ocsf(entries: Iterable[Entry], origin: str) -> Iterator[str]:
    return (json.dumps(ocsf_event(entry, origin), ensure_ascii=False) + "\n" for entry in entries)


def _csv(entries: Iterable[Entry], _origin: str) -> Iterator[str]:
    return csv_lines(entries)


# Formats that are written an entry at a time: entries and the log's name to pieces of text.
_LINES: dict[str, Callable[[Iterable[Entry], str], Iterator[str]]] = {
    "csv": _csv,
    "fhir": bundle_lines,
    "cef": _cef,
    "ocsf": _ocsf,
}
#: Formats that need the whole log at once, since a checkpoint covers it.
_WHOLE = {"jsonl": write_jsonl, "tiles": write_tiles}
FORMATS = ("jsonl", *_LINES, "tiles")
#: Formats of monitoring systems, which follow a log as it grows.
FOLLOWED = ("cef", "ocsf")


def check_format(name: str) -> None:
    """Raise InvalidInput for an unknown format, naming those that there are."""
    if name not in FORMATS:
        raise InvalidInput(f"the log is exported as one of {', '.join(FORMATS)}")


def export(copy: LogCopy, name: str, out: Path) -> int:
    """Write a copy in a format to a file (tiles: to a folder) and return the number of entries.

    Raises InvalidInput for an unknown format.
    """
    check_format(name)
    if name in _WHOLE:
        held = list(copy.leaves)  # the checkpoint is known when all leaves were read
        return _WHOLE[name](out, held, copy.checkpoint, copy.verifier_keys, copy.witnessed)
    count = 0

    def counted() -> Iterator[Entry]:
        nonlocal count
        for entry in copy.entries():
            count += 1
            yield entry

    with out.open("w", encoding="utf-8", newline="") as file:
        file.writelines(lines(counted(), name, copy.origin))
    return count


def lines(entries: Iterable[Entry], name: str, origin: str) -> Iterator[str]:
    """Return the text of an export of the log `origin`, in a piece for each entry.

    Raises InvalidInput for a format that is not written an entry at a time.
    """
    if name not in _LINES:
        raise InvalidInput(f"this format is not written line by line; {', '.join(_LINES)} are")
    return _LINES[name](entries, origin)


def trace_rows(entries: Iterable[Entry], recording: str) -> list[dict[str, Any]]:
    """Return the chain of custody of a recording, a row for each act."""
    return [
        {
            "entry": step.began.index,
            "time": format_time(to_microseconds(step.began.time)),
            "event": step.began.event.name,
            "who": step.who,
            "role": step.began.event.role,
            "service": step.began.service,
            "owner": step.is_owners,
            "zone": step.began.event.zone,
            "object": step.began.event.object,
            "outcome": step.outcome,
            "milliseconds": step.milliseconds,
            "attributes": step.attributes,
        }
        for step in trace(entries, recording)
    ]


def prove(copy: LogCopy, index: int) -> tuple[LogProof, bytes]:
    """Make the proof file of an entry, and return it with the entry's bytes."""
    frontier = Frontier()
    tiles: dict[tuple[int, int], bytes] = {}
    found: bytes | None = None
    for leaf in copy.leaves:
        if frontier.size == index:
            found = leaf
        for tile in frontier.push(merkle.leaf_hash(leaf)):
            tiles[tile.level, tile.index] = tile.hashes
    size = peek(copy.checkpoint).size
    if found is None or not index < size <= frontier.size:
        raise NoSuchEntry(f"entry {index} is not under the checkpoint of this copy")
    nodes = TileNodes(lambda level, at: tiles[level, at], frontier.view())
    hashes = tuple(merkle.inclusion_proof(index, size, nodes))
    return LogProof(index, hashes, copy.checkpoint), found


def growth(copy: LogCopy) -> Callable[[int], list[bytes]]:
    """Return a function that proves the growth from a size to the copy's checkpoint."""
    frontier = Frontier()
    tiles: dict[tuple[int, int], bytes] = {}
    for leaf in copy.leaves:
        for tile in frontier.push(merkle.leaf_hash(leaf)):
            tiles[tile.level, tile.index] = tile.hashes
    size = peek(copy.checkpoint).size
    nodes = TileNodes(lambda level, at: tiles[level, at], frontier.view())
    return lambda old: merkle.consistency_proof(old, size, nodes) if old <= size else []
