# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import itertools
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

import pytest

from services.common.errors import AlreadyExists, Erased, NotFound
from services.corrections.model import Correction, CorrectionKind, RunCorrections
from services.registry import identities
from services.release.adapters.review_store import ReviewStoreClient
from services.release.adapters.zone import ResearchZoneClient
from services.release.domain.ports import ResearchZone, ReviewStore, StoredFile
from services.release.domain.reviews import Review, ReviewMode, ReviewState
from services.release.domain.transcript import RecordingName, Segment
from services.release.errors import ReviewChanged
from tests.support.memory_zone import MemoryZone
from tests.support.release_builders import NOON, STUDY, transcript
from tests.support.release_service import ReleaseDeployment

RELEASE = "rel-" + "a" * 26
_numbers = itertools.count()


@dataclass
class ZoneUnderTest:
    """A zone under test, its study, and how a participant withdraws from it."""

    zone: ResearchZone
    store: ReviewStore
    study_id: str
    erase: Callable[[str], object]


@pytest.fixture(params=["memory", "service"])
def zone_under_test(
    request: pytest.FixtureRequest, deployment: ReleaseDeployment
) -> Iterator[ZoneUnderTest]:
    """Return a zone with a transcript each of P07 and P08."""
    if request.param == "memory":
        zone = MemoryZone([transcript(), transcript("P08", 1, 1)])
        yield ZoneUnderTest(zone, zone, STUDY, zone.withdrawn.add)
        return
    study_id = f"contract-{next(_numbers)}"
    deployment.create_study(study_id)
    deployment.add_transcript(study_id, "P07")
    deployment.add_transcript(study_id, "P08")
    with deployment.peers(identities.RELEASE) as peers:
        yield ZoneUnderTest(
            ResearchZoneClient(peers.channel(identities.RESEARCH)),
            ReviewStoreClient(peers.channel(identities.RESEARCH)),
            study_id,
            lambda code: deployment.erase(study_id, code),
        )


def stored(path: str, data: bytes, participant: str = "P07") -> StoredFile:
    """Describe a file."""
    return StoredFile(path, hashlib.sha256(data).hexdigest(), len(data), participant)


class TestResearchZone:
    """What the domain relies on holds for the zone in memory and for the real service."""

    def test_study(self, zone_under_test: ZoneUnderTest) -> None:
        """A study says how it is reviewed; an unknown one is not found."""
        found = zone_under_test.zone.study(zone_under_test.study_id)
        assert (found.study_id, found.policy) == (zone_under_test.study_id, "research-default")
        assert found.review is ReviewMode.REQUIRED
        with pytest.raises(NotFound):
            zone_under_test.zone.study("no-such-study")

    def test_holdings_and_segments(self, zone_under_test: ZoneUnderTest) -> None:
        """Each recording has its runs, and a run its segments."""
        contents = zone_under_test.zone.contents(zone_under_test.study_id)
        assert contents.withdrawn == ()
        summaries = sorted(contents.newest, key=lambda one: one.participant)
        assert [(one.participant, one.session) for one in summaries] == [("P07", 1), ("P08", 1)]
        assert summaries[0].redactions["PERSON"] > 0
        found = zone_under_test.zone.segments(zone_under_test.study_id, summaries[0])
        assert found[0] == Segment(
            "S1", "interviewer", "What does recovery mean to you?", 0, 2100, "en"
        )

    def test_reviews_are_replaced_by_who_read_the_last(
        self, zone_under_test: ZoneUnderTest
    ) -> None:
        """A word on a run has a generation; whoever did not read the last one is told."""
        zone, store, study_id = (
            zone_under_test.zone,
            zone_under_test.store,
            zone_under_test.study_id,
        )
        summary = zone.contents(study_id).newest[0]
        assert store.review(study_id, summary) is None
        wanted = Review(summary.run_key, ReviewState.REJECTED, "dr.lim", reason="a name is left")
        first = store.put_review(study_id, summary, wanted)
        assert (first.generation, first.reason) == (1, "a name is left")
        assert first.decided_at is not None
        with pytest.raises(ReviewChanged):
            store.put_review(study_id, summary, wanted)
        second = store.put_review(study_id, summary, replace(first, state=ReviewState.APPROVED))
        assert second.generation == 2
        assert store.review(study_id, summary) == second
        name = RecordingName(study_id, summary.participant, summary.recording_id)
        for contents in (zone.contents(study_id), zone.contents_of(name)):
            found = contents.review(summary)
            assert (found.state, found.generation, found.reason) == (ReviewState.APPROVED, 2, "")

    def test_corrections_are_replaced_by_who_read_the_last(
        self, zone_under_test: ZoneUnderTest
    ) -> None:
        """So are the corrections of a run, which come back as they were, in order."""
        zone, store, study_id = (
            zone_under_test.zone,
            zone_under_test.store,
            zone_under_test.study_id,
        )
        summary = zone.contents(study_id).newest[0]
        assert store.corrections(study_id, summary) == RunCorrections()
        one = Correction(CorrectionKind.REDACT, 0, 0, 4, "PERSON", "[x]", "dr.lim", NOON)
        later = replace(one, segment=1, spread=True, carried_from="a" * 32)
        assert store.put_corrections(study_id, summary, RunCorrections((later, one), (one,))) == 1
        assert store.corrections(study_id, summary) == RunCorrections((one, later), (one,), 1)
        with pytest.raises(ReviewChanged):
            store.put_corrections(study_id, summary, RunCorrections())
        assert store.put_corrections(study_id, summary, RunCorrections((), (), 1)) == 2

    def test_windows_are_those_of_the_segments(self, zone_under_test: ZoneUnderTest) -> None:
        """The encoded segments are as many as the transcript has."""
        summary = zone_under_test.zone.contents(zone_under_test.study_id).newest[0]
        windows = zone_under_test.zone.windows(zone_under_test.study_id, summary)
        segments = zone_under_test.zone.segments(zone_under_test.study_id, summary)
        assert sum(len(one) for one in windows) == len(segments)

    def test_a_recording_that_is_not_there(self, zone_under_test: ZoneUnderTest) -> None:
        """An unknown recording is not found."""
        name = RecordingName(zone_under_test.study_id, "P07", "rec-" + "z" * 26)
        with pytest.raises(NotFound):
            zone_under_test.zone.contents_of(name)

    def test_files_are_written_once(self, zone_under_test: ZoneUnderTest) -> None:
        """The same file again is told, another one under its name refused."""
        file = stored("txt/P07_S1.txt", b"words")
        assert not zone_under_test.zone.put_file(zone_under_test.study_id, RELEASE, file, b"words")
        assert zone_under_test.zone.put_file(zone_under_test.study_id, RELEASE, file, b"words")
        with pytest.raises(AlreadyExists):
            zone_under_test.zone.put_file(
                zone_under_test.study_id, RELEASE, stored("txt/P07_S1.txt", b"other"), b"other"
            )

    def test_a_release_is_visible_when_committed(self, zone_under_test: ZoneUnderTest) -> None:
        """Nothing is listed before; afterwards all files read back, in the order committed."""
        parts = [("txt/P07_S1.txt", b"words" * 999_999, "P07"), ("README.txt", b"", "")]
        files = [stored(path, data, who) for path, data, who in parts]
        runs = zone_under_test.zone.contents(zone_under_test.study_id).newest
        for file, (_, data, _) in zip(files, parts, strict=True):
            zone_under_test.zone.put_file(zone_under_test.study_id, RELEASE, file, data)
        assert list(zone_under_test.zone.releases(zone_under_test.study_id)) == []
        assert not zone_under_test.zone.commit(zone_under_test.study_id, RELEASE, files, runs)
        assert zone_under_test.zone.commit(zone_under_test.study_id, RELEASE, files, runs)
        (found,) = zone_under_test.zone.releases(zone_under_test.study_id)
        assert (found.study_id, found.release_id) == (zone_under_test.study_id, RELEASE)
        assert sorted(found.files, key=lambda one: one.path) == sorted(
            files, key=lambda one: one.path
        )
        for path, data, _ in parts:
            assert b"".join(zone_under_test.zone.read(found, path)) == data
        with pytest.raises(AlreadyExists):
            zone_under_test.zone.commit(zone_under_test.study_id, RELEASE, files[:1], runs)

    def test_who_withdrew_is_gone(self, zone_under_test: ZoneUnderTest) -> None:
        """Transcripts, approvals and released files of an erased participant are out of reach."""
        summaries = {
            one.participant: one
            for one in zone_under_test.zone.contents(zone_under_test.study_id).newest
        }
        file = stored("txt/P08_S1.txt", b"words", "P08")
        zone_under_test.zone.put_file(zone_under_test.study_id, RELEASE, file, b"words")
        zone_under_test.zone.commit(zone_under_test.study_id, RELEASE, [file], summaries.values())
        zone_under_test.erase("P08")
        contents = zone_under_test.zone.contents(zone_under_test.study_id)
        assert contents.withdrawn == ("P08",)
        assert [one.participant for one in contents.newest] == ["P07"]
        with pytest.raises(Erased):
            zone_under_test.zone.segments(zone_under_test.study_id, summaries["P08"])
        (found,) = zone_under_test.zone.releases(zone_under_test.study_id)
        with pytest.raises(Erased):
            list(zone_under_test.zone.read(found, "txt/P08_S1.txt"))
