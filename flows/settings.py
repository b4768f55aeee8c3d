# SPDX-License-Identifier: Apache-2.0
"""Settings of the scheduler and of the worker that runs the flows."""

from __future__ import annotations

import os
import secrets

from pydantic import Field

from services.common import telemetry
from services.common.files import write_private
from services.common.installation import Installation
from services.common.settings import ServiceSettings


class FlowSettings(ServiceSettings):
    """Settings of the scheduler and the worker beyond those of every process."""

    recordings_at_once: int = Field(
        default=2, ge=1, le=64, description="Recordings that are worked on at the same time."
    )
    poll_seconds: float = Field(
        default=1.0, gt=0, le=3600, description="How often the worker looks for new recordings."
    )
    retention_hours: float = Field(
        default=24.0,
        ge=0,
        le=720,
        description="How often the studies' rules of retention are applied; 0 never.",
    )
    retention_first_minutes: float = Field(
        default=10.0,
        ge=0,
        le=1440,
        description="How long after its start the worker first applies them: time to think again.",
    )


def prefect_environment(installation: Installation, address: str) -> dict[str, str]:
    """Return Prefect's environment in an installation: folder, API, password, no telemetry."""
    host, port = address.rsplit(":", 1)
    credentials = f"sotto:{_password(installation)}"
    return {
        "PREFECT_HOME": str(installation.make_folder("prefect")),
        "PREFECT_PROFILES_PATH": str(installation.make_folder("prefect") / "profiles.toml"),
        "PREFECT_API_URL": f"http://{host}:{port}/api",
        "PREFECT_API_AUTH_STRING": credentials,
        "PREFECT_SERVER_API_AUTH_STRING": credentials,
        "PREFECT_SERVER_API_HOST": host,
        "PREFECT_SERVER_API_PORT": port,
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
        "PREFECT_CLI_PROMPT": "false",
        **telemetry.OFF,
    }


def use_prefect_of(installation: Installation, address: str) -> None:
    """Set the environment of this process for Prefect; call it before Prefect is imported."""
    os.environ.update(prefect_environment(installation, address))


def _password(installation: Installation) -> str:
    """Return the password of the scheduler's API, made at first use (file mode 0600)."""
    path = installation.make_folder("prefect") / "api.password"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24).encode())
    return path.read_text("ascii").strip()
