# SPDX-License-Identifier: Apache-2.0
"""Settings of the de-identification service, by environment or by `[deidentification]` in a
file.
"""

from __future__ import annotations

from collections.abc import Mapping
from importlib import resources
from pathlib import Path

from pydantic import Field

from services.common.settings import ServiceSettings


class DeidentificationSettings(ServiceSettings):
    """Settings of the de-identification service."""

    service: str = Field(default="deidentification", description="Name of this service.")
    neural: bool = Field(
        default=True, description="Use the bundled neural tagger beside the rules."
    )
    neural_threads: int = Field(default=2, ge=1, le=64, description="CPU threads of the tagger.")
    nlp_configuration: Path | None = Field(
        default=None,
        description=(
            "File in Presidio's NLP engine format (spaCy, stanza, transformers) whose entities "
            "join ours; "
            "its models must be on this machine."
        ),
    )
    deidentification_parallel: int = Field(
        default=1,
        ge=1,
        le=64,
        description="Transcripts de-identified at the same time; others wait.",
    )
    window_segments: int = Field(
        default=200, ge=1, le=5000, description="Segments stored as one object."
    )

    def watched(self) -> Mapping[str, Path]:
        """Return the policies that ship: a change of one is a change of the configuration."""
        folder = Path(str(resources.files("services.deidentification") / "policies"))
        return {
            f"policy_{path.stem.replace('-', '_')}": path for path in sorted(folder.glob("*.yaml"))
        }
