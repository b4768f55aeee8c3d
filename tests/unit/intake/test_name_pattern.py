# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from pathlib import PurePath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.intake.name_pattern import NamedInterview, NamePattern


class TestRead:
    @pytest.mark.parametrize(
        ("pattern", "name", "found"),
        [
            ("{participant}_{session}_{date}", "P07_2_2026-03-20.m4a", ("P07", 2, "2026-03-20")),
            ("{participant}_{session}_{date}", "p07_02_20260320.docx", ("P07", 2, "2026-03-20")),
            ("{participant}_{date}", "P07_2026_03_20.wav", ("P07", 0, "2026-03-20")),
            ("{participant}-{session}", "IDI-07-1.wav", ("IDI-07", 1, "")),
            ("{participant} session {session}", "P07 Session 3.vtt", ("P07", 3, "")),
            ("*_{participant}_T{session}", "Final transcript_P07_T2.docx", ("P07", 2, "")),
            ("{participant}_{day}-{month}-{year}", "P07_5-3-2026.txt", ("P07", 0, "2026-03-05")),
            ("{year}{month}{day}_{participant}", "20260320_P07.txt", None),
            ("{year}_{month}_{day}_{participant}", "2026_03_20_P07.txt", ("P07", 0, "2026-03-20")),
            ("{participant}/{session}", "inbox/P07/12.mp3", ("P07", 12, "")),
            ("{participant}/*/{session}", "inbox/P07/audio/12.mp3", ("P07", 12, "")),
            ("{participant}_{session}", "P07.mp3", None),
            ("{participant}_{session}", "P07_0.mp3", None),
            ("{participant}_{session}", "P07_1234.mp3", None),
            ("{participant}", "Siti Aminah.mp3", None),
            ("(a) {participant}.[x]", "(A) P07.[x].txt", ("P07", 0, "")),
        ],
    )
    def test_names(self, pattern: str, name: str, found: tuple[str, int, str] | None) -> None:
        """A name tells what the pattern asks, the whole name, capitals aside."""
        if pattern.startswith("{year}{month}{day}"):
            with pytest.raises(InvalidInput, match="nothing that tells where one ends"):
                NamePattern(pattern)
            return
        wanted = NamedInterview(*found) if found else None
        assert NamePattern(pattern).read(PurePath(name)) == wanted

    @given(
        code=st.from_regex(r"[A-Z][0-9]{1,4}", fullmatch=True),
        session=st.integers(1, 999),
        date=st.dates(),
        order=st.permutations(["{participant}", "{session}", "{date}"]),
    )
    def test_reads_what_was_written(
        self, code: str, session: int, date: object, order: list[str]
    ) -> None:
        """Names that were made by a pattern are read by it."""
        pattern = "_".join(order)
        name = pattern.format(participant=code, session=session, date=date)

        found = NamePattern(pattern).read(PurePath(f"{name}.txt"))

        assert found == NamedInterview(code, session, str(date))


class TestPattern:
    @pytest.mark.parametrize(
        ("text", "says"),
        [
            ("{participant}_{seshun}", r"there is no \{seshun\}.*\{session\}"),
            ("{participant}_{participant}", "twice"),
            ("{participant}{session}", "nothing that tells where one ends"),
            ("P*", "it tells nothing"),
            ("", "it tells nothing"),
            ("{participant", "a brace has no partner"),
            ("participant}", "a brace has no partner"),
            ("{year}_{participant}", "go together"),
            ("{date}_{year}_{month}_{day}", "go together"),
            ("*" * 3 + "{participant}", "stars"),
        ],
    )
    def test_wrong_ones(self, text: str, says: str) -> None:
        """A pattern that is none is refused with what is wrong and an example."""
        with pytest.raises(InvalidInput, match=says):
            NamePattern(text)

    @given(st.text(max_size=60))
    def test_any_text(self, text: str) -> None:
        """Any text is a pattern or is refused."""
        try:
            NamePattern(text).read(PurePath("a/b/P07_1.txt"))
        except InvalidInput:
            return
