# SPDX-License-Identifier: Apache-2.0
"""Names of services and clients, proven by certificates of a private authority (RFC 5280, mTLS)."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass, field
from pathlib import Path

from services.common.errors import Unauthenticated
from services.common.files import is_open_to_others
from services.registry import ids

DOMAIN = "sotto.internal"


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


def client_name(dns_names: list[str]) -> str:
    """Return a client's name from the DNS names of its certificate; empty when none is ours."""
    ours = [name.removesuffix(f".{DOMAIN}") for name in dns_names if name.endswith(f".{DOMAIN}")]
    return ours[0] if len(ours) == 1 and re.fullmatch(ids.SERVICE_NAME, ours[0]) else ""


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
