# SPDX-License-Identifier: Apache-2.0
"""What the reading commands do with a copy of the log, come by file or from the service."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from services.audit.errors import NoSuchEntry
from services.common.errors import InvalidInput

if TYPE_CHECKING:
    from services.audit.domain.entry import Entry
    from services.audit.domain.proof_file import LogProof

LINE_FORMATS = ("csv", "fhir", "cef", "ocsf")
FORMATS = ("jsonl", *LINE_FORMATS, "tiles")


@dataclass
class Copy:
    """Leaves in order; the keys are known from the start, the checkpoint when all were read."""

    leaves: Iterable[bytes]
    checkpoint: str = ""
    verifier_keys: list[str] = field(default_factory=list)
    witnessed: str = ""

    def entries(self) -> Iterator[Entry]:
        """Give decoded entries; raises InvalidFormat for one that is not of the log's form."""
        from services.audit.domain.entry import decode

        return map(decode, self.leaves)

    @property
    def origin(self) -> str:
        """Name of the log, from its newest key."""
        return self.verifier_keys[0].split("+", 1)[0] if self.verifier_keys else ""


#: Opens the log of a home through its service: (home, first index).
Fetch = Callable[[Path | None, int], AbstractContextManager[Copy]]


@contextlib.contextmanager
def copy_at(path: Path) -> Iterator[Copy]:
    """Open a copy from files: audit folder, database, export or tiles."""
    from services.audit.adapters.folder import read_vkeys
    from services.audit.adapters.sources import WITNESSED, key_file, open_source

    source = open_source(path)
    keys = key_file(path)
    with contextlib.closing(source):
        notes = source.checkpoints()
        yield Copy(
            source.entries(),
            notes[0][1].decode("utf-8", "replace") if notes else "",
            [str(key) for key in read_vkeys(keys)] if keys.exists() else [],
            dict(notes).get(WITNESSED, b"").decode("utf-8", "replace"),
        )


def export(copy: Copy, form: str, out: Path) -> int:
    """Write a copy in a format to a file (tiles: to a folder); gives the number of entries."""
    if form == "jsonl":
        from services.audit.adapters.export_jsonl import write_jsonl

        held = list(copy.leaves)
        return write_jsonl(out, held, copy.checkpoint, copy.verifier_keys, copy.witnessed)
    if form == "tiles":
        from services.audit.adapters.export_tiles import write_tiles

        held = list(copy.leaves)
        return write_tiles(out, held, copy.checkpoint, copy.verifier_keys, copy.witnessed)
    count = 0

    def counted() -> Iterator[Entry]:
        nonlocal count
        for entry in copy.entries():
            count += 1
            yield entry

    with out.open("w", encoding="utf-8", newline="") as file:
        for text in lines(counted(), form, copy.origin):
            file.write(text)
    return count


def lines(entries: Iterable[Entry], form: str, origin: str) -> Iterator[str]:
    """Give the text of an export, a piece an entry; raises InvalidInput for an unknown format."""
    import json

    if form == "csv":
        from services.audit.domain.exports.table import csv_lines

        yield from csv_lines(entries)
    elif form == "fhir":
        from services.audit.domain.exports.fhir import bundle_lines

        yield from bundle_lines(entries, origin)
    elif form == "cef":
        from services.audit.domain.exports.siem import cef_line

        for entry in entries:
            yield cef_line(entry) + "\n"
    elif form == "ocsf":
        from services.audit.domain.exports.siem import ocsf_event

        for entry in entries:
            yield json.dumps(ocsf_event(entry, origin), ensure_ascii=False) + "\n"
    else:
        raise InvalidInput(f"the log is exported as one of {', '.join(FORMATS)}")


def trace_rows(copy: Copy, recording: str) -> list[dict[str, Any]]:
    """Give the chain of custody of a recording, an act a row."""
    from services.audit.domain.custody import trace
    from services.audit.domain.entry import format_time, to_microseconds

    return [
        {
            "entry": step.began.index,
            "time": format_time(to_microseconds(step.began.time)),
            "event": step.began.event.name,
            "who": step.who,
            "role": step.began.event.role,
            "service": step.began.service,
            "zone": step.began.event.zone,
            "object": step.began.event.object,
            "outcome": step.outcome,
            "milliseconds": step.milliseconds,
            "attributes": step.attributes,
        }
        for step in trace(copy.entries(), recording)
    ]


def prove(copy: Copy, index: int) -> tuple[LogProof, bytes]:
    """Make the proof file of an entry and give it with the entry's bytes."""
    from services.audit.domain import merkle
    from services.audit.domain.checkpoint import peek
    from services.audit.domain.frontier import Frontier
    from services.audit.domain.nodes import TileNodes
    from services.audit.domain.proof_file import LogProof

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


def growth(copy: Copy) -> Callable[[int], list[bytes]]:
    """Give a function that proves the growth from a size to the copy's checkpoint."""
    from services.audit.domain import merkle
    from services.audit.domain.checkpoint import peek
    from services.audit.domain.frontier import Frontier
    from services.audit.domain.nodes import TileNodes

    frontier = Frontier()
    tiles: dict[tuple[int, int], bytes] = {}
    for leaf in copy.leaves:
        for tile in frontier.push(merkle.leaf_hash(leaf)):
            tiles[tile.level, tile.index] = tile.hashes
    size = peek(copy.checkpoint).size
    nodes = TileNodes(lambda level, at: tiles[level, at], frontier.view())
    return lambda old: merkle.consistency_proof(old, size, nodes) if old <= size else []
