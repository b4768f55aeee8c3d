# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import os
import stat
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID

from services.common import certificate_authority, identity
from services.common.errors import Unauthenticated


@pytest.fixture
def pki(tmp_path: Path) -> Path:
    """Return a folder with a new issuer."""
    certificate_authority.ensure_authority(tmp_path / "pki")
    return tmp_path / "pki"


def _mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def _certificate(folder: Path) -> x509.Certificate:
    return x509.load_pem_x509_certificate((folder / "cert.pem").read_bytes())


class TestAuthority:
    def test_modes_do_not_depend_on_the_umask(self, tmp_path: Path) -> None:
        """The folder is 0700 and the keys are 0600 even where the umask hides nothing."""
        before = os.umask(0)
        try:
            certificate_authority.ensure_authority(tmp_path / "pki")
            certificate_authority.ensure_certificate(tmp_path / "pki", "audit")
        finally:
            os.umask(before)

        assert _mode(tmp_path / "pki") == 0o700
        assert _mode(tmp_path / "pki" / "audit") == 0o700
        assert _mode(tmp_path / "pki" / "ca.key") == 0o600
        assert _mode(tmp_path / "pki" / "audit" / "key.pem") == 0o600

    def test_is_made_once(self, pki: Path) -> None:
        """A second start keeps the issuer, so that certificates stay good."""
        before = (pki / "ca.pem").read_bytes(), (pki / "ca.key").read_bytes()
        certificate_authority.ensure_authority(pki)

        assert before == ((pki / "ca.pem").read_bytes(), (pki / "ca.key").read_bytes())

    def test_half_made_authority_is_made_anew(self, pki: Path) -> None:
        """A crash between key and certificate leaves no issuer whose halves do not fit."""
        (pki / "ca.pem").unlink()
        certificate_authority.ensure_authority(pki)
        certificate_authority.ensure_certificate(pki, "audit")

        issuer = x509.load_pem_x509_certificate((pki / "ca.pem").read_bytes())
        _certificate(pki / "audit").verify_directly_issued_by(issuer)

    def test_may_sign_leaves_only(self, pki: Path) -> None:
        """The issuer may sign certificates, but no further authorities."""
        issuer = x509.load_pem_x509_certificate((pki / "ca.pem").read_bytes())
        constraints = issuer.extensions.get_extension_for_class(x509.BasicConstraints)

        assert constraints.critical
        assert (constraints.value.ca, constraints.value.path_length) == (True, 0)


class TestCertificate:
    def test_carries_one_name(self, pki: Path) -> None:
        """A certificate is for one name, of the issuer, and no issuer itself."""
        certificate_authority.ensure_certificate(pki, "storage-clinical")
        made = _certificate(pki / "storage-clinical")
        names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        uses = made.extensions.get_extension_for_class(x509.ExtendedKeyUsage).value
        issuer = x509.load_pem_x509_certificate((pki / "ca.pem").read_bytes())

        made.verify_directly_issued_by(issuer)
        assert names.get_values_for_type(x509.DNSName) == ["storage-clinical.sotto.internal"]
        assert set(uses) == {ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH}
        assert not made.extensions.get_extension_for_class(x509.BasicConstraints).value.ca

    def test_is_kept_while_it_is_good(self, pki: Path) -> None:
        """A certificate far from its end is left alone."""
        certificate_authority.ensure_certificate(pki, "audit")
        before = _certificate(pki / "audit").serial_number
        certificate_authority.ensure_certificate(pki, "audit")

        assert before == _certificate(pki / "audit").serial_number

    @pytest.mark.parametrize("days", [-1, 0, 29])
    def test_is_renewed_near_its_end(self, pki: Path, days: int) -> None:
        """A certificate that has ended, or will within a month, is replaced with its key."""
        certificate_authority.ensure_certificate(pki, "audit", life=dt.timedelta(days=days))
        before = _certificate(pki / "audit").serial_number
        certificate_authority.ensure_certificate(pki, "audit")
        after = _certificate(pki / "audit")

        assert before != after.serial_number
        assert after.not_valid_after_utc > dt.datetime.now(dt.UTC) + dt.timedelta(days=300)
        assert _fits(pki / "audit")

    def test_is_renewed_with_the_authority(self, pki: Path) -> None:
        """Where the issuer was replaced, certificates of the old one are replaced too."""
        certificate_authority.ensure_certificate(pki, "audit")
        (pki / "ca.pem").unlink()
        certificate_authority.ensure_authority(pki)
        certificate_authority.ensure_certificate(pki, "audit")

        issuer = x509.load_pem_x509_certificate((pki / "ca.pem").read_bytes())
        _certificate(pki / "audit").verify_directly_issued_by(issuer)
        assert (pki / "audit" / "ca.pem").read_bytes() == (pki / "ca.pem").read_bytes()

    @pytest.mark.parametrize("lost", ["key.pem", "cert.pem", "ca.pem"])
    def test_lost_part_is_replaced(self, pki: Path, lost: str) -> None:
        """Where a part is missing, key and certificate are made anew and fit each other."""
        certificate_authority.ensure_certificate(pki, "audit")
        (pki / "audit" / lost).unlink()
        certificate_authority.ensure_certificate(pki, "audit")

        assert _fits(pki / "audit")

    def test_does_not_outlive_its_authority(self, pki: Path) -> None:
        """No certificate is good for longer than the issuer that vouches for it."""
        certificate_authority.ensure_certificate(pki, "audit", life=dt.timedelta(days=9999))
        issuer = x509.load_pem_x509_certificate((pki / "ca.pem").read_bytes())

        assert _certificate(pki / "audit").not_valid_after_utc <= issuer.not_valid_after_utc


def _fits(folder: Path) -> bool:
    from cryptography.hazmat.primitives.serialization import load_pem_private_key

    key = load_pem_private_key((folder / "key.pem").read_bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    return key.public_key() == _certificate(folder).public_key()


class TestLoad:
    def test_gives_what_was_made(self, pki: Path) -> None:
        """What was made is what a process shows and trusts."""
        certificate_authority.ensure_certificate(pki, "audit")
        loaded = identity.load(pki / "audit")

        assert loaded.authority == (pki / "ca.pem").read_bytes()
        assert loaded.certificate == (pki / "audit" / "cert.pem").read_bytes()

    @pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o620, 0o601])
    def test_key_open_to_others_is_refused(self, pki: Path, mode: int) -> None:
        """A key that others can read or write is not used; the message says how to mend it."""
        certificate_authority.ensure_certificate(pki, "audit")
        (pki / "audit" / "key.pem").chmod(mode)

        with pytest.raises(Unauthenticated, match="chmod 600"):
            identity.load(pki / "audit")

    @pytest.mark.parametrize("lost", ["key.pem", "cert.pem", "ca.pem"])
    def test_missing_part_is_named(self, pki: Path, lost: str) -> None:
        """Where a part is missing the message says in which folder, and what to do."""
        certificate_authority.ensure_certificate(pki, "audit")
        (pki / "audit" / lost).unlink()

        with pytest.raises(Unauthenticated, match="sotto up"):
            identity.load(pki / "audit")


class TestClientName:
    @pytest.mark.parametrize(
        ("names", "expected"),
        [
            (["operator.sotto.internal"], "operator"),
            (["127.0.0.1", "operator.sotto.internal"], "operator"),
            (["storage-clinical.sotto.internal", "localhost"], "storage-clinical"),
            ([], ""),
            (["operator.example.com"], ""),
            (["operatorsotto.internal"], ""),
            (["operator.sotto.internal.example.com"], ""),
            ([".sotto.internal"], ""),
            (["sotto.internal"], ""),
            # Two names of ours: nobody can say which is meant.
            (["operator.sotto.internal", "audit.sotto.internal"], ""),
            # What no audit entry could hold is no name.
            (["Operator.sotto.internal"], ""),
            (["operator\ufffd.sotto.internal"], ""),
            (["oper ator.sotto.internal"], ""),
            (["*.sotto.internal"], ""),
            (["a" * 65 + ".sotto.internal"], ""),
        ],
    )
    def test_is_read_from_one_name_of_ours(self, names: list[str], expected: str) -> None:
        """A client's name is the one DNS name under our domain, or nothing."""
        assert expected == identity.client_name(names)
