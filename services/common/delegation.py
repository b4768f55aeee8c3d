# SPDX-License-Identifier: Apache-2.0
"""Who is signed in to the console, as a short-lived signed statement that every service verifies.

The console's certificate alone acts for nobody. With each call for a person it sends an assertion:
a JSON Web Signature in compact form (RFC 7515) by EdDSA (RFC 8037), made with a key that is not
that of its certificate. Header and encoding have one spelling, and any other is refused: there is
no algorithm to choose and nothing to confuse.
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from services.common.errors import PermissionDenied, WrongUse
from services.common.files import is_open_to_others, write_private
from services.common.settings import DELEGATION_KEY
from services.common.signing import KeyUnusable, PublicKey, Signer, load_public_keys
from services.common.signing_key_file import ensure_pair
from services.registry import ids
from services.registry.identities import CONSOLE, PEOPLE

#: The private half, in the folder of the console's certificate. The public one lies in the folder
#: of certificates, and beside the certificate of a service on another machine.
PRIVATE_KEY = "delegation-key.pem"
LIFETIME_SECONDS = 60
#: Clocks of two machines may differ by so much.
LEEWAY_SECONDS = 5
MOST_STUDIES = 64  # so that an assertion fits among gRPC's 8 KiB of metadata

_SESSION = r"[A-Za-z0-9_-]{16,64}"
_AUDIENCE = "sotto"
_CLAIMS = frozenset({"iss", "aud", "sub", "role", "studies", "sid", "auth_time", "iat", "exp"})
_TIMES = ("auth_time", "iat", "exp")


@dataclass(frozen=True, slots=True)
class Delegation:
    """A person who is signed in: in which role, for which studies, since when.

    No studies stand for all. `session` names the session, and is not what the browser holds.
    `authenticated_at` is when the person last proved who they are, in seconds since the epoch.
    """

    person: str
    role: str
    session: str
    authenticated_at: int
    studies: tuple[str, ...] = ()


class Delegate:
    """The console's side: issues assertions with the private key in a file.

    Raises KeyUnusable when the key is missing, open to others or no Ed25519 key.
    """

    def __init__(self, key_path: Path, *, clock: Callable[[], float] = time.time) -> None:
        try:
            if is_open_to_others(key_path):
                raise KeyUnusable(f"{key_path} is readable by others; run: chmod 600 {key_path}")
            self._signer = Signer.from_pem(key_path.read_bytes())
        except OSError as error:
            raise KeyUnusable(
                f"the console's key {key_path} cannot be read ({error.strerror}); 'sotto up' makes"
                " it, and a console on another machine needs a copy beside its certificate"
            ) from error
        self._clock = clock

    def assertion(
        self,
        *,
        person: str,
        role: str,
        session: str,
        authenticated_at: float,
        studies: Sequence[str] = (),
    ) -> str:
        """Return an assertion that services take for a minute from now.

        Raises WrongUse for what no service would take.
        """
        if len(studies) > MOST_STUDIES:
            raise WrongUse(f"an account is limited to at most {MOST_STUDIES} studies, or to none")
        now = int(self._clock())
        claims = {
            "iss": CONSOLE,
            "aud": _AUDIENCE,
            "sub": person,
            "role": role,
            "studies": list(studies),
            "sid": session,
            "auth_time": int(authenticated_at),
            "iat": now,
            "exp": now + LIFETIME_SECONDS,
        }
        if fault := _fault(claims):
            raise WrongUse(f"nobody can be signed in like this: {fault}")
        payload = json.dumps(claims, separators=(",", ":"), sort_keys=True).encode()
        signed = b".".join((_HEADER, _encoded(payload)))
        return b".".join((signed, _encoded(self._signer.sign(signed)))).decode("ascii")


class Verifier:
    """A service's side: verifies assertions with the public keys in a file.

    The file is read again when it changes, and may hold several keys while one takes the place of
    another. Without a file no assertion is taken.
    """

    def __init__(self, key_path: Path, *, clock: Callable[[], float] = time.time) -> None:
        self._path = key_path
        self._clock = clock
        self._lock = threading.Lock()
        self._stamp: tuple[int, int] | None = None
        self._keys: Sequence[PublicKey] = ()

    def verify(self, assertion: str) -> Delegation:
        """Return whom an assertion is about; raises PermissionDenied with the reason."""
        keys = self._current()
        if not keys:
            raise _refusal(
                f"this service has no public key of the console; copy {DELEGATION_KEY} of the first"
                f" machine's folder pki to {self._path}, or name it in the setting delegation_key"
            )
        claims = _read(assertion, keys)
        if fault := _fault(claims):
            raise _refusal(f"the console's statement of who is signed in is wrong: {fault}")
        now = self._clock()
        if claims["iat"] > now + LEEWAY_SECONDS or claims["exp"] <= now - LEEWAY_SECONDS:
            raise _refusal(
                "the console's statement of who is signed in has ended, or its clock differs from"
                " that of this service; load the page again, or set the clocks of the machines",
                "assertion_expired",
            )
        return Delegation(
            claims["sub"],
            claims["role"],
            claims["sid"],
            claims["auth_time"],
            tuple(claims["studies"]),
        )

    def _current(self) -> Sequence[PublicKey]:
        """Return the keys as they are in the file now."""
        with self._lock:
            try:
                found = self._path.stat()
                stamp = (found.st_ino, found.st_mtime_ns)
                if stamp != self._stamp:
                    self._keys = load_public_keys(self._path.read_bytes())
                    self._stamp = stamp
            except (OSError, KeyUnusable):
                self._keys, self._stamp = (), None
            return self._keys


def ensure_keys(pki: Path) -> None:
    """Make the console's pair of keys where it is missing; raises KeyUnusable for half of one."""
    (pki / CONSOLE).mkdir(mode=0o700, exist_ok=True)
    ensure_pair(pki / CONSOLE / PRIVATE_KEY, pki / DELEGATION_KEY)


def hand_out(pki: Path, folder: Path, *, private: bool) -> None:
    """Copy the public key to the folder of a certificate elsewhere, and the console's private one.

    A service on another machine verifies by it; the console signs there.
    """
    if folder.parent == pki:
        return
    ensure_keys(pki)
    write_private(folder / DELEGATION_KEY, (pki / DELEGATION_KEY).read_bytes())
    if private:
        write_private(folder / PRIVATE_KEY, (pki / CONSOLE / PRIVATE_KEY).read_bytes())


def _encoded(data: bytes) -> bytes:
    return base64.urlsafe_b64encode(data).rstrip(b"=")


def _decoded(part: bytes) -> bytes:
    """Return the bytes of a part; raises ValueError for any spelling but the one that we write."""
    data = base64.b64decode(part + b"=" * (-len(part) % 4), altchars=b"-_", validate=True)
    if _encoded(data) != part:
        raise ValueError
    return data


_HEADER = _encoded(b'{"alg":"EdDSA","typ":"sotto-assertion+jwt"}')


def _read(assertion: str, keys: Sequence[PublicKey]) -> dict[str, Any]:
    """Return the claims of an assertion that was signed with one of the keys."""
    try:
        header, payload, signature = assertion.encode("ascii").split(b".")
        signed, proof = header + b"." + payload, _decoded(signature)
        if header != _HEADER or not any(key.verifies(proof, signed) for key in keys):
            raise ValueError
        claims = json.loads(_decoded(payload))
    except (ValueError, binascii.Error):
        raise _refusal(
            "the statement of who is signed in was not signed by the console of this installation"
        ) from None
    return claims if isinstance(claims, dict) else {}


def _fault(claims: dict[str, Any]) -> str:
    """Return what is wrong with the form of claims; empty for nothing."""
    if set(claims) != _CLAIMS or (claims["iss"], claims["aud"]) != (CONSOLE, _AUDIENCE):
        return "it is for another use"
    if not all(type(claims[name]) is int and claims[name] >= 0 for name in _TIMES):
        return "its times are no times"
    if not 0 < claims["exp"] - claims["iat"] <= LIFETIME_SECONDS:
        return "it is for longer than it may be"
    if claims["auth_time"] > claims["iat"] + LEEWAY_SECONDS:
        return "the person would prove who they are only later"
    if claims["role"] not in PEOPLE:
        return "its role is none of people"
    studies = claims["studies"]
    if not isinstance(studies, list) or not all(_fits(ids.STUDY_ID, one) for one in studies):
        return "its studies are no ids of studies"
    if not (_fits(ids.PERSON, claims["sub"]) and _fits(_SESSION, claims["sid"])):
        return "it names no account or no session"
    return ""


def _fits(pattern: str, value: object) -> bool:
    return isinstance(value, str) and re.fullmatch(pattern, value) is not None


def _refusal(message: str, reason: str = "assertion_invalid") -> PermissionDenied:
    return PermissionDenied(message, reason=reason)
