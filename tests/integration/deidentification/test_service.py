# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import grpc
import pytest

from services.common import context
from services.common.errors import NotFound, NotReady, Unavailable
from services.deidentification.adapters.presidio import PresidioDetector
from services.deidentification.adapters.zones import ResearchRun, Zones
from services.deidentification.domain.policy import Policy
from services.deidentification.domain.study import RecordingRef
from services.deidentification.errors import PlaceError, PolicyError
from services.registry.events import Event
from services.storage_client.transcripts import provenance_of
from sotto.audit.v1 import entry_pb2
from sotto.deidentification.v1 import deidentification_pb2
from sotto.storage.v1 import (
    catalog_pb2,
    catalog_service_pb2_grpc,
    vault_pb2,
    vault_service_pb2_grpc,
)
from sotto.storage.v1.recording_roster_pb2 import RecordingName
from tests.support import storage_service
from tests.support.deidentification_zones import (
    STUDY,
    TwoZones,
    outcome,
    segments_of,
    start,
)


@pytest.fixture(scope="module")
def detector() -> PresidioDetector:
    """Rules alone."""
    return PresidioDetector()


@pytest.fixture
def deployment(tmp_path: Path, detector: PresidioDetector) -> Iterator[TwoZones]:
    """Real storage services of both zones with a study."""
    running = start(tmp_path, detector)
    yield running
    running.stop()


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


DATED = "name: dated\nversion: 1\nentities: {DATE_TIME: {operator: generalise, to: %s}}\n"
ADMITTED = (("participant", "I was admitted on 3 March 2026 and left on 17 March 2026."),)


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


class TestDates:
    """Dates that count from the interview, and dates that are moved."""

    def test_relative(self, deployment: TwoZones) -> None:
        """Dates count from the day of the interview, given at intake, and it goes no further."""
        deployment.use(DATED % "relative")
        ref = deployment.transcribed("P07", ADMITTED, day="2026-03-20")
        outcome(deployment.runner(), ref)
        assert deployment.texts(ref) == ["I was admitted on [day -17] and left on [day -3]."]
        manifest = deployment.released(ref)[0].manifest
        assert not manifest.deidentification.coarsened
        assert "2026-03-20" not in str(deployment.released(ref))

    def test_relative_without_a_day(self, deployment: TwoZones) -> None:
        """Nobody gave the day: dates become their year, and the manifest counts them."""
        deployment.use(DATED % "relative")
        ref = deployment.transcribed("P07", ADMITTED)
        outcome(deployment.runner(), ref)
        assert deployment.texts(ref) == ["I was admitted on [2026] and left on [2026]."]
        report = deployment.released(ref)[0].manifest.deidentification
        assert report.coarsened["DATE_TIME"] == 2

    def test_the_day_makes_another_run(self, deployment: TwoZones) -> None:
        """The same words with and without a day are two runs."""
        deployment.use(DATED % "relative")
        keys = {
            outcome(deployment.runner(), deployment.transcribed(p, ADMITTED, day=day)).run_key
            for p, day in (("P07", ""), ("P08", "2026-03-20"))
        }
        assert len(keys) == 2

    def test_shifted_by_a_secret_of_the_participant(self, deployment: TwoZones) -> None:
        """Two interviews of one participant move by the same days; another participant's by others;
        intervals stay.
        """
        deployment.use(DATED % "shift")
        first = (("participant", "I was admitted on 3 March 2026."),)
        second = (("participant", "I left on 17 March 2026."),)
        told = {}
        for participant, talk in (("P07", first), ("P07", second), ("P08", first)):
            ref = deployment.transcribed(participant, talk)
            outcome(deployment.runner(), ref)
            (text,) = deployment.texts(ref)
            day = text[text.index("[") + 1 : text.index("]")]
            told[participant, talk] = datetime.strptime(day, "%d %B %Y").replace(tzinfo=UTC)
        assert (told["P07", second] - told["P07", first]).days == 14
        assert datetime(2026, 3, 3, tzinfo=UTC) not in told.values()
        assert told["P07", first] != told["P08", first]


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


class Dying(Zones):
    """Zones whose research side dies after some windows."""

    alive = 1

    def run(self, ref: RecordingRef, key: str, source: Any) -> Any:
        """A run that writes `alive` windows and no more."""
        run = super().run(ref, key, source)
        write = run.write

        def dying(window: int, first: int, lines: Any) -> None:
            if window >= self.alive:
                raise Unavailable("power cut")
            write(window, first, lines)

        run.write = dying  # type: ignore[method-assign]
        assert isinstance(run, ResearchRun)
        return run


class TestDeath:
    """A stage can die at any moment."""

    @pytest.mark.parametrize("alive", [0, 1, 2])
    def test_rerun_ends_as_if_nothing_had_been(self, deployment: TwoZones, alive: int) -> None:
        """Windows written before and after the cut fit together; nothing shows before the
        manifest.
        """
        ref = deployment.transcribed("P07")
        zones = Dying(
            cast(grpc.Channel, deployment.clinical.channel("deidentification")),
            cast(grpc.Channel, deployment.research.channel("deidentification")),
        )
        zones.alive = alive
        with pytest.raises(Unavailable):
            outcome(deployment.runner(zones), ref)
        with pytest.raises(Exception, match=r"\w"):
            deployment.released(ref)
        done = outcome(deployment.runner(), ref)
        assert not done.existed
        assert deployment.texts(ref)[1].startswith("My name is [P07].")


class TestTogether:
    """Transcripts of one study at the same time."""

    def test_no_label_for_two_people(self, deployment: TwoZones) -> None:
        """Two processes name staff at once: every label of the study stands for one person."""
        refs = [
            deployment.transcribed(
                p, (("participant", f"Dr {a} and Dr {b} and Sister Devi came."),)
            )
            for p, a, b in (("P07", "Tan", "Wong"), ("P08", "Lim", "Tan"))
        ]
        faults: list[BaseException] = []

        def work(ref: RecordingRef) -> None:
            try:
                outcome(deployment.runner(), ref)  # a runner each: no lock in common
            except BaseException as error:  # noqa: BLE001 - handed to the test
                faults.append(error)

        threads = [threading.Thread(target=work, args=(ref,)) for ref in refs]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert faults == []
        entries = deployment.vault("P07").study.entries
        labels = [e.label for e in entries]
        assert len(labels) == len(set(labels)) == 4
        by_name = {e.forms[0]: e.label for e in entries}
        assert set(by_name) == {("tan",), ("wong",), ("lim",), ("devi",)}
        assert by_name["tan",] in deployment.texts(refs[0])[0]
        assert by_name["tan",] in deployment.texts(refs[1])[0]


LAX = "name: lax\nversion: 1\ndefault: keep\nentities: {PERSON: keep}\n"


class TestFloor:
    """Policies that keep more than a policy may by itself."""

    def test_nothing_runs_before_a_countersignature(self, deployment: TwoZones) -> None:
        """Neither a run nor a plan is made, and the research zone has nothing; then both are."""
        deployment.describe(LAX)
        ref = deployment.transcribed("P07")
        for attempt in (lambda: outcome(deployment.runner(), ref), lambda: deployment.plan(ref)):
            with pytest.raises(NotReady, match="sotto study countersign peer-2026") as caught:
                attempt()
            assert caught.value.reason == "not_countersigned"
        with pytest.raises(NotFound):
            deployment.released(ref)

        deployment.countersign(Policy.parse(LAX).digest)
        assert deployment.plan(ref).run_key == outcome(deployment.runner(), ref).run_key

    def test_another_text_needs_another(self, deployment: TwoZones) -> None:
        """A countersignature is for one policy, to the letter of what it does."""
        deployment.describe(LAX)
        deployment.countersign(Policy.parse(LAX).digest)
        deployment.describe(LAX.replace("PERSON: keep", "PERSON: tag"))
        ref = deployment.transcribed("P07")

        with pytest.raises(NotReady, match="countersign"):
            outcome(deployment.runner(), ref)

    def test_one_of_its_later_author_counts_for_nothing(self, deployment: TwoZones) -> None:
        """Who countersigns first, and then has the study use the policy, has let it pass alone."""
        deployment.countersign(Policy.parse(LAX).digest, "puan.aishah")
        with context.acting(person="puan.aishah"):
            deployment.describe(LAX)
        ref = deployment.transcribed("P07")

        with pytest.raises(NotReady, match="countersign"):
            outcome(deployment.runner(), ref)

    def test_a_shipped_name_is_no_disguise(self, deployment: TwoZones) -> None:
        """A text that calls itself by the name of a policy that ships is followed by nobody."""
        deployment.describe(LAX.replace("lax", "research-default"))
        ref = deployment.transcribed("P07")

        with pytest.raises(
            PolicyError, match="research-default is the name of a policy that ships"
        ):
            outcome(deployment.runner(), ref)

    def test_manifest_names_who_changed_the_policy(self, deployment: TwoZones) -> None:
        """The research zone learns it from the run, also where its own study does not say it."""
        given = storage_service.study()
        given.policy = "safe-harbor"
        stub = catalog_service_pb2_grpc.CatalogWriterServiceStub(
            deployment.clinical.channel("operator")
        )
        with context.acting(person="eve"):
            stub.PutStudy(catalog_pb2.PutStudyRequest(study=given))
        ref = deployment.transcribed("P07")
        outcome(deployment.runner(), ref)

        done = deployment.released(ref)[0].manifest.deidentification
        assert (done.policy, list(done.policy_changed_by)) == ("safe-harbor", ["eve"])
