# SPDX-License-Identifier: Apache-2.0
"""Records in the audit log when a service starts with other settings than at its last start.

The value of a setting may be a secret or name a person, so that the log holds names of fields and
digests under a key that stays in the home: equal digests mean equal values, and nobody who reads
the log can try values. What was recorded last is kept in a small file in the home rather than read
back from the log, since services may write to the log and not read it. The file cannot hide a
change for long: each start also records a digest over everything, so that two starts with
different ones and no change recorded between them show that the file was touched.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Iterator, Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from services.common.access_list import AccessList
from services.common.audit import AuditTrail
from services.common.files import write_private
from services.common.installation import Installation
from services.common.settings import ServiceSettings
from services.registry.events import Event

# Addresses change with each start, the certificate says who a service is, processes of one service
# share the record, and this file lies in the home itself.
_LEFT_OUT = frozenset({"addresses", "home", "instance", "service"})
_MOST_BYTES = 64 * 1024 * 1024
_DIGITS = 16
# An entry takes 32 attributes.
_FIELDS_AN_ENTRY = 24


class Configuration:
    """The configuration that a service starts with, and that of the last start.

    Several processes of one service share the file of the last start: the first one to start
    records for all, and one with other settings records what differs from those before it.
    """

    def __init__(self, settings: ServiceSettings, access: AccessList, certificate: bytes) -> None:
        self._service = settings.service
        self._instance = settings.instance
        folder = Installation(settings.home).make_folder("configuration")
        self._path = folder / f"{settings.service}.json"
        values: dict[str, str | bytes] = dict(_values(settings))
        values["access_list"] = access.as_text()
        values["own_certificate"] = certificate
        values["software"] = _version()
        with _alone(self._path):
            self._key, before = _read_previous(self._path)
            if before is None:  # the next process must take the same key
                _write(self._path, self._key, None)
        self.fields: Mapping[str, str] = {
            name: self._digest(value) for name, value in values.items()
        }

    @property
    def digest(self) -> str:
        """One digest over all fields."""
        text = json.dumps(self.fields, sort_keys=True)
        return self._digest(text)

    def record(self, trail: AuditTrail) -> None:
        """Record what differs from the last start, then remember it; raises Unavailable.

        A service that dies between the two records the same again: better twice than never.
        """
        with _alone(self._path):
            key, before = _read_previous(self._path)
            if key != self._key:  # somebody took the file away: what it held is not known
                before = None
            self._record_since(before, trail)
            _write(self._path, self._key, self.fields)

    def _record_since(self, last: Mapping[str, str] | None, trail: AuditTrail) -> None:
        event = Event.SETTINGS_SEEN if last is None else Event.SETTINGS_CHANGED
        before = last or {}
        names = sorted(
            name for name in {*self.fields, *before} if self.fields.get(name) != before.get(name)
        )
        if not names and last is not None:
            return
        for at in range(0, max(1, len(names)), _FIELDS_AN_ENTRY):
            part = names[at : at + _FIELDS_AN_ENTRY]
            changes = {
                f"field.{name}": f"{before.get(name, 'unset')}:{self.fields.get(name, 'unset')}"
                for name in part
            }
            trail.fact(
                event,
                object=self._service,
                attributes={
                    "version": self.digest,
                    "service_version": _version(),
                    "instance": self._instance,
                },
                families=changes,
            )

    def _digest(self, value: str | bytes) -> str:
        data = value.encode() if isinstance(value, str) else value
        return hmac.new(self._key, data, hashlib.sha256).hexdigest()[:_DIGITS]


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Keep other processes of the same service from the file while the block lasts."""
    handle = os.open(path.with_suffix(".lock"), os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def _write(path: Path, key: bytes, fields: Mapping[str, str] | None) -> None:
    record: dict[str, object] = {"key": key.hex()}
    if fields is not None:
        record["fields"] = dict(fields)
    content = json.dumps(record, indent=1, sort_keys=True).encode()
    with contextlib.suppress(OSError):
        if path.read_bytes() == content:
            return
    write_private(path, content)


def _values(settings: ServiceSettings) -> Iterator[tuple[str, str | bytes]]:
    """Yield what differs from the shipped settings, and the content of files that settings name."""
    for name, field in type(settings).model_fields.items():
        value = getattr(settings, name)
        if name in _LEFT_OUT:
            continue
        if name == "listen":  # a free port is another one each time
            value = str(value).rpartition(":")[0]
            if value == str(field.default).rpartition(":")[0]:
                continue
        elif value == field.get_default(call_default_factory=True):
            continue
        yield name, json.dumps(_as_json(value), sort_keys=True)
        if isinstance(value, Path) and value.is_file():
            yield f"{name}_content", _content(value)
    own = {} if settings.delegation_key else {"console_key": settings.delegation_file}
    for name, path in {**settings.watched(), **own}.items():
        if path.is_file():
            yield name, _content(path)


def _as_json(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {str(key): _as_json(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_as_json(one) for one in value]
    return value if isinstance(value, bool | int | float | None) else str(value)


def _content(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            return file.read(_MOST_BYTES)
    except OSError:
        return b"unreadable"


def _read_previous(path: Path) -> tuple[bytes, dict[str, str] | None]:
    try:
        record = json.loads(path.read_bytes())
        fields = record.get("fields")
        return bytes.fromhex(record["key"]), None if fields is None else dict(fields)
    except FileNotFoundError:
        return secrets.token_bytes(32), None
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        # A damaged file is treated as a missing one: the entry says that nothing was known.
        return secrets.token_bytes(32), None


def _version() -> str:
    try:
        return version("sotto")
    except PackageNotFoundError:
        return "unknown"
