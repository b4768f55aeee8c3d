# SPDX-License-Identifier: Apache-2.0
"""`sotto release verify`: checks an exported folder offline, with nothing but a public key."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Annotated

import typer

from services.common.errors import Corrupted
from services.common.options import HomeOption, JsonOption, installation_of
from services.common.signing import PublicKey
from services.common.signing_key_file import PUBLIC, read_public_keys
from services.common.wording import counted
from services.release.adapters.release_folder import list_files, read_signed
from services.release.domain.quality.statement import QualityStatement
from services.release.domain.verification import (
    VerifiedFolder,
    authenticate,
    check_quality,
    compare,
)


def verify(
    folder: Annotated[Path, typer.Argument(help="The folder that was exported.")],
    key: Annotated[
        Path | None,
        typer.Option(help="File of the study team's public key (PEM); the home's own by default."),
    ] = None,
    home: HomeOption = None,
    as_json: JsonOption = False,
) -> None:
    """Check that a released folder is whole and unchanged, offline.

    Ends with 0 when it is, with 4 when anything is wrong.
    """
    try:
        found = verify_folder(folder, trusted_keys(key, home))
    except Corrupted as error:
        if as_json:
            typer.echo(json.dumps({"verified": False, "problem": error.message}))
        raise
    certificate = found.certificate
    if as_json:
        facts = {
            "verified": True,
            "release_id": certificate.release_id,
            "study_id": certificate.study_id,
            "issued_at": f"{certificate.issued_at:%Y-%m-%dT%H:%M:%SZ}",
            "formats": found.formats,
            "files": found.files,
            "transcripts": len(certificate.inputs),
            "withdrawn": certificate.withdrawn,
            "key": found.key.fingerprint,
            "quality": [
                {
                    "round": one.round,
                    "segments": one.segments,
                    "most": one.most,
                    "bound": one.bound,
                    "alpha": one.alpha,
                    "misses": one.misses,
                    "seed": one.seed,
                    "readers": one.readers,
                    "signed_by": one.signed_by,
                    "earlier": [was.model_dump() for was in one.earlier],
                }
                for one in certificate.quality or ()
            ],
        }
        typer.echo(json.dumps(facts))
        return
    typer.echo(
        f"verified: {certificate.release_id} of {certificate.study_id},"
        f" {len(certificate.inputs)} transcripts as {', '.join(found.formats)},"
        f" {found.files} files, signed by {found.key.fingerprint}"
    )
    for one in certificate.quality or ():
        for line in _stated(one):
            typer.echo(line)


def _stated(one: QualityStatement) -> Iterator[str]:
    """Yield what a quality statement says, and by whose reading."""
    yield (
        f"quality: the sample of round {one.round} is the one that its seed draws; at most"
        f" {one.most} of {one.segments} segments ({one.bound:.2%}) have something missed, at"
        f" {1 - one.alpha:.1%} confidence"
    )
    yield f"  read by {', '.join(one.readers)}; signed by {one.signed_by}"
    for was in one.earlier:
        found = f"missed something ({counted(was.misses, 'place')})" if was.misses else was.state
        yield f"  round {was.round} before it {found}"


def verify_folder(folder: Path, trusted: Sequence[PublicKey]) -> VerifiedFolder:
    """Check `folder` against the keys that the caller trusts.

    Raises ReleaseAltered, UnknownSigner or CertificateMalformed when it does not verify, and
    InvalidInput when it is not a folder.
    """
    data, signature = read_signed(folder)
    certificate, key = authenticate(data, signature, trusted)
    check_quality(certificate)
    found = list_files(folder)
    return VerifiedFolder(certificate, key, compare(certificate, found), len(found))


def trusted_keys(key: Path | None, home: Path | None) -> list[PublicKey]:
    """Return the keys in the file `key` or, without it, the installation's own key, if it has one.

    A key that came with the exported folder is never among them.
    """
    if key is not None:
        return read_public_keys(key)
    own = installation_of(home).root / "release" / PUBLIC
    return read_public_keys(own) if own.exists() else []
