# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import datetime as dt
import itertools

import pytest

from flows import catalog
from flows.catalog import status_of
from flows.recording_state import state_of
from sotto.storage.v1 import catalog_pb2, recording_pb2
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


def research_state(
    number: int = 0, *, deidentified: bool = True, released: bool = False
) -> catalog_pb2.RecordingState:
    """Return a recording as the research zone lists it."""
    run = finished_run("3" * 32)
    run.manifest.deidentification.redactions.update({"PERSON": 2, "DATE_TIME": 5})
    run.manifest.deidentification.residual_risk = 0.25
    state = catalog_pb2.RecordingState(
        ref=recording_ref(number), transcripts=[run] if deidentified else ()
    )
    if released:
        state.released_at.FromDatetime(MOMENT)
    return state


class TestStatusOf:
    @pytest.mark.parametrize("facts", list(itertools.product([False, True], repeat=5)))
    def test_state_of_every_combination(self, facts: tuple[bool, ...]) -> None:
        """A status follows from what the zones hold; a release changes nothing about it."""
        erased, failed, transcribed, deidentified, released = facts

        status = status_of(
            clinical_state(erased=erased, failed=failed, transcribed=transcribed),
            research_state(deidentified=deidentified, released=released),
        )

        assert status.state is state_of(
            erased=erased, failed=failed, transcribed=transcribed, deidentified=deidentified
        )
        assert status.is_settled is status.state.is_settled
        assert bool(status.transcript_run) is transcribed
        assert bool(status.release_run) is deidentified
        # Why it failed is told only where that is what became of it.
        assert bool(status.message) is (status.state == "failed")

    def test_figures_of_the_newest_runs(self) -> None:
        """Keys and counts are those of the transcript that was finished last."""
        status = status_of(clinical_state(transcribed=True), research_state())

        assert (status.transcript_run, status.segments) == ("2" * 32, 4)
        assert (status.release_run, status.replacements) == ("3" * 32, 7)
        assert status.residual_risk == 0.25

    def test_nothing_but_sealed(self) -> None:
        """A recording that just came in has names, kind and time, and no figures."""
        sealed = clinical_state()
        sealed.sealed_at.FromDatetime(MOMENT)

        status = status_of(sealed, None)

        assert (status.study_id, status.participant, status.session) == ("s1", "P07", 1)
        assert (status.kind, status.sealed_at) == ("media", "2026-03-04T08:00:00+00:00")
        assert (status.segments, status.replacements, status.residual_risk) == (0, 0, 0.0)
        assert status.ref == sealed.ref

    def test_failure(self) -> None:
        """A failure is shown by stage, reason and message."""
        status = status_of(clinical_state(failed=True), None)

        assert (status.stage, status.reason, status.message) == (
            "transcription", "INVALID_ARGUMENT", "it is no audio",
        )  # fmt: skip


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


class TestKnows:
    def test_by_description_or_recordings(self, services: FakeServices) -> None:
        """A code that was taken out of the study's file is known as long as it has recordings."""
        services.clinical.studies["s1"] = study_pb2.Study(id="s1", participants=["P01"])
        services.clinical.recordings = [clinical_state()]

        known = [catalog.knows(services.peers, "s1", code) for code in ("P01", "P07", "P08")]

        assert known == [True, True, False]

    def test_unknown_study(self, services: FakeServices) -> None:
        """A study that does not exist knows nobody."""
        assert catalog.knows(services.peers, "s9", "P01") is False
