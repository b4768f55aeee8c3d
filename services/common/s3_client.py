# SPDX-License-Identifier: Apache-2.0
"""Clients of an S3 server: which addresses, CA certificates and credentials are accepted."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlsplit

import urllib3
from minio import Minio

from services.common.errors import WrongUse
from services.common.files import is_open_to_others

_LOOPBACK = {"127.0.0.1", "::1", "localhost"}
_CONNECT_SECONDS = 5.0
_POOL_SIZE = 16

ClientT = TypeVar("ClientT", bound=Minio)


@dataclass(frozen=True, slots=True)
class S3Connection:
    """Settings of a connection; `prefix` is how the names of these settings begin.

    `ca` names the CA certificates to trust, the system's by default. `credentials` is a private
    file of two lines: access key and secret key.
    """

    endpoint: str
    credentials: Path
    region: str = "us-east-1"
    ca: Path | None = None
    plain_http: bool = False
    prefix: str = "s3_"


def is_exposed(endpoint: str) -> bool:
    """Return whether requests to an address leave this machine without TLS."""
    url = urlsplit(endpoint)
    return url.scheme == "http" and url.hostname not in _LOOPBACK


def connect(
    kind: type[ClientT], connection: S3Connection, *, read_seconds: float, retry: urllib3.Retry
) -> ClientT:
    """Make a client of the class `kind`; nothing is sent yet.

    Raises WrongUse, naming the setting, for an address that is none or that would send requests
    without TLS to another machine, and for credentials that cannot be used.
    """
    prefix, url = connection.prefix, urlsplit(connection.endpoint)
    if url.scheme not in {"http", "https"} or not url.netloc or url.path.strip("/"):
        raise WrongUse(
            f"{prefix}endpoint is no address: it must look like https://s3.hospital.example:9000"
        )
    if is_exposed(connection.endpoint) and not connection.plain_http:
        raise WrongUse(
            f"{prefix}endpoint is not encrypted and leaves this machine: use https, or allow it by "
            f"{prefix}plain_http"
        )
    access_key, secret_key = read_credentials(connection.credentials)
    return kind(
        url.netloc,
        access_key,
        secret_key,
        secure=url.scheme == "https",
        region=connection.region,
        http_client=urllib3.PoolManager(
            timeout=urllib3.Timeout(connect=_CONNECT_SECONDS, read=read_seconds),
            maxsize=_POOL_SIZE,
            cert_reqs="CERT_REQUIRED",
            ca_certs=str(connection.ca) if connection.ca else None,
            retries=retry,
        ),
    )


def read_credentials(path: Path) -> tuple[str, str]:
    """Read access key and secret key; raises WrongUse unless the file is private and holds both."""
    try:
        is_open = is_open_to_others(path)
        lines = path.read_text(encoding="utf-8").split()
    except (OSError, UnicodeDecodeError):
        raise WrongUse(
            f"credential file {path} cannot be read: it must hold two lines, access and secret key"
        ) from None
    if is_open:
        raise WrongUse(f"credential file {path} is open to others: run 'chmod 600 {path}'")
    if len(lines) != 2:
        raise WrongUse(f"credential file {path} must hold two lines: access key and secret key")
    return lines[0], lines[1]
