# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re

from services.registry.events import Event
from sotto.audit.v1 import entry_pb2


class TestEvent:
    def test_names_are_well_formed(self) -> None:
        """Every name is source:subject:action, as the log's contract asks."""
        pattern = re.compile(r"[a-z]+:[a-z_]+:[a-z_]+")

        assert [one.value for one in Event if not pattern.fullmatch(one.value)] == []

    def test_names_are_unique(self) -> None:
        """No two events share a name: an enumeration would fold them into one without a word."""
        assert len(Event.__members__) == len({one.value for one in Event})

    def test_parts(self) -> None:
        """Subject and action can be read from the name."""
        assert (Event.RECORDING_READ.subject, Event.RECORDING_READ.action) == ("content", "read")

    def test_contract_takes_them(self) -> None:
        """The door of the audit service lets every name in."""
        import protovalidate

        for one in Event:
            protovalidate.validate(
                entry_pb2.AppendRequest(
                    event=entry_pb2.Event(name=one.value, phase=entry_pb2.PHASE_FACT)
                )
            )
