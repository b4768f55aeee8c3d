# SPDX-License-Identifier: Apache-2.0
"""The files of a batch: those that are named, and those of folders without what is no interview."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from services.common.errors import InvalidInput
from services.intake.entry_list import is_list

# Folders and files that systems and office programs leave behind.
_JUNK_FOLDERS = {"__macosx", "$recycle.bin", "system volume information", "lost+found"}
_JUNK_FILES = {"thumbs.db", "desktop.ini", "icon\r", "ehthumbs.db"}
_JUNK_STARTS = ("~$", ".~", "._", "~wrl")
_JUNK_ENDS = (".tmp", ".part", ".partial", ".crdownload", ".download", ".bak", ".lnk", "~")
_DIGITS = re.compile(r"(\d+)")


@dataclass(slots=True)
class Found:
    """What is to be brought in, in order, and what was left alone, each with its reason.

    `root` is the folder that a file was found in, by the file; None for one that was named.
    """

    roots: dict[Path, Path | None] = field(default_factory=dict)
    skipped: list[tuple[Path, str]] = field(default_factory=list)

    @property
    def files(self) -> list[Path]:
        """The files, in their order."""
        return list(self.roots)


def find(given: Iterable[Path]) -> Found:
    """Return the files that are named, and those of the folders that are, with their subfolders.

    In a folder hidden files, links, what is no regular file, what programs leave behind, empty
    files and lists for `--manifest` are left alone. Files stand in the order of their names, with
    numbers by their value. Raises InvalidInput for a folder that cannot be read, or holds nothing.
    """
    found = Found()
    for path in given:
        if path.is_symlink() or not path.is_dir():
            found.roots.setdefault(path, None)
            continue
        before = len(found.roots)
        for file, why in _walk(path):
            if why:
                found.skipped.append((file, why))
            else:
                found.roots.setdefault(file, path)
        if len(found.roots) == before:
            raise InvalidInput(f"{path} holds no file that could be brought in")
    return found


def _walk(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield each file below a folder, and why it is left alone, "" where it is not."""

    def fail(error: OSError) -> None:
        raise InvalidInput(f"{error.filename} cannot be read ({error.strerror})") from error

    for where, folders, names in os.walk(folder, onerror=fail):
        here = Path(where)
        for name in sorted(folders, key=natural):
            if why := _why_not_folder(here / name):
                yield here / name, why
        folders[:] = [
            name for name in sorted(folders, key=natural) if not _why_not_folder(here / name)
        ]
        for name in sorted(names, key=natural):
            yield here / name, _why_not(here / name)


def _why_not_folder(path: Path) -> str:
    if path.is_symlink():
        return "a link"
    if path.name.lower() in _JUNK_FOLDERS or path.name.startswith("."):
        return "a folder that a program keeps for itself"
    return ""


def _why_not(path: Path) -> str:
    name = path.name.lower()
    if path.is_symlink():
        return "a link"
    if name in _JUNK_FILES or name.startswith(_JUNK_STARTS) or name.endswith(_JUNK_ENDS):
        return "left behind by a program"
    if name.startswith("."):
        return "hidden"
    if not path.is_file():
        return "no regular file"
    if path.stat().st_size == 0:
        return "empty"
    return "a list for --manifest" if is_list(path) else ""


def natural(name: str) -> tuple[tuple[int, str], ...]:
    """Return what orders names as people do: `s2.wav` before `s10.wav`, capitals aside."""
    return tuple(
        (int(part) if part.isdecimal() and part.isascii() else -1, part)
        for part in _DIGITS.split(name.casefold())
        if part
    )
