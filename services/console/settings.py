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
    public_address: str = Field(
        default="",
        pattern=r"^(https://[A-Za-z0-9.:\[\]-]+)?$",
        description=(
            "Address of the pages as browsers know it, such as https://sotto.hospital.example; an"
            " identity provider leads people back to it."
        ),
    )
    oidc_issuer: str = Field(
        default="",
        pattern=r"^(https://\S+|http://(127\.0\.0\.1|localhost)(:[0-9]+)?\S*)?$",
        description=(
            "Identity provider of the hospital (OpenID Connect), by its issuer; empty for none."
            " Needs oidc_client_id, oidc_client_secret_file and public_address."
        ),
    )
    oidc_client_id: str = Field(default="", description="Name of the console at the provider.")
    oidc_client_secret_file: Path | None = Field(
        default=None, description="File (0600) with the secret that the provider gave the console."
    )
    oidc_ca: Path | None = Field(
        default=None,
        description="Authority (PEM) of the provider's certificate; else those of the system.",
    )
    oidc_scopes: list[str] = Field(
        default=["openid", "profile"], description="Scopes that are asked for."
    )
    oidc_person_claim: str = Field(
        default="preferred_username",
        description="Claim with the account name, as study files and the audit log have it.",
    )
    oidc_roles_claim: str = Field(
        default="groups",
        description="Claim with roles or groups; a dot leads into it, as in realm_access.roles.",
    )
    oidc_roles: dict[str, str] = Field(
        default_factory=dict,
        description=(
            'Role of each value of that claim, such as {"sotto-reviewers": "reviewer"}; without it'
            " values are names of roles: operator, reviewer, researcher, compliance."
        ),
    )
    oidc_studies_claim: str = Field(
        default="",
        description=(
            "Claim with the studies that a person is limited to; empty for no limit beside the"
            " members of each study. Whoever has none in it is not let in."
        ),
    )
    oidc_studies: dict[str, str] = Field(
        default_factory=dict,
        description="Study of each value of that claim; without it values are ids of studies.",
    )
    oidc_acr: list[str] = Field(
        default_factory=list,
        description=(
            "Levels of proof (acr) of which a sign-in has to have one; empty takes the provider's"
            " word. Name one with a second factor."
        ),
    )
    oidc_step_up_acr: list[str] = Field(
        default_factory=list,
        description="Levels of proof for what cannot be taken back; those of oidc_acr by default.",
    )
    idle_minutes: float = Field(
        default=15.0, gt=0, le=720, description="A session ends when nothing was asked for so long."
    )
    session_hours: float = Field(
        default=10.0, gt=0, le=24, description="A session ends so long after the sign-in at most."
    )
