# SPDX-License-Identifier: Apache-2.0
"""What concerns the copies of a study's releases: computed from what is stored, never stored."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime

from services.release.domain.copies.copy import Notice, NoticeKind
from services.release.domain.exporting import ReleaseReader
from services.release.domain.ports import ResearchZone


class Notices:
    """Tells what concerns copies; `clock` gives UTC."""

    def __init__(
        self, zone: ResearchZone, reader: ReleaseReader, clock: Callable[[], datetime]
    ) -> None:
        self._zone = zone
        self._reader = reader
        self._clock = clock

    def of_study(self, study_id: str) -> Mapping[str, Sequence[Notice]]:
        """Return what concerns copies of each release, by its id, the gravest first."""
        found = self._reader.releases(study_id)
        held = self._reader.held_back(found)
        rejected = self._reader.rejected_since(found)
        ended = self._ended(study_id)
        newest = ""
        told: dict[str, list[Notice]] = {}
        for one in reversed(found):
            must_go = [
                *_all(NoticeKind.WITHDRAWN, held[one.release_id]),
                *_all(NoticeKind.REJECTED, rejected[one.release_id]),
                *_all(NoticeKind.REMOVED, one.removed),
            ]
            newer = [newest] if newest else []
            told[one.release_id] = [*must_go, *ended, *_all(NoticeKind.NEWER, newer)]
            # What is handed out no more is nothing to go on with.
            newest = newest or ("" if must_go else one.release_id)
        return told

    def _ended(self, study_id: str) -> Sequence[Notice]:
        until = self._zone.study(study_id).copies_until
        if until and date.fromisoformat(until) < self._clock().date():
            return _all(NoticeKind.ENDED, [until])
        return []


def _all(kind: NoticeKind, subjects: Sequence[str]) -> list[Notice]:
    return [Notice(kind=kind, subject=one) for one in subjects]
