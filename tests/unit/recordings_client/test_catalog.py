# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import itertools

import pytest

from flows.cli import recording_table
from services.common.errors import NotFound
from services.recordings_client import catalog
from services.recordings_client.catalog import summary_of
from sotto.storage.v1 import catalog_pb2, recording_pb2, review_pb2
from sotto.study.v1 import study_pb2
from tests.unit.flows.fake_services import (
    FakeServices,
    finished_run,
    recording_id,
    recording_ref,
)

FAILURE = recording_pb2.StageFailure(
    stage="transcription", reason="INVALID_ARGUMENT", message="it is no audio"
)
MOMENT = dt.datetime(2026, 3, 4, 8, tzinfo=dt.UTC)


def clinical_state(
    number: int = 0, *, erased: bool = False, failed: bool = False, transcribed: bool = False
) -> catalog_pb2.RecordingState:
    """Return a recording as the clinical zone lists it."""
    return catalog_pb2.RecordingState(
        ref=recording_ref(number),
        session=1,
        kind=recording_pb2.RECORDING_KIND_MEDIA,
        erased=erased,
        failure=FAILURE if failed else None,
        transcripts=[finished_run("1" * 32, 3), finished_run("2" * 32, 4)] if transcribed else (),
    )


def research_state(number: int = 0, *, deidentified: bool = True) -> catalog_pb2.RecordingState:
    """Return a recording as the research zone lists it."""
    run = finished_run("3" * 32)
    run.manifest.deidentification.redactions.update({"PERSON": 2, "DATE_TIME": 5})
    run.manifest.deidentification.residual_risk = 0.25
    return catalog_pb2.RecordingState(
        ref=recording_ref(number), transcripts=[run] if deidentified else ()
    )


class TestSummaryOf:
    @pytest.mark.parametrize("facts", list(itertools.product([False, True], repeat=4)))
    def test_runs_and_failure(self, facts: tuple[bool, ...]) -> None:
        """Keys of runs are told as there are runs, and why it failed only where that counts."""
        erased, failed, transcribed, deidentified = facts

        summary = summary_of(
            clinical_state(erased=erased, failed=failed, transcribed=transcribed),
            research_state(deidentified=deidentified),
        )

        assert bool(summary.transcript_run) is transcribed
        assert bool(summary.release_run) is deidentified
        assert bool(summary.message) is (summary.state == "failed")
        assert (summary.state == "erased") is erased

    def test_figures_of_the_newest_runs(self) -> None:
        """Keys and counts are those of the transcript that was finished last."""
        summary = summary_of(clinical_state(transcribed=True), research_state())

        assert (summary.transcript_run, summary.segments) == ("2" * 32, 4)
        assert (summary.release_run, summary.replacements) == ("3" * 32, 7)
        assert summary.residual_risk == 0.25

    def test_nothing_but_sealed(self) -> None:
        """A recording that just came in has names, kind and time, and no figures."""
        sealed = clinical_state()
        sealed.sealed_at.FromDatetime(MOMENT)

        summary = summary_of(sealed, None)

        assert (summary.study_id, summary.participant, summary.session) == ("s1", "P07", 1)
        assert (summary.kind, summary.sealed_at) == ("media", "2026-03-04T08:00:00+00:00")
        assert (summary.segments, summary.replacements, summary.residual_risk) == (0, 0, 0.0)
        assert (summary.review, summary.decided_by, summary.released) == ("", "", "")
        assert summary.ref == sealed.ref

    @pytest.mark.parametrize("marked", [False, True])
    def test_invented_words(self, marked: bool) -> None:
        """The list says that the newest transcript was made up, also by the warning that earlier
        versions left in its manifest.
        """
        clinical = clinical_state(transcribed=True)
        assert not summary_of(clinical, None).invented
        if marked:
            clinical.transcripts[-1].manifest.invented = True
        else:
            clinical.transcripts[-1].manifest.provenance["warning"] = "demo model"
        found = summary_of(clinical, None)
        assert found.invented
        assert "invented" in str(recording_table.row(found)[-1])

    def test_what_was_not_heard(self) -> None:
        """The list says where the newest transcript lacks words or sound, in words for people and
        by kind for programs; doubts about single segments are not in it.
        """
        clinical = clinical_state(transcribed=True)
        assert summary_of(clinical, None).as_record()["doubts"] == {}
        manifest = clinical.transcripts[-1].manifest
        manifest.doubts.update({"inaudible": 2, "bad_packets": 1, "repetition": 5})
        found = summary_of(clinical, None)
        assert found.as_record()["doubts"] == {"inaudible": 2, "bad_packets": 1}
        said = str(recording_table.row(found)[-1])
        assert "2 passages were not understood" in said
        assert "one piece of the file is damaged" in said

    def test_failure(self) -> None:
        """A failure is shown by stage, reason and message."""
        summary = summary_of(clinical_state(failed=True), None)

        assert (summary.stage, summary.reason, summary.message) == (
            "transcription", "INVALID_ARGUMENT", "it is no audio",
        )  # fmt: skip

    @pytest.mark.parametrize(
        ("state", "name"),
        [
            (review_pb2.REVIEW_STATE_PENDING, "pending"),
            (review_pb2.REVIEW_STATE_APPROVED, "approved"),
            (review_pb2.REVIEW_STATE_REJECTED, "rejected"),
        ],
    )
    def test_review(self, state: review_pb2.ReviewState, name: str) -> None:
        """Who decided what on the newest run is told, and when that run was first released."""
        held = research_state()
        held.transcripts[-1].review.state = state
        held.transcripts[-1].review.decided_by = "mei"
        held.transcripts[-1].released_at.FromDatetime(MOMENT)

        summary = summary_of(clinical_state(transcribed=True), held)

        assert (summary.review, summary.decided_by) == (name, "mei")
        assert summary.released == "2026-03-04T08:00:00+00:00"

    def test_record(self) -> None:
        """Programs read the state by its name, beside ids, counts and the review."""
        record = summary_of(clinical_state(transcribed=True), None).as_record()

        assert record["state"] == "transcribed"
        assert {"recording_id", "review", "decided_by", "released", "residual_risk"} <= {*record}


class TestRecordings:
    def test_both_zones_over_all_pages(self, services: FakeServices) -> None:
        """All pages of both zones are put together by recording, in order of the interviews."""
        services.clinical.recordings = [clinical_state(number) for number in range(5)]
        for number, state in enumerate(services.clinical.recordings):
            state.session = 5 - number
        services.research.recordings = [research_state(number) for number in (4, 1, 0)]

        found = catalog.recordings(services.peers)

        assert [(one.session, one.state) for one in found] == [
            (1, "deidentified"), (2, "sealed"), (3, "sealed"), (4, "deidentified"),
            (5, "deidentified"),
        ]  # fmt: skip
        assert found[0].recording_id == recording_id(4)

    def test_of_one_study(self, services: FakeServices) -> None:
        """Another study's recordings are not listed."""
        services.clinical.recordings = [clinical_state(0), clinical_state(1)]
        services.clinical.recordings[1].ref.study_id = "s2"

        assert [one.study_id for one in catalog.recordings(services.peers, "s2")] == ["s2"]


class TestRequired:
    def test_participant_by_description_or_recordings(self, services: FakeServices) -> None:
        """A code that was taken out of the study's file is known as long as it has recordings."""
        services.clinical.studies["s1"] = study_pb2.Study(id="s1", participants=["P01"])
        services.clinical.recordings = [clinical_state()]

        for code in ("P01", "P07"):
            catalog.require_participant(services.peers, "s1", code)
        with pytest.raises(NotFound, match=r"study s1 has no participant p07; is P07 meant\?"):
            catalog.require_participant(services.peers, "s1", "p07")

    def test_study(self, services: FakeServices) -> None:
        """A study that does not exist is refused with the nearest one that does."""
        services.clinical.studies["peer-2026"] = study_pb2.Study(id="peer-2026")

        with pytest.raises(NotFound, match="there is no study peer2026; is peer-2026 meant"):
            catalog.require_participant(services.peers, "peer2026", "P01")

    def test_recording(self, services: FakeServices) -> None:
        """A recording that a study does not have is refused with the nearest one that it has."""
        services.clinical.studies["s1"] = study_pb2.Study(id="s1")
        services.clinical.recordings = [clinical_state()]
        known = services.clinical.recordings[0].ref.recording_id

        assert len(catalog.require_recording(services.peers, known, "s1")) == 1
        with pytest.raises(NotFound, match=f"is {known} meant"):
            catalog.require_recording(services.peers, known[:-1], "s1")
