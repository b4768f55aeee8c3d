# SPDX-License-Identifier: Apache-2.0
"""The private authority of an installation, and the certificates that it issues (RFC 5280)."""

from __future__ import annotations

import datetime as dt
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from services.common.errors import Unauthenticated
from services.common.files import write_private
from services.common.identity import host_name

_AUTHORITY_LIFETIME = dt.timedelta(days=3650)
_PARTS = ("key.pem", "cert.pem", "ca.pem")
_LEAF_LIFETIME = dt.timedelta(days=397)
_RENEW_BEFORE = dt.timedelta(days=30)


def ensure_authority(pki: Path) -> None:
    """Make the private authority in `pki` where it is missing (folder 0700, key 0600)."""
    pki.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (pki / "ca.pem").exists():
        return
    key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject("Sotto private authority")
    certificate = (
        _builder(subject, subject, key.public_key(), _AUTHORITY_LIFETIME)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .add_extension(_key_usage(authority=True), critical=True)
        .sign(key, hashes.SHA256())
    )
    write_private(pki / "ca.key", _key_pem(key))
    # The certificate last: its presence says that the authority is complete.
    write_private(pki / "ca.pem", certificate.public_bytes(serialization.Encoding.PEM))


def ensure_certificate(pki: Path, name: str, *, life: dt.timedelta = _LEAF_LIFETIME) -> None:
    """Issue a certificate to `name` in `pki/<name>/` where it is missing or about to expire."""
    folder = pki / name
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    now = dt.datetime.now(dt.UTC)
    authority = (pki / "ca.pem").read_bytes()
    current = folder / "cert.pem"
    if all((folder / part).exists() for part in _PARTS):
        left = x509.load_pem_x509_certificate(current.read_bytes()).not_valid_after_utc - now
        if left > _RENEW_BEFORE and (folder / "ca.pem").read_bytes() == authority:
            return
    issuer_key = serialization.load_pem_private_key((pki / "ca.key").read_bytes(), None)
    if not isinstance(issuer_key, ec.EllipticCurvePrivateKey):
        raise Unauthenticated(
            f"{pki / 'ca.key'} is not a key of the private authority; restore it from a backup"
        )
    issuer = x509.load_pem_x509_certificate(authority)
    life = min(life, issuer.not_valid_after_utc - now)
    key = ec.generate_private_key(ec.SECP256R1())
    names = [
        x509.DNSName(host_name(name)),
        x509.IPAddress(ipaddress.ip_address("127.0.0.1")),
    ]
    certificate = (
        _builder(_subject(host_name(name)), issuer.subject, key.public_key(), life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage(
                [ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH]
            ),
            critical=False,
        )
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    write_private(folder / "key.pem", _key_pem(key))
    write_private(current, certificate.public_bytes(serialization.Encoding.PEM))
    write_private(folder / "ca.pem", authority)


def _subject(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, life: dt.timedelta
) -> x509.CertificateBuilder:
    now = dt.datetime.now(dt.UTC)
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        # A minute of tolerance for machines whose clocks differ.
        .not_valid_before(min(now, now + life) - dt.timedelta(minutes=1))
        .not_valid_after(now + life)
    )


def _key_usage(*, authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not authority,
        key_cert_sign=authority,
        crl_sign=authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _key_pem(key: ec.EllipticCurvePrivateKey) -> bytes:
    return key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.PKCS8,
        serialization.NoEncryption(),
    )
