# SPDX-License-Identifier: Apache-2.0
"""An event on its way into the log, written down but for its place and its time."""

from __future__ import annotations

from services.audit.domain.entry import MAX_ENTRY_BYTES, Event, check_service
from services.audit.errors import Malformed

# What index and time will take at most.
_ROOM = 16 + 27


class Draft:
    """The canonical bytes of a checked event, in the parts around index and time.

    Made on the thread of whoever appends, so that the one thread that commits has little left to do
    for each entry. Raises Malformed when the event may not enter the log, the service's name is
    none, or the entry would exceed 65,535 bytes.
    """

    __slots__ = ("_head", "_middle", "_tail")

    def __init__(self, event: Event, service: str) -> None:
        event.check()
        check_service(service)
        attributes = event.attributes
        # What passed the check has nothing that JSON escapes; the keys stand in their order.
        pairs = ",".join([f'"{key}":"{attributes[key]}"' for key in sorted(attributes)])
        head = f'"attributes":{{{pairs}}},' if pairs else ""
        if event.caller:
            head += f'"caller":"{event.caller}",'
        texts = (
            ("object", event.object), ("outcome", event.outcome),
            ("participant", event.participant), ("person", event.person), ("phase", event.phase),
            ("purpose", event.purpose), ("reason", event.reason), ("request", event.request_id),
            ("role", event.role), ("service", service), ("study", event.study_id),
        )  # fmt: skip
        middle = "".join([f',"{key}":"{text}"' for key, text in texts if text])
        if event.intent_index is not None:
            middle = f',"intent":{event.intent_index}{middle}'
        zone = f',"zone":"{event.zone}"' if event.zone else ""
        self._head = f'{{{head}"event":"{event.name}","index":'.encode("ascii")
        self._middle = f'{middle},"time":"'.encode("ascii")
        self._tail = f'","v":1{zone}}}'.encode("ascii")
        size = len(self._head) + len(self._middle) + len(self._tail) + _ROOM
        if size > MAX_ENTRY_BYTES:
            raise Malformed(f"the event takes {size} bytes; an entry has room for 65,535")

    def at(self, index: int, time: bytes) -> bytes:
        """Give the canonical bytes at an index, as `encode` does; `time` as of `format_time`."""
        return b"%b%d%b%b%b" % (self._head, index, self._middle, time, self._tail)
