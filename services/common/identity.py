# SPDX-License-Identifier: Apache-2.0
"""Names of services and clients, proven by certificates of a private authority (RFC 5280, mTLS)."""

from __future__ import annotations

import os
import re
from dataclasses import dataclass
from pathlib import Path

from services.common.errors import Unauthenticated

DOMAIN = "sotto.internal"
_NAME = re.compile(r"[a-z0-9.-]{1,64}")  # what an entry of the audit log can hold


@dataclass(frozen=True, slots=True)
class Credentials:
    """PEM bytes that a process shows and trusts."""

    key: bytes
    certificate: bytes
    authority: bytes


def host_name(name: str) -> str:
    """The DNS name that a certificate carries for a service or client."""
    return f"{name}.{DOMAIN}"


def client_name(dns_names: list[str]) -> str:
    """A client's name from the DNS names of its verified certificate; empty when none is ours."""
    ours = [name.removesuffix(f".{DOMAIN}") for name in dns_names if name.endswith(f".{DOMAIN}")]
    return ours[0] if len(ours) == 1 and _NAME.fullmatch(ours[0]) else ""


def load(folder: Path) -> Credentials:
    """Read the credentials of one name from its own folder.

    Raises Unauthenticated when they are missing, or readable by others.
    """
    key = folder / "key.pem"
    try:
        if key.stat().st_mode & 0o077:
            msg = f"{key} is readable by others; run: chmod 600 {key}"
            raise Unauthenticated(msg)
        return Credentials(
            key.read_bytes(),
            (folder / "cert.pem").read_bytes(),
            (folder / "ca.pem").read_bytes(),
        )
    except OSError as error:
        msg = (
            f"no certificate in {folder} ({os.strerror(error.errno or 0)});"
            " 'sotto up' makes the embedded ones, an administrator issues the others"
        )
        raise Unauthenticated(msg) from error
