# SPDX-License-Identifier: Apache-2.0
"""The private authority of an installation, and the certificates that it issues (RFC 5280)."""

from __future__ import annotations

import datetime as dt
import ipaddress
import re
from collections.abc import Sequence
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from services.common.errors import InvalidInput, Unauthenticated
from services.common.files import write_private
from services.common.identity import DOMAIN, certified, client_name, host_name, person_uri

_AUTHORITY_LIFETIME = dt.timedelta(days=3650)
LEAF_LIFETIME = dt.timedelta(days=397)
#: The files of a certificate's folder.
PARTS = ("key.pem", "cert.pem", "ca.pem")
#: Folder of copies of all certificates that were issued.
ISSUED = "issued"
# For machines whose clocks differ.
_CLOCK_TOLERANCE = dt.timedelta(minutes=1)
_RENEW_BEFORE = dt.timedelta(days=30)
_LOOPBACK = ("127.0.0.1",)
_HOST = re.compile(
    r"(?=.{1,253}$)[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?(\.[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)*"
)


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


def can_issue(pki: Path) -> bool:
    """Return whether the key of a private authority is in `pki`."""
    return (pki / "ca.key").exists() and (pki / "ca.pem").exists()


def ensure_certificate(pki: Path, name: str, *, life: dt.timedelta = LEAF_LIFETIME) -> None:
    """Issue a certificate to `name` in `pki/<name>/` where it is missing or about to expire."""
    folder = pki / name
    hosts: Sequence[str] = ()
    person = ""
    if all((folder / part).exists() for part in PARTS):
        current = read(folder)
        left = current.not_valid_after_utc - dt.datetime.now(dt.UTC)
        if left > _RENEW_BEFORE and _is_of(pki, folder):
            return
        hosts, person = hosts_of(current), person_of(current)
    issue(pki, name, folder, hosts=hosts, life=life, person=person)


def issue(
    pki: Path,
    name: str,
    folder: Path,
    *,
    hosts: Sequence[str] = (),
    life: dt.timedelta = LEAF_LIFETIME,
    person: str = "",
) -> x509.Certificate:
    """Write a new key, a certificate for it, and the authority's certificate to `folder`.

    `folder` is made 0700, the files are 0600, and what was there is replaced. The certificate is
    for `name`, for `hosts` (DNS names and IP addresses) and for loopback, and ends with the
    authority at the latest. With `person` it is that person's: for `name` as a client alone. A copy
    of it is kept in `pki/issued/`. Raises Unauthenticated when there is no usable authority in
    `pki`.
    """
    now = dt.datetime.now(dt.UTC)
    issuer_key, issuer = _authority(pki)
    life = min(life, issuer.not_valid_after_utc - now)
    key = ec.generate_private_key(ec.SECP256R1())
    names: list[x509.GeneralName] = [x509.DNSName(host_name(name))]
    uses = [ExtendedKeyUsageOID.CLIENT_AUTH]
    if person:
        names.append(x509.UniformResourceIdentifier(person_uri(person)))
    else:
        names += map(_general_name, (*hosts, *_LOOPBACK))
        uses.insert(0, ExtendedKeyUsageOID.SERVER_AUTH)
    certificate = (
        _builder(_subject(host_name(name)), issuer.subject, key.public_key(), life)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(_key_usage(authority=False), critical=True)
        .add_extension(
            x509.ExtendedKeyUsage(uses),
            critical=False,
        )
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .sign(issuer_key, hashes.SHA256())
    )
    pem = certificate.public_bytes(serialization.Encoding.PEM)
    kept = pki / ISSUED
    for place in (folder, kept):
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        place.chmod(0o700)
    write_private(kept / f"{serial(certificate)}.pem", pem)
    # Running processes read all again at each change, once key and certificate are a pair.
    write_private(folder / "key.pem", _key_pem(key))
    write_private(folder / "cert.pem", pem)
    write_private(folder / "ca.pem", (pki / "ca.pem").read_bytes())
    return certificate


def read(folder: Path) -> x509.Certificate:
    """Read the certificate in a folder; raises Unauthenticated when there is none to read."""
    try:
        return x509.load_pem_x509_certificate((folder / "cert.pem").read_bytes())
    except (OSError, ValueError) as error:
        raise Unauthenticated(
            f"{folder / 'cert.pem'} is no certificate that can be read"
        ) from error


def issued(pki: Path) -> dict[str, x509.Certificate]:
    """Return all certificates that the authority in `pki` is known to have issued, by serial.

    Those issued by version 0.1 are known while they are in the folder of their name.
    """
    found = {}
    for path in sorted([*pki.glob("*/cert.pem"), *pki.glob(f"{ISSUED}/*.pem")]):
        try:
            certificate = x509.load_pem_x509_certificate(path.read_bytes())
        except (OSError, ValueError):
            continue
        found[serial(certificate)] = certificate
    return found


def serial(certificate: x509.Certificate) -> str:
    """Return the serial number as `openssl x509 -serial` prints it."""
    digits = f"{certificate.serial_number:X}"
    return digits.zfill(len(digits) + len(digits) % 2)


def name_of(certificate: x509.Certificate) -> str:
    """Return the name of ours that a certificate is for, empty when it has none."""
    return client_name(_alternatives(certificate).get_values_for_type(x509.DNSName))


def person_of(certificate: x509.Certificate) -> str:
    """Return the person whose certificate it is, empty where it is a machine account's."""
    names = _alternatives(certificate)
    return certified(
        [
            *names.get_values_for_type(x509.DNSName),
            *names.get_values_for_type(x509.UniformResourceIdentifier),
        ]
    )[1]


def hosts_of(certificate: x509.Certificate) -> Sequence[str]:
    """Return the DNS names and addresses of a certificate beside its name and loopback."""
    names = _alternatives(certificate)
    found = [
        *names.get_values_for_type(x509.DNSName),
        *map(str, names.get_values_for_type(x509.IPAddress)),
    ]
    own = host_name(name_of(certificate))
    return [one for one in found if one != own and one not in _LOOPBACK]


def life_of(certificate: x509.Certificate) -> dt.timedelta:
    """Return for how long a certificate was issued."""
    return certificate.not_valid_after_utc - certificate.not_valid_before_utc - _CLOCK_TOLERANCE


def check_host(host: str) -> str:
    """Return a host as certificates hold it; raises InvalidInput when it may not stand in one."""
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    written = host.lower()
    if written == DOMAIN or written.endswith(f".{DOMAIN}"):
        raise InvalidInput(
            f"names under {DOMAIN} say who a service or client is; a host has another one"
        )
    if not _HOST.fullmatch(written):
        raise InvalidInput("a host is a DNS name, such as db7.hospital.example, or an IP address")
    return written


def _alternatives(certificate: x509.Certificate) -> x509.SubjectAlternativeName:
    try:
        return certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        return x509.SubjectAlternativeName([])


def _general_name(host: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(host))
    except ValueError:
        return x509.DNSName(host)


def _is_of(pki: Path, folder: Path) -> bool:
    return (folder / "ca.pem").read_bytes() == (pki / "ca.pem").read_bytes()


def _authority(pki: Path) -> tuple[ec.EllipticCurvePrivateKey, x509.Certificate]:
    if not can_issue(pki):
        raise Unauthenticated(
            f"there is no private authority in {pki}; run this in the home where Sotto was first"
            " started: the first 'sotto up' makes one"
        )
    key = serialization.load_pem_private_key((pki / "ca.key").read_bytes(), None)
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise Unauthenticated(
            f"{pki / 'ca.key'} is not a key of the private authority; restore it from a backup"
        )
    return key, x509.load_pem_x509_certificate((pki / "ca.pem").read_bytes())


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
        .not_valid_before(min(now, now + life) - _CLOCK_TOLERANCE)
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
