# SPDX-License-Identifier: Apache-2.0
"""The checks that end the demonstration. Each has a name and a figure."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import re
import socket
import sys
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import psutil
from rapidfuzz.distance import Levenshtein

from flows.demo.samples import words

# Two of three recordings are hard on purpose. Above this, what was heard is not what was said.
WORST_WORD_ERROR_RATE = 0.30
# Records of copies that were taken, and notes of workers.
_OF_DOING = frozenset({"copy", "work"})
_SHORTEST_SOUGHT = 5
# Such as a UUID, a run's key or a SHA-256.
_HEXADECIMAL = re.compile(rb"(?=[0-9-]*[a-f])[0-9a-f-]{16,}")
_LISTENING = "0A"
_LOOPBACK = frozenset({"127.0.0.1", "::1", "::ffff:127.0.0.1"})


@dataclass(frozen=True, slots=True)
class Check:
    """What was checked, whether it passed, and the figure.

    `passed` is None where the machine offers no way to check it.
    """

    name: str
    passed: bool | None
    figure: str

    @property
    def outcome(self) -> str:
        """The outcome in a word or two."""
        return {True: "ok", False: "FAILED", None: "not checked"}[self.passed]


def word_errors(reference: Sequence[str], transcribed: Sequence[str]) -> tuple[int, int]:
    """Count word errors (insertions, deletions, substitutions) and reference words."""
    spoken = words(" ".join(reference))
    return Levenshtein.distance(spoken, words(" ".join(transcribed))), len(spoken)


def word_error_rate(results: Iterable[tuple[int, int]]) -> Check:
    """Check the word error rate over all spoken samples."""
    errors, total = (sum(column) for column in zip(*results, strict=True))
    rate = errors / total if total else 1.0
    return Check(
        "transcripts against what was said",
        rate <= WORST_WORD_ERROR_RATE,
        f"word error rate {100 * rate:.1f} % ({errors} of {total} words)",
    )


def readable(folder: Path, participant: str, identifiers: Sequence[Sequence[str]]) -> int:
    """Count the identifiers that can be read, in any of their forms, in a participant's files."""
    text = " ".join(_readable(path) for path in sorted(folder.rglob(f"{participant}_*")))
    return sum(any(_pattern(form).search(text) for form in forms) for forms in identifiers)


def absent_from_release(folder: Path, planted: Sequence[str]) -> Check:
    """Check that no planted identifier is in any exported file, in any format."""
    found = 0
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    for path in files:
        text = _readable(path)
        found += sum(1 for identifier in planted if _pattern(identifier).search(text))
    return Check(
        "planted identifiers in the release",
        found == 0 and bool(files),
        f"{found} of {len(planted)} in {len(files)} files",
    )


def absent_outside(home: Path, planted: Sequence[str]) -> Check:
    """Check that no planted identifier is in clear in any byte or name under the home.

    That takes in logs, Prefect's database, the audit log, temporary files, object names, and the
    sealed objects themselves. Identifiers below five characters are left out: they would be found
    by chance in encrypted bytes. So would numbers in random names and hashes, of which there are
    thousands: hexadecimal digits in a row with a letter among them are left out.
    """
    sought = [one for one in planted if len(one) >= _SHORTEST_SOUGHT]
    encoded = [form for one in sought for form in _encodings(one)]
    everything = re.compile(b"|".join(encoded), re.IGNORECASE)
    found = 0
    size = 0
    files = [path for path in sorted(home.rglob("*")) if path.is_file()]
    for path in files:
        content = path.read_bytes() + b"\n" + str(path.relative_to(home)).encode()
        size += len(content)
        found += len(set(everything.findall(_HEXADECIMAL.sub(b" ", content))))
    return Check(
        "planted identifiers outside sealed objects",
        found == 0 and bool(files),
        f"{found} of {len(sought)} in {len(files)} files, {size / 1e6:.1f} MB",
    )


def snapshot(*folders: Path) -> dict[str, str]:
    """Return the SHA-256 of all files under the folders, by path.

    Without what tells of people and workers, such as the record of each copy that somebody takes.
    """
    return {
        str(path): hashlib.sha256(path.read_bytes()).hexdigest()
        for folder in folders
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _OF_DOING & set(path.relative_to(folder).parts)
    }


def unchanged(before: dict[str, str], after: dict[str, str]) -> Check:
    """Check that a second run of the same inputs changed no file of the snapshot."""
    changed = {name for name in {*before, *after} if before.get(name) != after.get(name)}
    return Check(
        "a second run of the same inputs",
        not changed and bool(before),
        f"{len(changed)} of {len(before)} files changed",
    )


def listening() -> Check:
    """Check that this process and those that it started listen on loopback alone."""
    try:
        heard = list(_heard_by_processes())
    except psutil.AccessDenied:
        # Services let nobody look into them but root. What this account listens on is told to all.
        heard = list(_heard_by_account())
    open_to_others = [address for address in heard if address not in _LOOPBACK]
    return Check(
        "sockets open to other machines",
        not open_to_others and bool(heard),
        f"{len(open_to_others)} of {len(heard)} that listen",
    )


def _heard_by_processes() -> Iterator[str]:
    own = psutil.Process()
    for process in (own, *own.children(recursive=True)):
        with contextlib.suppress(psutil.NoSuchProcess):  # it just ended
            for connection in process.net_connections(kind="inet"):
                if connection.status == psutil.CONN_LISTEN:
                    yield connection.laddr.ip


def _heard_by_account() -> Iterator[str]:
    """Yield the addresses of TCP that this account listens on, by proc_net(5)."""
    for table, family in (("tcp", socket.AF_INET), ("tcp6", socket.AF_INET6)):
        path = Path("/proc/net", table)
        # A kernel without IPv6 has no table of it.
        lines = path.read_text("utf-8").splitlines()[1:] if path.exists() else []
        for line in lines:
            _, local, _, state, _, _, _, user, *_ = line.split()
            if state == _LISTENING and int(user) == os.geteuid():
                words = bytes.fromhex(local.partition(":")[0])
                # Each four bytes are a number of this machine's byte order.
                turned = (words[at : at + 4] for at in range(0, len(words), 4))
                ordered = (word[::-1] if sys.byteorder == "little" else word for word in turned)
                yield socket.inet_ntop(family, b"".join(ordered))


def _readable(path: Path) -> str:
    if path.suffix == ".docx":
        with zipfile.ZipFile(io.BytesIO(path.read_bytes())) as archive:
            inner = " ".join(archive.read(name).decode("utf-8") for name in archive.namelist())
        return re.sub(r"<[^>]*>", "", inner)
    return path.read_text("utf-8", "replace")


def _pattern(identifier: str) -> re.Pattern[str]:
    return re.compile(rf"(?<!\w){re.escape(identifier)}(?!\w)", re.IGNORECASE)


def _encodings(identifier: str) -> list[bytes]:
    return [re.escape(identifier.encode(code)) for code in ("utf-8", "utf-16-le")]
