# SPDX-License-Identifier: Apache-2.0
"""Handles: what stands in an address in the place of a person, a participant or a question.

An address is in histories, in logs of proxies and over shoulders (OWASP ASVS 5.0, 14.2.1). What a
handle stands for is kept in memory, for the session that asked, and is gone with this process.
"""

from __future__ import annotations

import secrets
import threading
from collections import OrderedDict
from collections.abc import Mapping

from services.common.errors import NotFound

#: Of one session, and of all: the oldest go first.
_MOST_OF_A_SESSION = 100
_MOST = 10_000


class Handles:
    """What the handles of all sessions stand for."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._kept: OrderedDict[str, tuple[str, Mapping[str, str]]] = OrderedDict()

    def keep(self, session: str, values: Mapping[str, str]) -> str:
        """Keep values for a session and return their handle, the same one for the same values."""
        with self._lock:
            for handle, (owner, kept) in self._kept.items():
                if owner == session and kept == values:
                    self._kept.move_to_end(handle)
                    return handle
            own = [handle for handle, (owner, _) in self._kept.items() if owner == session]
            for handle in own[: max(0, len(own) + 1 - _MOST_OF_A_SESSION)]:
                del self._kept[handle]
            while len(self._kept) >= _MOST:
                self._kept.popitem(last=False)
            handle = secrets.token_urlsafe(12)
            self._kept[handle] = (session, dict(values))
            return handle

    def read(self, session: str, handle: str) -> Mapping[str, str]:
        """Return what a handle stands for; raises NotFound for that of another session too."""
        with self._lock:
            owner, values = self._kept.get(handle, ("", {}))
        if owner != session:
            raise NotFound(
                "this address was made for another session, or too long ago; ask again on the page"
                " that it was made by"
            )
        return values
