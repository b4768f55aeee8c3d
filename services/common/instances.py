# SPDX-License-Identifier: Apache-2.0
"""Which processes of an installation start here: how many of each kind, and where they listen."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from services.common import addresses
from services.common.errors import WrongUse
from services.common.installation import Installation
from services.common.settings import SupervisorSettings, value_for
from services.registry.identities import AUDIT, CONSOLE
from services.registry.processes import (
    ANY_PORT,
    PROCESSES,
    SCHEDULER,
    WORKER,
    ProcessSpec,
    instance_name,
)


@dataclass(frozen=True, slots=True)
class Instance:
    """One of the processes of a kind. `listen` is what it listens on, port 0 for a free port."""

    spec: ProcessSpec
    number: int
    listen: str = ANY_PORT

    @property
    def name(self) -> str:
        """Its name: that of its kind, with its number from the second on."""
        return instance_name(self.spec.name, self.number)


@dataclass(frozen=True, slots=True)
class StartPlan:
    """What the settings of an installation say about the processes that start here."""

    replicas: Mapping[str, int]
    addresses: Mapping[str, str]
    """Addresses that the settings tell, of processes that somebody else starts."""

    listens: Mapping[str, str]

    def instances(self, spec: ProcessSpec) -> Sequence[Instance]:
        """Return the processes of a kind that start here."""
        listen = self.listens.get(spec.name, spec.listen)
        many = range(1, self.replicas.get(spec.name, 1) + 1)
        return [Instance(spec, number, listen) for number in many]


def plan(installation: Installation) -> StartPlan:
    """Read the plan from the settings of an installation.

    Raises WrongUse when they ask for what cannot be: several of what there is one of, or none of
    what has no address.
    """
    settings = SupervisorSettings.load(home=installation.root, service="supervisor")
    by_name = {spec.name: spec for spec in PROCESSES}
    listens = {}
    for name, wanted in settings.replicas.items():
        if name not in by_name:
            raise WrongUse(
                f"the setting 'replicas' names {name}, which is no process of Sotto's; there are"
                f" {', '.join(by_name)}"
            )
        if not 0 <= wanted <= addresses.MOST_INSTANCES:
            raise WrongUse(f"the setting 'replicas' takes 0 to {addresses.MOST_INSTANCES} a name")
        if wanted == 0 and by_name[name].is_service and name not in settings.addresses:
            raise WrongUse(
                f"no {name} starts here, and the setting 'addresses' does not say where it is"
            )
        if wanted > 1:
            _check_several(installation, name)
    for name in by_name:
        listen = value_for(installation.root, name, "listen")
        if isinstance(listen, str):
            if settings.replicas.get(name, 1) > 1 and not listen.endswith(":0"):
                raise WrongUse(
                    f"{name} cannot run more than once here on the one port of its setting"
                    " 'listen'; give it port 0"
                )
            listens[name] = listen
    return StartPlan(_replicas(installation, settings), settings.addresses, listens)


def _replicas(installation: Installation, settings: SupervisorSettings) -> Mapping[str, int]:
    """Return how many of each kind start, where that is not one."""
    replicas = dict(settings.replicas)
    if CONSOLE not in replicas and not has_console(installation):
        replicas[CONSOLE] = 0
    if value_for(installation.root, WORKER, "prefect_api_url"):
        replicas[SCHEDULER] = 0  # the hospital's own Prefect server is used instead
    return replicas


def has_console(installation: Installation) -> bool:
    """Return whether somebody may sign in: there are accounts, or an identity provider is set."""
    is_provided = value_for(installation.root, CONSOLE, "oidc_issuer")
    return bool(is_provided) or installation.accounts_file.exists()


def _check_several(installation: Installation, name: str) -> None:
    if name == SCHEDULER:
        raise WrongUse("there is one scheduler for an installation; take it out of 'replicas'")
    if name == AUDIT and not value_for(installation.root, AUDIT, "audit_database"):
        raise WrongUse(
            "the audit log has one writer, so there is one audit service; to run several, keep"
            " the log in PostgreSQL (setting audit_database), or take it out of 'replicas'"
        )
