# SPDX-License-Identifier: Apache-2.0
"""Exports: the files of a release in a new folder, all or none."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from pathlib import Path

from services.common.client import Peers
from services.common.errors import Exhausted, InvalidInput
from services.registry import identities
from services.registry.export_formats import ExportFormat, Style
from sotto.release.v1 import release_pb2, release_service_pb2_grpc

_NAME = re.compile(r"\w[\w. -]{0,199}")
_FULL = {errno.ENOSPC, errno.EDQUOT}


def check_target(target: Path) -> None:
    """Raise InvalidInput unless the folder does not exist yet or is empty."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise InvalidInput(
            f"{target} exists already; name a folder that does not exist or is empty"
        )


def export(
    peers: Peers,
    study: str,
    release: str,
    file_format: ExportFormat,
    target: Path,
    style: Style = Style.VERBATIM,
) -> list[str]:
    """Export a release ("" for the newest) into a new folder and return the names of its files.

    Raises InvalidInput when the folder is in use or cannot be written, and Exhausted when its disk
    is full; then nothing is left there.
    """
    check_target(target)
    stub = release_service_pb2_grpc.ReleaseReaderServiceStub(peers.channel(identities.RELEASE))
    request = release_pb2.ExportReleaseRequest(
        study_id=study,
        release_id=release,
        format=release_pb2.Format.Name(file_format.number),
        style=release_pb2.Style.Name(style.number),
    )
    return _write(stub.ExportRelease(request), target)


def _write(chunks: Iterable[release_pb2.ExportReleaseResponse], target: Path) -> list[str]:
    """Write streamed files beside the target and put them in place when all have come."""
    try:
        return _write_beside(chunks, target)
    except OSError as error:
        kind = Exhausted if error.errno in _FULL else InvalidInput
        raise kind(
            f"{target} cannot be written ({error.strerror}); nothing was left there"
        ) from error


def _write_beside(chunks: Iterable[release_pb2.ExportReleaseResponse], target: Path) -> list[str]:
    target.parent.mkdir(parents=True, exist_ok=True)
    partial = Path(tempfile.mkdtemp(prefix=f".{target.name}.", dir=target.parent))
    names: list[str] = []
    complete = False
    try:
        for chunk in chunks:
            if chunk.file_name or not names:
                names.append(_safe(chunk.file_name, names))
            with (partial / names[-1]).open("ab") as file:
                file.write(chunk.chunk)
            complete = chunk.last
        if not complete:
            raise InvalidInput("the release did not come whole; nothing was written, try again")
        partial.chmod(0o777 & ~_umask())
        if target.exists():
            target.rmdir()
        partial.rename(target)
    except BaseException:
        shutil.rmtree(partial, ignore_errors=True)
        raise
    return names


def _safe(name: str, taken: list[str]) -> str:
    if not _NAME.fullmatch(name) or name in taken:
        raise InvalidInput("the release service sent an unsafe file name; nothing was written")
    return name


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
