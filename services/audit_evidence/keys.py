# SPDX-License-Identifier: Apache-2.0
"""Verifier and signing keys of signed notes (C2SP signed-note, Go's `note` text forms)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import re
from dataclasses import dataclass, field
from enum import IntEnum
from functools import cached_property

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.audit_evidence.errors import InvalidFormat

_SIZES = {1: 32, 4: 32, 6: 1312}
_PRIVATE = "PRIVATE+KEY+"
# A key name ends at the first space that Unicode knows, and "+" separates it in a vkey.
_NAME = re.compile(r"[^\s+\x00-\x1f\x7f\x85\ufeff]+")


class SignatureType(IntEnum):
    """Algorithm byte of a key: enters its id, so that one key in two roles has two ids."""

    ED25519 = 0x01
    COSIGNATURE = 0x04
    ML_DSA_44 = 0x06


def check_name(name: str) -> str:
    """Return a key name back; raises InvalidFormat when it is empty or holds a space or a plus."""
    if not _NAME.fullmatch(name):
        raise InvalidFormat("a key name is empty or holds a space or a plus sign")
    return name


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return the 4-byte id that a signature line carries: SHA-256(name LF kind key)[:4]."""
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:4]


def strict_base64(text: str, what: str) -> bytes:
    """Decode standard base64 that has exactly one spelling; raises InvalidFormat otherwise."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError):
        raise InvalidFormat(f"{what} is not base64") from None
    if base64.b64encode(data).decode() != text:
        raise InvalidFormat(f"{what} is not base64 in its one right spelling")
    return data


@dataclass(frozen=True)
class VerifierKey:
    """A public key with the name that it signs under."""

    name: str
    kind: SignatureType
    public: bytes

    @cached_property
    def id(self) -> bytes:
        """The 4-byte key id, always computed, never taken from text."""
        return key_id(self.name, self.kind, self.public)

    @classmethod
    def parse(cls, text: str) -> VerifierKey:
        """Read `name+hex8(id)+base64(kind || key)`.

        Raises InvalidFormat for any other spelling, an unknown kind, or an id that is not that of
        the key.
        """
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise InvalidFormat("a verifier key has three parts, joined by plus signs")
        name, stated, body = check_name(parts[0]), parts[1], parts[2]
        data = strict_base64(body, "the verifier key")
        if not re.fullmatch(r"[0-9a-f]{8}", stated):
            raise InvalidFormat("the id of a verifier key is eight hexadecimal digits")
        if not data or len(data) - 1 != _SIZES.get(data[0]):
            raise InvalidFormat("the verifier key is of a kind or length that is not known")
        if key_id(name, data[0], data[1:]).hex() != stated:
            raise InvalidFormat("the id in the verifier key is not that of its name and key")
        return cls(name, SignatureType(data[0]), data[1:])

    def __str__(self) -> str:
        body = base64.b64encode(bytes([self.kind]) + self.public).decode()
        return f"{self.name}+{self.id.hex()}+{body}"

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Return whether a raw signature (64 bytes for Ed25519) fits the message under this key."""
        try:
            if self.kind is SignatureType.ML_DSA_44:
                from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

                MLDSA44PublicKey.from_public_bytes(self.public).verify(signature, message)
            else:
                Ed25519PublicKey.from_public_bytes(self.public).verify(signature, message)
        except (InvalidSignature, UnsupportedAlgorithm, ValueError):
            return False
        return True


@dataclass(frozen=True)
class SigningKey:
    """An Ed25519 key pair with the name that it signs under; its text form is a secret."""

    name: str
    seed: bytes = field(repr=False)
    kind: SignatureType = SignatureType.ED25519

    @classmethod
    def generate(cls, name: str, kind: SignatureType = SignatureType.ED25519) -> SigningKey:
        """Draw a new key."""
        return cls(check_name(name), Ed25519PrivateKey.generate().private_bytes_raw(), kind)

    @classmethod
    def parse(cls, text: str) -> SigningKey:
        """Read `PRIVATE+KEY+name+hex8(id)+base64(kind || seed)`; raises InvalidFormat."""
        parts = text.removeprefix(_PRIVATE).split("+", 2)
        if not text.startswith(_PRIVATE) or len(parts) != 3:
            raise InvalidFormat("the signing key does not have the form PRIVATE+KEY+name+id+key")
        data = strict_base64(parts[2], "the signing key")
        if len(data) != 33 or data[0] not in {SignatureType.ED25519, SignatureType.COSIGNATURE}:
            raise InvalidFormat("the signing key is of a kind or length that is not known")
        key = cls(check_name(parts[0]), data[1:], SignatureType(data[0]))
        if key.verifier.id.hex() != parts[1]:
            raise InvalidFormat("the id in the signing key is not that of its name and key")
        return key

    def secret_text(self) -> str:
        """Return the text form that `parse` reads. Keep it in a file that only the log can read."""
        body = base64.b64encode(bytes([self.kind]) + self.seed).decode()
        return f"{_PRIVATE}{self.name}+{self.verifier.id.hex()}+{body}"

    @cached_property
    def verifier(self) -> VerifierKey:
        """The public half."""
        return VerifierKey(self.name, self.kind, self._private.public_key().public_bytes_raw())

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte Ed25519 signature of the message."""
        return self._private.sign(message)

    @cached_property
    def _private(self) -> Ed25519PrivateKey:
        return Ed25519PrivateKey.from_private_bytes(self.seed)
