# SPDX-License-Identifier: Apache-2.0
"""Sign-ins: the first use of a person's credential in a while is recorded in the audit log."""

from __future__ import annotations

import hashlib
import ssl
import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass

from services.common.audit import AuditTrail
from services.registry.attributes import Attributes
from services.registry.events import Event
from services.registry.identities import CONSOLE

#: A credential that was not used for so long signs in again at its next use.
IDLE_SECONDS = 12 * 3600.0
_MOST_SESSIONS = 10_000


@dataclass(frozen=True, slots=True)
class Credential:
    """A certificate (PEM) or name of a session, and the address from where it was shown."""

    client: str
    person: str
    role: str
    proof: bytes
    address: str = ""

    @property
    def fingerprint(self) -> str:
        """SHA-256 of a session's name, or of a certificate as openssl gives it."""
        try:
            der = ssl.PEM_cert_to_DER_cert(self.proof.decode("ascii").strip())
        except ValueError:
            der = self.proof
        return hashlib.sha256(der).hexdigest()


_Key = tuple[str, str, str, bytes]


class Sessions:
    """The people who are signed in at one service; records sign-ins.

    A session is one credential, person and role; it ends when it was not used for `idle` seconds,
    or when the service stops. Recording comes first: where the log cannot take the entry,
    Unavailable goes to the caller and the sign-in is refused.
    """

    def __init__(
        self,
        trail: AuditTrail,
        *,
        idle: float = IDLE_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._trail = trail
        self._idle = idle
        self._clock = clock
        self._seen: OrderedDict[_Key, float] = OrderedDict()
        self._signing_in: dict[_Key, threading.Lock] = {}
        self._lock = threading.Lock()

    def admit(self, credential: Credential) -> None:
        """Admit a credential; records a sign-in unless it was used within `idle` seconds.

        The current call context is that of the person. Raises Unavailable.
        """
        key = (credential.client, credential.person, credential.role, credential.proof)
        if self._is_in(key):
            return
        # Calls of one session wait for its record; those of others do not.
        with self._lock:
            turn = self._signing_in.setdefault(key, threading.Lock())
        with turn:
            if self._is_in(key):
                return
            try:
                self._trail.fact(
                    Event.SIGNED_IN, object=credential.client, attributes=_attributes(credential)
                )
                self._use(key)
            finally:
                with self._lock:
                    self._signing_in.pop(key, None)

    def _is_in(self, key: _Key) -> bool:
        """Return whether a session is there that was used of late, and note that it is used."""
        with self._lock:
            last = self._seen.get(key)
        if last is None or self._clock() - last > self._idle:
            return False
        self._use(key)
        return True

    def _use(self, key: _Key) -> None:
        with self._lock:
            self._seen[key] = self._clock()
            self._seen.move_to_end(key)
            while len(self._seen) > _MOST_SESSIONS:
                self._seen.popitem(last=False)


def address_of(peer: str) -> str:
    """Return the network address, without the port, from what gRPC calls a peer."""
    kind, _, rest = peer.partition(":")
    if kind not in {"ipv4", "ipv6"}:
        return kind
    host = rest.rpartition(":")[0].replace("%5B", "[").replace("%5D", "]")
    return host.strip("[]").partition("%")[0]


def _attributes(credential: Credential) -> Attributes:
    attributes: Attributes = (
        {"console_session": credential.fingerprint}
        if credential.client == CONSOLE
        else {"certificate": credential.fingerprint}
    )
    if credential.address:
        attributes["address"] = credential.address
    return attributes
