# SPDX-License-Identifier: Apache-2.0
"""Settings of the audit service, from the environment or from `[audit]` in `sotto.toml`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import Field

from services.common.installation import Installation
from services.common.settings import ServiceSettings


class AuditSettings(ServiceSettings):
    """Settings of the audit service."""

    service: str = Field(default="audit", description="Name of this service.")
    hospital: str = Field(
        default="",
        description="Name of the hospital, as reports of the audit log bear it.",
    )
    audit_folder: Path | None = Field(
        default=None,
        description="Folder of the log, its keys and its checkpoint; <home>/audit by default.",
    )
    audit_database: str = Field(
        default="",
        repr=False,
        description=(
            "PostgreSQL connection string for an installation with several audit services; empty"
            " keeps the log in SQLite. Leave the password to a password file (PGPASSFILE)."
        ),
    )
    audit_origin: str = Field(
        default="",
        description=(
            "Name of the log, fixed when its first key is made; a name of the hospital's own domain"
            " is wise, such as audit.hospital.example/sotto. Drawn at random by default."
        ),
    )
    audit_anchors: list[Path] = Field(
        default_factory=list,
        description=(
            "Further files that the newest checkpoint is written to. Put one where backups of the"
            " log do not reach: a log that is older than its anchor refuses to go on."
        ),
    )
    audit_policy: Path | None = Field(
        default=None,
        description=(
            "Policy file (tlog-policy). Witnesses in it that have an address are asked to cosign"
            " each published checkpoint; it counts as witnessed when its quorum is reached."
            " <audit folder>/policy where there is one."
        ),
    )
    audit_witness_seconds: float = Field(
        default=10.0, gt=0, description="Witnesses are asked at most once in this time."
    )
    audit_s3_endpoint: str = Field(
        default="",
        description="Address of an S3 store that checkpoints go to as well; empty for none.",
    )
    audit_s3_bucket: str = Field(
        default="", description="Its bucket; with object lock they cannot be removed."
    )
    audit_s3_credentials: Path | None = Field(
        default=None, description="File of two lines: access key and secret key (0600)."
    )
    audit_s3_ca: Path | None = Field(
        default=None, description="CA certificates to trust for that S3 store; the system's else."
    )
    audit_s3_plain_http: bool = Field(
        default=False, description="Allow its address to be without TLS and leave this machine."
    )
    audit_s3_days: int = Field(
        default=0, ge=0, description="Days that the store must keep each; 0 asks for no retention."
    )
    audit_s3_seconds: float = Field(
        default=3600.0, gt=0, description="At most one checkpoint goes there in this time."
    )
    audit_publish_seconds: float = Field(
        default=1.0, gt=0, description="Longest time before a new checkpoint goes to the anchors."
    )

    def folder(self) -> Path:
        """Return the folder of the log, made (0700) where it is missing."""
        if self.audit_folder is None:
            return Installation(self.home).make_folder("audit")
        self.audit_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        return self.audit_folder

    def watched(self) -> Mapping[str, Path]:
        """Return the policy file of witnesses in its usual place."""
        folder = self.audit_folder or self.home / "audit"
        return {"witness_policy": folder / "policy"}
