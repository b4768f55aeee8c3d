# SPDX-License-Identifier: Apache-2.0
"""Bundles of models: one signed file that carries a model to a machine without a network.

A bundle is a tar archive (POSIX.1-2001, ustar) of `bundle.json`, which lists the files with their
sizes and SHA-256, `bundle.sig`, an Ed25519 signature over it, and these files in that order. It is
not trusted: what is not in the list, in its order and with its bytes, is refused.
"""

from __future__ import annotations

import hashlib
import os
import secrets
import tarfile
from collections.abc import Sequence
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.common.errors import AlreadyExists, Corrupted, InvalidInput, PermissionDenied
from services.common.files import sync_folder
from services.common.records import Record, Sha256Hex
from services.common.signing import SIGNATURE_BYTES, PublicKey, Signer
from services.transcription.adapters.known_models import recognise
from services.transcription.adapters.models import MODEL_FILES, ModelFolder, Origin

_LIST, _SIGNATURE = "bundle.json", "bundle.sig"
# Before what is signed, so that the signature fits nothing else that the key signs.
_KIND = b"sotto model bundle 1\n"
_LARGEST_LIST = 1024 * 1024
_BLOCK = 1024 * 1024
_DAMAGED = "; nothing was added. Copy the bundle again, or make it anew."


class _BundledFile(Record):
    name: Annotated[str, StringConstraints(pattern=rf"^(?:{'|'.join(MODEL_FILES)})$")]
    bytes: Annotated[int, Field(ge=0)]
    sha256: Sha256Hex


class _Bundle(Record):
    format: Literal["sotto model bundle 1"] = "sotto model bundle 1"
    name: str
    source: str
    licence: str
    languages: str
    files: Annotated[tuple[_BundledFile, ...], Field(min_length=1)]

    @property
    def hashes(self) -> dict[str, str]:
        return {file.name: file.sha256 for file in self.files}


@dataclass(frozen=True, slots=True)
class UnpackedModel:
    """A model out of a bundle; `signer` is the key that signed it, None where Sotto knows it."""

    name: str
    origin: Origin
    signer: PublicKey | None


def write_bundle(model: ModelFolder, target: Path, signer: Signer) -> None:
    """Write a model to one file; raises `Corrupted` where it is not what was added."""
    if target.exists():
        raise AlreadyExists(f"{target} exists already; name another file with --out.")
    if model.kind != "full":
        raise InvalidInput(f"{model.name} ships with Sotto; there is no need to carry it.")
    if damaged := model.damaged():
        raise Corrupted(f"{', '.join(damaged)} of {model.name} are damaged; add the model again.")
    files = tuple(
        _BundledFile(name=path.name, bytes=path.stat().st_size, sha256=model.hashes[path.name])
        for path in model.files()
    )
    origin = model.origin
    listed = _Bundle(
        name=model.name,
        source=origin.source,
        licence=origin.licence,
        languages=origin.languages,
        files=files,
    ).canonical_bytes()
    partial = target.with_name(f".{target.name}.{secrets.token_hex(6)}")
    try:
        with partial.open("xb") as out:
            with tarfile.open(fileobj=out, mode="w", format=tarfile.USTAR_FORMAT) as archive:
                _put(archive, _LIST, listed)
                _put(archive, _SIGNATURE, signer.sign(_KIND + listed))
                for file in files:
                    with (model.path / file.name).open("rb") as content:
                        archive.addfile(_member(file.name, file.bytes), content)
            out.flush()
            os.fsync(out.fileno())
        partial.replace(target)
    finally:
        partial.unlink(missing_ok=True)
    sync_folder(target.resolve().parent)


def unpack_bundle(
    bundle: Path, folder: Path, trusted: Sequence[PublicKey], *, only_trusted: bool
) -> UnpackedModel:
    """Write the files of a bundle to `folder`, each as the signed list says.

    The list must be signed with one of the `trusted` keys or, unless `only_trusted`, name the very
    files of a model that Sotto knows. Raises `PermissionDenied` where neither is so, and
    `Corrupted` where the bundle is not whole.
    """
    try:
        with tarfile.open(bundle, mode="r|") as archive:
            listed = _next(archive, _LIST, _LARGEST_LIST)
            signature = _next(archive, _SIGNATURE, SIGNATURE_BYTES)
            found = _Bundle.parse(listed, f"{_LIST} of the bundle", Corrupted)
            signer = next((one for one in trusted if one.verifies(signature, _KIND + listed)), None)
            if signer is None and (only_trusted or recognise(found.hashes) is None):
                keys = ", ".join(one.fingerprint for one in trusted) or "none"
                raise PermissionDenied(
                    f"The bundle is not signed with a key that is trusted here ({keys}), or its"
                    " list was changed; nothing was added. Get the public key of whoever made it,"
                    " by another way than the bundle, and name its file with --key."
                )
            for file in found.files:
                _unpack(archive, file, folder / file.name)
            if archive.next() is not None:
                raise Corrupted(f"The bundle holds more than its list names{_DAMAGED}")
    except (tarfile.TarError, EOFError) as error:
        raise Corrupted(f"The file is not a whole bundle of a model{_DAMAGED}") from error
    origin = Origin(found.source, found.licence, found.languages)
    return UnpackedModel(found.name, origin, signer)


def _member(name: str, size: int) -> tarfile.TarInfo:
    member = tarfile.TarInfo(name)
    member.size = size
    member.mode = 0o600
    return member


def _put(archive: tarfile.TarFile, name: str, content: bytes) -> None:
    archive.addfile(_member(name, len(content)), BytesIO(content))


def _next(archive: tarfile.TarFile, name: str, largest: int) -> bytes:
    member = archive.next()
    content = archive.extractfile(member) if member and _is_plain(member, name, largest) else None
    if content is None:
        raise Corrupted(f"The bundle has no {name} in its place{_DAMAGED}")
    return content.read()


def _unpack(archive: tarfile.TarFile, file: _BundledFile, target: Path) -> None:
    member = archive.next()
    content = (
        archive.extractfile(member)
        if member and _is_plain(member, file.name, file.bytes) and member.size == file.bytes
        else None
    )
    hashed = hashlib.sha256()
    if content is not None:
        with target.open("wb") as out:
            while block := content.read(_BLOCK):
                hashed.update(block)
                out.write(block)
    if hashed.hexdigest() != file.sha256:
        raise Corrupted(f"{file.name} in the bundle is not the one that its list names{_DAMAGED}")


def _is_plain(member: tarfile.TarInfo, name: str, largest: int) -> bool:
    return member.type == tarfile.REGTYPE and member.name == name and member.size <= largest
