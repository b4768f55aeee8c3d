# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import cast

import grpc
import pytest

from services.deidentification.domain.study import RecordingRef
from services.deidentification.errors import PlaceError
from services.registry.events import Event
from sotto.audit.v1 import entry_pb2
from sotto.deidentification.v1 import deidentification_pb2
from tests.support.deidentification_zones import (
    ADMITTED,
    DATED,
    TwoZones,
    outcome,
)

FRIENDS = (
    ("participant", "My friend bulan drove me to the kolam house."),
    ("interviewer", "And where is Bulan's shop?"),
    (
        "participant",
        "Next to Hospital Permai, where Dr Tan works. the kolam house is far, bulann said.",
    ),
)


class TestCorrections:
    """A reviewer's correction, spread over the run that was read."""

    def propagate(
        self, deployment: TwoZones, ref: RecordingRef, words: str, entity_type: str
    ) -> list[tuple[str, str]]:
        """What the places hold, and what replaces them."""
        key = deployment.released(ref)[0].manifest.run_key
        texts = deployment.texts(ref)
        number = next(n for n, text in enumerate(texts) if words in text)
        start = texts[number].index(words)
        answer = deployment.corrections().PropagateRedaction(
            deidentification_pb2.PropagateRedactionRequest(
                ref=deployment.message(ref), run_key=key, segment=number, start=start,
                end=start + len(words), entity_type=entity_type,
            ),
            cast(grpc.ServicerContext, None),
        )  # fmt: skip
        return [(texts[p.segment][p.start : p.end], p.replacement) for p in answer.places]

    def relabel(
        self, deployment: TwoZones, ref: RecordingRef, label: str, entity_type: str
    ) -> list[tuple[int, str]]:
        """Segments of the places, and what replaces them."""
        texts = deployment.texts(ref)
        number = next(n for n, text in enumerate(texts) if label in text)
        start = texts[number].index(label)
        answer = deployment.corrections().RelabelReplacement(
            deidentification_pb2.RelabelReplacementRequest(
                ref=deployment.message(ref),
                run_key=deployment.released(ref)[0].manifest.run_key,
                segment=number,
                start=start,
                end=start + len(label),
                entity_type=entity_type,
            ),
            cast(grpc.ServicerContext, None),
        )
        assert all(texts[p.segment][p.start : p.end] == label for p in answer.places)
        return [(p.segment, p.replacement) for p in answer.places]

    def test_a_missed_name_gets_its_pseudonym_everywhere(self, deployment: TwoZones) -> None:
        """All forms get one label, which the vault keeps: the next run, another interview and a
        second call give the same. Nobody's roster is written.
        """
        ref = deployment.transcribed("P07", FRIENDS)
        outcome(deployment.runner(), ref)
        assert "bulan" in deployment.texts(ref)[0]
        rosters = deployment.roster()
        places = self.propagate(deployment, ref, "bulan", "PERSON")
        (label,) = {text for _, text in places}
        assert [words for words, _ in places] == ["bulan", "Bulan", "bulann"]
        assert label.startswith("[")
        assert self.propagate(deployment, ref, "bulan", "PERSON") == places
        assert label[1:-1] in {e.label for e in deployment.vault("P07").participant.entries}
        assert deployment.roster() == rosters
        found = deployment.transcribed("P07", (("participant", "Encik Bulan called me."),))
        outcome(deployment.runner(), found)
        assert label in deployment.texts(found)[0]

    def test_a_place_is_shared_by_the_study(self, deployment: TwoZones) -> None:
        """What the policy calls study-wide has its label in the study's table."""
        ref = deployment.transcribed("P07", FRIENDS)
        outcome(deployment.runner(), ref)
        places = self.propagate(deployment, ref, "kolam house", "FACILITY")
        (label,) = {text for _, text in places}
        assert [words for words, _ in places] == ["kolam house", "kolam house"]
        assert label[1:-1] in {e.label for e in deployment.vault("P08").study.entries}

    def test_marks_and_types_that_stay(self, deployment: TwoZones) -> None:
        """Tags and masks are what the policy says; a type that it keeps is refused."""
        deployment.use(
            "name: own\nversion: 1\ndefault: mask\nentities: {NRP: tag, OCCUPATION: keep}\n"
        )
        ref = deployment.transcribed("P07", FRIENDS)
        outcome(deployment.runner(), ref)
        assert self.propagate(deployment, ref, "friend", "NRP") == [("friend", "[NRP]")]
        assert self.propagate(deployment, ref, "shop", "USERNAME") == [("shop", "[redacted]")]
        with pytest.raises(PlaceError, match="keeps OCCUPATION"):
            self.propagate(deployment, ref, "shop", "OCCUPATION")
        with pytest.raises(PlaceError, match="no entity type SHOP"):
            self.propagate(deployment, ref, "shop", "SHOP")

    def test_dates_count_from_the_interview(self, deployment: TwoZones) -> None:
        """A date that is left becomes what the policy of the study makes of dates now."""
        deployment.use("name: lax\nversion: 1\ndefault: keep\nentities: {PERSON: tag}\n")
        ref = deployment.transcribed("P07", ADMITTED, day="2026-03-20")
        outcome(deployment.runner(), ref)
        deployment.use(DATED % "relative")
        places = self.propagate(deployment, ref, "3 March 2026", "DATE_TIME")
        assert places == [("3 March 2026", "[day -17]")]

    def test_a_pseudonym_of_another_type(self, deployment: TwoZones) -> None:
        """All replacements with the label get the one that its words have under the new type, and
        the same again when it is asked twice.
        """
        talk = (*FRIENDS, ("participant", "At Hospital Permai it rained."))
        ref = deployment.transcribed("P07", talk)
        outcome(deployment.runner(), ref)
        places = self.relabel(deployment, ref, "[Doctor 1]", "ORGANIZATION")
        assert places == [(2, "[Organisation 1]")]
        assert self.relabel(deployment, ref, "[Doctor 1]", "ORGANIZATION") == places
        assert self.relabel(deployment, ref, "[Hospital 1]", "ORGANIZATION") == [
            (2, "[Hospital 1]"),
            (3, "[Hospital 1]"),
        ]
        (before, after) = self.relabel(deployment, ref, "[Hospital 1]", "LOCATION")
        assert before[1] == after[1] != "[Hospital 1]"
        with pytest.raises(PlaceError, match="already"):
            self.relabel(deployment, ref, "[Hospital 1]", "FACILITY")

    def test_a_mark_says_nothing_of_its_words(self, deployment: TwoZones) -> None:
        """It is relabelled alone; its words come from the transcript that the run was made from."""
        ref = deployment.transcribed("P07")
        outcome(deployment.runner(), ref)
        assert self.relabel(deployment, ref, "[MEDICAL_RECORD_NUMBER]", "MY_IC") == [(3, "[MY_IC]")]
        ((_, label),) = self.relabel(deployment, ref, "[MEDICAL_RECORD_NUMBER]", "FACILITY")
        words = {f for e in deployment.vault("P07").study.entries for f in e.forms}
        assert label == "[Facility 1]"
        assert tuple("oh one two three four five six seven eight nine".split()) in words

    def test_the_log_has_ids_and_counts_alone(self, deployment: TwoZones) -> None:
        """Both calls are recorded, a refused one too, and no word is in the log."""
        ref = deployment.transcribed("P07", FRIENDS)
        outcome(deployment.runner(), ref)
        self.propagate(deployment, ref, "bulan", "PERSON")
        self.relabel(deployment, ref, "[Doctor 1]", "LOCATION")
        with pytest.raises(PlaceError):
            self.relabel(deployment, ref, "bulan", "PERSON")
        made = [e for e in deployment.log.events if e.phase == entry_pb2.PHASE_OUTCOME]
        assert [(e.name, e.outcome, e.attributes.get("count")) for e in made] == [
            (Event.REDACTION_PROPAGATED.value, entry_pb2.OUTCOME_SUCCESS, "3"),
            (Event.REPLACEMENT_RELABELLED.value, entry_pb2.OUTCOME_SUCCESS, "1"),
            (Event.REPLACEMENT_RELABELLED.value, entry_pb2.OUTCOME_FAILURE, None),
        ]
        assert "ulan" not in str(deployment.log.events)
