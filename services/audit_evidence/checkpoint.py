# SPDX-License-Identifier: Apache-2.0
"""Checkpoints (C2SP tlog-checkpoint v1.0.0): what a log states about its tree, signed."""

from __future__ import annotations

import base64
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.audit_evidence import merkle
from services.audit_evidence.errors import InvalidFormat, SignatureRefused
from services.audit_evidence.keys import SigningKey, VerifierKey, strict_base64
from services.audit_evidence.note import Opened, open_note, parse_note, sign_note

_SIZE = re.compile(r"0|[1-9][0-9]{0,19}")


@dataclass(frozen=True)
class Checkpoint:
    """Origin of the log, number of its entries and 32-byte root of its tree."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read the text of a note as a checkpoint.

        Raises InvalidFormat for an empty origin, a size with leading zeros or above 2^64 - 1, a
        root that is not 32 bytes, empty extension lines, or anything behind the last newline.
        """
        if not text.endswith("\n"):
            raise InvalidFormat("the checkpoint does not end with a newline")
        lines = text[:-1].split("\n")
        if len(lines) < 3 or not all(lines):
            raise InvalidFormat("a checkpoint has an origin, a size and a root, one a line")
        origin, digits, root64, *extensions = lines
        if not _SIZE.fullmatch(digits) or int(digits) >= 1 << 64:
            raise InvalidFormat(
                "the size in the checkpoint is not a decimal number in one spelling"
            )
        root = strict_base64(root64, "the root in the checkpoint")
        if len(root) != merkle.HASH_SIZE:
            raise InvalidFormat(f"the root in the checkpoint has {len(root)} bytes instead of 32")
        if int(digits) == 0 and root != merkle.EMPTY_ROOT:
            raise InvalidFormat("the checkpoint states a root for a log without entries")
        return cls(origin, int(digits), root, tuple(extensions))

    def __str__(self) -> str:
        root = base64.b64encode(self.root).decode()
        lines = [self.origin, str(self.size), root, *self.extensions]
        return "".join(line + "\n" for line in lines)


@dataclass(frozen=True)
class OpenedCheckpoint:
    """A checkpoint that its log signed, and all signature lines that were verified."""

    checkpoint: Checkpoint
    note: Opened


def sign_checkpoint(checkpoint: Checkpoint, keys: Sequence[SigningKey]) -> str:
    """Return the signed note of a checkpoint; the caller answers for its consistency."""
    return sign_note(str(checkpoint), keys)


def peek(note: bytes | str) -> Checkpoint:
    """Read a checkpoint without verifying it: for finding out which log it is of."""
    return Checkpoint.parse(parse_note(note).text)


def open_checkpoint(
    note: bytes | str,
    log_keys: Iterable[VerifierKey],
    other_keys: Iterable[VerifierKey] = (),
    *,
    origin: str | None = None,
) -> OpenedCheckpoint:
    """Verify a log's checkpoint: format, origin, and a signature of one of the log's keys.

    `other_keys` (witnesses) are verified where their lines are present. Raises InvalidFormat or
    SignatureRefused.
    """
    logs = tuple(log_keys)
    opened = open_note(note, (*logs, *other_keys))
    if not any(key in logs for key, _line in opened.verified):
        raise SignatureRefused("the log itself did not sign this checkpoint")
    checkpoint = Checkpoint.parse(opened.text)
    if origin is not None and checkpoint.origin != origin:
        raise SignatureRefused(f"the checkpoint is of {checkpoint.origin}, not of {origin}")
    return OpenedCheckpoint(checkpoint, opened)
