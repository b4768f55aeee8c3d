# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import subprocess
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, x25519
from hypothesis import given
from hypothesis import strategies as st

from services.common.signing import KeyUnusable, PublicKey, Signer, load_public_keys
from services.common.signing_key_file import (
    PRIVATE,
    PUBLIC,
    ensure_signer,
    read_public_keys,
)
from tests.support.tools import need

SIGNER = Signer.generate()


class TestSigner:
    """Signing and checking."""

    @given(st.binary(max_size=100), st.integers(0, 511))
    def test_every_bit_of_the_signature_counts(self, message: bytes, bit: int) -> None:
        """A signature holds as made and with no bit turned."""
        signature = bytearray(SIGNER.sign(message))
        assert SIGNER.public_key.verifies(bytes(signature), message)
        signature[bit // 8] ^= 1 << bit % 8
        assert not SIGNER.public_key.verifies(bytes(signature), message)

    @given(st.binary(max_size=130))
    def test_any_bytes_are_no_signature(self, signature: bytes) -> None:
        """Random bytes of any length do not pass, and do no harm."""
        assert not SIGNER.public_key.verifies(signature, b"message")

    def test_reads_its_own_pem(self) -> None:
        """A key read back signs the same."""
        again = Signer.from_pem(SIGNER.to_pem())
        assert again.public_key == SIGNER.public_key
        assert again.sign(b"x") == SIGNER.sign(b"x")

    def test_is_checked_by_openssl(self, tmp_path: Path) -> None:
        """The documented command accepts the signature, and not one over other bytes."""
        need("openssl")
        (tmp_path / "key.pem").write_text(SIGNER.public_key.pem)
        (tmp_path / "data").write_bytes(b'{"a":1}')
        (tmp_path / "sig").write_bytes(SIGNER.sign(b'{"a":1}'))
        command = "openssl pkeyutl -verify -pubin -inkey key.pem -rawin -in data -sigfile sig"
        assert subprocess.run(command.split(), cwd=tmp_path, check=False).returncode == 0
        (tmp_path / "data").write_bytes(b'{"a":2}')
        assert subprocess.run(command.split(), cwd=tmp_path, check=False).returncode != 0


class TestPublicKeys:
    """Reading key files."""

    def test_takes_several_keys(self) -> None:
        """A file may hold the keys of years past, and words between them."""
        other = Signer.generate().public_key
        pem = f"old key\n{other.pem}\nnew key\n{SIGNER.public_key.pem}".encode()
        assert load_public_keys(pem) == [other, SIGNER.public_key]

    def test_fingerprint_is_what_openssl_and_sha256sum_give(self) -> None:
        """The fingerprint is SHA-256 over DER."""
        assert SIGNER.public_key.fingerprint == hashlib.sha256(SIGNER.public_key.der).hexdigest()

    @pytest.mark.parametrize(
        "pem",
        [
            b"",
            b"hello",
            SIGNER.to_pem(),
            b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
            *(
                key.public_key().public_bytes(
                    serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
                )
                for key in (
                    ec.generate_private_key(ec.SECP256R1()),
                    x25519.X25519PrivateKey.generate(),
                )
            ),
        ],
        ids=["empty", "words", "private", "broken", "ec", "x25519"],
    )
    def test_refuses_other_things(self, pem: bytes) -> None:
        """Only Ed25519 public keys pass."""
        with pytest.raises(KeyUnusable):
            load_public_keys(pem)

    @given(st.binary(max_size=80))
    def test_any_der_fails_in_good_order(self, der: bytes) -> None:
        """A key of random bytes verifies nothing and raises our error."""
        with pytest.raises(KeyUnusable):
            PublicKey(der).verifies(b"0" * 64, b"")


class TestKeyFile:
    """The key on disk."""

    def test_is_made_once_and_private(self, tmp_path: Path) -> None:
        """The first start makes the key, the next reads it; only the owner can."""
        first = ensure_signer(tmp_path)
        assert ensure_signer(tmp_path).public_key == first.public_key
        assert (tmp_path / PRIVATE).stat().st_mode & 0o777 == 0o600
        assert read_public_keys(tmp_path / PUBLIC) == [first.public_key]

    def test_first_starts_at_once_agree_on_one_key(self, tmp_path: Path) -> None:
        """Whichever process makes the key, every other one signs with that."""
        everybody = threading.Barrier(8)

        def start(_number: int) -> PublicKey:
            everybody.wait()
            return ensure_signer(tmp_path).public_key

        with ThreadPoolExecutor(8) as pool:
            keys = set(pool.map(start, range(8)))
        assert [*keys] == read_public_keys(tmp_path / PUBLIC)
        assert sorted(path.name for path in tmp_path.iterdir()) == sorted([PRIVATE, PUBLIC])

    def test_survives_a_crash_between_the_two_files(self, tmp_path: Path) -> None:
        """A missing public half is made again from the private one."""
        first = ensure_signer(tmp_path)
        (tmp_path / PUBLIC).unlink()
        assert ensure_signer(tmp_path).public_key == first.public_key
        assert read_public_keys(tmp_path / PUBLIC) == [first.public_key]

    def test_refuses_a_readable_private_key(self, tmp_path: Path) -> None:
        """A key that others can read signs nothing."""
        ensure_signer(tmp_path)
        (tmp_path / PRIVATE).chmod(0o640)
        with pytest.raises(KeyUnusable, match="chmod 600"):
            ensure_signer(tmp_path)

    def test_refuses_a_planted_public_key(self, tmp_path: Path) -> None:
        """A public half of another key is noticed at the start."""
        ensure_signer(tmp_path)
        (tmp_path / PUBLIC).write_text(SIGNER.public_key.pem)
        with pytest.raises(KeyUnusable, match="not the public half"):
            ensure_signer(tmp_path)

    def test_refuses_to_replace_a_lost_private_key(self, tmp_path: Path) -> None:
        """A lost key is not quietly replaced: old releases would lose their anchor."""
        ensure_signer(tmp_path)
        (tmp_path / PRIVATE).unlink()
        with pytest.raises(KeyUnusable, match="backup"):
            ensure_signer(tmp_path)

    def test_reads_no_missing_file(self, tmp_path: Path) -> None:
        """A key file that is not there is our error, with its name."""
        with pytest.raises(KeyUnusable, match=r"none\.pem"):
            read_public_keys(tmp_path / "none.pem")
