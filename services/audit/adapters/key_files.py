# SPDX-License-Identifier: Apache-2.0
"""The keys of the log, in files of its folder.

log.key    signing keys, one a line, newest first (0600, a secret)
log.vkey   verifier keys, one a line, newest first, retired ones last (public)
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from pathlib import Path

from services.audit.adapters.checkpoint_file import CHECKPOINT_FILE
from services.audit.errors import LogDamaged, LogUnavailable
from services.audit_evidence.errors import InvalidFormat
from services.audit_evidence.keys import SigningKey, VerifierKey
from services.common.files import is_open_to_others, write_private

KEY_FILE = "log.key"
VKEY_FILE = "log.vkey"


@dataclass(frozen=True)
class LogKeys:
    """The keys of a log: those that sign, newest first, and public halves of earlier ones."""

    signing: tuple[SigningKey, ...]
    retired: tuple[VerifierKey, ...]

    @property
    def verifiers(self) -> tuple[VerifierKey, ...]:
        """Every public key that a checkpoint of this log may be signed with, newest first."""
        return (*(key.verifier for key in self.signing), *self.retired)


def ensure_keys(folder: Path, origin: str = "", *, fresh: bool) -> LogKeys:
    """Read the keys of the log in `folder`; makes a first one when `fresh` says there is no log.

    `origin` names a new log; empty draws a name, so that no two logs share one. Raises LogDamaged
    when an existing log has no key: a new key would make it another log. Raises LogUnavailable
    when the key file can be read by others.
    """
    path = folder / KEY_FILE
    if not path.exists():
        if not fresh or (folder / CHECKPOINT_FILE).exists():
            raise LogDamaged(
                f"{path} is missing while the log has entries: restore the key from its backup"
            )
        name = origin or f"sotto-audit-{secrets.token_hex(8)}"
        key = SigningKey.generate(name)
        write_private(path, (key.secret_text() + "\n").encode())
    if is_open_to_others(path):
        raise LogUnavailable(f"{path} can be read by others; run: chmod 600 {path}")
    signing = tuple(SigningKey.parse(line) for line in _lines(path))
    if not signing:
        raise LogDamaged(f"{path} holds no key")
    if any(key.name != signing[0].name for key in signing) or origin not in {"", signing[0].name}:
        raise LogDamaged(f"the keys in {path} do not all have the name of this log")
    public = folder / VKEY_FILE
    known = read_vkeys(public) if public.exists() else ()
    current = tuple(key.verifier for key in signing)
    keys = LogKeys(signing, tuple(key for key in known if key not in current))
    if keys.verifiers != known:
        write_vkeys(public, keys.verifiers)
    return keys


def rotate_key(folder: Path, *, retire: bool = False) -> LogKeys:
    """Put a new signing key in front, so that both sign; with `retire`, only the newest signs on.

    Takes effect at the next start of the audit service.
    """
    keys = ensure_keys(folder, fresh=False)
    if retire:
        signing, old = keys.signing[:1], keys.signing[1:]
    else:
        signing, old = (SigningKey.generate(keys.signing[0].name), *keys.signing), ()
    retired = (*(key.verifier for key in old), *keys.retired)
    # The public keys first: a checkpoint must never carry a signature that cannot be checked.
    write_vkeys(folder / VKEY_FILE, (*(key.verifier for key in signing), *retired))
    text = "".join(key.secret_text() + "\n" for key in signing)
    write_private(folder / KEY_FILE, text.encode())
    return LogKeys(signing, retired)


def read_vkeys(path: Path) -> tuple[VerifierKey, ...]:
    """Read a file of verifier keys, one a line; raises InvalidFormat naming the line."""
    keys = []
    for number, line in enumerate(_lines(path), 1):
        try:
            keys.append(VerifierKey.parse(line))
        except InvalidFormat as error:
            raise InvalidFormat(f"{path.name}, line {number}: {error.message}") from None
    if not keys:
        raise InvalidFormat(f"{path.name} holds no verifier key")
    return tuple(keys)


def write_vkeys(path: Path, keys: tuple[VerifierKey, ...]) -> None:
    """Write a file of verifier keys for everybody to read."""
    write_private(path, "".join(f"{key}\n" for key in keys).encode(), mode=0o644)


def _lines(path: Path) -> list[str]:
    try:
        text = path.read_bytes().decode("ascii")
    except UnicodeDecodeError:
        raise InvalidFormat(f"{path.name} is not plain text") from None
    except OSError as error:
        raise LogUnavailable(f"{path} cannot be read: {error.strerror}") from None
    if not text.endswith("\n") or "\r" in text:
        raise InvalidFormat(f"{path.name} does not consist of lines that each end with a newline")
    return text[:-1].split("\n")
