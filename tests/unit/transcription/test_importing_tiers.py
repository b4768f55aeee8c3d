# SPDX-License-Identifier: Apache-2.0
"""Files of annotation programs: tiers become what people say, in the order of its time."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.transcription.adapters.importing import cha, eaf, exb, textgrid
from services.transcription.adapters.importing.source import Source
from services.transcription.adapters.importing.tiers import fill_times
from services.transcription.domain.reading import Findings
from services.transcription.domain.words import count_words
from services.transcription.errors import BadTranscript, TooLarge

_READERS = {"eaf": eaf.read, "exb": exb.read, "textgrid": textgrid.read, "cha": cha.read}


def _read(
    form: str, data: str | bytes
) -> tuple[list[tuple[str | None, str, int | None, int | None]], Findings]:
    source = Source(data.encode() if isinstance(data, str) else data)
    found = [(p.speaker, p.text, p.start_ms, p.end_ms) for p in _READERS[form](source)]
    return found, source.findings


def _eaf(tiers: str, slots: Iterable[tuple[str, int | None]], header: str = "") -> str:
    line = "".join(
        f'<TIME_SLOT TIME_SLOT_ID="{name}"'
        + (f' TIME_VALUE="{value}"/>' if value is not None else "/>")
        for name, value in slots
    )
    return (
        '<?xml version="1.0" encoding="UTF-8"?>\n<ANNOTATION_DOCUMENT AUTHOR="" FORMAT="3.0"'
        ' xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">'
        f'<HEADER MEDIA_FILE="" TIME_UNITS="milliseconds">{header}</HEADER>'
        f"<TIME_ORDER>{line}</TIME_ORDER>{tiers}"
        '<LINGUISTIC_TYPE LINGUISTIC_TYPE_ID="default-lt"/></ANNOTATION_DOCUMENT>'
    )


def _aligned(number: int, first: str, last: str, text: str) -> str:
    return (
        f'<ANNOTATION><ALIGNABLE_ANNOTATION ANNOTATION_ID="a{number}" TIME_SLOT_REF1="{first}"'
        f' TIME_SLOT_REF2="{last}"><ANNOTATION_VALUE>{text}</ANNOTATION_VALUE>'
        "</ALIGNABLE_ANNOTATION></ANNOTATION>"
    )


def _dependent(number: int, on: int, text: str) -> str:
    return (
        f'<ANNOTATION><REF_ANNOTATION ANNOTATION_ID="a{number}" ANNOTATION_REF="a{on}">'
        f"<ANNOTATION_VALUE>{text}</ANNOTATION_VALUE></REF_ANNOTATION></ANNOTATION>"
    )


_SLOTS = [("t1", 0), ("t2", 2000), ("t3", 2500), ("t4", 6000)]


class TestElan:
    def test_tiers_are_speakers_in_the_order_of_time(self) -> None:
        """The participant names the speaker, the name of the tier where there is none."""
        found, findings = _read(
            "eaf",
            _eaf(
                '<TIER LINGUISTIC_TYPE_REF="default-lt" PARTICIPANT="Mei Ling" TIER_ID="A">'
                + _aligned(1, "t1", "t2", "How are you?")
                + _aligned(3, "t4", "t4", "Good.")
                + '</TIER><TIER TIER_ID="P07">'
                + _aligned(2, "t3", "t4", "Better &amp; better")
                + "</TIER>",
                _SLOTS,
            ),
        )
        assert found == [
            ("Mei Ling", "How are you?", 0, 2000),
            ("P07", "Better & better", 2500, 6000),
            ("Mei Ling", "Good.", 6000, 6000),
        ]
        assert not findings.left_out

    def test_translations_and_glosses_are_counted(self) -> None:
        """A tier that depends on one of speech is left out with its words."""
        found, findings = _read(
            "eaf",
            _eaf(
                '<TIER TIER_ID="Mei">'
                + _aligned(1, "t1", "t2", "Apa khabar")
                + '</TIER><TIER PARENT_REF="Mei" TIER_ID="Mei-ft">'
                + _dependent(2, 1, "How are you")
                + "</TIER>",
                _SLOTS,
            ),
        )
        assert [text for _, text, *_ in found] == ["Apa khabar"]
        assert findings.left_out["tiers"] == 1
        assert findings.words_left_out == 3

    def test_a_tier_of_numbers_leads_to_the_one_of_text(self) -> None:
        """Toolbox numbers sentences in the first tier, and has what is said in one below."""
        found, _ = _read(
            "eaf",
            _eaf(
                '<TIER PARTICIPANT="Mei" TIER_ID="ref@Mei">'
                + _aligned(1, "t1", "t2", "int.001")
                + '</TIER><TIER PARTICIPANT="Mei" PARENT_REF="ref@Mei" TIER_ID="tx@Mei">'
                + _dependent(2, 1, "Apa khabar")
                + '</TIER><TIER PARTICIPANT="Mei" PARENT_REF="tx@Mei" TIER_ID="ft@Mei">'
                + _dependent(3, 2, "How are you")
                + "</TIER>",
                _SLOTS,
            ),
        )
        assert found == [("Mei", "Apa khabar", 0, 2000)]

    def test_times_that_are_not_known_lie_between_others(self) -> None:
        """Slots without a value are set evenly."""
        slots = [("t1", 0), ("t2", None), ("t3", None), ("t4", 6000)]
        found, _ = _read(
            "eaf", _eaf('<TIER TIER_ID="Mei">' + _aligned(1, "t2", "t3", "x y") + "</TIER>", slots)
        )
        assert found == [("Mei", "x y", 2000, 4000)]

    def test_the_name_of_the_recording_is_known(self) -> None:
        """It may be the participant's."""
        header = '<MEDIA_DESCRIPTOR MEDIA_URL="file:///D:/int/Mei%20Ling.wav"/>'
        _, findings = _read(
            "eaf",
            _eaf('<TIER TIER_ID="A">' + _aligned(1, "t1", "t2", "x") + "</TIER>", _SLOTS, header),
        )
        assert [one.name for one in findings.names] == ["Mei Ling"]

    def test_one_tier_with_a_plain_name_leaves_speakers_to_its_text(self) -> None:
        """A tier `default` is nobody."""
        found, _ = _read(
            "eaf",
            _eaf('<TIER TIER_ID="default">' + _aligned(1, "t1", "t2", "I: Hi") + "</TIER>", _SLOTS),
        )
        assert found == [(None, "I: Hi", 0, 2000)]

    def test_another_version_of_a_speaker_is_left_out(self) -> None:
        """Two tiers of one speaker with the same times say the same."""
        found, findings = _read(
            "eaf",
            _eaf(
                '<TIER PARTICIPANT="Mei" TIER_ID="Mei-asal">'
                + _aligned(1, "t1", "t2", "Apa khabar")
                + '</TIER><TIER PARTICIPANT="Mei" TIER_ID="Mei-BI">'
                + _aligned(2, "t1", "t2", "How are you")
                + "</TIER>",
                _SLOTS,
            ),
        )
        assert [text for _, text, *_ in found] == ["Apa khabar"]
        assert findings.left_out["tiers"] == 1

    def test_annotations_that_depend_on_each_other_end(self) -> None:
        """A circle has no time."""
        found, _ = _read(
            "eaf",
            _eaf(
                '<TIER TIER_ID="A">' + _dependent(1, 2, "x") + _dependent(2, 1, "y") + "</TIER>", []
            ),
        )
        assert found == [("A", "x", None, None), ("A", "y", None, None)]


_EXB = """<?xml version="1.0" encoding="UTF-8"?>
<!-- (c) the program -->
<basic-transcription><head><meta-information><project-name/>
<transcription-name>Interview with Mei</transcription-name><referenced-file url="int/Mei.wav"/>
</meta-information><speakertable>
<speaker id="SPK0"><abbreviation>INT</abbreviation><sex value="f"/></speaker>
<speaker id="SPK1"><abbreviation>MEI</abbreviation></speaker></speakertable></head>
<basic-body><common-timeline>
<tli id="T0" time="0.0"/><tli id="T1" time="1.5"/><tli id="T2"/><tli id="T3" time="4.5"/>
</common-timeline>
<tier id="TIE0" speaker="SPK0" category="v" type="t" display-name="INT [v]">
<event start="T0" end="T1">How are </event><event start="T1" end="T2">you? </event></tier>
<tier id="TIE1" speaker="SPK1" category="v" type="t" display-name="MEI [v]">
<event start="T1" end="T3">Mhm. </event></tier>
<tier id="TIE2" speaker="SPK1" category="en" type="a">
<event start="T1" end="T3">yes yes</event></tier>
<tier id="TIE3" category="nn" type="d"><event start="T0" end="T3">door</event></tier>
</basic-body></basic-transcription>"""


class TestExmaralda:
    def test_events_that_follow_each_other_are_an_utterance(self) -> None:
        """They are cut where somebody else begins; abbreviations are the labels."""
        found, findings = _read("exb", _EXB)
        assert found == [("INT", "How are you?", 0, 3000), ("MEI", "Mhm.", 1500, 4500)]
        assert findings.left_out["tiers"] == 2
        assert findings.words_left_out == 3
        assert {one.name for one in findings.names} == {"Mei"}

    def test_events_without_spaces_stay_apart(self) -> None:
        """Where no event ends with a space, none is meant to be glued to the next."""
        found, _ = _read(
            "exb",
            '<basic-transcription><basic-body><tier speaker="S"><event start="T0" end="T1">Good'
            '</event><event start="T1" end="T2">morning</event></tier></basic-body>'
            "</basic-transcription>",
        )
        assert found == [("S", "Good morning", None, None)]


def _long(*tiers: tuple[str, str, list[tuple[float, float, str]]]) -> str:
    lines = [
        'File type = "ooTextFile"',
        'Object class = "TextGrid"',
        "",
        "xmin = 0 ",
        "xmax = 9.5 ",
    ]
    lines += ["tiers? <exists> ", f"size = {len(tiers)} ", "item []: "]
    for number, (kind, name, items) in enumerate(tiers, 1):
        lines += [
            f"    item [{number}]:",
            f'        class = "{kind}" ',
            f'        name = "{name}" ',
        ]
        lines += [
            "        xmin = 0 ",
            "        xmax = 9.5 ",
            f"        intervals: size = {len(items)} ",
        ]
        for index, (start, end, text) in enumerate(items, 1):
            quoted = text.replace('"', '""')
            lines += [f"        intervals [{index}]:", f"            xmin = {start} "]
            if kind == "IntervalTier":
                lines += [f"            xmax = {end} "]
            lines += [f'            text = "{quoted}" ']
    return "\n".join(lines)


def _short(*tiers: tuple[str, str, list[tuple[float, float, str]]]) -> str:
    lines = ['File type = "ooTextFile"', 'Object class = "TextGrid"', "", "0", "9.5", "<exists>"]
    lines += [str(len(tiers))]
    for kind, name, items in tiers:
        lines += [f'"{kind}"', f'"{name}"', "0", "9.5", str(len(items))]
        for start, end, text in items:
            quoted = text.replace('"', '""')
            lines += [str(start), str(end), f'"{quoted}"']
    return "\n".join(lines)


_TIERS = (
    ("IntervalTier", "Mei", [(0, 3.2, 'Say "ah" to 2 people'), (3.2, 9.5, "")]),
    ("IntervalTier", "P07", [(0, 3.2, ""), (3.2, 9.5, "Better lah")]),
)


class TestPraat:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
    @pytest.mark.parametrize("write", [_long, _short])
    def test_both_forms_are_read(self, write: object, encoding: str) -> None:
        """The long and the short form have the same data; Praat writes UTF-16 for other letters."""
        assert callable(write)
        found, _ = _read("textgrid", write(*_TIERS).encode(encoding))
        assert found == [
            ("Mei", 'Say "ah" to 2 people', 0, 3200),
            ("P07", "Better lah", 3200, 9500),
        ]

    def test_points_words_and_sounds_are_counted(self) -> None:
        """Aligners write tiers for words and sounds beside the sentences."""
        words = [(0, 1, "Better"), (1, 2, "lah")]
        found, findings = _read(
            "textgrid",
            _long(
                ("IntervalTier", "P07", [(0, 2, "Better lah")]),
                ("IntervalTier", "P07 - words", words),
                ("IntervalTier", "MAU", [(0, 1, "b"), (1, 2, "E")]),
                ("TextTier", "bell", [(1, 1, "ding")]),
            ),
        )
        assert found == [("P07", "Better lah", 0, 2000)]
        assert findings.left_out["tiers"] == 3
        assert findings.words_left_out == 5

    def test_words_alone_become_stretches(self) -> None:
        """Where an aligner wrote words alone, they are put together until a pause."""
        items = [(float(n), n + 0.9, f"word{'s' * (n % 3)}") for n in range(20)]
        items.append((25.0, 26.0, "later"))
        found, _ = _read("textgrid", _long(("IntervalTier", "Speaker 1 - words", items)))
        assert [(speaker, text.count(" ") + 1, start) for speaker, text, start, _ in found] == [
            ("Speaker 1", 20, 0),
            ("Speaker 1", 1, 25000),
        ]

    def test_accents_of_praat_are_letters(self) -> None:
        """Old files write é as a backslash, the letter and its accent."""
        found, _ = _read("textgrid", _long(("IntervalTier", "Mei", [(0, 1, "Ren\\e'e")])))
        assert found[0][1] == "Renée"

    def test_a_file_that_ends_early_is_refused(self) -> None:
        """It says how many tiers and intervals it has."""
        whole = _long(*_TIERS)
        with pytest.raises(BadTranscript):
            _read("textgrid", whole[: whole.rindex("intervals [2]")])


_CHAT = """@UTF8
@Begin
@Participants:\tINV Tan Investigator, PAR Mei_Ling Participant, SIS Sister
@Media:\tMei, audio
*INV:\thow is Siti_Aminah@n ? \x150_2000\x15
*PAR:\tshe (i)s <much> [//] bet(t)er
\tnow . \x152100_3000\x15
%mor:\tpro|she v|be
*SIS:\tyes .
@Comment:\tdoor closes
@End
"""


class TestChat:
    def test_main_lines_have_speakers_and_times(self) -> None:
        """Roles that one participant has name the speaker; marks within words are taken out."""
        found, findings = _read("cha", _CHAT)
        assert found == [
            ("Interviewer", "how is Siti Aminah ?", 0, 2000),
            ("Participant", "she is <much> [//] better now .", 2100, 3000),
            ("SIS", "yes .", None, None),
        ]
        assert findings.left_out["tiers"] == 1
        assert {one.name for one in findings.names} == {"Tan", "Mei Ling", "Mei"}

    def test_a_file_without_speakers_is_refused(self) -> None:
        """Headers alone are no transcript."""
        with pytest.raises(BadTranscript):
            _read("cha", "@UTF8\n@Begin\n@End\n")


def test_points_between_known_ones_are_set_evenly() -> None:
    """Those before the first and behind the last known one stay unknown."""
    assert fill_times([None, 0, None, None, 900, None]) == [None, 0, 300, 600, 900, None]


_WHOLE = {
    "eaf": _eaf('<TIER TIER_ID="Mei">' + _aligned(1, "t1", "t2", "Good day") + "</TIER>", _SLOTS),
    "exb": _EXB,
    "textgrid": _long(*_TIERS),
    "cha": _CHAT,
}


@settings(max_examples=60)
@given(
    form=st.sampled_from(sorted(_WHOLE)),
    at=st.integers(0, 2000),
    cut=st.integers(0, 40),
    put=st.text(max_size=8) | st.sampled_from(['"', "<", "9" * 30, "]]>", "<exists>"]),
)
def test_damage_has_one_of_two_errors(form: str, at: int, cut: int, put: str) -> None:
    """Whatever is cut out or put in ends in passages or in an error that tells of it."""
    whole = _WHOLE[form]
    at %= len(whole)
    damaged = whole[:at] + put + whole[at + cut :]
    with contextlib.suppress(BadTranscript, TooLarge):
        _read(form, damaged.encode("utf-8", "replace"))


_SAID = st.lists(st.text("abcé你", min_size=1, max_size=6), min_size=1, max_size=4).map(" ".join)


@settings(max_examples=60)
@given(
    st.lists(
        st.tuples(
            st.sampled_from(["Mei", "P07", "words", "ft", "default", "Mei-words"]),
            st.lists(_SAID, min_size=1, max_size=4),
        ),
        min_size=1,
        max_size=4,
        unique_by=lambda one: one[0],
    )
)
def test_no_word_is_lost(tiers: list[tuple[str, list[str]]]) -> None:
    """Each word is in a passage, or is counted as left out."""
    source = _long(
        *(
            ("IntervalTier", name, [(n, n + 1, text) for n, text in enumerate(texts)])
            for name, texts in tiers
        )
    )
    found, findings = _read("textgrid", source)
    words = sum(count_words(text) for _, texts in tiers for text in texts)
    assert sum(count_words(text) for _, text, *_ in found) + findings.words_left_out == words
