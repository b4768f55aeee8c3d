# SPDX-License-Identifier: Apache-2.0
"""Records refused calls, so that whoever is refused all day does not fill the audit log."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass

import structlog

from services.common import context
from services.common.audit import AuditTrail
from services.common.context import CallContext
from services.common.entry_budget import EntryBudget
from services.common.errors import SottoError
from services.registry.attributes import Attributes
from services.registry.events import Event
from services.registry.identities import CONSOLE, FLOW, PEOPLE
from sotto.audit.v1 import entry_pb2

_log = structlog.get_logger(__name__)

#: What is beyond a client's budget is one entry for each of its reasons in so much time.
_COUNT_SECONDS = 60.0

_Who = tuple[str, str]
"""A client and the person whom its certificate or a session proves, empty for none."""


class Denials:
    """The record of the refused calls of one server.

    What a client can choose, such as method and person, makes no more entries. Counts of the last
    minute are lost when the process is killed, the entries before them are not.
    """

    def __init__(self, trail: AuditTrail, *, clock: Callable[[], float] = time.monotonic) -> None:
        self._trail = trail
        self._clock = clock
        self._lock = threading.Lock()
        self._budgets: dict[_Who, EntryBudget] = {}
        self._counted: dict[tuple[_Who, str], _Counted] = {}
        self._timer: threading.Timer | None = None

    def record(
        self,
        method: str,
        reason: str,
        *,
        study_id: str = "",
        claimed_role: str = "",
        claimed_person: str = "",
    ) -> None:
        """Record a refusal of the current call, or count it; raises Unavailable as the log does.

        `method` is as gRPC names it. What is claimed is what the caller said of itself.
        """
        call = context.current()
        with self._lock:
            budget = self._budgets.setdefault(_certified(call), EntryBudget(self._clock()))
            if not budget.spend(self._clock()):
                self._count(call, method, reason, 1)
                return
        claims: Attributes = {}
        if claimed_role not in {"", call.role}:
            claims["claimed_role"] = _known_role(claimed_role)
        if claimed_person not in {"", call.person}:
            claims["claimed_person"] = claimed_person
        self._append(method, reason, study_id=study_id, attributes=claims)

    def flush(self) -> None:
        """Record what was counted; what the log does not take is counted on."""
        with self._lock:
            counted, self._counted = self._counted, {}
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
        for (_, reason), one in counted.items():
            try:
                with context.acting(**asdict(one.call)):
                    self._append(one.method, reason, attributes={"count": one.count})
            except SottoError as error:
                _log.error("denials_not_recorded", reason=error.reason, count=one.count)
                with self._lock:
                    self._count(one.call, one.method, reason, one.count)

    def _count(self, call: CallContext, method: str, reason: str, count: int) -> None:
        """Count refusals, with the lock held; the entry shows the newest of them."""
        who = _certified(call)
        before = self._counted.get((who, reason))
        self._counted[who, reason] = _Counted(call, method, count + (before.count if before else 0))
        if self._timer is None:
            self._timer = threading.Timer(_COUNT_SECONDS, self.flush)
            self._timer.daemon = True
            self._timer.start()

    def _append(
        self, method: str, reason: str, *, attributes: Attributes, study_id: str = ""
    ) -> None:
        self._trail.fact(
            Event.CALL_DENIED,
            object=method.lstrip("/"),
            study_id=study_id,
            outcome=entry_pb2.OUTCOME_DENIED,
            reason=reason,
            attributes=attributes,
        )


def _known_role(claimed: str) -> str:
    """Return a role as the log holds it: it has no room for a word that the caller made up."""
    return claimed if claimed in {*PEOPLE, FLOW} else "unknown"


def _certified(call: CallContext) -> _Who:
    is_person = call.caller in (*PEOPLE, CONSOLE) and call.person_proof != ""
    return call.caller, call.person if is_person else ""


@dataclass(frozen=True, slots=True)
class _Counted:
    call: CallContext
    method: str
    count: int
