# SPDX-License-Identifier: Apache-2.0
"""Names of services and clients, proven by certificates of a private authority (RFC 5280, mTLS)."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from services.common.errors import Unauthenticated
from services.common.files import is_open_to_others
from services.registry import ids
from services.registry.identities import PEOPLE

DOMAIN = "sotto.internal"
_PERSON_URN = "urn:sotto:person:"  # RFC 8141; all characters of a person may stand in one


@dataclass(frozen=True, slots=True)
class Credentials:
    """PEM bytes that a process shows and trusts, and the folder that they were read from."""

    key: bytes = field(repr=False)
    certificate: bytes
    authority: bytes
    folder: Path | None = None


def host_name(name: str) -> str:
    """Return the DNS name that a certificate carries for a service or client."""
    return f"{name}.{DOMAIN}"


def person_uri(person: str) -> str:
    """Return the URI that a certificate carries for a person (RFC 5280, 4.2.1.6)."""
    return _PERSON_URN + person


def client_name(names: Sequence[str]) -> str:
    """Return a client's name from the alternative names of its certificate.

    Empty when none of them is ours, or several are.
    """
    ours = [
        name.removesuffix(f".{DOMAIN}")
        for name in names
        if name.endswith(f".{DOMAIN}") and not name.startswith(_PERSON_URN)
    ]
    return ours[0] if len(ours) == 1 and re.fullmatch(ids.SERVICE_NAME, ours[0]) else ""


def certified(names: Sequence[str]) -> tuple[str, str]:
    """Return the client and the person whom a certificate's alternative names tell.

    The person is empty where it names none; both are where it names several, or one that is no
    account name: such a certificate is nobody's.
    """
    found = [name.removeprefix(_PERSON_URN) for name in names if name.startswith(_PERSON_URN)]
    if not found:
        return client_name(names), ""
    if len(found) > 1 or not re.fullmatch(ids.PERSON, found[0]):
        return "", ""
    client = client_name(names)
    return client, found[0] if client in PEOPLE else ""


def load(folder: Path) -> Credentials:
    """Read the credentials of one name from its own folder.

    Raises Unauthenticated when they are missing, or readable by others.
    """
    key = folder / "key.pem"
    try:
        if is_open_to_others(key):
            raise Unauthenticated(f"{key} is readable by others; run: chmod 600 {key}")
        return Credentials(
            key.read_bytes(),
            (folder / "cert.pem").read_bytes(),
            (folder / "ca.pem").read_bytes(),
            folder,
        )
    except OSError as error:
        raise Unauthenticated(
            f"no certificate in {folder} ({os.strerror(error.errno or 0)});"
            " 'sotto up' makes those of an installation, an administrator issues the others with:"
            f" sotto certificates issue NAME --out {folder}"
        ) from error
