# SPDX-License-Identifier: Apache-2.0
"""Settings of a storage service; one process serves one zone."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Literal

from pydantic import Field

from services.common.errors import WrongUse
from services.common.installation import Installation
from services.common.settings import ServiceSettings
from services.storage.adapters.s3_options import S3Options


class StorageSettings(ServiceSettings):
    """Settings of one storage service."""

    zone: Literal["clinical", "research"] = Field(description="The zone that this process serves.")
    storage: Literal["directory", "s3"] = Field(
        default="directory", description="Where objects are stored: a folder, or an S3 bucket."
    )
    storage_path: Path | None = Field(
        default=None, description="Folder of the objects; <home>/<zone>/objects by default."
    )
    key_store: Literal["", "directory", "s3"] = Field(
        default="",
        description=(
            "Where wrapped keys, tombstones and marks of pending recordings are stored: in folders,"
            " or in s3_keys_bucket. By default as 'storage' says, but folders that hold keys "
            "already stay in use until 'sotto storage move-keys' moves them."
        ),
    )
    keys_path: Path | None = Field(
        default=None,
        description=(
            "Folder of the wrapped participant keys; <home>/<zone>/keys by default. Back it up "
            "apart from the objects. Setting it keeps keys and tombstones in folders."
        ),
    )
    tombstones_path: Path | None = Field(
        default=None,
        description=(
            "Folder of the tombstones of erased participants; <home>/<zone>/tombstones by default. "
            "Never restore an older state of it. Setting it keeps keys and tombstones in folders."
        ),
    )
    key_provider: Literal["local-file", "pkcs11"] = Field(
        default="local-file", description="What holds the zone key: a file, or a PKCS#11 token."
    )
    key_provider_before: Literal["", "local-file", "pkcs11"] = Field(
        default="",
        description=(
            "What held the zone key until now: at the start all keys are rewrapped by "
            "key_provider, and the zone key there is destroyed."
        ),
    )
    key_file: Path | None = Field(
        default=None,
        description="Zone key file (0600); <home>/<zone>/zone.key by default. Back it up apart.",
    )
    pkcs11_module: Path | None = Field(
        default=None, description="PKCS#11 library of the token's vendor, such as /usr/lib/….so."
    )
    pkcs11_token: str = Field(default="sotto", description="Label of the token.")
    pkcs11_pin: Path | None = Field(
        default=None, description="File (0600) of the PIN; <home>/<zone>/pkcs11.pin by default."
    )
    pkcs11_environment: dict[str, str] = Field(
        default_factory=dict,
        description="Environment variables that the library needs, such as SOFTHSM2_CONF.",
    )
    s3_endpoint: str = Field(
        default="",
        description="Address of the S3 server, such as https://s3.hospital.example:9000.",
    )
    s3_bucket: str = Field(
        default="",
        description="Bucket of this zone; sotto-<zone> by default. Never share one between zones.",
    )
    s3_keys_bucket: str = Field(
        default="",
        description=(
            "Bucket of this zone's wrapped keys, tombstones and marks; <s3_bucket>-keys by "
            "default. It must have no object lock: what is destroyed must be gone."
        ),
    )
    s3_region: str = Field(default="us-east-1", description="Region that requests are signed for.")
    s3_credentials: Path | None = Field(
        default=None,
        description=(
            "File (0600) of two lines, access key and secret key, of an account that sees this "
            "zone's buckets alone; <home>/<zone>/s3.credentials by default."
        ),
    )
    s3_ca: Path | None = Field(
        default=None,
        description="CA certificates to trust for the S3 server; by default those of the system.",
    )
    s3_plain_http: bool = Field(
        default=False, description="Allow an S3 address without TLS that leaves this machine."
    )
    s3_lock_days: int = Field(
        default=0,
        ge=0,
        le=3650,
        description=(
            "Days for which new objects are locked (governance mode); 0 for none. A lock delays "
            "the deletion of an erased participant's objects, which are unreadable already."
        ),
    )
    s3_lock_optional: bool = Field(
        default=False, description="Do not require object lock when the bucket has none."
    )
    rotate_on_erasure: bool = Field(
        default=True,
        description="Replace the zone key after an erasure, so that older key backups do not open.",
    )

    def folder(self, given: Path | None, name: str) -> Path:
        """Return the folder given, or the zone's own in the home."""
        return given or Installation(self.home).make_folder(self.zone, name)

    def s3_keys_options(self, kind: str) -> S3Options:
        """Return what the S3 backend of keys, tombstones or marks needs; raises `WrongUse`."""
        objects = self.s3_options()
        return replace(
            objects,
            bucket=self.s3_keys_bucket or f"{objects.bucket}-keys",
            lock_days=0,
            prefix=f"{kind}/",
            shreds=True,
        )

    def s3_options(self) -> S3Options:
        """Return what the S3 backend needs; raises `WrongUse` where the address is missing."""
        if not self.s3_endpoint:
            raise WrongUse(
                "storage or key_store is 's3' but s3_endpoint is not set: set both, or neither"
            )
        return S3Options(
            endpoint=self.s3_endpoint,
            bucket=self.s3_bucket or f"sotto-{self.zone}",
            credentials=self.s3_credentials
            or Installation(self.home).make_folder(self.zone) / "s3.credentials",
            region=self.s3_region,
            ca=self.s3_ca,
            plain_http=self.s3_plain_http,
            lock_days=self.s3_lock_days,
            lock_optional=self.s3_lock_optional,
        )

    @property
    def pin_file(self) -> Path:
        """The PIN file."""
        return self.pkcs11_pin or Installation(self.home).make_folder(self.zone) / "pkcs11.pin"

    @property
    def zone_key_file(self) -> Path:
        """The zone key file."""
        return self.key_file or Installation(self.home).make_folder(self.zone) / "zone.key"
