# SPDX-License-Identifier: Apache-2.0
"""Checks a whole log from files and public keys alone; says in words what is wrong with what."""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from services.audit_evidence import merkle
from services.audit_evidence.checkpoint import OpenedCheckpoint, open_checkpoint
from services.audit_evidence.entry import parse_time
from services.audit_evidence.errors import SignatureRefused
from services.audit_evidence.frontier import TILE_WIDTH, Frontier
from services.audit_evidence.keys import VerifierKey
from services.audit_evidence.policy import WitnessPolicy
from services.audit_evidence.scan import Scanner
from services.common.errors import SottoError

_MOST_FINDINGS = 200
_CLOCKS_MAY_DIFFER = timedelta(minutes=5)
_CHUNK = 4 * TILE_WIDTH


class Source(Protocol):
    """A copy of a log: a database, an exported folder, a folder of tiles."""

    def entries(self) -> Iterator[bytes]:
        """Return the stored leaves in order; raises LogDamaged where one cannot be read."""
        ...

    def checkpoints(self) -> Sequence[tuple[str, bytes]]:
        """Return what each checkpoint of the copy is called, and its bytes; the newest first."""
        ...

    def tile(self, level: int, index: int, width: int) -> bytes | None:
        """Return the stored hashes of a tile, None when this kind of copy does not keep it."""
        ...

    def faults(self, keys: Sequence[VerifierKey]) -> Iterator[str]:
        """Return what is wrong with the container itself; called after all entries were read."""
        ...

    def remarks(self) -> Iterator[str]:
        """Return what is worth knowing of the container, and is no fault."""
        ...

    def close(self) -> None:
        """Close the copy."""
        ...


@dataclass(frozen=True)
class VerificationFinding:
    """What is wrong or worth knowing, and with which entry (None: with the whole)."""

    wrong: bool
    entry: int | None
    words: str

    def __str__(self) -> str:
        return self.words if self.entry is None else f"entry {self.entry} {self.words}"


@dataclass
class VerificationReport:
    """What a verification found out."""

    origin: str = ""
    size: int = 0
    root: bytes = b""
    first_time: str = ""
    last_time: str = ""
    signers: list[str] = field(default_factory=list)
    findings: list[VerificationFinding] = field(default_factory=list)
    left_out: int = 0
    open_intents: list[int] = field(default_factory=list)
    #: Entries under the newest checkpoint that reached the policy's quorum; None without one.
    witnessed: int | None = None

    @property
    def ok(self) -> bool:
        """Whether nothing is wrong; notes do not count."""
        return not self.fault_count

    @property
    def fault_count(self) -> int:
        """How many things are wrong."""
        return sum(finding.wrong for finding in self.findings) + self.left_out

    def wrong(self, entry: int | None, words: str) -> None:
        """Add what is wrong; beyond 200 findings they are only counted."""
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(VerificationFinding(True, entry, words))
        else:
            self.left_out += 1

    def note(self, entry: int | None, words: str) -> None:
        """Add what is worth knowing."""
        if len(self.findings) < _MOST_FINDINGS:
            self.findings.append(VerificationFinding(False, entry, words))


def verify(
    source: Source,
    keys: Sequence[VerifierKey],
    *,
    witnesses: Sequence[VerifierKey] = (),
    held: Sequence[tuple[str, bytes]] = (),
    policy: WitnessPolicy | None = None,
    now: datetime | None = None,
) -> VerificationReport:
    """Check tree, signatures, form, order of time, intents and outcomes of a copy of a log.

    `keys` are the log's own; `held` are earlier checkpoints that the verifier kept (name, bytes):
    the log must contain each of them. With a policy, its logs are trusted too, and the newest
    checkpoint must reach its quorum of witnesses. With `now`, a log that is ahead of it is told
    of. Never raises for what the copy holds.
    """
    report = VerificationReport()
    if policy:
        keys = tuple(dict.fromkeys((*keys, *policy.logs)))
        witnesses = tuple(dict.fromkeys((*witnesses, *policy.witnesses.values())))
    notes = _open_all([*source.checkpoints(), *held], keys, witnesses, report)
    if policy and notes:
        # Witnesses follow the log, so that any checkpoint of the copy may carry their lines.
        good = [
            one.checkpoint.size
            for _, one in notes
            if policy.satisfied([key for key, _ in one.note.verified])
        ]
        report.witnessed = max(good, default=None)
        if not good:
            report.wrong(None, "too few witnesses of the policy cosigned a checkpoint of this log")
    roots = {opened.checkpoint.size: b"" for _, opened in notes}
    frontier = _walk(source, roots, report)
    report.size, report.root = frontier.size, frontier.root()
    if report.witnessed is not None and report.witnessed < frontier.size:
        report.note(
            None,
            f"the witnesses of the policy vouch for the first {report.witnessed} entries; "
            f"{frontier.size - report.witnessed} came after",
        )
    _compare_checkpoints(notes, roots, frontier.size, report)
    try:
        for words in source.faults(keys):
            report.wrong(None, words)
    except SottoError as error:
        report.wrong(None, error.message)
    for words in source.remarks():
        report.note(None, words)
    if now is not None:
        _compare_clock(now, report)
    return report


def _compare_clock(now: datetime, report: VerificationReport) -> None:
    """Note that the log is ahead of the clock: it then goes on with its last time."""
    if report.last_time and parse_time(report.last_time) > now + _CLOCKS_MAY_DIFFER:
        report.note(
            None,
            f"a clock is wrong: the newest entry has the time {report.last_time}, and this machine"
            f" says {now:%Y-%m-%dT%H:%M:%SZ}. Where the log's machine was ahead, its entries keep"
            " that time until the day comes; their order is right all the same",
        )


def _open_all(
    given: Sequence[tuple[str, bytes]],
    keys: Sequence[VerifierKey],
    witnesses: Sequence[VerifierKey],
    report: VerificationReport,
) -> list[tuple[str, OpenedCheckpoint]]:
    opened: list[tuple[str, OpenedCheckpoint]] = []
    if not given:
        report.wrong(None, "there is no checkpoint: nothing says that the entries are all there")
    for name, data in given:
        try:
            one = open_checkpoint(data, keys, witnesses)
            _check_origin(one, keys)
        except SottoError as error:
            report.wrong(None, f"{name}: {error.message}")
            continue
        report.origin = one.checkpoint.origin
        for key, _line in one.note.verified:
            signer = f"{key.name} (key {key.id.hex()})"
            if signer not in report.signers:
                report.signers.append(signer)
        opened.append((name, one))
    return opened


def _check_origin(opened: OpenedCheckpoint, keys: Sequence[VerifierKey]) -> None:
    names = {key.name for key, _line in opened.note.verified if key in keys}
    if opened.checkpoint.origin not in names:
        raise SignatureRefused("it was not signed by a key that has the name of its log")


def _walk(source: Source, roots: dict[int, bytes], report: VerificationReport) -> Frontier:
    """Go through all entries once; fills in the root at each size that `roots` asks for."""
    frontier = Frontier()
    scanner = Scanner(report.wrong, report.note)
    if 0 in roots:
        roots[0] = merkle.EMPTY_ROOT
    leaves = source.entries()
    whole = True
    while whole:
        chunk: list[bytes] = []
        room = min([size - frontier.size for size in roots if size > frontier.size] + [_CHUNK])
        try:
            chunk.extend(itertools.islice(leaves, room))
            whole = len(chunk) == room
        except SottoError as error:
            report.wrong(frontier.size + len(chunk), f"cannot be read: {error.message}")
            whole = False
        scanner.take_all(chunk)
        for tile in frontier.extend(merkle.leaf_hashes(chunk)):
            _compare_tile(source, tile.level, tile.index, tile.hashes, report)
        if frontier.size in roots:
            roots[frontier.size] = frontier.root()
    for level, row in enumerate(frontier.partial):
        if row:
            index = (frontier.size >> 8 * level) // TILE_WIDTH
            _compare_tile(source, level, index, b"".join(row), report)
    report.first_time = scanner.first_time.decode()
    report.last_time = scanner.last_time.decode()
    report.open_intents = list(scanner.open_intents)
    return frontier


def _compare_tile(
    source: Source, level: int, index: int, made: bytes, report: VerificationReport
) -> None:
    width = len(made) // merkle.HASH_SIZE
    try:
        stored = source.tile(level, index, width)
    except SottoError as error:
        report.wrong(None, error.message)
        return
    if stored is None or stored == made:
        return
    if len(stored) != len(made):
        report.wrong(None, f"tile {index} of level {level} does not have {width} hashes")
        return
    for at in range(width):
        part = slice(at * merkle.HASH_SIZE, (at + 1) * merkle.HASH_SIZE)
        if stored[part] != made[part]:
            number = index * TILE_WIDTH + at
            if level == 0:
                report.wrong(number, "is not the one whose hash was kept when it was recorded")
            else:
                report.wrong(None, f"hash {number} of tile level {level} is not that of its tile")


def _compare_checkpoints(
    notes: Sequence[tuple[str, OpenedCheckpoint]],
    roots: dict[int, bytes],
    size: int,
    report: VerificationReport,
) -> None:
    if notes and all(opened.checkpoint.size < size for _, opened in notes):
        covered = max(opened.checkpoint.size for _, opened in notes)
        report.wrong(
            None,
            f"{size - covered} entries from entry {covered} on are under no signature: "
            "they may have been added or changed by anybody",
        )
    for name, opened in notes:
        stated = opened.checkpoint
        if stated.size > size:
            report.wrong(
                None,
                f"{name} covers {stated.size} entries, but the copy has {size}: "
                f"{stated.size - size} are missing, so it was cut or is an older copy",
            )
        elif roots[stated.size] != stated.root:
            report.wrong(
                None,
                f"the first {stated.size} entries do not give the root that {name} states: "
                "at least one was changed, moved, added or removed after it was signed",
            )
