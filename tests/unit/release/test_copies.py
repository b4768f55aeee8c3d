# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any, cast

import pytest

from services.common import context
from services.common.audit import AuditTrail
from services.common.errors import InvalidInput
from services.common.signing import Signer
from services.registry.purposes import Purpose
from services.release.domain.copies import terms
from services.release.domain.copies.copy import Copy, Notice, NoticeKind
from services.release.domain.copies.notices import Notices
from services.release.domain.copies.register import Acceptance, CopyRegister
from services.release.domain.exporting import ReleaseReader
from services.release.domain.ports import StoredRelease, Study
from services.release.domain.reviews import ReviewMode
from services.release.errors import NoSuchCopy, PurposeMissing, TermsNotAccepted
from services.release.handlers.release_reader import ReleaseReaderHandlers
from sotto.release.v1 import release_pb2
from tests.support.audit import REPOSITORY
from tests.support.fake_audit_log import FakeAuditLog
from tests.support.memory_copies import MemoryCopies
from tests.support.memory_zone import Died, MemoryZone
from tests.support.release_builders import NOON, STUDY, two
from tests.support.release_building import build
from tests.support.taking import PURPOSE, VERSION

SAID = Acceptance("nur", VERSION, Purpose.ANALYSIS, "")


class Desk:
    """A register over a zone in memory with a release of P07 and P08."""

    def __init__(self, kind: type[MemoryZone] = MemoryZone) -> None:
        self.zone = kind(list(two()))
        self.zone.approve_all()
        self.release = self.build()
        self.store = MemoryCopies()
        self.reader = ReleaseReader(self.zone)
        self.now = NOON
        notices = Notices(self.zone, self.reader, lambda: self.now)
        self.register = CopyRegister(self.zone, self.store, notices, lambda: self.now)

    def build(self) -> StoredRelease:
        """Build a release of what is approved."""
        return build(self.zone)[0]

    def take(self, said: Acceptance = SAID) -> Copy:
        """Take the first release as txt."""
        return self.register.take(self.release, "txt", said, request_id="q1")

    def told(self) -> list[tuple[str, str]]:
        """Return what concerns nur's one copy."""
        [one] = self.register.of_person(STUDY, "nur")
        return [(notice.kind.value, notice.subject) for notice in one.notices]


@pytest.fixture
def desk() -> Desk:
    """A register, a release, nothing taken."""
    return Desk()


class TestTerms:
    def test_the_readme_names_the_version_that_ships(self) -> None:
        """Who types its commands accepts the text of today."""
        assert f"--accept-terms {VERSION[:8]}" in (REPOSITORY / "README.md").read_text("utf-8")

    def test_the_day_is_a_part_of_them(self) -> None:
        """Until when copies may be kept is accepted with the rest; another day, another text."""
        study = Study(STUDY, "p", ReviewMode.REQUIRED, release_terms=" Keep it. ", copies_until="")
        dated = Study(
            STUDY, "p", ReviewMode.REQUIRED, release_terms="Keep it.", copies_until="2028-12-31"
        )
        plain, until = terms.of_study(study), terms.of_study(dated)
        assert (plain.text, plain.is_default) == ("Keep it.", False)
        assert until.text.startswith("Keep it.\n\n")
        assert "2028-12-31" in until.text
        assert plain.sha256 != until.sha256


class TestTaking:
    def test_what_has_to_be_said(self, desk: Desk) -> None:
        """Terms by their version, a purpose, and words for another one; else nothing is kept."""
        for said, error in (
            (Acceptance("nur", "", Purpose.ANALYSIS, ""), TermsNotAccepted),
            (Acceptance("nur", "0" * 64, Purpose.ANALYSIS, ""), TermsNotAccepted),
            (Acceptance("nur", VERSION, None, ""), PurposeMissing),
            (Acceptance("nur", VERSION, Purpose.OTHER, " "), PurposeMissing),
        ):
            with pytest.raises(error):
                desk.take(said)
        assert desk.store.kept == {}
        desk.take(Acceptance("nur", VERSION, Purpose.OTHER, "a reading group"))
        assert len(desk.store.kept) == 1

    def test_a_copy_is_named_after_its_record(self, desk: Desk) -> None:
        """The name changes with whatever it says, and not with what is said of it later."""
        copy = desk.take()
        again = Copy.parse(copy.canonical_bytes(), "the record", InvalidInput)
        assert again.copy_id == copy.copy_id
        assert copy.model_copy(update={"destroyed_at": NOON}).copy_id == copy.copy_id
        other = desk.take(Acceptance("dr.lim", VERSION, Purpose.ANALYSIS, ""))
        assert other.copy_id != copy.copy_id

    def test_one_that_was_perhaps_taken_counts(self) -> None:
        """A process that dies between record and first byte leaves a copy on record."""

        class Members:
            def require(self, *_: object) -> None:
                """Let everybody in."""

        class DyingZone(MemoryZone):
            def read(self, *_: object) -> Iterator[bytes]:
                """Die."""
                raise Died

        log, desk = FakeAuditLog(), Desk(DyingZone)
        handlers = ReleaseReaderHandlers(
            desk.reader,
            desk.register,
            Signer.generate().public_key,
            cast(Any, Members()),
            AuditTrail(log),
        )
        request = release_pb2.ExportReleaseRequest(
            study_id=STUDY, format=release_pb2.FORMAT_TXT, terms_sha256=VERSION, purpose=PURPOSE
        )
        with context.acting(person="nur"), pytest.raises(Died):
            list(handlers.ExportRelease(request, cast(Any, None)))
        [one] = desk.register.of_person(STUDY, "nur")
        outcome = log.events[-1]
        assert outcome.attributes["copy_id"] == one.copy.copy_id
        assert outcome.attributes["release_id"] == desk.release.release_id


class TestNotices:
    def test_what_concerns_a_copy(self, desk: Desk) -> None:
        """What must go comes first, then the newer release, which has to be one to go on with."""
        desk.take()
        assert desk.told() == []
        desk.zone.withdrawn.add("P08")
        assert desk.told() == [("withdrawn", "P08")]
        newer = desk.build()
        assert desk.told() == [("withdrawn", "P08"), ("newer", newer.release_id)]
        desk.zone.withdrawn.add("P07")
        assert desk.told() == [("withdrawn", "P07"), ("withdrawn", "P08")]

    def test_the_day_is_the_last_one(self, desk: Desk) -> None:
        """On it copies may be kept, and on the next one not."""
        desk.take()
        desk.zone.copies_until = "2026-12-31"
        desk.now = datetime(2026, 12, 31, 23, tzinfo=UTC)
        assert desk.told() == []
        desk.now = datetime(2027, 1, 1, tzinfo=UTC)
        assert desk.told() == [("ended", "2026-12-31")]


class TestWhatPeopleSay:
    def test_that_they_read_it(self, desk: Desk) -> None:
        """Once, at its time; what came since is unread, and what concerns it not is refused."""
        copy = desk.take()
        desk.zone.withdrawn.add("P08")
        p08 = Notice(kind=NoticeKind.WITHDRAWN, subject="P08")
        for _ in range(2):
            desk.register.acknowledge(STUDY, copy.copy_id, "nur", [p08])
        [one] = desk.register.of_person(STUDY, "nur")
        assert [(seen.notice, seen.at) for seen in one.copy.seen] == [(p08, NOON)]
        p07 = Notice(kind=NoticeKind.WITHDRAWN, subject="P07")
        with pytest.raises(NoSuchCopy):
            desk.register.acknowledge(STUDY, copy.copy_id, "nur", [p07])
        desk.zone.withdrawn.add("P07")
        [one] = desk.register.of_person(STUDY, "nur")
        assert [one.copy.seen_at(each) for each in one.notices] == [None, NOON]

    def test_that_it_is_gone(self, desk: Desk) -> None:
        """From then on nothing concerns it; only whoever took it can say so."""
        copy = desk.take()
        desk.zone.withdrawn.add("P08")
        with pytest.raises(NoSuchCopy):
            desk.register.declare_destroyed(STUDY, copy.copy_id, "dr.lim")
        said = [desk.register.declare_destroyed(STUDY, copy.copy_id, "nur")[1] for _ in range(2)]
        assert said == [False, True]
        assert desk.told() == []
        assert desk.register.of_study(STUDY)[0].copy.destroyed_at == NOON
