# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import pytest

from services.common.errors import InvalidInput, NotFound
from services.recordings_client import showing
from sotto.storage.v1 import catalog_pb2, recording_pb2, removal_pb2, removal_service_pb2_grpc
from sotto.transcript.v1 import reading_pb2
from tests.unit.flows.fake_services import FakeServices, finished_run, recording_id, recording_ref

READING = reading_pb2.Reading(
    form="docx",
    turns=10,
    timed_turns=5,
    speaker_count=2,
    speakers=[
        reading_pb2.SpeakerShare(label="S1", role="interviewer", turns=5, share=310),
        reading_pb2.SpeakerShare(label="S2", turns=5, share=690),
    ],
    languages={"en": 880, "ms": 120},
    left_out={"footnotes": 3, "comments": 1},
    warnings=[reading_pb2.ReadingWarning(kind="labels_in_text", count=2, place=7)],
)


@pytest.fixture
def shown(services: FakeServices) -> FakeServices:
    """A transcript that was read, and de-identified once."""
    services.clinical.add(0)
    run = finished_run()
    run.manifest.reading.CopyFrom(READING)
    services.clinical.recordings[0].transcripts.append(run)
    services.clinical.recordings[0].kind = recording_pb2.RECORDING_KIND_TRANSCRIPT
    other = finished_run("1" * 32)
    other.manifest.deidentification.residual_risk = 0.25
    services.research.recordings.append(
        catalog_pb2.RecordingState(ref=recording_ref(0), transcripts=[other])
    )
    return services


@pytest.fixture
def removed(monkeypatch: pytest.MonkeyPatch) -> list[removal_pb2.Removal]:
    """What the store says was removed."""
    made: list[removal_pb2.Removal] = []

    class Removals:
        def ListRemovals(
            self, _: removal_pb2.ListRemovalsRequest
        ) -> removal_pb2.ListRemovalsResponse:
            """List what was removed."""
            return removal_pb2.ListRemovalsResponse(removals=made)

    monkeypatch.setattr(removal_service_pb2_grpc, "RemovalServiceStub", lambda _channel: Removals())
    return made


class TestShow:
    def test_facts_for_people(self, shown: FakeServices) -> None:
        """What was found, what was left out and each run stand there, a fact a line."""
        facts = list(showing.facts(showing.show(shown.peers, recording_id(0))))

        assert ("who", "P07, session 1") in facts
        readings = [fact for word, fact in facts if word == "reading"]
        assert readings == [
            "read as docx",
            "10 turns, 50 % with times",
            "2 speakers: S1 interviewer 31 % in 5 turns; S2 69 % in 5 turns",
            "languages en 88 %, ms 12 %",
            "left out: footnotes (3), comments (1)",
        ]
        [look_at] = [fact for word, fact in facts if word == "look at"]
        assert look_at.startswith("2 lines look as if")
        runs = [fact for word, fact in facts if word == "run"]
        assert ["identified" in run for run in runs] == [True, True]
        assert "residual risk 0.25" in runs[1]

    def test_record_for_programs(self, shown: FakeServices) -> None:
        """The record is that of the list and more; unknown numbers of words are left out."""
        record = showing.record(showing.show(shown.peers, recording_id(0)))

        assert record["recording_id"] == recording_id(0)
        assert record["state"] == "deidentified"
        reading = record["reading"]
        assert isinstance(reading, dict)
        assert reading["left_out"] == {"footnotes": 3, "comments": 1}
        assert "words" not in reading
        assert [one["kind"] for one in record["warnings"]] == ["labels_in_text"]  # type: ignore[attr-defined, index] # JSON
        assert [one["zone"] for one in record["runs"]] == ["clinical", "research"]  # type: ignore[attr-defined, index] # JSON

    def test_words_that_may_be_misheard(self, shown: FakeServices) -> None:
        """Counted of the de-identified run, where words were judged at all."""
        (run,) = shown.research.recordings[0].transcripts
        assert "may be misheard" not in str(list(showing.facts(self.found(shown))))
        run.manifest.provenance["word_doubts"] = "base"
        run.manifest.doubtful_word_count = 12
        assert "12 words may be misheard" in str(list(showing.facts(self.found(shown))))
        (record,) = [one for one in self.runs(shown) if one["zone"] == "research"]
        assert record["doubtful_words"] == 12

    @staticmethod
    def found(shown: FakeServices) -> showing.ShownRecording:
        """What is known of the recording."""
        return showing.show(shown.peers, recording_id(0))

    def runs(self, shown: FakeServices) -> list[dict[str, object]]:
        """The runs of its record."""
        runs = showing.record(self.found(shown))["runs"]
        assert isinstance(runs, list)
        return runs

    def test_before_anything_is_made(self, services: FakeServices) -> None:
        """A recording that was only sealed has no reading and no runs."""
        services.clinical.add(1)

        record = showing.record(showing.show(services.peers, recording_id(1)))

        assert (record["reading"], record["runs"], record["state"]) == (None, [], "sealed")

    def test_unknown(self, shown: FakeServices, removed: list[removal_pb2.Removal]) -> None:
        """An id that is not there is told, and one that is empty."""
        assert not removed
        with pytest.raises(NotFound, match="no recording"):
            showing.show(shown.peers, recording_id(5))
        with pytest.raises(InvalidInput, match="is empty"):
            showing.show(shown.peers, "")

    def test_removed(self, shown: FakeServices, removed: list[removal_pb2.Removal]) -> None:
        """Of one that was removed it is told who did so, why, and what it is now."""
        removed.append(
            removal_pb2.Removal(
                ref=recording_ref(5),
                reason=recording_pb2.REMOVAL_REASON_WRONG_PARTICIPANT,
                removed_by="ana",
                moved_to=recording_ref(6),
            )
        )
        says = rf"by ana \(wrong_participant\), and is {recording_id(6)} now"
        with pytest.raises(NotFound, match=says):
            showing.show(shown.peers, recording_id(5))
