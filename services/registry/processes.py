# SPDX-License-Identifier: Apache-2.0
"""The processes of an installation: what each is called, what it runs and what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.registry.identities import (
    AUDIT,
    CLINICAL,
    CONSOLE,
    DEIDENTIFICATION,
    RELEASE,
    RESEARCH,
    TRANSCRIPTION,
)

Zone = Literal["", "clinical", "research"]

SCHEDULER = "scheduler"
WORKER = "worker"

#: Where processes listen, unless settings say otherwise: on a free port, and where browsers look.
ANY_PORT = "127.0.0.1:0"
CONSOLE_LISTEN = "127.0.0.1:8443"


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process. `needs` names those that must be ready before it starts."""

    name: str
    module: str
    needs: tuple[str, ...] = ()
    zone: Zone = ""
    listen: str = ANY_PORT

    @property
    def environment(self) -> dict[str, str]:
        """The environment that distinguishes two processes of one module."""
        return {"SOTTO_ZONE": self.zone} if self.zone else {}

    @property
    def is_service(self) -> bool:
        """Whether it serves gRPC under a certificate in its own name."""
        return self.module.startswith("services.") and not self.is_console

    @property
    def is_console(self) -> bool:
        """Whether it serves pages, and starts only where somebody may sign in."""
        return self.name == CONSOLE


#: In an order in which they can start.
PROCESSES: tuple[ProcessSpec, ...] = (
    ProcessSpec(AUDIT, "services.audit"),
    ProcessSpec(CLINICAL, "services.storage", (AUDIT,), "clinical"),
    ProcessSpec(RESEARCH, "services.storage", (AUDIT,), "research"),
    ProcessSpec(TRANSCRIPTION, "services.transcription", (AUDIT, CLINICAL)),
    ProcessSpec(DEIDENTIFICATION, "services.deidentification", (AUDIT, CLINICAL, RESEARCH)),
    ProcessSpec(RELEASE, "services.release", (AUDIT, RESEARCH)),
    # It answers from the start, and says which service is away.
    ProcessSpec(CONSOLE, "services.console", (AUDIT,), listen=CONSOLE_LISTEN),
    ProcessSpec(SCHEDULER, "flows.scheduler"),
    ProcessSpec(
        WORKER,
        "flows.worker",
        (SCHEDULER, CLINICAL, RESEARCH, TRANSCRIPTION, DEIDENTIFICATION, RELEASE),
    ),
)


def instance_name(name: str, number: int) -> str:
    """Return the name of one of several processes of a kind: `release`, `release-2`, ..."""
    return name if number == 1 else f"{name}-{number}"


SERVICES: tuple[str, ...] = tuple(one.name for one in PROCESSES if one.is_service)
