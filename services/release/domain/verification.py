# SPDX-License-Identifier: Apache-2.0
"""Verifies that a folder is what its certificate lists. Needs no network and no service."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.common.signing import SIGNATURE_BYTES, KeyUnusable, PublicKey
from services.release.domain.certificate import AUDIO_FORMAT, FOR_ALL, Certificate
from services.release.domain.naming import CERTIFICATE, SIGNATURE
from services.release.domain.quality.statement import unsound
from services.release.errors import (
    CertificateMalformed,
    ReleaseAltered,
    UnknownSigner,
)

_EXPORT_AGAIN = "do not use the folder, export the release again"


@dataclass(frozen=True)
class FoundFile:
    """Hash and size of a file that was found; `sha256` is empty when it is not a plain file."""

    sha256: str
    size: int


@dataclass(frozen=True)
class VerifiedFolder:
    """A verified folder: its certificate, the key that signed it, and the formats found."""

    certificate: Certificate
    key: PublicKey
    formats: tuple[str, ...]
    files: int


def authenticate(
    data: bytes, signature: bytes, trusted: Sequence[PublicKey]
) -> tuple[Certificate, PublicKey]:
    """Check the signature against the trusted keys, and only then read the certificate.

    Raises ReleaseAltered when the signature is wrong, UnknownSigner when it was made with a key
    that is not trusted, and CertificateMalformed.
    """
    if len(signature) != SIGNATURE_BYTES:
        raise ReleaseAltered(
            f"{SIGNATURE} was changed: it has {len(signature)} bytes instead of {SIGNATURE_BYTES};"
            f" {_EXPORT_AGAIN}"
        )
    key = next((one for one in trusted if one.verifies(signature, data)), None)
    if key is None:
        raise _why_not(data, signature)
    certificate = Certificate.read(data)
    if certificate.signer.key != key:
        raise ReleaseAltered(
            f"{CERTIFICATE} names another key than the one that signed it; {_EXPORT_AGAIN}"
        )
    return certificate, key


def check_quality(certificate: Certificate) -> None:
    """Draw the samples again and work the bounds out again; raises ReleaseAltered.

    Whether the checkpoints are the log's is for whoever has the log: `sotto audit verify`.
    """
    for one in certificate.quality or ():
        if fault := unsound(one):
            raise ReleaseAltered(
                f"what {CERTIFICATE} says of round {one.round} of quality does not follow from what"
                f" it names: {fault}; {_EXPORT_AGAIN}"
            )


def compare(certificate: Certificate, found: Mapping[str, FoundFile]) -> tuple[str, ...]:
    """Compare every file found with the certificate, and return the formats that are present.

    Sound may be missing: it is deleted with its recording, and may be kept apart. Raises
    ReleaseAltered, naming all else that is changed, missing or not listed, in order of name.
    """
    listed = {one.name: one for one in certificate.outputs}
    present = {listed[name].format for name in found if name in listed} - FOR_ALL - {AUDIO_FORMAT}
    problems = [
        (name, "is missing")
        for name, one in listed.items()
        if name not in found and one.format in present | FOR_ALL
    ]
    for name, facts in found.items():
        if name in {CERTIFICATE, SIGNATURE}:
            continue
        if name not in listed:
            problems.append((name, "does not belong to the release"))
        elif not facts.sha256:
            problems.append((name, "is not a plain file"))
        elif (facts.sha256, facts.size) != (listed[name].sha256, listed[name].size):
            problems.append((name, "was changed"))
    if not present:
        problems.append(("the folder", "holds no transcript of the release"))
    if problems:
        found_wrong = "; ".join(f"{_shown(name)} {what}" for name, what in sorted(problems)[:50])
        raise ReleaseAltered(
            f"the folder is not {certificate.release_id} as it was signed: {found_wrong}; "
            f"{_EXPORT_AGAIN}"
        )
    return tuple(sorted(present))


def _why_not(data: bytes, signature: bytes) -> Exception:
    try:
        stated = Certificate.read(data).signer.key
        unknown = stated.verifies(signature, data)
    except (CertificateMalformed, KeyUnusable):
        unknown = False
    if unknown:
        return UnknownSigner(
            f"signed by an unknown key {stated.fingerprint};"
            " get the study team's public key from the team and name its file with --key"
        )
    return ReleaseAltered(
        f"{CERTIFICATE} or {SIGNATURE} was changed: the signature does not hold; {_EXPORT_AGAIN}"
    )


def _shown(name: str) -> str:
    """Return a file name of unknown origin in a form that is safe to print."""
    return "".join(char if char.isprintable() else "?" for char in name)[:100]
