# SPDX-License-Identifier: Apache-2.0
"""The certificate of a release: what went in, what came out, under which rules, who approved."""

from __future__ import annotations

import base64
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import rfc8785

from services.release.domain.signing import PublicKey

CERTIFICATE_FORMAT = "sotto-release-certificate/1"
README_FORMAT = "readme"


@dataclass(frozen=True)
class Input:
    """One de-identified transcript, by its hash, and what is known of its making."""

    recording_id: str
    participant: str
    session: int
    run_key: str
    content_sha256: str
    versions: Mapping[str, str]
    redactions: Mapping[str, int]
    approver: str
    approved_at: datetime


@dataclass(frozen=True)
class Output:
    """One released file; `recording_id` is empty for the README."""

    name: str
    format: str
    recording_id: str
    sha256: str
    size: int


@dataclass(frozen=True)
class AuditPosition:
    """The audit log's signed checkpoint when the release was built, and the keys to check it."""

    checkpoint: str
    verifier_keys: tuple[str, ...]


@dataclass(frozen=True)
class Certificate:
    """All that a release vouches for; its RFC 8785 encoding is what gets signed.

    `software` names the product and the rendering version, `withdrawn` the participants that were
    left out because their data were erased.
    """

    release_id: str
    study_id: str
    issued_at: datetime
    software: Mapping[str, str]
    inputs: tuple[Input, ...]
    outputs: tuple[Output, ...]
    withdrawn: tuple[str, ...]
    audit: AuditPosition
    signer: PublicKey

    @property
    def redactions(self) -> dict[str, int]:
        """Sum the inputs' redactions by entity type."""
        total: Counter[str] = Counter()
        for one in self.inputs:
            total.update(one.redactions)
        return dict(sorted(total.items()))

    @property
    def formats(self) -> tuple[str, ...]:
        """Give the formats of the transcripts' files, in order."""
        return tuple(sorted({one.format for one in self.outputs} - {README_FORMAT}))

    def to_bytes(self) -> bytes:
        """Encode canonically (RFC 8785): one encoding for one certificate, without a line end."""
        return rfc8785.dumps(self._as_json())

    def _as_json(self) -> dict[str, Any]:
        return {
            "format": CERTIFICATE_FORMAT,
            "release_id": self.release_id,
            "study_id": self.study_id,
            "issued_at": timestamp(self.issued_at),
            "software": dict(self.software),
            "inputs": [
                {
                    "recording_id": one.recording_id,
                    "participant": one.participant,
                    "session": one.session,
                    "run_key": one.run_key,
                    "content_sha256": one.content_sha256,
                    "versions": dict(one.versions),
                    "redactions": dict(one.redactions),
                    "approval": {"approver": one.approver, "time": timestamp(one.approved_at)},
                }
                for one in self.inputs
            ],
            "outputs": [
                {
                    "name": one.name,
                    "format": one.format,
                    "recording_id": one.recording_id,
                    "sha256": one.sha256,
                    "size": one.size,
                }
                for one in self.outputs
            ],
            "redactions": self.redactions,
            "withdrawn": list(self.withdrawn),
            "audit": {
                "checkpoint": self.audit.checkpoint,
                "verifier_keys": list(self.audit.verifier_keys),
            },
            "signer": {
                "algorithm": "Ed25519",
                "public_key": base64.b64encode(self.signer.der).decode(),
                "fingerprint": self.signer.fingerprint,
            },
        }


def timestamp(moment: datetime) -> str:
    """Write a moment as RFC 3339 in UTC, whole seconds."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
