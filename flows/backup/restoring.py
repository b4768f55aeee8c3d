# SPDX-License-Identifier: Apache-2.0
"""Put a home back from a backup, on an empty machine or beside what is left of the old one."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

from flows.backup.checking import check, open_secrets
from flows.backup.manifest import HOME, Manifest
from flows.backup.parts import Treatment, treatment_of
from services.common.errors import AlreadyExists, Corrupted, Exhausted
from services.common.files import sync_folder, write_private


def restore(
    backup: Path,
    secrets: Path,
    passphrase: bytes,
    home: Path,
    *,
    tombstones_from: Path | None = None,
    on_file: Callable[[str], object] = lambda _path: None,
) -> tuple[Manifest, int]:
    """Make the home anew; return what was put back and how many newer tombstones were taken.

    `tombstones_from` is another home, or a later backup, whose tombstones count as well: who
    withdrew after the backup stays erased. Nothing is put back unless every file of the backup is
    as it was made. Raises AlreadyExists where the home holds something, Corrupted, PermissionDenied
    for a wrong passphrase, Exhausted when the disk is full.
    """
    if home.exists() and any(home.iterdir()):
        raise AlreadyExists(
            f"{home} is not empty; move it aside first, or choose another folder: --home"
        )
    manifest = Manifest.read(backup)
    opened = open_secrets(secrets, manifest, passphrase)
    wrong = check(backup, manifest)
    if wrong:
        raise Corrupted(
            f"{len(wrong)} files of the backup are not as they were made, such as {wrong[0]}; see:"
            f" sotto backup verify {backup}"
        )
    strange = [path for path in opened if treatment_of(path) is not Treatment.SECRET]
    if strange:
        raise Corrupted(f"the file of secrets holds {strange[0]}, which is no secret of a home")
    unfinished = home.with_name(f".unfinished-{home.name}")
    shutil.rmtree(unfinished, ignore_errors=True)
    try:
        home.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        unfinished.mkdir(mode=0o700)
        for one in manifest.files:
            on_file(one.path)
            shutil.copyfile(backup / HOME / one.path, _place(unfinished, one.path))
            (unfinished / one.path).chmod(0o600)
        for path, content in opened.items():
            write_private(_place(unfinished, path), content)
        taken = _take_tombstones(tombstones_from, unfinished) if tombstones_from else 0
        _sync(unfinished)
        if home.exists():
            home.rmdir()
        unfinished.rename(home)
        sync_folder(home.parent)
    except OSError as error:
        raise Exhausted(
            f"the home was not put back ({os.strerror(error.errno or 0)}); see that {home.parent}"
            " has room and can be written to, then try again",
            reason="home_not_written",
        ) from error
    finally:
        shutil.rmtree(unfinished, ignore_errors=True)
    return manifest, taken


def _take_tombstones(source: Path, target: Path) -> int:
    """Copy the tombstones that the target does not have; return how many."""
    taken = 0
    root = source / HOME if (source / HOME).is_dir() else source
    for zone in ("clinical", "research"):
        for path in sorted((root / zone / "tombstones").rglob("*")):
            name = str(path.relative_to(root))
            if path.is_file() and not (target / name).exists():
                write_private(_place(target, name), path.read_bytes())
                taken += 1
    return taken


def _place(target: Path, path: str) -> Path:
    place = target / path
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def _sync(folder: Path) -> None:
    """Make all that was written durable, and each folder its owner's alone."""
    for path, _, names in os.walk(folder):
        Path(path).chmod(0o700)
        for name in names:
            with (Path(path) / name).open("rb") as file:
                os.fsync(file.fileno())
        sync_folder(Path(path))
