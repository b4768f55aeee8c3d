# SPDX-License-Identifier: Apache-2.0
"""Ed25519 signatures (RFC 8032) of an installation, in a form that OpenSSL checks.

A certificate of a release is signed as it is; what else is signed begins with a line that names its
kind, so that no signature can be taken for one over something else.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from services.common.errors import Corrupted

SIGNATURE_BYTES = 64
_UNREADABLE = (ValueError, TypeError, UnsupportedAlgorithm)
_PEM = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)


class KeyUnusable(Corrupted):
    """A key file cannot be used: it is missing, readable by others, or not an Ed25519 key."""


@dataclass(frozen=True)
class PublicKey:
    """A verifying key, held as its DER encoding (SubjectPublicKeyInfo)."""

    der: bytes

    @property
    def fingerprint(self) -> str:
        """SHA-256 over the DER encoding, in hexadecimal."""
        return hashlib.sha256(self.der).hexdigest()

    @property
    def pem(self) -> str:
        """The PEM encoding."""
        return (
            self._key()
            .public_bytes(
                serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
            )
            .decode()
        )

    def verifies(self, signature: bytes, message: bytes) -> bool:
        """Return whether `signature` (64 bytes) over `message` was made with this key."""
        try:
            self._key().verify(signature, message)
        except InvalidSignature:
            return False
        return True

    def _key(self) -> Ed25519PublicKey:
        try:
            key = serialization.load_der_public_key(self.der)
        except _UNREADABLE as error:
            raise KeyUnusable("the key is not a public key in DER encoding") from error
        if not isinstance(key, Ed25519PublicKey):
            raise KeyUnusable("the key is not an Ed25519 public key")
        return key


def load_public_keys(pem: bytes) -> list[PublicKey]:
    """Read every public key of a PEM file, in order; raises KeyUnusable when it holds no key."""
    keys = []
    for block in _PEM.findall(pem):
        try:
            key = serialization.load_pem_public_key(block)
        except _UNREADABLE as error:
            raise KeyUnusable("a key in the key file is not readable PEM") from error
        if not isinstance(key, Ed25519PublicKey):
            raise KeyUnusable("a key in the key file is not an Ed25519 public key")
        keys.append(_public(key))
    if not keys:
        raise KeyUnusable("the key file holds no public key in PEM (BEGIN PUBLIC KEY)")
    return keys


class Signer:
    """Signs with a private key that stays in this process."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.public_key = _public(key.public_key())

    @classmethod
    def generate(cls) -> Signer:
        """Make a new key."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_pem(cls, pem: bytes) -> Signer:
        """Read a private key (PKCS #8, PEM, without password); raises KeyUnusable."""
        try:
            key = serialization.load_pem_private_key(pem, password=None)
        except _UNREADABLE as error:
            raise KeyUnusable("the signing key is not a readable PEM private key") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise KeyUnusable("the signing key is not an Ed25519 key")
        return cls(key)

    def to_pem(self) -> bytes:
        """Return the private key as PKCS #8 PEM; the caller keeps it where only it can read."""
        return self._key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )

    def sign(self, message: bytes) -> bytes:
        """Sign; the same message gives the same 64 bytes."""
        return self._key.sign(message)


def _public(key: Ed25519PublicKey) -> PublicKey:
    return PublicKey(
        key.public_bytes(
            serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo
        )
    )
