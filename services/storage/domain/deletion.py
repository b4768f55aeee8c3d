# SPDX-License-Identifier: Apache-2.0
"""Deletion of many objects, of which one that cannot be deleted holds up no other."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

import structlog

from services.common.errors import SottoError
from services.storage.domain.store import SealedStore
from services.storage.errors import Retained

_log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Deletion:
    """What became of objects; `failed` names those that could not be deleted."""

    deleted: int = 0
    retained: int = 0
    retained_until: datetime | None = None
    failed: tuple[str, ...] = ()


def delete_all(store: SealedStore, objects: Iterable[str]) -> Deletion:
    """Delete objects, with all their versions; may be repeated."""
    deleted = retained = 0
    until: datetime | None = None
    failed = []
    for name in list(objects):
        try:
            deleted += store.backend.delete(name)
        except Retained as error:
            retained += 1
            if error.until is not None:
                until = max(until or error.until, error.until)
        except SottoError as error:
            _log.error("object_not_deleted", zone=store.zone, object=name, reason=error.reason)
            failed.append(name)
    return Deletion(deleted, retained, until, tuple(failed))


def joined(one: Deletion, other: Deletion) -> Deletion:
    """Return what became of the objects of two deletions together."""
    ends = [end for end in (one.retained_until, other.retained_until) if end is not None]
    return Deletion(
        one.deleted + other.deleted,
        one.retained + other.retained,
        max(ends, default=None),
        (*one.failed, *other.failed),
    )
