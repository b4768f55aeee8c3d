# SPDX-License-Identifier: Apache-2.0
"""Refuses questions about what the log does not know: "nothing" would look like an answer."""

from __future__ import annotations

import re
from typing import Protocol

from services.audit_evidence.query import Query, is_like
from services.common.errors import InvalidInput
from services.common.wording import nearest, unknown
from services.registry.events import Event
from services.registry.identities import CLIENTS
from services.registry.processes import SERVICES

# Fields of a query, the column that holds their values, and what they are called. Ids of requests
# and names of objects are too many and too much alike to be listed.
_FIELDS = (
    ("study_id", "study", "study", True),
    ("participant", "participant", "participant", True),
    ("person", "person", "person", True),
    ("service", "service", "service", True),
    ("name", "name", "event", False),
    ("object", "object", "object", False),
    ("request_id", "request", "request", False),
)


class KnownValues(Protocol):
    """What the entries of a log name."""

    def known(self, column: str) -> list[str]:
        """Return the values of a column, each once."""
        ...


def require_known(log: KnownValues, query: Query) -> None:
    """Raise NotFound for the first condition that no entry could meet, with the nearest value.

    Raises InvalidInput for a period that ends before it begins.
    """
    if query.since is not None and query.until is not None and query.since >= query.until:
        raise InvalidInput("the period ends before it begins; give --since a time before --until")
    for field, column, kind, is_listed in _FIELDS:
        asked: tuple[str, ...] = (getattr(query, field),)
        if column == "name":
            asked += query.names
        for value in filter(None, asked):
            _require(log, value, column, kind, is_listed=is_listed)


def _require(log: KnownValues, value: str, column: str, kind: str, *, is_listed: bool) -> None:
    names = [*_DECLARED.get(column, ()), *log.known(column)]
    is_pattern = column in {"name", "object"} and "*" in value
    if any(is_like(value, name) if is_pattern else value == name for name in names):
        return
    shown = value if _PLAIN.fullmatch(value) else "that is called so"
    raise unknown(
        kind, shown, names, near=nearest(value, names), there="the log knows",
        is_listed=is_listed,
    )  # fmt: skip


# What has other signs, such as spaces, may be content, and errors hold none.
_PLAIN = re.compile(r"[A-Za-z0-9_./:@+*-]{1,64}")
# What may be asked for before any entry names it.
_DECLARED = {"name": [event.value for event in Event], "service": [*SERVICES, *CLIENTS]}
