# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import pytest

from services.common.errors import NotFound, NotReady
from services.recordings_client import catalog
from services.recordings_client.redo import Due, due_of
from services.recordings_client.stages import Stage
from sotto.deidentification.v1 import deidentification_pb2
from sotto.storage.v1 import catalog_pb2, recording_pb2, review_pb2
from sotto.study.v1 import study_pb2
from sotto.transcription.v1 import transcription_pb2
from tests.unit.flows.fake_services import FakeServices, finished_run, recording_ref

OLD, WANTED, OTHER = "0" * 32, "1" * 32, "2" * 32


@dataclass
class WantedRuns:
    """The runs that are wanted of every recording, and what was asked for."""

    transcript_key: str = WANTED
    run_key: str = WANTED
    transcript_provenance: Mapping[str, str] = field(default_factory=dict)
    run_provenance: Mapping[str, str] = field(default_factory=dict)
    content_deleted: bool = False
    refusal: NotReady | None = None
    run_refusal: NotReady | None = None
    asked: list[str] = field(default_factory=list)

    def transcript(self, ref: recording_pb2.RecordingRef) -> transcription_pb2.PlanResponse:
        """Answer as transcription does."""
        self.asked.append(f"transcript of {ref.participant}")
        if self.refusal is not None:
            raise self.refusal
        return transcription_pb2.PlanResponse(
            run_key=self.transcript_key,
            provenance=self.transcript_provenance,
            content_deleted=self.content_deleted,
        )

    def run(
        self, ref: recording_pb2.RecordingRef, transcript: str
    ) -> deidentification_pb2.PlanResponse:
        """Answer as de-identification does."""
        self.asked.append(f"run of {ref.participant} from {transcript[0]}")
        if self.run_refusal is not None:
            raise self.run_refusal
        return deidentification_pb2.PlanResponse(
            run_key=self.run_key, provenance=self.run_provenance
        )


def run(key: str, provenance: Mapping[str, str] | None = None) -> catalog_pb2.TranscriptState:
    """Return a finished run with what made it."""
    made = finished_run(key)
    made.manifest.provenance.update(provenance or {})
    return made


def reviewed(key: str) -> catalog_pb2.TranscriptState:
    """Return a finished run to which the rule was applied."""
    made = run(key)
    made.review.state = review_pb2.REVIEW_STATE_PENDING
    return made


def zone(*runs: catalog_pb2.TranscriptState, failed: str = "") -> catalog_pb2.RecordingState:
    """Return what a zone holds; `failed` is the stage of a failure newer than all runs."""
    state = catalog_pb2.RecordingState(ref=recording_ref(0), session=1, transcripts=runs)
    if failed:
        state.failure.stage = failed
        state.failure.message = "it broke"
        state.failure.time.FromSeconds(9)
    return state


def found(due: Due | None) -> tuple[Stage, tuple[str, ...]]:
    """Return the stage and the reasons of what must be due."""
    assert due is not None
    return due.stage, due.reasons


class TestDueOf:
    def test_nothing(self) -> None:
        """A recording whose wanted runs are there and were judged by the rule is left alone."""
        assert due_of(zone(run(WANTED)), zone(reviewed(WANTED)), WantedRuns()) is None

    def test_wanted_run_must_be_the_newest(self) -> None:
        """A run that an earlier policy made, and that is wanted again, has to become the newest.

        A release takes the newest one.
        """
        clinical = zone(run(WANTED))

        due = due_of(clinical, zone(reviewed(WANTED), reviewed(OTHER)), WantedRuns())

        assert found(due) == (
            Stage.DEIDENTIFICATION,
            ("a run that was made before is wanted again",),
        )

    def test_never_made(self) -> None:
        """What came in and was not transcribed begins with transcription."""
        assert found(due_of(zone(), None, WantedRuns())) == (
            Stage.TRANSCRIPTION,
            ("it was not made yet",),
        )

    def test_refused_by_the_engine(self) -> None:
        """A recording that transcription refuses is told with its reason; the others go on."""
        plans = WantedRuns(refusal=NotReady("no speech model"))

        assert found(due_of(zone(), None, plans)) == (Stage.TRANSCRIPTION, ("no speech model",))
        assert found(due_of(zone(failed="transcription"), None, plans)) == (
            Stage.TRANSCRIPTION,
            ("transcription failed: it broke",),
        )

    def test_refused_by_deidentification(self) -> None:
        """A policy that waits for its countersignature is the reason; the others go on."""
        plans = WantedRuns(run_refusal=NotReady("nobody countersigned", reason="not_countersigned"))

        assert found(due_of(zone(run(WANTED)), None, plans)) == (
            Stage.DEIDENTIFICATION,
            ("nobody countersigned",),
        )
        failed = zone(run(WANTED), failed="deidentification")
        assert found(due_of(failed, None, plans)) == (
            Stage.DEIDENTIFICATION,
            ("deidentification failed: it broke",),
        )

    def test_another_model(self) -> None:
        """What changed about the engine is told by name, hashes shortened."""
        made = {"model": "tiny", "model_sha256": "a" * 64, "engine": "e/1", "layout": "mono"}
        wanted = {"model": "base", "model_sha256": "b" * 64, "engine": "e/1"}
        plans = WantedRuns(transcript_provenance=wanted)

        stage, reasons = found(due_of(zone(run(OLD, made)), zone(reviewed(OLD)), plans))

        assert stage is Stage.TRANSCRIPTION
        assert reasons == (
            "model: tiny -> base",
            f"model_sha256: {'a' * 12} -> {'b' * 12}",
        )
        assert plans.asked == ["transcript of P07"]

    def test_stricter_policy(self) -> None:
        """Another policy makes the de-identified run due, and not the transcript."""
        made = run(OLD)
        made.manifest.deidentification.policy = "research-default"
        made.manifest.deidentification.policy_version = 1
        made.manifest.deidentification.policy_digest = "a" * 16
        policy = {"deidentification.policy": f"strict/2/{'b' * 16}"}

        stage, reasons = found(
            due_of(zone(run(WANTED)), zone(made), WantedRuns(run_provenance=policy))
        )

        assert stage is Stage.DEIDENTIFICATION
        assert reasons == (
            f"deidentification.policy: research-default/1/{'a' * 12} -> strict/2/{'b' * 12}",
        )

    def test_changed_roster(self) -> None:
        """An input that no manifest may tell of is said to be one of those."""
        stage, reasons = found(due_of(zone(run(WANTED)), zone(reviewed(OLD)), WantedRuns()))

        assert stage is Stage.DEIDENTIFICATION
        assert reasons == ("roster, date, transcript or another input changed",)

    def test_rule_was_not_applied(self) -> None:
        """A run that no rule and no person judged is due for the rule alone."""
        assert found(due_of(zone(run(WANTED)), zone(run(WANTED)), WantedRuns())) == (
            Stage.REVIEW_RULE,
            ("the review rule was not applied to it",),
        )

    @pytest.mark.parametrize(
        ("clinical", "research", "stage"),
        [
            (zone(failed="transcription"), None, Stage.TRANSCRIPTION),
            (zone(run(WANTED), failed="deidentification"), None, Stage.DEIDENTIFICATION),
            (zone(run(WANTED), failed="release"), zone(reviewed(WANTED)), Stage.REVIEW_RULE),
        ],
    )
    def test_failed(
        self,
        clinical: catalog_pb2.RecordingState,
        research: catalog_pb2.RecordingState | None,
        stage: Stage,
    ) -> None:
        """A recording that failed is tried again where it stopped, and the failure told first."""
        due = due_of(clinical, research, WantedRuns())

        assert found(due)[0] is stage
        assert found(due)[1][0] == f"{clinical.failure.stage} failed: it broke"

    def test_content_was_deleted(self) -> None:
        """What cannot be heard again is de-identified from what was heard last."""
        plans = WantedRuns(content_deleted=True)

        due = due_of(zone(run(OTHER)), zone(reviewed(OLD)), plans)

        assert found(due)[0] is Stage.DEIDENTIFICATION
        assert plans.asked == ["transcript of P07", "run of P07 from 2"]
        assert due_of(zone(), None, plans) is None

    def test_erased(self) -> None:
        """Whoever withdrew is left alone, and no service is asked."""
        plans = WantedRuns()
        erased = zone()
        erased.erased = True

        assert due_of(erased, None, plans) is None
        assert plans.asked == []


class TestRecord:
    def test_of_what_is_due(self) -> None:
        """Programs read the stage, the reasons and the key of the run that would be made."""
        due = due_of(zone(run(WANTED)), None, WantedRuns(run_key=OTHER))
        assert due is not None

        record = due.as_record()

        assert (record["stage"], record["state"]) == ("deidentification", "transcribed")
        assert (record["reasons"], record["wanted_run"]) == (["it was not made yet"], OTHER)


class TestRequireStudy:
    def test_unknown(self, services: FakeServices) -> None:
        """A study that does not exist is refused with those that do."""
        services.clinical.studies = {"s1": study_pb2.Study(), "s2": study_pb2.Study()}

        catalog.require_study(services.peers, "s1")
        catalog.require_study(services.peers, "")
        with pytest.raises(NotFound, match=r"no study peer; known: s1, s2"):
            catalog.require_study(services.peers, "peer")
