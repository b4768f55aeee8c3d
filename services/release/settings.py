# SPDX-License-Identifier: Apache-2.0
"""Settings of the release service."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from services.common.settings import ServiceSettings


class ReleaseSettings(ServiceSettings):
    """Settings of the release service beside those that every service has."""

    service: str = Field(default="release", description="Name of this service.")
    signing_folder: Path | None = Field(
        default=None,
        description=(
            "Folder of the key that signs certificates: signing-key.pem (0600), and release-key.pem"
            " for those who verify. Made at the first start; by default the folder `release` of the"
            " home."
        ),
    )
