# SPDX-License-Identifier: Apache-2.0
"""The pseudonym table: who became which label.

A plain value, sealed in the clinical zone, never in a release.
"""

from __future__ import annotations

import hashlib
import hmac
import json
from dataclasses import dataclass, field
from typing import Any

from services.deidentification.errors import TranscriptError

SCHEMA = 1


@dataclass(frozen=True, slots=True)
class VaultEntry:
    """One person, place or organisation: its label, its kind, and the forms under which it was
    met. `gender` is "m" or "f" where a title or kin term says it.
    """

    label: str
    kind: str
    forms: tuple[tuple[str, ...], ...]
    given: tuple[str, ...] = ()
    gender: str = ""

    def as_json(self) -> dict[str, Any]:
        """Return lists and strings only."""
        return {
            "label": self.label,
            "kind": self.kind,
            "forms": [list(f) for f in self.forms],
            "given": list(self.given),
            **({"gender": self.gender} if self.gender else {}),
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Entries of one scope (a participant, or the study) and how many labels of each kind are
    taken.
    """

    entries: tuple[VaultEntry, ...] = ()
    counters: tuple[tuple[str, int], ...] = ()

    def as_json(self) -> dict[str, Any]:
        """Return plain JSON."""
        return {"entries": [e.as_json() for e in self.entries], "counters": dict(self.counters)}

    @classmethod
    def from_json(cls, raw: dict[str, Any]) -> Table:
        """Read what `as_json` wrote."""
        entries = tuple(
            VaultEntry(
                e["label"],
                e["kind"],
                tuple(tuple(f) for f in e["forms"]),
                tuple(e["given"]),
                e.get("gender", ""),
            )
            for e in raw["entries"]
        )
        return cls(entries, tuple(sorted((str(k), int(v)) for k, v in raw["counters"].items())))


@dataclass(frozen=True, slots=True)
class Vault:
    """Both scopes, and the secret that date offsets are drawn from (hex; empty: dates cannot be
    shifted).
    """

    study: Table = field(default_factory=Table)
    participant: Table = field(default_factory=Table)
    secret: str = ""

    def offset(self, participant: str) -> int:
        """Return the days by which a participant's dates move, from 30 to 365 in either direction;
        0 without a secret.
        """
        if not self.secret:
            return 0
        digest = hmac.new(
            bytes.fromhex(self.secret), f"date-offset|{participant}".encode(), hashlib.sha256
        ).digest()
        days = 30 + int.from_bytes(digest[:4], "big") % 336
        return -days if digest[4] & 1 else days

    def dumps_study(self) -> bytes:
        """Return the study's table as canonical JSON, UTF-8."""
        return _canonical({"schema": SCHEMA, "table": self.study.as_json()})

    def dumps_participant(self) -> bytes:
        """Return the participant's table and secret as canonical JSON, UTF-8."""
        return _canonical(
            {"schema": SCHEMA, "table": self.participant.as_json(), "secret": self.secret}
        )

    @classmethod
    def loads(cls, study: bytes, participant: bytes) -> Vault:
        """Read both documents, either may be empty; raises TranscriptError where one is damaged."""
        try:
            wide, own = _read(study), _read(participant)
            secret = own.get("secret", "")
            bytes.fromhex(secret)
            return cls(
                Table.from_json(wide["table"]) if wide else Table(),
                Table.from_json(own["table"]) if own else Table(),
                secret,
            )
        except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
            raise TranscriptError(
                "the pseudonym table cannot be read; restore it from a backup"
            ) from error


def _canonical(raw: dict[str, Any]) -> bytes:
    return json.dumps(raw, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def _read(document: bytes) -> dict[str, Any]:
    if not document:
        return {}
    raw: dict[str, Any] = json.loads(document)
    if raw["schema"] != SCHEMA:
        raise TranscriptError("the pseudonym table is of another version; migrate it first")
    return raw
