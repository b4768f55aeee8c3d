# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from collections.abc import Callable

import pytest

from services.common.errors import NotFound
from services.deidentification.domain.study import RecordingRef
from services.registry.events import Event
from services.storage_client.transcripts import provenance_of
from sotto.storage.v1 import (
    vault_pb2,
    vault_service_pb2_grpc,
)
from sotto.storage.v1.recording_roster_pb2 import RecordingName
from tests.support.deidentification_zones import (
    DATED,
    STUDY,
    TwoZones,
    outcome,
    segments_of,
)


class TestWholeWay:
    """From the clinical to the research zone."""

    def test_transcript_report_and_manifest(self, deployment: TwoZones) -> None:
        """Texts without identifiers, replacements at their place, no words, the interview's
        number.
        """
        ref = deployment.transcribed("P07")
        done = outcome(deployment.runner(), ref)
        first, *windows = deployment.released(ref)
        segments = segments_of(windows)
        assert [s.text for s in segments][
            1
        ] == "My name is [P07]. [Nurse 1] from [Hospital 1] helped me."
        assert [s.text for s in segments][4] == "[P07's brother] and [Doctor 1] came."
        assert not any(s.words for s in segments)
        for s in segments:
            assert all(s.text[r.start] == "[" and s.text[r.end - 1] == "]" for r in s.replacements)
        assert first.manifest.session == 3
        report = first.manifest.deidentification
        assert report.redactions["PERSON"] == done.replacements["PERSON"] == 4
        assert first.manifest.run_key == done.run_key
        assert report.residual_risk == done.residual
        assert 0 < report.review_threshold < 1
        assert (report.policy, report.policy_version) == ("research-default", 2)

    def test_rerun_skips(self, deployment: TwoZones) -> None:
        """The same inputs are not worked twice."""
        ref = deployment.transcribed("P07")
        first = outcome(deployment.runner(), ref)
        again = outcome(deployment.runner(), ref)
        assert again.existed
        assert (again.run_key, again.replacements) == (first.run_key, dict(first.replacements))

    def test_roster(self, deployment: TwoZones) -> None:
        """A name of the sealed roster goes, and a new roster is a new run."""
        ref = deployment.transcribed("P07", (("participant", "then bulan came"),))
        before = outcome(deployment.runner(), ref)
        writer = vault_service_pb2_grpc.RosterWriterServiceStub(
            deployment.clinical.channel("operator")
        )
        document = json.dumps({"people": [{"name": "Bulan", "role": "brother"}]}).encode()
        writer.PutRoster(vault_pb2.PutRosterRequest(study_id=STUDY, document=document))
        after = outcome(deployment.runner(), ref)
        assert after.run_key != before.run_key
        assert "bulan" not in deployment.texts(ref)[0]

    def test_names_that_came_with_the_recording(self, deployment: TwoZones) -> None:
        """A label that is an ordinary word, and a word of the file's name, go; a code stays."""
        ref = deployment.transcribed(
            "P07",
            (("interviewer", "how are you man, P08 and suriawati asked"), ("participant", "ok")),
            names=[
                RecordingName(name="Man", source="label", role="participant"),
                RecordingName(name="P08", source="label"),
                RecordingName(name="interview_suriawati_final", source="file_name"),
            ],
        )
        outcome(deployment.runner(), ref)
        assert deployment.texts(ref)[0] == "how are you [P07], P08 and [Person 1] asked"
        events = {event.name for event in deployment.clinical.log.events}
        assert Event.RECORDING_ROSTER_READ.value in events


class TestPlan:
    """Which run would be made now."""

    def test_names_the_run_that_is_made_next(self, deployment: TwoZones) -> None:
        """With a roster and without, with a policy of the study's own, with a day; what it states
        of the makers is what the manifest states.
        """
        ref = deployment.transcribed("P07", day="2026-03-20")
        writer = vault_service_pb2_grpc.RosterWriterServiceStub(
            deployment.clinical.channel("operator")
        )
        document = json.dumps({"people": [{"name": "Faizal", "role": "brother"}]}).encode()
        changes: list[Callable[[], object]] = [
            lambda: None,
            lambda: writer.PutRoster(vault_pb2.PutRosterRequest(study_id=STUDY, document=document)),
            lambda: deployment.use(DATED % "relative"),
        ]
        keys = set()
        for change in changes:
            change()
            planned = deployment.plan(ref)
            made = outcome(deployment.runner(), ref)
            assert planned.run_key == made.run_key == deployment.plan(ref).run_key
            manifest = deployment.released(ref)[0].manifest
            assert manifest.run_key == made.run_key
            assert planned.provenance == provenance_of(manifest)
            keys.add(made.run_key)
        assert len(keys) == len(changes)

    def test_reads_no_words(self, deployment: TwoZones) -> None:
        """The store is asked for the manifest alone, and no vault is opened."""
        ref = deployment.transcribed("P07")
        before = len(deployment.clinical.log.events)
        deployment.plan(ref)
        names = {event.name for event in deployment.clinical.log.events[before:]}
        assert names.isdisjoint({Event.TRANSCRIPT_READ.value, Event.VAULT_READ.value})
        assert Event.ROSTER_READ.value in names

    def test_without_a_transcript(self, deployment: TwoZones) -> None:
        """A recording that nobody transcribed is not found, and the advice is to do that first."""
        sealed = deployment.sealed("P07", b"sound")
        ref = RecordingRef(sealed.study_id, sealed.participant, sealed.recording_id)
        with pytest.raises(NotFound, match="transcribe it first"):
            deployment.runner().plan(ref, "")


class TestReview:
    """Whether and where a person should look."""

    @pytest.mark.parametrize("below", [0.0, 0.01, 1.0])
    def test_the_threshold_of_the_policy_is_in_the_manifest(
        self, deployment: TwoZones, below: float
    ) -> None:
        """A rule is held to it, and to the risk beside it, which the result of the job states."""
        own = f"name: own\nversion: 1\nentities: {{}}\nreview: {{automatic_below: {below}}}\n"
        deployment.use(own)
        ref = deployment.transcribed("P07", (("participant", "then we saw the glorpentak there"),))
        done = outcome(deployment.runner(), ref)
        report = deployment.released(ref)[0].manifest.deidentification
        assert report.review_threshold == below
        assert 0.0 < report.residual_risk == done.residual < 1.0
        again = outcome(deployment.runner(), ref)
        assert (again.existed, again.residual) == (True, done.residual)

    def test_words_heard_badly(self, deployment: TwoZones) -> None:
        """A doubtful word that could be a name is shown at its place, in the text that is shown."""
        talk = (
            ("participant", "Encik Faizal came with zulkarnien to the clinic yesterday"),
            ("participant", "and then we ate rice"),
        )
        sure = deployment.transcribed("P07", talk)
        doubted = deployment.transcribed("P08", talk, doubted="zulkarnien")
        risks = {ref: outcome(deployment.runner(), ref).residual for ref in (sure, doubted)}
        assert risks[doubted] > risks[sure]
        segments = segments_of(deployment.released(doubted))
        shown = [
            (segments[0].text[d.start : d.end], round(d.weight, 2))
            for d in segments[0].doubts
            if d.reason == "misheard"
        ]
        assert shown == [("zulkarnien", 0.08)]
        assert not segments[1].doubts
        made = deployment.released(doubted)[0].manifest.deidentification
        assert made.residual_risk > 0
        # One made-up identifier for each turn that is long enough.
        assert sum(one.planted for one in made.canaries.values()) == 2
        assert deployment.released(doubted)[0].manifest.doubts["misheard"] == 1
        assert "misheard" not in deployment.released(sure)[0].manifest.doubts


class TestLong:
    """A transcript that is far larger inside than out."""

    def test_names_and_nothing_else(self, deployment: TwoZones) -> None:
        """Four thousand characters of names a turn: each window still fits in a message.

        Slow: 25,000 names are detected, merged and given pseudonyms.
        """
        talk = tuple(("participant", "Dr Tan, " * 500) for _ in range(50))
        ref = deployment.transcribed("P07", talk)
        outcome(deployment.runner(window=200), ref)
        manifest = deployment.released(ref)[0].manifest
        assert manifest.window_count > 1
        assert manifest.segment_count == 50
        assert set(deployment.texts(ref)) == {"[Doctor 1], " * 500}
