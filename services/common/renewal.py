# SPDX-License-Identifier: Apache-2.0
"""Credentials that are read again when their files change, so that renewal needs no restart."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable
from pathlib import Path

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import serialization

from services.common import identity
from services.common.errors import Unauthenticated

_log = structlog.get_logger(__name__)


class RenewedCredentials:
    """The credentials of this process as they are now in the folder that they were read from.

    `on_renewed` is called with new ones on a thread of its own. Files that do not fit each other,
    as in the middle of a renewal, are left until they do.
    """

    def __init__(
        self,
        first: identity.Credentials,
        on_renewed: Callable[[identity.Credentials], None] = lambda _credentials: None,
    ) -> None:
        self._current = first
        self._on_renewed = on_renewed
        self._lock = threading.Lock()
        self._seen = _stamps(first.folder)

    def current(self) -> identity.Credentials:
        """Return the credentials of now; looks at the files at each call."""
        folder = self._current.folder
        if folder is not None and _stamps(folder) != self._seen:
            with self._lock:
                stamps = _stamps(folder)
                if stamps != self._seen:
                    self._seen = stamps
                    self._read(folder)
        return self._current

    def _read(self, folder: Path) -> None:
        try:
            found = identity.load(folder)
            fits = _fit(found)
        except (Unauthenticated, ValueError):
            fits = False
        if not fits:
            _log.warning("certificate_not_taken", name=folder.name)
        elif found != self._current:
            self._current = found
            _log.info("certificate_renewed", name=folder.name)
            threading.Thread(
                target=self._on_renewed, args=(found,), name="renewed", daemon=True
            ).start()


def _stamps(folder: Path | None) -> list[tuple[int, int]]:
    """Return what changes when one of the files of a certificate is written or replaced."""
    stamps = []
    for part in ("key.pem", "cert.pem", "ca.pem"):
        with contextlib.suppress(OSError):
            if folder is not None:
                found = (folder / part).stat()
                stamps.append((found.st_ino, found.st_mtime_ns))
    return stamps


def _fit(credentials: identity.Credentials) -> bool:
    """Return whether key and certificate are a pair; raises ValueError when one is damaged."""
    certificate = x509.load_pem_x509_certificate(credentials.certificate)
    key = serialization.load_pem_private_key(credentials.key, None)
    form = serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
    return key.public_key().public_bytes(*form) == certificate.public_key().public_bytes(*form)
