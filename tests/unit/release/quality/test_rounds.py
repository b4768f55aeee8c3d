# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import replace

import pytest

from services.common.errors import InvalidInput
from services.common.signing import Signer
from services.corrections.model import (
    Correction,
    CorrectionKind,
    Doubt,
    Replacement,
    RunCorrections,
)
from services.release.domain.building import ReleaseBuilder
from services.release.domain.correcting import Corrector
from services.release.domain.exporting import ReleaseReader
from services.release.domain.ports import AuditCheckpoint, RedactedPlace, StoredRelease
from services.release.domain.quality.drawing import order, seed_of
from services.release.domain.quality.gate import Gate
from services.release.domain.quality.judging import RoundState, Shortfall
from services.release.domain.quality.passages import Mark
from services.release.domain.quality.rounds import QualityRounds, QualityView, ShownPassage
from services.release.domain.quality.searching import MissSearch
from services.release.domain.quality.statement import unsound
from services.release.domain.reviews import ReviewMode, ReviewState
from services.release.domain.transcript import Segment, TranscriptSummary
from services.release.errors import (
    ChangedThePolicy,
    NoSuchRound,
    NotApproved,
    NotYours,
    ReviewChanged,
    RoundNotOpen,
    WaitsForSearch,
)
from tests.support.memory_zone import MemoryZone
from tests.support.release_builders import NOON, STUDY, Recorder, recording_id, transcript

GATE = Gate(
    bound=0.25,
    alpha=0.05,
    second_reader=0.2,
    planted=4,
    detection=0.5,
    agreement=0.5,
    other_signer=True,
)
NAME = "Siti"


class Log:
    """A log whose checkpoint is another one with every look."""

    def __init__(self) -> None:
        self._sizes = itertools.count(1)

    def newest_checkpoint(self) -> AuditCheckpoint:
        """Return the next one."""
        return AuditCheckpoint(f"log.example/1\n{next(self._sizes)}\nAAAA=\n\n— x BBBB\n", ("key",))


class Spreader:
    """An engine that knows a place alone."""

    def redact(
        self,
        study_id: str,
        summary: TranscriptSummary,
        place: RedactedPlace,
        entity_type: str,
    ) -> Sequence[RedactedPlace]:
        """Return the asked place."""
        assert study_id == STUDY
        assert summary.run_key
        return [replace(place, text=f"[{entity_type.title()} 9]")]

    retype = redact


def segments(
    count: int, *, missed: int | None = None, doubtful: Sequence[int] = ()
) -> tuple[Segment, ...]:
    """Return segments of which one may hold a name in clear, and some a doubtful place."""
    return tuple(
        Segment(
            "S2",
            "participant",
            f"Then {NAME} came by." if at == missed else f"Number {at} of [Person 1] here.",
            language="en",
            replacements=()
            if at == missed
            else (Replacement(text_at(at), text_at(at) + 10, "PERSON"),),
            doubts=(Doubt(0, 1, "name_like", 0.4),) if at in doubtful else (),
        )
        for at in range(count)
    )


def text_at(number: int) -> int:
    """Return where the replacement of a segment begins."""
    return len(f"Number {number} of ")


def zone_of(*parts: tuple[Segment, ...], gate: Gate | None = GATE) -> MemoryZone:
    """Return a zone with a transcript of these segments each, all approved."""
    made = MemoryZone(
        [transcript(f"P0{at + 1}", 1, at, part, risk=0.01 * at) for at, part in enumerate(parts)]
    )
    made.quality = gate
    made.approve_all()
    return made


def rounds_of(zone: MemoryZone) -> QualityRounds:
    """Return the rounds of a zone, as a new process would have them."""
    return QualityRounds(zone, zone, zone, Log(), lambda: NOON, lambda count: b"\x07" * count)


def opened(rounds: QualityRounds) -> QualityView:
    """Open a round."""
    return rounds.open(rounds.frame(STUDY, "dr.lim"), "dr.lim")


def marks(passage: ShownPassage, words: str) -> list[Mark]:
    """Return where words stand in a passage."""
    at = passage.text.find(words)
    return [Mark(at, at + len(words), "PERSON")] if at >= 0 else []


def items(passage: ShownPassage) -> list[Mark]:
    """Return marks of the sentence that nobody said: a reader knows those of this test."""
    known = f"Then {NAME} came by." if NAME in passage.text else ""
    if known:
        at = passage.text.find(known) + len(known)
        rest = passage.text[at:]
    else:
        at = passage.text.find("here.") + len("here.")
        rest = passage.text[at:]
    return [Mark(at, len(passage.text), "PERSON")] if rest else []


def read_all(
    rounds: QualityRounds, number: int, person: str, *, sees: str = "", careful: bool = True
) -> QualityView | None:
    """Have a person read all that is left for them, and mark words where they see them."""
    view = None
    while found := rounds.read(STUDY, number, person, 20):
        view = rounds.record(
            STUDY,
            number,
            person,
            [
                (
                    one.number,
                    [*(marks(one, sees) if sees else ()), *(items(one) if careful else ())],
                )
                for one in found
            ],
        )
        if view.standing.state is not RoundState.READING:
            break
    return view


def build(zone: MemoryZone) -> StoredRelease:
    """Build a release."""
    made = ReleaseBuilder(
        zone, zone, zone, Log(), Recorder(), Signer.generate(), lambda: NOON, "0.1.0"
    )
    return made.build(STUDY)[0]


class TestOpening:
    """Nobody chooses what is read."""

    def test_reads_all_doubtful_places_and_enough_of_the_rest(self) -> None:
        """The sample is the one that the log's checkpoint draws, the census is beside it."""
        zone = zone_of(segments(30, doubtful=[3, 9]), segments(50))
        rounds = rounds_of(zone)
        frame = rounds.frame(STUDY, "dr.lim")
        made = rounds.open(frame, "dr.lim").round
        assert made.seed == seed_of(1, frame.sha256, made.checkpoint)
        census = [one for one in made.passages if one.census]
        assert [
            (one.recording, one.segment) for one in sorted(census, key=lambda x: x.segment)
        ] == [
            (0, 3),
            (0, 9),
        ]
        drawn = order(made.draw, made.seed)[: made.drawn]
        rest = {made.position(at) for at, one in enumerate(made.passages) if not one.census}
        assert rest == set(drawn) - {(recording_id(0), 3), (recording_id(0), 9)}
        # The bound of the study holds where nothing is found, and would not with one fewer.
        assert rounds.overview(STUDY).rounds[0].standing.bound.share <= 0.25

    def test_gives_the_riskiest_to_a_second_reader(self) -> None:
        """A fifth of all: what is doubtful, then the transcript of the higher risk."""
        zone = zone_of(segments(30, doubtful=[3, 9]), segments(50))
        made = opened(rounds_of(zone)).round
        second = [one for one in made.passages if one.second]
        assert len(second) == -(-len(made.passages) // 5)
        assert sum(1 for one in second if one.census) == 2
        assert all(one.recording == 1 for one in second if not one.census)

    def test_an_open_round_is_not_drawn_again(self) -> None:
        """Or one would draw until the sample pleases."""
        rounds = rounds_of(zone_of(segments(30)))
        opened(rounds)
        with pytest.raises(RoundNotOpen, match="round 1 of recovery-peers is open"):
            opened(rounds)

    def test_holds_no_word(self) -> None:
        """The record is ids, numbers and places; what is planted is not in it."""
        zone = zone_of(segments(30, missed=4))
        rounds = rounds_of(zone)
        opened(rounds)
        read_all(rounds, 1, "dr.lim", sees=NAME)
        data = zone.quality_rounds[1].round.canonical_bytes().decode()
        assert NAME not in data
        assert "Number" not in data

    def test_wants_a_gate_and_something_approved(self) -> None:
        """Each refusal says what to do."""
        with pytest.raises(RoundNotOpen, match="asks for no gate"):
            opened(rounds_of(zone_of(segments(5), gate=None)))
        zone = zone_of(segments(5))
        zone.reviews.clear()
        with pytest.raises(RoundNotOpen, match="no approved transcript"):
            opened(rounds_of(zone))

    def test_whoever_changed_the_gate_opens_none(self) -> None:
        """They would vouch for what they made easier."""
        zone = zone_of(segments(5))
        real = zone.study
        zone.study = lambda study_id: replace(  # type: ignore[method-assign]
            real(study_id), policy_changed_by=frozenset({"dr.lim"})
        )
        with pytest.raises(ChangedThePolicy, match="the gate"):
            opened(rounds_of(zone))


class TestReading:
    """What readers see, and what is kept of what they mark."""

    def test_plants_items_in_a_copy_alone(self) -> None:
        """Each reader sees as many as the study asks for, and none of them is a miss."""
        zone = zone_of(segments(40))
        rounds = rounds_of(zone)
        opened(rounds)
        view = read_all(rounds, 1, "dr.lim")
        assert view is not None
        assert (view.standing.planted, view.standing.found) == (4, 4)
        assert view.standing.misses == 0
        assert all(not one.spans for one in view.round.readings)

    def test_a_second_reader_is_blind_and_another_person(self) -> None:
        """Nobody reads a passage twice, and a second reader gets what a first one read."""
        rounds = rounds_of(zone_of(segments(40)))
        made = opened(rounds)
        read_all(rounds, 1, "dr.lim")
        assert rounds.read(STUDY, 1, "dr.lim", 20) == []
        left = rounds.read(STUDY, 1, "dr.tan", 50)
        assert {one.number for one in left} == {
            at for at, one in enumerate(made.round.passages) if one.second
        }
        assert all(one.readings == () for one in left)

    def test_takes_places_back_to_the_runs_own_text(self) -> None:
        """Corrections before it move what a reader sees, and not what is kept."""
        part = (Segment("S2", "participant", f"Ahmad and {NAME}.", language="en"),)
        zone = zone_of(part, gate=GATE.model_copy(update={"planted": 0, "second_reader": 0.0}))
        run = zone.transcripts[0].summary
        zone.corrected[run.run_key] = RunCorrections(
            (
                Correction(
                    CorrectionKind.REDACT, 0, 0, 5, "PERSON", "[P01's brother]", "dr.lim", NOON
                ),
            ),
            generation=1,
        )
        zone.approve_all()
        rounds = rounds_of(zone)
        opened(rounds)
        (shown,) = rounds.read(STUDY, 1, "dr.lim", 5)
        assert shown.text == f"[P01's brother] and {NAME}."
        view = rounds.record(STUDY, 1, "dr.lim", [(0, marks(shown, NAME))])
        (span,) = view.round.readings[0].spans
        assert part[0].text[span.start : span.end] == NAME

    def test_refuses_marks_that_do_not_fit(self) -> None:
        """What is replaced already, what is outside, and a passage that is no one's."""
        rounds = rounds_of(zone_of(segments(8), gate=GATE.model_copy(update={"planted": 0})))
        opened(rounds)
        shown = rounds.read(STUDY, 1, "dr.lim", 1)[0]
        with pytest.raises(InvalidInput, match="replaced already"):
            rounds.record(STUDY, 1, "dr.lim", [(shown.number, marks(shown, "[Person 1]"))])
        with pytest.raises(InvalidInput, match="outside"):
            rounds.record(STUDY, 1, "dr.lim", [(shown.number, [Mark(3, 900, "PERSON")])])
        with pytest.raises(InvalidInput, match="passages, from 0"):
            rounds.record(STUDY, 1, "dr.lim", [(900, [])])
        with pytest.raises(NoSuchRound):
            rounds.read(STUDY, 7, "dr.lim", 1)

    def test_a_correction_overtakes_the_round(self) -> None:
        """Nobody reads on what is not the approved text any more; a new round may be opened."""
        zone = zone_of(segments(30))
        rounds = rounds_of(zone)
        opened(rounds)
        run = zone.transcripts[0].summary
        zone.corrected[run.run_key] = RunCorrections(generation=1)
        zone.approve_all()
        with pytest.raises(RoundNotOpen, match="corrected"):
            rounds.read(STUDY, 1, "dr.lim", 5)
        assert rounds.overview(STUDY).rounds[0].standing.state is RoundState.OVERTAKEN
        assert opened(rounds).round.number == 2


class TestRuling:
    """Where two readers disagree a third one decides."""

    def _disputed(self) -> tuple[MemoryZone, QualityRounds]:
        zone = zone_of(
            segments(12, missed=4, doubtful=[4]),
            gate=GATE.model_copy(update={"planted": 0, "second_reader": 0.05}),
        )
        rounds = rounds_of(zone)
        opened(rounds)
        read_all(rounds, 1, "dr.lim", sees=NAME)
        view = read_all(rounds, 1, "dr.tan")
        assert view is not None
        assert view.standing.state is RoundState.ADJUDICATION
        return zone, rounds

    def test_by_somebody_who_read_neither_and_sees_no_names(self) -> None:
        """Both readings are there, in an order that tells nobody's."""
        _, rounds = self._disputed()
        assert rounds.disputes(STUDY, 1, "dr.tan") == []
        (shown,) = rounds.disputes(STUDY, 1, "dr.ong")
        assert [len(one) for one in shown.readings] == [0, 1]
        with pytest.raises(NotYours, match="third person"):
            rounds.rule(STUDY, 1, "dr.lim", shown.number, [])
        view = rounds.rule(STUDY, 1, "dr.ong", shown.number, [])
        assert view.standing.state is RoundState.READY
        assert view.standing.misses == 0

    def test_a_confirmed_miss_ends_the_round(self) -> None:
        """It counts as found by the first reader alone, and raises the bound."""
        _, rounds = self._disputed()
        (shown,) = rounds.disputes(STUDY, 1, "dr.ong")
        view = rounds.rule(STUDY, 1, "dr.ong", shown.number, list(shown.readings[1]))
        assert view.standing.state is RoundState.MISSED
        assert view.standing.misses == 1
        assert view.standing.recapture.first_only == 1
        assert view.standing.recapture.most_missed(0.05) is None
        assert view.standing.bound.found == 1
        with pytest.raises(RoundNotOpen, match="missed"):
            rounds.sign(STUDY, 1, "dr.ong", view.generation)

    def test_a_miss_is_looked_for_in_the_whole_study(self) -> None:
        """It is replaced there and elsewhere, all wait for review, and a new sample comes."""
        part = segments(12, missed=4, doubtful=[4])
        zone = zone_of(
            part,
            segments(12, missed=7),
            gate=GATE.model_copy(update={"planted": 0, "second_reader": 0.0}),
        )
        rounds = rounds_of(zone)
        opened(rounds)
        view = read_all(rounds, 1, "dr.lim", sees=NAME)
        assert view is not None
        assert view.standing.state is RoundState.MISSED
        with pytest.raises(WaitsForSearch, match="sotto quality search"):
            rounds.frame(STUDY, "dr.lim")
        search = MissSearch(zone, zone, Corrector(zone, zone, Spreader(), lambda: NOON))
        missed = rounds.with_misses(STUDY, 1, "dr.lim")
        assert search.replace(missed.round, missed.standing.missed, "dr.lim") == 2
        # It may end early and be repeated.
        assert search.replace(missed.round, missed.standing.missed, "dr.lim") == 0
        assert rounds.searched(STUDY, 1, "dr.lim", 2).standing.state is RoundState.MISSED
        for one, at in zip(zone.transcripts, (4, 7), strict=True):
            (made,) = zone.corrected[one.summary.run_key].corrections
            assert (made.segment, made.text) == (at, "[Person 9]")
            assert zone.reviews[one.summary.run_key].state is ReviewState.PENDING
        zone.approve_all()
        again = opened(rounds)
        assert again.round.number == 2
        assert again.round.seed != view.round.seed


class TestSearch:
    """What a reviewer wrote is taken back where it shows somebody."""

    def test_restored_words_and_new_wordings_are_taken_back(self) -> None:
        """What was put back is replaced again; what was worded anew is replaced as a whole."""
        part = (
            Segment(
                *("S2", "participant", "[Person 1] came by.", None, None, "en"),
                (Replacement(0, 10, "PERSON"),),
            ),
            Segment("S2", "participant", "Then city came by.", language="en"),
        )
        zone = zone_of(part, gate=GATE.model_copy(update={"planted": 0, "second_reader": 0.0}))
        run = zone.transcripts[0].summary
        zone.corrected[run.run_key] = RunCorrections(
            (
                Correction(CorrectionKind.RESTORE, 0, 0, 10, "", NAME, "dr.lim", NOON),
                Correction(CorrectionKind.WORDING, 1, 5, 9, "", NAME, "dr.lim", NOON),
            ),
            generation=1,
        )
        zone.approve_all()
        rounds = rounds_of(zone)
        opened(rounds)
        view = read_all(rounds, 1, "dr.lim", sees=NAME)
        assert view is not None
        assert view.standing.misses == 2
        search = MissSearch(zone, zone, Corrector(zone, zone, Spreader(), lambda: NOON))
        missed = rounds.with_misses(STUDY, 1, "dr.lim")
        assert search.replace(missed.round, missed.standing.missed, "dr.lim") == 2
        (left,) = zone.corrected[run.run_key].corrections
        assert (left.kind, left.segment, left.text) == (CorrectionKind.REDACT, 1, "[Person 9]")


class TestGate:
    """What a release holds of a study with a gate."""

    def _passed(self, zone: MemoryZone) -> QualityRounds:
        rounds = rounds_of(zone)
        opened(rounds)
        read_all(rounds, 1, "dr.lim")
        view = read_all(rounds, 1, "dr.tan")
        assert view is not None
        assert view.standing.state is RoundState.READY
        rounds.sign(STUDY, 1, "dr.ong", view.generation)
        return rounds

    def test_releases_only_what_passed(self) -> None:
        """The rest is named, and the certificate says what the round shows, so that it adds up."""
        zone = zone_of(segments(30, doubtful=[2]), segments(20))
        with pytest.raises(NotApproved, match="gate of quality"):
            build(zone)
        self._passed(zone)
        zone.transcripts.append(transcript("P09", 1, 9, segments(10)))
        zone.approve_all()
        release = build(zone)
        found = ReleaseReader(zone).certificate(release)
        assert found.format == "sotto-release-certificate/6"
        assert [one.recording_id for one in found.inputs] == [recording_id(0), recording_id(1)]
        assert [(one.participant, one.reason) for one in found.left_out or ()] == [
            ("P09", "quality")
        ]
        (said,) = found.quality or ()
        assert (said.misses, said.census, said.segments) == (0, 1, 50)
        assert said.bound <= 0.25
        assert (said.recapture.missed, said.recapture.most_missed) == (0.0, None)
        assert (said.signed_by, said.readers) == ("dr.ong", ("dr.lim", "dr.tan"))
        assert unsound(said) == ""
        readme = zone.files[release.release_id, "README.txt"][1].decode()
        assert "Missed places that were found in them: 0." in " ".join(readme.split())
        assert "P09 session 1: approved, and not through the study's gate" in readme

    @pytest.mark.parametrize(
        ("field", "value", "what"),
        [
            ("seed", "0" * 64, "the seed"),
            ("drawn", 12, "the draw|sample"),
            ("most", 1, "the bounds"),
            ("sample_sha256", "0" * 64, "the sample"),
            ("frame_sha256", "0" * 64, "the digest"),
            ("sampled", 3, "the draw"),
            ("found", 1, "planted"),
            ("segments", 900, "more was read"),
        ],
    )
    def test_a_statement_that_does_not_add_up_is_told(
        self, field: str, value: object, what: str
    ) -> None:
        """Draw and bounds are worked out again by whoever verifies."""
        zone = zone_of(segments(60, doubtful=[2]))
        self._passed(zone)
        (said,) = ReleaseReader(zone).certificate(build(zone)).quality or ()
        fault = unsound(said.model_copy(update={field: value}))
        assert any(part in fault for part in what.split("|"))

    def test_a_stricter_gate_lets_through_no_more_what_passed_before(self) -> None:
        """The gate that counts is the one of now."""
        zone = zone_of(segments(60))
        self._passed(zone)
        build(zone)
        zone.quality = GATE.model_copy(update={"bound": 0.001})
        with pytest.raises(NotApproved, match="gate of quality"):
            build(zone)

    def test_a_correction_after_it_takes_a_transcript_out(self) -> None:
        """It is approved again, and waits for another round."""
        zone = zone_of(segments(30), segments(30))
        self._passed(zone)
        run = zone.transcripts[0].summary
        zone.corrected[run.run_key] = RunCorrections(generation=1)
        zone.approve_all()
        found = ReleaseReader(zone).certificate(build(zone))
        assert [one.recording_id for one in found.inputs] == [recording_id(1)]

    def test_is_signed_by_somebody_else_as_it_was_seen(self) -> None:
        """Not by a reader where the study says so, and not once it changed."""
        zone = zone_of(segments(30))
        rounds = rounds_of(zone)
        opened(rounds)
        read_all(rounds, 1, "dr.lim")
        view = read_all(rounds, 1, "dr.tan")
        assert view is not None
        with pytest.raises(NotYours, match="somebody else"):
            rounds.sign(STUDY, 1, "dr.lim", view.generation)
        with pytest.raises(ReviewChanged, match="changed since you looked"):
            rounds.sign(STUDY, 1, "dr.ong", view.generation - 1)

    def test_inattentive_readers_pass_nothing(self) -> None:
        """They find no planted item, so that finding nothing says nothing."""
        rounds = rounds_of(zone_of(segments(40)))
        opened(rounds)
        read_all(rounds, 1, "dr.lim", careful=False)
        view = read_all(rounds, 1, "dr.tan", careful=False)
        assert view is not None
        assert view.standing.state is RoundState.FAILED
        assert view.standing.shortfalls == (Shortfall.DETECTION,)
        assert opened(rounds).round.number == 2

    def test_earlier_rounds_are_told(self) -> None:
        """Whoever draws twice says so."""
        rounds = rounds_of(zone := zone_of(segments(40)))
        opened(rounds)
        read_all(rounds, 1, "dr.lim", careful=False)
        read_all(rounds, 1, "dr.tan", careful=False)
        opened(rounds)
        read_all(rounds, 2, "dr.lim")
        view = read_all(rounds, 2, "dr.tan")
        assert view is not None
        rounds.sign(STUDY, 2, "dr.ong", view.generation)
        (said,) = ReleaseReader(zone).certificate(build(zone)).quality or ()
        assert [(one.round, one.state) for one in said.earlier] == [(1, "failed")]

    def test_without_a_gate_nothing_changes(self) -> None:
        """What is approved is released, in the format that it was."""
        zone = zone_of(segments(5), gate=None)
        assert zone.mode is ReviewMode.REQUIRED
        found = ReleaseReader(zone).certificate(build(zone))
        assert found.format == "sotto-release-certificate/4"
        assert found.quality is None
