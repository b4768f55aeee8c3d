# SPDX-License-Identifier: Apache-2.0
"""The sealed roster is never missed, in the forms that speech recognisers make of it."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.deidentification.adapters.presidio import PresidioDetector
from services.deidentification.domain.closure import Closure
from services.deidentification.domain.engine import Engine
from services.deidentification.domain.pseudonyms import PARTICIPANT
from services.deidentification.domain.roster import KnownName, of_recording, read
from services.deidentification.domain.roster_matching import RosterEntry
from services.deidentification.domain.study_codes import StudyCodes
from services.deidentification.domain.tokens import Document
from services.deidentification.domain.transcript import Transcript, Turn
from services.deidentification.gazetteers.loading import load_lexicon

DOCUMENT = json.dumps(
    {
        "people": [
            {"name": "Mohd Hafizuddin bin Zulkifli", "also": ["Pijo"], "participant": "P07"},
            {"name": "Nur Aisyah", "role": "sister", "participant": "P07"},
            {"name": "Bunga", "role": "nurse"},
            {"name": "Lim Wei Ling"},
            {"name": "Subramaniam a/l Krishnan"},
        ],
        "places": [
            {"name": "Taman Seri Mawar"},
            {"name": "Pusat Harapan Baru", "kind": "organisation"},
            {"name": "Klinik Cahaya", "kind": "facility"},
        ],
    }
).encode()
ROSTER = read(DOCUMENT, "P07")
TEXTS = st.lists(
    st.sampled_from(["wei", "ling", "weiling", "harapan", "baru", "\n", "pusat", "hafiz", "udin",
                     "\u200d", "seri", "sri", "mawar", "ok", ",", "我"]),
    max_size=30,
).map(" ".join)  # fmt: skip


def told(engine: Engine, *texts: str) -> tuple[str, ...]:
    """What an interviewer's turns become."""
    turns = tuple(Turn(text, "", "interviewer") for text in texts)
    return engine.deidentify(Transcript(turns, "P07"), roster=ROSTER).texts


CAME_WITH = (
    KnownName("Sinar Kekwa", "label", "participant"),
    KnownName("Interviewer 2", "label", "interviewer"),
    KnownName("P04", "label", "participant"),
    KnownName("Hanim Osman", "property"),
    KnownName("P03_Kamsiah_may_interview-2 FINAL audio 2024-05-01 WhatsApp", "file_name"),
)


class TestOfARecording:
    """Names that came with a recording."""

    def test_who_is_in_it(self) -> None:
        """Neither roles nor codes; of a file name what may be a name."""
        roster = of_recording(CAME_WITH, StudyCodes(("P03",)), load_lexicon())
        assert [entry.name for entry in roster] == ["Sinar Kekwa", "Hanim Osman", "kamsiah"]
        assert roster[0].role == PARTICIPANT
        assert not any(entry.chosen for entry in roster)

    def test_one_of_several_participants_is_not_the_one(self) -> None:
        """In a focus group a label is a person of its own; two spellings are one."""
        for others, role in ((("Joy Hope",), ""), (("SINAR",), PARTICIPANT)):
            names = [KnownName(name, "label", PARTICIPANT) for name in ("Sinar Kekwa", *others)]
            roster = of_recording(names, StudyCodes(), load_lexicon())
            assert {entry.role for entry in roster} == {role}


class TestNeverMissed:
    """By rules alone: nothing here leans on the tagger."""

    @pytest.mark.parametrize(
        "name",
        [
            "hafizudin", "hafizuddeen", "hafis udin", "hafiz uddin", "pijo", "pijoo", "zul kifli",
            "nuraisyah", "aishah", "NUR AISYAH", "Nur\u200d Aisyah", "bunga", "weiling",
            "lim weiling", "subra maniam", "krishnan", "taman sri mawar", "seri mawar",
            "pusat harapan", "harapan baru", "klinik chahaya", "klinik cahaya",
        ],
    )  # fmt: skip
    def test_form(self, engine: Engine, name: str) -> None:
        """Lower case, misspelt, joined, split, shortened: none of it is left."""
        (text,) = told(engine, f"and then {name} was there")
        assert text.startswith("and then [")
        assert text.endswith("] was there")

    @pytest.mark.parametrize("talk", ["the new centre", "her weight is fine", "a hope", "sub main"])
    def test_everyday_talk_stays(self, engine: Engine, talk: str) -> None:
        """Words that merely look a little like a name of the roster are left alone."""
        assert told(engine, f"and {talk} then") == (f"and {talk} then",)

    def test_one_person_one_label(self, engine: Engine) -> None:
        """Forms that the roster holds together are one person and one place."""
        people = told(engine, "nuraisyah said", "aishah said", "nur aisyah said")
        assert set(people) == {"[P07's sister] said"}
        places = told(engine, "at pusat harapan", "at harapan baru")
        assert set(places) == {"at [Organisation 1]"}

    def test_a_family_name_may_be_anybody(self, engine: Engine) -> None:
        """Mr Lim is not the brother Lim of the roster, as far as anybody knows."""
        brother = (RosterEntry("Lim Wei Ling", "PERSON", "brother"),)
        for text, label in (("Mr Lim came", "[Person 1]"), ("Wei Ling came", "[P07's brother]")):
            result = engine.deidentify(Transcript((Turn(text),), "P07"), roster=brother)
            assert result.texts == (f"{label} came",)

    @given(TEXTS)
    def test_spans_lie_in_the_text(self, text: str) -> None:
        """Whatever is searched, spans are whole words of one line."""
        doc = Document.of(text)
        starts, ends = {t.start for t in doc.tokens}, {t.end for t in doc.tokens}
        for span in Closure(
            load_lexicon(), [RosterEntry(k.name, k.kind, k.role) for k in ROSTER]
        ).find(doc, []):
            assert span.start in starts
            assert span.end in ends
            assert "\n" not in text[span.start : span.end]

    def test_detector_is_rules_alone(self, detector: PresidioDetector) -> None:
        """The fixture has no tagger, which the promise above rests on."""
        assert "sotto-ner" not in detector.version
