# SPDX-License-Identifier: Apache-2.0
"""Settings from the environment and from `sotto.toml` in the home."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path
from typing import Any, ClassVar, Literal, Self

from pydantic import Field, ValidationError, field_validator
from pydantic_core import ErrorDetails
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
)

from services.common import addresses
from services.common.errors import WrongUse

#: Public key of the console, in a folder of certificates.
DELEGATION_KEY = "delegation.pem"
_UNREADABLE_FIELD = re.compile(r'field "(\w+)"')


class InstallationSettings(BaseSettings):
    """Settings of an installation: what its processes and their supervisor share.

    Read from the environment (`SOTTO_<FIELD>`), then from `$SOTTO_HOME/sotto.toml`: its top
    level holds what all share, a table named after the service what concerns one alone.
    """

    model_config = SettingsConfigDict(env_prefix="SOTTO_", extra="ignore", frozen=True)

    retired: ClassVar[frozenset[str]] = frozenset()
    """Settings of the version before that have no effect any more; a file may still name them."""

    home: Path = Field(description="Folder of the installation.")
    service: str = Field(
        description="Name of this service as others know it and as its certificate says."
    )
    addresses: dict[str, str] = Field(
        default_factory=dict,
        description=(
            "Addresses of the services by name, as a JSON object or a TOML table. A service that"
            " runs more than once has several, separated by commas: calls go to them in turn."
            " Services that are not named here are looked for in the home."
        ),
    )

    @field_validator("addresses")
    @classmethod
    def _check_addresses(cls, value: dict[str, str]) -> dict[str, str]:
        for text in value.values():
            addresses.split(text)
        return value

    @classmethod
    def load(cls, **given: Any) -> Self:
        """Read the settings; raises WrongUse naming each field that is wrong, without its value."""
        try:
            return cls(**given)
        except ValidationError as error:
            faults = "; ".join(
                f"{'.'.join(str(part) for part in fault['loc']) or 'settings'}: {cls._told(fault)}"
                for fault in error.errors(include_input=False, include_url=False)
            )
            raise WrongUse(f"settings of {cls.__name__} cannot be used: {faults}") from None
        except SettingsError as error:
            # It names the field and where it was read, not the value.
            named = _UNREADABLE_FIELD.search(str(error))
            field = cls.model_fields.get(named[1]) if named else None
            told = f"{named[1]}: is not JSON. {field.description}" if named and field else error
            raise WrongUse(f"settings of {cls.__name__} cannot be used: {told}") from None

    @classmethod
    def _told(cls, fault: ErrorDetails) -> str:
        """Return what is wrong with a field: what it takes, where pydantic shows a pattern."""
        field = cls.model_fields.get(str(fault["loc"][0])) if fault["loc"] else None
        if fault["type"] == "string_pattern_mismatch" and field and field.description:
            return f"has another form than it should. {field.description}"
        return fault["msg"]

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
        file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003 - the library's signature
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Environment first, then the file of the home."""
        return (init_settings, env_settings, _HomeFile(settings_cls))


class ServiceSettings(InstallationSettings):
    """Settings of every service."""

    instance: int = Field(
        default=1,
        ge=1,
        le=addresses.MOST_INSTANCES,
        description="Number of this process among several of its kind under one home.",
    )
    listen: str = Field(
        default="127.0.0.1:0", description="Address to listen on; port 0 takes a free one."
    )
    health_listen: str = Field(
        default="",
        pattern=r"^([^\s:]+:[0-9]{1,5}|\[[0-9A-Fa-f:.]+\]:[0-9]{1,5})?$",
        description=(
            "Address where gRPC health probes are answered without a certificate, such as"
            " 127.0.0.1:4900; empty for none."
        ),
    )
    health_unprotected: bool = Field(
        default=False,
        description="Allow `health_listen` to be an address that other machines reach.",
    )
    pki: Path | None = Field(
        default=None,
        description="Folder of this service's certificate, key and CA; the home's own by default.",
    )
    allow: dict[str, list[str]] = Field(
        default_factory=dict,
        description=(
            "Client names by gRPC service, such as"
            ' {"sotto.audit.v1.AuditQueryService": ["compliance"]}; replaces the shipped list'
            " of that service."
        ),
    )
    persons: Literal["account", "certificate"] = Field(
        default="account",
        description=(
            "What says who a person is: with `account` the account of the machine that a command"
            " runs under is enough, with `certificate` only a certificate of the person. Whoever"
            " is signed in to the console has proved it there, and is served with both."
            " Set it for all services."
        ),
    )
    delegation_key: Path | None = Field(
        default=None,
        description=(
            "Public key of the console, by which its statements of who is signed in are verified;"
            " delegation.pem in the folder of certificates by default. Without the file nobody is"
            " served through the console."
        ),
    )
    log_format: str = Field(
        default="json", pattern="^(json|console)$", description="How log lines look."
    )
    log_level: str = Field(
        default="info", pattern="^(debug|info|warning|error)$", description="Least level logged."
    )
    workers: int = Field(
        default=16,
        ge=2,
        le=256,
        description=(
            "Calls that one certificate may have served at the same time in each gRPC service;"
            " seven times as many may wait, more are refused."
        ),
    )
    grace_seconds: float = Field(
        default=20.0, ge=0, description="Time that running calls get to finish at shutdown."
    )

    @property
    def delegation_file(self) -> Path:
        """Where the public key of the console is looked for."""
        return self.delegation_key or (self.pki or self.home / "pki") / DELEGATION_KEY

    def watched(self) -> Mapping[str, Path]:
        """Name further files whose content is part of the configuration, such as policies."""
        return {}


class SupervisorSettings(InstallationSettings):
    """Settings of the supervisor, which starts the processes of an installation."""

    service: str = Field(default="supervisor", description="Name under which it reads settings.")
    replicas: dict[str, int] = Field(
        default_factory=dict,
        description=(
            "How many processes of a kind 'sotto up' starts, by name; one by default. With 0 it"
            " starts none here, and 'addresses' says where they are."
        ),
    )


def value_for(home: Path, service: str, name: str) -> object:
    """Return a setting of any service as it stands in the environment or the home's file.

    None when it stands in neither. Raises WrongUse when the file cannot be read.
    """
    if value := os.environ.get(f"SOTTO_{name.upper()}"):
        return value
    content = _read(home / "sotto.toml")
    own = content.get(service)
    return own[name] if isinstance(own, dict) and name in own else content.get(name)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return {}
    except (OSError, ValueError) as error:
        raise WrongUse(f"{path} cannot be read as TOML; correct it or remove it") from error


class _HomeFile(PydanticBaseSettingsSource):
    """`sotto.toml`: the top level, overlaid by the service's own table."""

    def get_field_value(self, field: Any, field_name: str) -> tuple[Any, str, bool]:  # noqa: ARG002 - the library's signature
        return None, field_name, False  # the whole file is read at once, by __call__

    settings_cls: type[ServiceSettings]

    def __call__(self) -> dict[str, Any]:
        home = self.current_state.get("home") or os.environ.get("SOTTO_HOME")
        if not home:
            return {}
        path = Path(str(home)) / "sotto.toml"
        content = _read(path)
        fields = self.settings_cls.model_fields
        service = str(self.current_state.get("service") or fields["service"].default)
        shared = {name: value for name, value in content.items() if name in fields}
        own = content.get(service, {})
        if not isinstance(own, dict):
            raise WrongUse(f"{path}: {service} must be a table of settings")
        # The top level is for everybody; here a name that is no setting can only be a slip.
        if unknown := sorted(set(own) - set(fields) - self.settings_cls.retired):
            raise WrongUse(f"{path}: [{service}] has no setting called {', '.join(unknown)}")
        return shared | own
