# SPDX-License-Identifier: Apache-2.0
"""Copies of releases in plain words: what they were taken for, and what concerns them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from google.protobuf.timestamp_pb2 import Timestamp

from services.registry.purposes import Purpose
from sotto.release.v1 import copy_pb2

#: What each purpose is, in English.
PURPOSES: Mapping[Purpose, str] = {
    Purpose.ANALYSIS: "Analysis for the study's own question",
    Purpose.REANALYSIS: "Another question, for which there is an approval",
    Purpose.CHECKING: "Checking the transcripts, or how well they are de-identified",
    Purpose.TEACHING: "Teaching, or supervision of those who analyse",
    Purpose.ARCHIVE: "Keeping in the archive of the institution",
    Purpose.OTHER: "Something else, as I say below",
}
#: What concerns a copy and what to do, in English; {subject} is a participant, recording or day.
NOTICES: Mapping[int, str] = {
    copy_pb2.NOTICE_KIND_WITHDRAWN: (
        "{subject} withdrew. Destroy the copy, and what you made of these words."
    ),
    copy_pb2.NOTICE_KIND_REJECTED: (
        "A reviewer rejected the transcript {subject}, which is in it. Destroy the copy, and what"
        " you made of that transcript."
    ),
    copy_pb2.NOTICE_KIND_REMOVED: (
        "The recording {subject}, which is in it, was removed. Destroy the copy, and what you made"
        " of that recording."
    ),
    copy_pb2.NOTICE_KIND_ENDED: "It could be kept until {subject}. Destroy the copy.",
    copy_pb2.NOTICE_KIND_NEWER: (
        "There is a newer release. Go on with that one, and destroy this copy once you do."
    ),
}
_PURPOSES = {copy_pb2.Purpose.Value(f"PURPOSE_{one.name}"): one for one in Purpose}


@dataclass(frozen=True, slots=True)
class ToldNotice:
    """A notice: an English text with a place for its subject, and whether it is read."""

    kind: int
    text: str
    subject: str
    is_read: bool

    @property
    def value(self) -> str:
        """The notice as a field of a form."""
        return f"{self.kind}:{self.subject}"

    @property
    def must_go(self) -> bool:
        """Whether the copy has to be destroyed."""
        return self.kind != copy_pb2.NOTICE_KIND_NEWER


@dataclass(frozen=True, slots=True)
class Holding:
    """The copies of one release that somebody holds, the newest first, and what concerns them."""

    study: str
    release: str
    copies: Sequence[copy_pb2.HeldCopy]
    notices: Sequence[ToldNotice]

    @property
    def must_go(self) -> bool:
        """Whether they have to be destroyed."""
        return any(one.must_go for one in self.notices)

    @property
    def newer(self) -> str:
        """The newer release to go on with; empty for none."""
        kinds = {one.kind: one.subject for one in self.notices}
        return kinds.get(copy_pb2.NOTICE_KIND_NEWER, "")

    @property
    def is_unread(self) -> bool:
        """Whether something is told that was not read yet."""
        return any(not one.is_read for one in self.notices)


def holdings(copies: Iterable[copy_pb2.HeldCopy]) -> list[Holding]:
    """Return what of these is held, by release: what has to go first, then what has a successor."""
    found: dict[tuple[str, str], list[copy_pb2.HeldCopy]] = {}
    for one in copies:
        if not one.HasField("destroyed_at"):
            found.setdefault((one.study_id, one.release_id), []).append(one)
    made = [Holding(*key, ones, _told(ones)) for key, ones in found.items()]
    return sorted(made, key=lambda one: (not one.must_go, not one.newer))


def notices_of(one: copy_pb2.HeldCopy) -> list[ToldNotice]:
    """Return what concerns a copy."""
    return _told([one])


def purpose_of(one: copy_pb2.HeldCopy) -> str:
    """Return what a copy was taken for, in English; empty for what this version does not know."""
    return PURPOSES[_PURPOSES[one.purpose]] if one.purpose in _PURPOSES else ""


def moment_of(stamp: Timestamp) -> dt.datetime:
    """Return the moment of a field of a message."""
    return stamp.ToDatetime(dt.UTC)


def _told(copies: Sequence[copy_pb2.HeldCopy]) -> list[ToldNotice]:
    """Return what concerns copies of one release; it is read where it is for each of them."""
    read = [
        {(one.kind, one.subject): one.HasField("seen_at") for one in copy.notices}
        for copy in copies
    ]
    return [
        ToldNotice(kind, NOTICES[kind], subject, all(each.get((kind, subject)) for each in read))
        for kind, subject in read[0]
        if kind in NOTICES
    ]
