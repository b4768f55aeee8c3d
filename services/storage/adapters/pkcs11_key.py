# SPDX-License-Identifier: Apache-2.0
"""The zone key in a PKCS#11 token (OASIS PKCS#11 2.40), the way to any hospital HSM.

A zone key is a non-extractable AES-256 key in the token; data keys are sealed by CKM_AES_GCM with
what they are bound to as associated data. Keys are found by ids that we draw, since labels are not
unique; tokens by label, since slot numbers change. python-pkcs11 initialises without locking and
crashes when threads meet, so one lock of the process surrounds every call.
"""

from __future__ import annotations

import os
import secrets
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar

import pkcs11
import structlog
from pkcs11 import exceptions as faults

from services.common.files import is_open_to_others
from services.storage.domain.provider_check import check_provider
from services.storage.errors import (
    ContractViolation,
    KeyDoesNotOpen,
    NoZoneKey,
    StoreUnavailable,
    ZoneKeyRetired,
)

_log = structlog.get_logger(__name__)

_NONCE = 12
_TAG = 16
_ID_BYTES = 12  # eight of time, four random: ids sort in the order of their making
_FIRST_KEYS, _DAY = 1.6e9, 86_400.0  # seconds since 1970; no key of ours is from before 2020
_MOST_KEYS = 6  # keys of other processes that one wrap goes along with
_MOST_TRIES = 3  # of one call whose session, or whose key, is lost meanwhile
_LOCK = threading.RLock()
_LOST = (
    faults.SessionHandleInvalid,
    faults.SessionClosed,
    faults.UserNotLoggedIn,
    faults.DeviceRemoved,
    faults.TokenNotPresent,
    faults.KeyHandleInvalid,
    faults.ObjectHandleInvalid,
    faults.OperationActive,
    faults.FunctionFailed,
)
_DOES_NOT_OPEN = (faults.GeneralError, faults.EncryptedDataInvalid, faults.EncryptedDataLenRange)
_WRONG_PIN = (faults.PinIncorrect, faults.PinInvalid, faults.PinLenRange, faults.PinExpired)

Result = TypeVar("Result")


class Pkcs11KeyProvider:
    """A `KeyProvider` on a token; opened at first use, and again after a fork."""

    name = "pkcs11"

    def __init__(
        self, module: Path, token: str, pin_file: Path, zone: str, *, create: bool
    ) -> None:
        self._module = module
        self._token = token
        self._pin_file = pin_file
        self._label = f"sotto-{zone}"
        self._session: Any = None
        self._pid = 0
        if not self.versions():
            if not create:
                raise NoZoneKey(
                    f"token {token} holds no key {self._label} while wrapped keys exist: connect "
                    "the right token, or set key_provider_before to what wraps them now"
                )
            self.rotate()

    def wrap(self, data_key: bytes, context: bytes) -> tuple[str, bytes]:
        """Seal under the newest key of the token."""
        nonce = secrets.token_bytes(_NONCE)

        def seal() -> tuple[str, bytes]:
            for attempt in range(1, _MOST_KEYS + 1):
                key = self._current()
                version = _version(key)
                try:
                    sealed = key.encrypt(
                        data_key,
                        mechanism=pkcs11.Mechanism.AES_GCM,
                        mechanism_param=pkcs11.GCMParams(nonce, context, _TAG * 8),
                    )
                    return version, nonce + bytes(sealed)
                except faults.PKCS11Error:
                    # Tokens say all sorts of things of a key that another process has just
                    # destroyed, or is still making.
                    if attempt == _MOST_KEYS:
                        raise
                if version in map(_version, self._keys()):
                    time.sleep(0.01 * attempt)
            raise faults.KeyHandleInvalid

        return self._call(seal)

    def unwrap(self, version: str, wrapped: bytes, context: bytes) -> bytes:
        """Open with the named key of the token."""

        def find() -> Any:
            return next((key for key in self._keys() if _version(key) == version), None)

        def unseal() -> bytes | None:
            key = find()
            if key is None:
                # Destroyed; or its token was removed, which some libraries answer with no results.
                self._open(anew=True)
                key = find()
            if key is None or len(wrapped) <= _NONCE + _TAG:
                return None
            try:
                return bytes(
                    key.decrypt(
                        wrapped[_NONCE:],
                        mechanism=pkcs11.Mechanism.AES_GCM,
                        mechanism_param=pkcs11.GCMParams(wrapped[:_NONCE], context, _TAG * 8),
                    )
                )
            except faults.PKCS11Error as error:
                # Tokens say some of this of data that does not open, and some of their own end, or
                # of a key that another process destroyed just now: the search tells them apart,
                # since a token that is gone answers no search.
                if find() is not None and not isinstance(error, _DOES_NOT_OPEN):
                    raise
                return None

        opened = self._call(unseal)
        if opened is None:
            raise KeyDoesNotOpen(
                "the token does not open a data key: its key was destroyed, or token and key store "
                "do not belong together"
            )
        return opened

    def current_version(self) -> str:
        """Return the newest key of the token."""
        return self._call(lambda: _version(self._current()))

    def made_at(self) -> str:
        """Return when the newest key was made, by the id that we drew or the token's start date."""
        return self._call(lambda: _made_at(self._current()))

    def versions(self) -> tuple[str, ...]:
        """Return all keys of the zone in the token."""
        return self._call(lambda: tuple(_version(key) for key in self._keys()))

    def rotate(self) -> str:
        """Make a key in the token."""

        def make() -> str:
            newest = max((bytes(key.id) for key in self._keys()), default=b"")
            moment = max(time.time_ns(), int.from_bytes(newest[:8], "big") + 1)
            key_id = moment.to_bytes(8, "big") + secrets.token_bytes(_ID_BYTES - 8)
            self._session.generate_key(
                pkcs11.KeyType.AES,
                256,
                id=key_id,
                label=self._label,
                store=True,
                template={
                    pkcs11.Attribute.SENSITIVE: True,
                    pkcs11.Attribute.EXTRACTABLE: False,
                    pkcs11.Attribute.ENCRYPT: True,
                    pkcs11.Attribute.DECRYPT: True,
                    pkcs11.Attribute.WRAP: False,
                    pkcs11.Attribute.UNWRAP: False,
                },
            )
            return f"hsm-{key_id.hex()}"

        return self._call(make)

    def destroy_version(self, version: str) -> None:
        """Destroy an old key in the token."""

        def destroy() -> None:
            keys = self._keys()
            if keys and _version(keys[-1]) == version:
                raise ContractViolation("the current zone key cannot be destroyed: rotate first")
            for key in keys:
                if _version(key) == version:
                    key.destroy()

        self._call(destroy)

    def refresh(self) -> None:
        """Load the library anew: some keep a view of the token of their own."""
        self._call(lambda: self._open(anew=True))

    def retire(self) -> None:
        """Destroy all keys of the zone in the token."""

        def destroy() -> None:
            for key in self._keys():
                key.destroy()

        self._call(destroy)

    def self_test(self) -> None:
        """Wrap, unwrap, refuse what must not open; and hold the key to be non-extractable."""
        check_provider(self)

        def extractable() -> bool:
            key = self._current()
            try:
                return bool(key[pkcs11.Attribute.EXTRACTABLE])
            except faults.PKCS11Error:
                return False

        if self._call(extractable):
            raise ContractViolation(
                f"the key {self._label} can be exported from the token: make a new one"
            )

    def _current(self) -> Any:
        keys = self._keys()
        if not keys:
            raise ZoneKeyRetired(
                f"token {self._token} holds no key {self._label} any more: connect the right token,"
                " or start this process again where the keys were moved to a file"
            )
        return keys[-1]

    def _keys(self) -> list[Any]:
        """Return the keys of the zone, the newest last; looks twice before it finds none."""
        found = self._search()
        if not found:
            # A key that another process is making hides the others from some libraries.
            self._open(anew=True)
            found = self._search()
        return found

    def _search(self) -> list[Any]:
        found = self._session.get_objects(
            {
                pkcs11.Attribute.CLASS: pkcs11.ObjectClass.SECRET_KEY,
                pkcs11.Attribute.LABEL: self._label,
            }
        )
        return sorted(found, key=lambda key: bytes(key.id))

    def _call(self, action: Callable[[], Result]) -> Result:
        """Run an action on the token under the lock; reopen it where the session is lost."""
        with _LOCK:
            try:
                if self._session is None or self._pid != os.getpid():
                    self._open_patiently()
                for _ in range(_MOST_TRIES):
                    try:
                        return action()
                    except _LOST:
                        # Or another process destroyed a key that was found just now.
                        _log.warning("token_session_lost", provider=self.name)
                        self._open_patiently()
                return action()
            except _WRONG_PIN:
                # Never tried again: tokens lock after a few wrong PINs.
                raise ContractViolation("the token refuses the PIN: look at the PIN file") from None
            except faults.PinLocked:
                raise ContractViolation(
                    "the token is locked after wrong PINs: its administrator unlocks it"
                ) from None
            except (faults.MechanismInvalid, faults.MechanismParamInvalid):
                raise ContractViolation(
                    "the token has no AES-GCM with associated data: use one that has"
                ) from None
            except faults.NoSuchToken:
                raise StoreUnavailable(
                    f"token {self._token} is not there: connect it, then try again"
                ) from None
            except (faults.PKCS11Error, RuntimeError) as error:
                self._session = None
                raise StoreUnavailable(
                    f"the token does not answer as it should ({type(error).__name__}): look at it, "
                    "then try again"
                ) from None

    def _open_patiently(self) -> None:
        """Open the token; again where it is hidden while another process writes into it."""
        for attempt in range(1, _MOST_TRIES):
            try:
                self._open()
            except faults.NoSuchToken:
                time.sleep(0.1 * attempt)
            else:
                return
        self._open()

    def _open(self, *, anew: bool = False) -> None:
        fork = self._pid not in {0, os.getpid()}
        self._session = None
        pin = self._pin()
        library = pkcs11.lib(str(self._module))
        if fork or anew:
            library.reinitialize()
        token = library.get_token(token_label=self._token)
        try:
            self._session = token.open(rw=True, user_pin=pin)
        except faults.UserAlreadyLoggedIn:
            # Login counts for the whole process; another session of it did that before.
            self._session = token.open(rw=True)
        self._pid = os.getpid()

    def _pin(self) -> str:
        try:
            is_open = is_open_to_others(self._pin_file)
            pin = self._pin_file.read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError):
            raise ContractViolation(
                f"PIN file {self._pin_file} cannot be read: look at it"
            ) from None
        if is_open:
            raise ContractViolation(
                f"PIN file {self._pin_file} is open to others: run 'chmod 600' on it"
            )
        return pin


def _version(key: Any) -> str:
    return f"hsm-{bytes(key.id).hex()}"


def _made_at(key: Any) -> str:
    """Return when a key was made; "" of one that somebody else made where no date was kept."""
    key_id = bytes(key.id)
    moment = int.from_bytes(key_id[:8], "big") / 1e9
    if len(key_id) == _ID_BYTES and _FIRST_KEYS <= moment <= time.time() + _DAY:
        return datetime.fromtimestamp(moment, UTC).isoformat(timespec="microseconds")
    try:
        day = key[pkcs11.Attribute.START_DATE]
    except _LOST:
        raise
    except (faults.PKCS11Error, ValueError):  # an empty date is no date to the library
        return ""
    return datetime.combine(day, datetime.min.time(), UTC).isoformat() if day else ""
