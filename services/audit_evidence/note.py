# SPDX-License-Identifier: Apache-2.0
"""Signed notes (C2SP signed-note v1.0.0): a text and signature lines under it, read strictly."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from services.audit_evidence.errors import InvalidFormat, SignatureRefused
from services.audit_evidence.keys import (
    SignatureType,
    SigningKey,
    VerifierKey,
    check_name,
    strict_base64,
)

_DASH = "— "
MAX_NOTE_BYTES = 1_000_000
MAX_SIGNATURES = 100


@dataclass(frozen=True)
class SignatureLine:
    """One signature: the key's name and id, and what follows the id (64 bytes for Ed25519)."""

    name: str
    id: bytes
    payload: bytes

    def __str__(self) -> str:
        return f"{_DASH}{self.name} {base64.b64encode(self.id + self.payload).decode()}\n"


@dataclass(frozen=True)
class Note:
    """A note as read, nothing verified yet. `text` ends with a newline."""

    text: str
    signatures: tuple[SignatureLine, ...]

    def __str__(self) -> str:
        return self.text + "\n" + "".join(map(str, self.signatures))


@dataclass(frozen=True)
class Opened:
    """A note of which at least one known key's signature holds, and no known key's fails."""

    text: str
    verified: tuple[tuple[VerifierKey, SignatureLine], ...]
    unknown: tuple[SignatureLine, ...]


def parse_note(data: bytes | str) -> Note:
    """Split a note at its last empty line and read the signature lines.

    Raises InvalidFormat for control characters, broken UTF-8, a missing part, a wrong line, more
    than 100 signatures or more than a million bytes.
    """
    raw = data.encode("utf-8", "surrogatepass") if isinstance(data, str) else data
    if len(raw) > MAX_NOTE_BYTES:
        raise InvalidFormat("the signed note is larger than a million bytes")
    try:
        whole = raw.decode("utf-8")
    except UnicodeDecodeError:
        raise InvalidFormat("the signed note is not UTF-8") from None
    if any(char < " " and char != "\n" for char in whole):
        raise InvalidFormat("the signed note holds a control character")
    head, gap, tail = whole.rpartition("\n\n")
    if not gap or not tail.endswith("\n"):
        raise InvalidFormat("the signed note has no signature lines after an empty line")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise InvalidFormat(f"the signed note has more than {MAX_SIGNATURES} signatures")
    return Note(head + "\n", tuple(_parse_line(line) for line in lines))


def open_note(note: Note | bytes | str, keys: Iterable[VerifierKey]) -> Opened:
    """Verify every signature of a known key; lines of unknown keys are left out.

    Raises SignatureRefused when a known key's signature does not hold, when no known key signed,
    or when a signing key is on the list twice; InvalidFormat when it is no note.
    Cosignature lines verify the message that names their time.
    """
    parsed = note if isinstance(note, Note) else parse_note(note)
    known: dict[tuple[str, bytes], VerifierKey] = {}
    ambiguous: set[tuple[str, bytes]] = set()
    for key in keys:
        if (key.name, key.id) in known:
            ambiguous.add((key.name, key.id))
        known[key.name, key.id] = key
    verified: dict[tuple[str, bytes], tuple[VerifierKey, SignatureLine]] = {}
    unknown: list[SignatureLine] = []
    for line in parsed.signatures:
        match = known.get((line.name, line.id))
        if match is None:
            if line not in unknown:
                unknown.append(line)
        elif (line.name, line.id) not in verified:
            if (line.name, line.id) in ambiguous:
                raise SignatureRefused(f"the key of {line.name} is on the list of keys twice")
            if not _holds(match, line, parsed.text):
                raise SignatureRefused(f"the signature of {line.name} does not fit the text")
            verified[line.name, line.id] = (match, line)
    if not verified:
        raise SignatureRefused("no known key signed this; check that the right key was given")
    return Opened(parsed.text, tuple(verified.values()), tuple(unknown))


def sign_note(text: str, keys: Sequence[SigningKey]) -> str:
    """Sign a text with plain Ed25519 note keys and give the whole note.

    Raises InvalidFormat when the text cannot be a note (no last newline, control characters).
    """
    if not text.endswith("\n") or any(char < " " and char != "\n" for char in text):
        raise InvalidFormat("a text to sign ends with a newline and holds no control characters")
    lines = []
    for key in keys:
        if key.kind is not SignatureType.ED25519:
            raise InvalidFormat(f"{key.name} is a cosigner's key and signs no note by itself")
        lines.append(SignatureLine(key.name, key.verifier.id, key.sign(text.encode())))
    return str(Note(text, tuple(lines)))


def cosigned_message(text: str, time: int) -> bytes:
    """Return the message of an Ed25519 cosignature/v1 at POSIX second `time` (tlog-cosignature)."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def cosignature_time(line: SignatureLine) -> int:
    """Return the POSIX second that a cosignature line states; raises InvalidFormat."""
    if len(line.payload) != 72:
        raise InvalidFormat(f"the cosignature of {line.name} is not 76 bytes long")
    return int.from_bytes(line.payload[:8], "big")


def cosign(text: str, key: SigningKey, time: int) -> SignatureLine:
    """Cosign a checkpoint's text with a witness key (kind 04) at POSIX second `time`, not 0."""
    if key.kind is not SignatureType.COSIGNATURE:
        raise InvalidFormat(f"{key.name} is not a cosigner's key")
    if not 0 < time < 1 << 63:
        raise InvalidFormat("a cosignature needs a time")
    payload = time.to_bytes(8, "big") + key.sign(cosigned_message(text, time))
    return SignatureLine(key.name, key.verifier.id, payload)


def _holds(key: VerifierKey, line: SignatureLine, text: str) -> bool:
    if key.kind is SignatureType.ED25519:
        return len(line.payload) == 64 and key.verifies(line.payload, text.encode())
    if key.kind is SignatureType.COSIGNATURE:
        if len(line.payload) != 72 or not 0 < cosignature_time(line) < 1 << 63:
            return False
        return key.verifies(line.payload[8:], cosigned_message(text, cosignature_time(line)))
    return False  # the ML-DSA cosignature has no signer to test against yet


def _parse_line(line: str) -> SignatureLine:
    parts = line.removeprefix(_DASH).split(" ")
    if not line.startswith(_DASH) or len(parts) != 2:
        raise InvalidFormat("a signature line is not an em dash, a name and a signature")
    data = strict_base64(parts[1], "a signature")
    if len(data) < 5:
        raise InvalidFormat("a signature is shorter than a key id and one byte")
    return SignatureLine(check_name(parts[0]), data[:4], data[4:])
