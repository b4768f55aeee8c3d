# SPDX-License-Identifier: Apache-2.0
"""Settings of the scheduler and of the worker that runs the flows."""

from __future__ import annotations

import os
import re
import secrets
from pathlib import Path
from typing import ClassVar

from pydantic import Field

from services.common import supervisor, telemetry
from services.common.errors import Unavailable, WrongUse
from services.common.files import is_open_to_others, write_private
from services.common.installation import Installation
from services.common.settings import ServiceSettings
from services.registry.processes import SCHEDULER, WORKER

# Minute, hour, day of month, month, day of week; Prefect refuses what it cannot read.
_CRON = r"^(\S+( \S+){4})?$"
# No colon in the user, as HTTP Basic authentication splits them at the first one (RFC 7617).
_AUTH = re.compile("[^:]+:.+")
_CRON_HELP = " A cron expression in the time of `schedule_timezone`; empty for never."


class FlowSettings(ServiceSettings):
    """Settings of the scheduler and the worker beyond those of every process.

    Commands read them too, so that they speak to the same Prefect server.
    """

    retired: ClassVar[frozenset[str]] = frozenset({"poll_seconds", "retention_first_minutes"})

    service: str = Field(default=WORKER, description="Name of this service.")
    recordings_at_once: int = Field(
        default=2, ge=1, le=64, description="Flow runs, each of a participant, at once in a worker."
    )
    query_seconds: float = Field(
        default=15.0,
        ge=1,
        le=300,
        description="How often a worker asks Prefect for runs, beside when Prefect tells of one.",
    )
    sweep_minutes: float = Field(
        default=5.0,
        ge=0.1,
        le=1440,
        description="How often Prefect looks for recordings that are due and that no run holds.",
    )
    lost_seconds: float = Field(
        default=90.0,
        ge=45,
        le=3600,
        description="After this time without a heartbeat, sent each 30 s, a run counts as crashed.",
    )
    retention_hours: float = Field(
        default=24.0,
        ge=0,
        le=720,
        description="How often the studies' rules of retention are applied; 0 never.",
    )
    verify_log_schedule: str = Field(
        default="15 3 * * *",
        pattern=_CRON,
        description="When the audit log is verified." + _CRON_HELP,
    )
    scrub_schedule: str = Field(
        default="15 4 * * 0",
        pattern=_CRON,
        description="When all objects of both zones are read and checked." + _CRON_HELP,
    )
    evidence_report_schedule: str = Field(
        default="45 3 1 * *",
        pattern=_CRON,
        description="When the evidence report of the month before is written." + _CRON_HELP,
    )
    schedule_timezone: str = Field(
        default="UTC",
        description="Time zone of the schedules, such as Asia/Kuala_Lumpur.",
    )
    pages_port: int = Field(
        default=4200,
        ge=0,
        le=65535,
        description=(
            "Port of Prefect's pages where `listen` of the scheduler has port 0, so that a bookmark"
            " finds them. Where something else has it, a free one is taken; 0 always takes one."
        ),
    )
    prefect_api_url: str = Field(
        default="",
        pattern="^(https?://.+/api)?$",
        description=(
            "API of a Prefect server that the hospital runs, such as"
            " https://prefect.hospital.example/api; empty for Sotto's own scheduler."
        ),
    )
    prefect_api_auth: Path | None = Field(
        default=None,
        description=(
            "File with user:password of the Prefect server; the home's own by default."
            " Only its owner may read it."
        ),
    )
    prefect_api_ca: Path | None = Field(
        default=None, description="File with the authority that signed the Prefect server's name."
    )
    prefect_database: str = Field(
        default="",
        pattern=r"^((postgresql\+asyncpg|sqlite\+aiosqlite)://.+)?$",
        repr=False,
        description=(
            "SQLAlchemy URL of the scheduler's database, such as"
            " postgresql+asyncpg://sotto@db.hospital.example/prefect; an SQLite file in the home by"
            " default. Leave the password to a password file (PGPASSFILE)."
        ),
    )


def prefect_environment(settings: FlowSettings, address: str = "") -> dict[str, str]:
    """Return Prefect's environment in an installation: folder, API, password, no telemetry.

    `address` is that of Sotto's own scheduler; by default the one that the settings know. Raises
    Unavailable when there is none, and WrongUse for a file of the settings that will not do.
    """
    installation = Installation(settings.home)
    folder = installation.make_folder("prefect")
    if settings.prefect_api_ca and not settings.prefect_api_ca.is_file():
        raise WrongUse(f"prefect_api_ca: there is no file {settings.prefect_api_ca}")
    return {
        "PREFECT_HOME": str(folder),
        "PREFECT_PROFILES_PATH": str(folder / "profiles.toml"),
        "PREFECT_API_URL": api_url(settings, address),
        "PREFECT_API_AUTH_STRING": _api_auth(settings, installation),
        **(
            {"PREFECT_API_SSL_CERT_FILE": str(settings.prefect_api_ca)}
            if settings.prefect_api_ca
            else {}
        ),
        "PREFECT_SERVER_EPHEMERAL_ENABLED": "false",
        "PREFECT_RESULTS_PERSIST_BY_DEFAULT": "false",
        "PREFECT_LOGGING_LEVEL": "WARNING",
        # Our log takes listed keys alone; Prefect's own would take whatever an exception says.
        "PREFECT_LOGGING_TO_API_ENABLED": "false",
        "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": "30",
        "PREFECT_WORKER_QUERY_SECONDS": str(settings.query_seconds),
        "PREFECT_WORKER_PREFETCH_SECONDS": "0",
        "PREFECT_CLI_PROMPT": "false",
        # A guard of browsers, which costs programs a request before each client's first one.
        "PREFECT_CLIENT_CSRF_SUPPORT_ENABLED": "false",
        **telemetry.OFF,
    }


def settings_of(installation: Installation) -> FlowSettings:
    """Return the settings for a command: those of the worker, and where the scheduler runs."""
    found = (supervisor.state(installation) or {}).get("addresses", {})
    addresses = {SCHEDULER: found[SCHEDULER]} if SCHEDULER in found else {}
    return FlowSettings.load(home=installation.root, **({"addresses": addresses} if found else {}))


def use_prefect(settings: FlowSettings) -> None:
    """Set the environment of this process for Prefect; call it before Prefect is imported."""
    os.environ.update(prefect_environment(settings))


def api_url(settings: FlowSettings, address: str = "") -> str:
    """Return the URL of Prefect's API; raises Unavailable when no scheduler is known."""
    if settings.prefect_api_url:
        return settings.prefect_api_url
    address = address or settings.addresses.get(SCHEDULER, "")
    if not address:
        raise Unavailable("no address of the scheduler is known; start the services with: sotto up")
    return f"http://{address}/api"


def login_hint(settings: FlowSettings) -> str:
    """Return where to find what opens Prefect's pages; empty where the hospital's own do."""
    if settings.prefect_api_auth:
        return f"log in with what is in {settings.prefect_api_auth}"
    if settings.prefect_api_url:
        return ""
    path = Installation(settings.home).root / "prefect" / "api.password"
    return f"log in with sotto:PASSWORD; the password is in {path}"


def _api_auth(settings: FlowSettings, installation: Installation) -> str:
    """Return user:password of Prefect's API; for Sotto's own scheduler made at first use (0600)."""
    if given := settings.prefect_api_auth:
        try:
            is_open = is_open_to_others(given)
            auth = given.read_text("utf-8").strip()
        except (OSError, ValueError) as error:
            raise WrongUse(
                f"prefect_api_auth: {given} cannot be read; give a file with user:password"
            ) from error
        if is_open:
            raise WrongUse(f"prefect_api_auth: others can read {given}; run: chmod 600 {given}")
        if not _AUTH.fullmatch(auth):
            raise WrongUse(f"prefect_api_auth: {given} is not one line of user:password")
        return auth
    if settings.prefect_api_url:
        return ""
    path = installation.make_folder("prefect") / "api.password"
    if not path.exists():
        write_private(path, secrets.token_urlsafe(24).encode())
    return f"sotto:{path.read_text('ascii').strip()}"
