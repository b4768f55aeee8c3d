# SPDX-License-Identifier: Apache-2.0
"""Exports: the files of a release in a new folder, all or none."""

from __future__ import annotations

import errno
import os
import re
import shutil
import tempfile
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from services.common.client import Peers
from services.common.errors import Exhausted, InvalidInput, NotReady
from services.registry import identities
from services.registry.export_formats import ExportFormat, Style
from services.registry.purposes import Purpose
from sotto.release.v1 import copy_pb2, release_pb2, release_service_pb2_grpc

#: So many digits of the version of terms tell it apart from any other that a study had.
LEAST_DIGITS = 8

_NAME = re.compile(r"\w[\w. -]{0,199}")
_FULL = {errno.ENOSPC, errno.EDQUOT}


@dataclass(frozen=True)
class Said:
    """What a person says when they take a release: the terms by their version, and what for."""

    terms_sha256: str = ""
    purpose: Purpose | None = None
    purpose_text: str = ""


def terms_of(peers: Peers, study: str) -> copy_pb2.Terms:
    """Return the terms of a study as they are now."""
    stub = release_service_pb2_grpc.ReleaseReaderServiceStub(peers.channel(identities.RELEASE))
    return stub.GetTerms(copy_pb2.GetTermsRequest(study_id=study)).terms


def said(
    peers: Peers, study: str, version: str, purpose: Purpose | None, purpose_text: str
) -> Said:
    """Return what a person says, of terms whose version may be given by its first digits.

    Raises NotReady where the terms have another version by now, InvalidInput for too few digits.
    """
    if not version:
        return Said("", purpose, purpose_text)
    if not re.fullmatch(f"[0-9a-f]{{{LEAST_DIGITS},64}}", version):
        raise InvalidInput(
            f"the version of terms has {LEAST_DIGITS} digits or more; see: sotto release terms"
            f" --study {study}"
        )
    found = terms_of(peers, study).sha256
    if not found.startswith(version):
        raise NotReady(
            f"the terms of {study} are others than those accepted; read them with: sotto release"
            f" terms --study {study}, and name their version",
            reason="terms_not_accepted",
        )
    return Said(found, purpose, purpose_text)


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
    said: Said,
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
        terms_sha256=said.terms_sha256,
        purpose=f"PURPOSE_{said.purpose.name}" if said.purpose else None,
        purpose_text=said.purpose_text,
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
