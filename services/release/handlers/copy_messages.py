# SPDX-License-Identifier: Apache-2.0
"""Copies, what concerns them, and terms, as the contract writes them."""

from __future__ import annotations

from collections.abc import Iterable

from services.registry.purposes import Purpose
from services.release.domain.copies.copy import Copy, Notice, NoticeKind
from services.release.domain.copies.register import Acceptance, CopyView
from services.release.domain.copies.terms import Terms
from sotto.release.v1 import copy_pb2, release_pb2

_KINDS = {copy_pb2.NoticeKind.Value(f"NOTICE_KIND_{one.name}"): one for one in NoticeKind}
_PURPOSES = {copy_pb2.Purpose.Value(f"PURPOSE_{one.name}"): one for one in Purpose}


def acceptance(request: release_pb2.ExportReleaseRequest, person: str) -> Acceptance:
    """Read what a person says when they take a release."""
    return Acceptance(
        person,
        request.terms_sha256,
        _PURPOSES.get(request.purpose),
        request.purpose_text,
    )


def notice(message: copy_pb2.Notice) -> Notice:
    """Read a notice."""
    return Notice(kind=_KINDS[message.kind], subject=message.subject)


def terms_message(one: Terms) -> copy_pb2.Terms:
    """Write terms."""
    return copy_pb2.Terms(
        text=one.text,
        sha256=one.sha256,
        is_default=one.is_default,
        copies_until=one.copies_until,
    )


def accepted_terms(copies: Iterable[Copy]) -> list[copy_pb2.Terms]:
    """Write the terms that were accepted for copies, each version once."""
    texts = {one.taking.terms_sha256: one.taking.terms for one in copies}
    return [copy_pb2.Terms(text=texts[digest], sha256=digest) for digest in sorted(texts)]


def held_copy(view: CopyView) -> copy_pb2.HeldCopy:
    """Write a copy and what concerns it."""
    copy, taking = view.copy, view.copy.taking
    message = copy_pb2.HeldCopy(
        study_id=taking.study,
        copy_id=copy.copy_id,
        release_id=taking.release_id,
        person=taking.person,
        form=taking.form,
        # A purpose that a later version wrote is none that this one can name.
        purpose=f"PURPOSE_{taking.purpose.upper()}" if taking.purpose in set(Purpose) else None,
        purpose_text=taking.purpose_text,
        terms_sha256=taking.terms_sha256,
        taken_at=taking.taken_at,
        notices=[_notice_message(copy, one) for one in view.notices],
    )
    if copy.destroyed_at is not None:
        message.destroyed_at.FromDatetime(copy.destroyed_at)
    return message


def _notice_message(copy: Copy, one: Notice) -> copy_pb2.Notice:
    message = copy_pb2.Notice(kind=f"NOTICE_KIND_{one.kind.name}", subject=one.subject)
    seen_at = copy.seen_at(one)
    if seen_at is not None:
        message.seen_at.FromDatetime(seen_at)
    return message
