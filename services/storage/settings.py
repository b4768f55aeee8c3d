# SPDX-License-Identifier: Apache-2.0
"""Settings of a storage service; one process serves one zone."""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from pydantic import Field

from services.plumbing.settings import Home, ServiceSettings


class StorageSettings(ServiceSettings):
    """What a storage service needs to know."""

    zone: Literal["clinical", "research"] = Field(description="The zone that this process serves.")
    storage: Literal["directory", "s3"] = Field(
        default="directory", description="Where objects live: a folder, or an S3 bucket."
    )
    storage_path: Path | None = Field(
        default=None, description="Folder of the objects; <home>/<zone>/objects by default."
    )
    keys_path: Path | None = Field(
        default=None,
        description=(
            "Folder of the wrapped participant keys; <home>/<zone>/keys by default. Back it up "
            "apart from the objects."
        ),
    )
    tombstones_path: Path | None = Field(
        default=None,
        description=(
            "Folder of the tombstones of erased participants; <home>/<zone>/tombstones by default. "
            "Never restore an older state of it."
        ),
    )
    key_provider: Literal["local-file", "pkcs11"] = Field(
        default="local-file", description="What holds the zone key: a file, or a PKCS#11 token."
    )
    key_file: Path | None = Field(
        default=None,
        description="Zone key file (0600); <home>/<zone>/zone.key by default. Back it up apart.",
    )
    rotate_on_erasure: bool = Field(
        default=True,
        description="Replace the zone key after an erasure, so that old key backups stay shut.",
    )

    def folder(self, given: Path | None, name: str) -> Path:
        """The folder given, or the zone's own in the home."""
        return given or Home(self.home).folder(self.zone, name)

    @property
    def zone_key_file(self) -> Path:
        """The zone key file."""
        return self.key_file or Home(self.home).folder(self.zone) / "zone.key"
