# SPDX-License-Identifier: Apache-2.0
"""Settings of the console."""

from __future__ import annotations

from pathlib import Path

from pydantic import Field

from services.common.settings import ServiceSettings
from services.registry.processes import CONSOLE_LISTEN


class ConsoleSettings(ServiceSettings):
    """Settings of the console beside those that every service has."""

    service: str = Field(default="console", description="Name of this service.")
    listen: str = Field(
        default=CONSOLE_LISTEN,
        description="Address that browsers reach; other machines do where it is not loopback.",
    )
    certificate: Path | None = Field(
        default=None,
        description=(
            "Certificate of the pages with its chain (PEM), such as the hospital's own; by default"
            " the one that the installation's authority issued to the console."
        ),
    )
    certificate_key: Path | None = Field(
        default=None, description="Private key of `certificate` (PEM, without a passphrase, 0600)."
    )
    hosts: list[str] = Field(
        default_factory=list,
        description=(
            "Names under which browsers reach the pages beside those that the certificate holds and"
            " localhost, such as that of a reverse proxy. A request for another name is refused."
        ),
    )
    proxies: list[str] = Field(
        default_factory=list,
        description=(
            "Addresses of reverse proxies, whose X-Forwarded-For tells who asks; empty for none."
        ),
    )
    idle_minutes: float = Field(
        default=15.0, gt=0, le=720, description="A session ends when nothing was asked for so long."
    )
    session_hours: float = Field(
        default=10.0, gt=0, le=24, description="A session ends so long after the sign-in at most."
    )
