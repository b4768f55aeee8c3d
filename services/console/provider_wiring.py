# SPDX-License-Identifier: Apache-2.0
"""Which parts sign people in by the identity provider of the hospital."""

from __future__ import annotations

import ssl
import time

from services.common.errors import WrongUse
from services.common.files import is_open_to_others
from services.common.installation import Installation
from services.common.server import Process
from services.console.adapters.openid_provider import OpenIdProvider, Registration
from services.console.adapters.trips import FILE, SqliteTrips
from services.console.domain.claims import Reading
from services.console.domain.federation import Federation
from services.console.settings import ConsoleSettings
from services.registry.identities import PEOPLE

_RETURN_PATH = "/sign-in/provider/return"


def federated(settings: ConsoleSettings, process: Process) -> Federation | None:
    """Return what signs people in by a provider, None where the settings name none.

    Raises WrongUse where settings are missing or name a role that there is not.
    """
    if not settings.oidc_issuer:
        return None
    provider = OpenIdProvider(registration(settings), _trusted(settings), time.time)
    process.on_exit(provider.close)
    folder = Installation(settings.home).make_folder("console")
    trips = SqliteTrips(folder / FILE)
    process.on_exit(trips.close)
    if unknown := sorted(set(settings.oidc_roles.values()) - set(PEOPLE)):
        raise WrongUse(
            f"the setting oidc_roles names {', '.join(unknown)}; roles are {', '.join(PEOPLE)}"
        )
    reading = Reading(
        settings.oidc_person_claim,
        settings.oidc_roles_claim,
        settings.oidc_studies_claim,
        settings.oidc_roles,
        settings.oidc_studies,
    )
    return Federation(provider, trips, reading, time.time)


def registration(settings: ConsoleSettings) -> Registration:
    """Return how the console is known to the provider; raises WrongUse for what is missing."""
    file = settings.oidc_client_secret_file
    if not (settings.oidc_client_id and file and settings.public_address):
        raise WrongUse(
            "oidc_issuer needs oidc_client_id, oidc_client_secret_file and public_address; set them"
            " under [console]"
        )
    try:
        if is_open_to_others(file):
            raise WrongUse(f"{file} is readable by others; run: chmod 600 {file}")
        secret = file.read_text("utf-8").strip()
    except OSError as error:
        raise WrongUse(f"{file} cannot be read ({error.strerror})") from error
    return Registration(
        settings.oidc_issuer,
        settings.oidc_client_id,
        secret,
        settings.public_address + _RETURN_PATH,
        tuple(settings.oidc_scopes),
        tuple(settings.oidc_acr),
        tuple(settings.oidc_step_up_acr),
    )


def _trusted(settings: ConsoleSettings) -> ssl.SSLContext:
    try:
        return ssl.create_default_context(cafile=settings.oidc_ca)
    except OSError as error:
        raise WrongUse(f"{settings.oidc_ca} cannot be read as certificates (PEM)") from error
