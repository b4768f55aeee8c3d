# SPDX-License-Identifier: Apache-2.0
"""The processes of an installation: what each is called, what it runs and what it needs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from services.registry.identities import (
    AUDIT,
    CLINICAL,
    DEIDENTIFICATION,
    RELEASE,
    RESEARCH,
    TRANSCRIPTION,
)

Zone = Literal["", "clinical", "research"]

SCHEDULER = "scheduler"
WORKER = "worker"


@dataclass(frozen=True, slots=True)
class ProcessSpec:
    """One process. `needs` names those that must be ready before it starts."""

    name: str
    module: str
    needs: tuple[str, ...] = ()
    zone: Zone = ""

    @property
    def environment(self) -> dict[str, str]:
        """The environment that distinguishes two processes of one module."""
        return {"SOTTO_ZONE": self.zone} if self.zone else {}

    @property
    def is_service(self) -> bool:
        """Whether it serves gRPC under a certificate in its own name."""
        return self.module.startswith("services.")


#: In an order in which they can start.
PROCESSES: tuple[ProcessSpec, ...] = (
    ProcessSpec(AUDIT, "services.audit"),
    ProcessSpec(CLINICAL, "services.storage", (AUDIT,), "clinical"),
    ProcessSpec(RESEARCH, "services.storage", (AUDIT,), "research"),
    ProcessSpec(TRANSCRIPTION, "services.transcription", (AUDIT, CLINICAL)),
    ProcessSpec(DEIDENTIFICATION, "services.deidentification", (AUDIT, CLINICAL, RESEARCH)),
    ProcessSpec(RELEASE, "services.release", (AUDIT, RESEARCH)),
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
