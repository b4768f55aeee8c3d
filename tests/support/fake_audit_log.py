# SPDX-License-Identifier: Apache-2.0
"""An audit log in a list, for tests of what is recorded."""

from __future__ import annotations

from dataclasses import dataclass, field

from services.audit_evidence.attributes import check_key
from services.common.errors import Unavailable
from sotto.audit.v1 import entry_pb2


@dataclass
class FakeAuditLog:
    """Takes events as strictly as the real log, numbered from `first`; refuses while `down`."""

    first: int = 0
    events: list[entry_pb2.Event] = field(default_factory=list)
    down: bool = False

    def __call__(self, event: entry_pb2.Event) -> int:
        """Append an event and return its index; raises Unavailable while the log is down."""
        if self.down:
            raise Unavailable("the audit log cannot be reached", reason="audit_unavailable")
        for key in event.attributes:
            check_key(key)
        self.events.append(event)
        return self.first + len(self.events) - 1

    def names(self, phase: entry_pb2.Phase = entry_pb2.PHASE_OUTCOME) -> list[str]:
        """Return the names of the events of one phase, in order."""
        return [event.name for event in self.events if event.phase == phase]
