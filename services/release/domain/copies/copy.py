# SPDX-License-Identifier: Apache-2.0
"""The record of a copy: who took which release, on which terms and for what, and what came since.

It holds no word of a participant. The person's own words about the purpose stand in it alone.
"""

from __future__ import annotations

import base64
import hashlib
from enum import StrEnum
from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from services.common.records import FileFormat, Moment, Record, ReleaseId, Sha256Hex, StudyId
from services.registry import ids
from services.release.domain.copies.terms import digest

MOST_PURPOSE_TEXT = 300  # characters, as in the contract
_ID_BYTES = 16  # 26 digits of base32

_Person = Annotated[str, StringConstraints(pattern=f"^(?:{ids.PERSON})$")]
_Word = Annotated[str, StringConstraints(pattern=f"^(?:{ids.PURPOSE})$")]


class NoticeKind(StrEnum):
    """What may concern a copy, the gravest first."""

    WITHDRAWN = "withdrawn"
    REJECTED = "rejected"
    REMOVED = "removed"
    ENDED = "ended"
    NEWER = "newer"


class Notice(Record):
    """What concerns a copy; `subject` is a participant, a recording, a day or a release."""

    kind: NoticeKind
    subject: Annotated[str, StringConstraints(pattern="^[A-Za-z0-9-]{1,64}$")]


class SeenNotice(Record):
    """A notice, and when whoever holds the copy said that they had read it."""

    notice: Notice
    at: Moment


class Taking(Record):
    """How a copy was taken. A later version may know more purposes, so that any word is read."""

    study: StudyId
    release_id: ReleaseId = Field(alias="release")
    person: _Person
    form: FileFormat
    purpose: _Word
    purpose_text: Annotated[str, StringConstraints(max_length=MOST_PURPOSE_TEXT)]
    terms: Annotated[str, StringConstraints(min_length=1, max_length=10000)]
    taken_at: Moment
    request_id: Annotated[str, StringConstraints(pattern=f"^(?:{ids.REQUEST_ID})$")]

    @property
    def copy_id(self) -> str:
        """The name of the copy, made from all of this."""
        made = hashlib.sha256(self.canonical_bytes()).digest()[:_ID_BYTES]
        return "cpy-" + base64.b32encode(made).decode().rstrip("=").lower()

    @property
    def terms_sha256(self) -> Sha256Hex:
        """The digest of the terms that were accepted."""
        return digest(self.terms)


class Copy(Record):
    """A copy as it is stored; one that was perhaps taken counts as taken."""

    format: Literal["sotto copy 1"] = "sotto copy 1"
    taking: Taking
    seen: tuple[SeenNotice, ...] = ()
    destroyed_at: Moment | None = None

    @property
    def copy_id(self) -> str:
        """Its name."""
        return self.taking.copy_id

    def seen_at(self, notice: Notice) -> Moment | None:
        """Return when its holder said that they had read a notice; None before."""
        return next((one.at for one in self.seen if one.notice == notice), None)
