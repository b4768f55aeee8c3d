# SPDX-License-Identifier: Apache-2.0
"""Changes of the pseudonym vault, which several transcripts of a study and several processes make
at the same time.
"""

from __future__ import annotations

import secrets
import threading
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Protocol, TypeVar

from services.common.errors import Conflict
from services.deidentification.domain.study import RecordingRef
from services.deidentification.domain.vault import Vault

_TRIES = 12  # of compare-and-swap; of several writers one gets through in each round
T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class VaultSnapshot:
    """A vault as it was read, with the generations that a write must be based on."""

    vault: Vault
    study_generation: int
    participant_generation: int


class VaultPort(Protocol):
    """The vaults of the clinical zone."""

    def read_vault(self, ref: RecordingRef) -> VaultSnapshot:
        """Read the tables of the study and of the participant."""

    def write_vault(self, ref: RecordingRef, snapshot: VaultSnapshot, vault: Vault) -> None:
        """Replace the tables that changed; raises Conflict where another process wrote in
        between.
        """


class VaultUpdater:
    """Changes vaults so that no label is given twice.

    Compare-and-swap in the store is what holds between processes. The lock of a study only spares
    the threads of this process rounds that they would lose.
    """

    def __init__(self, zones: VaultPort) -> None:
        self._zones = zones
        self._studies: dict[str, threading.Lock] = defaultdict(threading.Lock)

    def update(self, ref: RecordingRef, change: Callable[[Vault], tuple[Vault, T]]) -> T:
        """Apply a change and return what it gives beside the vault.

        `change` is a pure function, called again where another process wrote in between. Raises
        Conflict where others keep writing.
        """
        with self._studies[ref.study]:
            for _ in range(_TRIES):
                snapshot = self._zones.read_vault(ref)
                vault = snapshot.vault
                if not vault.secret:
                    vault = replace(vault, secret=secrets.token_hex(32))
                changed, result = change(vault)
                try:
                    self._zones.write_vault(ref, snapshot, changed)
                except Conflict:
                    continue
                return result
        raise Conflict(
            "Other transcripts of the study keep writing pseudonyms; try again in a moment."
        )
