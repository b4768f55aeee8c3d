# SPDX-License-Identifier: Apache-2.0
"""Reading a certificate back, strictly: what this accepts encodes to the very same bytes."""

from __future__ import annotations

import base64
import binascii
import re

from services.release.domain.certificate import (
    CERTIFICATE_FORMAT,
    README_FORMAT,
    AuditPosition,
    Certificate,
    Input,
    Output,
)
from services.release.domain.fields import Fields, parse_object
from services.release.domain.signing import PublicKey
from services.release.errors import CertificateMalformed

_FORMAT = re.compile(re.escape(CERTIFICATE_FORMAT))
_RELEASE = re.compile(r"rel-[a-z2-7]{26}")
_RECORDING = re.compile(r"rec-[a-z2-7]{26}")
_STUDY = re.compile(r"[a-z0-9][a-z0-9-]{1,38}")
_PARTICIPANT = re.compile(r"[A-Z0-9][A-Z0-9-]{0,15}")
_RUN = re.compile(r"[0-9a-f]{32}")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_APPROVER = re.compile(r"[A-Za-z0-9_.@:+-]{1,80}")
_FILE = re.compile(r"[A-Za-z0-9_-]{1,100}[.][a-z]{2,8}")
_KIND = re.compile(r"[a-z]{2,8}")
_ENTITY = re.compile(r"[A-Za-z0-9_.-]{1,64}")
_VERSION_NAME = re.compile(r"[A-Za-z0-9_.:/-]{1,100}")
_LINE = re.compile(r"[^\x00-\x1f\x7f]{0,1000}")
_NOTE = re.compile(r"[^\x00-\x09\x0b-\x1f\x7f]{1,65536}")
_BASE64 = re.compile(r"[A-Za-z0-9+/]{1,1000}={0,2}")
_ALGORITHM = re.compile("Ed25519")


def parse_certificate(data: bytes) -> Certificate:
    """Read a certificate; raises CertificateMalformed, naming the field.

    The signature is the caller's to check, before anything read here is believed.
    """
    top = Fields(parse_object(data))
    top.text("format", _FORMAT)
    certificate = Certificate(
        release_id=top.text("release_id", _RELEASE),
        study_id=top.text("study_id", _STUDY),
        issued_at=top.moment("issued_at"),
        software=top.mapping("software", _VERSION_NAME, _LINE),
        inputs=top.rows("inputs", _input),
        outputs=top.rows("outputs", _output),
        withdrawn=top.texts("withdrawn", _PARTICIPANT),
        audit=_audit(top.inner("audit")),
        signer=_signer(top.inner("signer")),
    )
    top.mapping("redactions", _ENTITY)
    top.done()
    _check(certificate)
    if certificate.to_bytes() != data:
        raise CertificateMalformed(
            "the certificate is not in its canonical form, or its sums do not add up"
        )
    return certificate


def _input(row: Fields) -> Input:
    approval = row.inner("approval")
    one = Input(
        recording_id=row.text("recording_id", _RECORDING),
        participant=row.text("participant", _PARTICIPANT),
        session=row.number("session"),
        run_key=row.text("run_key", _RUN),
        content_sha256=row.text("content_sha256", _SHA256),
        versions=row.mapping("versions", _VERSION_NAME, _LINE),
        redactions=row.mapping("redactions", _ENTITY),
        approver=approval.text("approver", _APPROVER),
        approved_at=approval.moment("time"),
    )
    approval.done()
    return one


def _output(row: Fields) -> Output:
    return Output(
        name=row.text("name", _FILE),
        format=row.text("format", _KIND),
        recording_id=row.text("recording_id", re.compile(f"({_RECORDING.pattern})?")),
        sha256=row.text("sha256", _SHA256),
        size=row.number("size"),
    )


def _audit(fields: Fields) -> AuditPosition:
    position = AuditPosition(
        checkpoint=fields.text("checkpoint", _NOTE),
        verifier_keys=fields.texts("verifier_keys", _LINE),
    )
    fields.done()
    return position


def _signer(fields: Fields) -> PublicKey:
    fields.text("algorithm", _ALGORITHM)
    try:
        key = PublicKey(base64.b64decode(fields.text("public_key", _BASE64), validate=True))
    except binascii.Error as error:
        raise CertificateMalformed("field signer.public_key is not base64") from error
    fields.text("fingerprint", _SHA256)
    fields.done()
    return key


def _check(certificate: Certificate) -> None:
    """Refuse a list that names a thing twice, or a format that lacks a transcript."""
    recordings = {one.recording_id for one in certificate.inputs}
    names = {one.name.lower() for one in certificate.outputs}
    pairs = sorted((one.format, one.recording_id) for one in certificate.outputs)
    wanted = sorted((kind, one) for kind in certificate.formats for one in recordings)
    if len(recordings) != len(certificate.inputs) or len(names) != len(certificate.outputs):
        raise CertificateMalformed("the certificate names a recording or a file twice")
    if pairs != sorted([*wanted, (README_FORMAT, "")]):
        raise CertificateMalformed("the certificate's files do not fit its transcripts")
