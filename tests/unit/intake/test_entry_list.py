# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import csv
import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.common.errors import InvalidInput
from services.intake.entry_list import COLUMNS, is_list, parse_list, read_list, template

HEADER = ",".join(COLUMNS)
HERE = Path("/inbox")


class TestParse:
    def test_every_column(self) -> None:
        """A row says whose a file is, when it was, who speaks and how it is to be read."""
        text = (
            f"{HEADER}\r\n"
            'talk 1.vtt,P07,2,2026-03-20,"S1=interviewer; S2=participant",windows-1252,yes\r\n'
            "\r\n"
            "sub/b.docx,P08,,,,,\r\n"
        )

        first, second = parse_list(text, HERE)

        assert (first.line, first.path) == (2, HERE / "talk 1.vtt")
        assert (first.participant, first.session, first.date) == ("P07", 2, "2026-03-20")
        assert dict(first.reading.roles) == {"S1": "interviewer", "S2": "participant"}
        assert (first.reading.encoding, first.reading.append_notes) == ("cp1252", True)
        assert (second.line, second.session, second.date) == (4, 0, "")
        assert not second.reading.roles

    @pytest.mark.parametrize(
        ("cell", "count", "roles"),
        [
            ("2", 2, {}),
            ("S1=interviewer; 3", 3, {"S1": "interviewer"}),
            ("S2 = participant", 0, {"S2": "participant"}),
        ],
    )
    def test_speakers(self, cell: str, count: int, roles: dict[str, str]) -> None:
        """The column says how many people speak, who they are, or both."""
        [found] = parse_list(f"file,speakers\na.wav,{cell}\n", HERE)

        assert (found.speakers, dict(found.reading.roles)) == (count, roles)

    @pytest.mark.parametrize("mark", [",", ";", "\t"])
    def test_separators_and_order(self, mark: str) -> None:
        """Excel writes semicolons in many countries; columns may stand in any order, or be none."""
        text = f"Session{mark}FILE {mark}participant{mark}\n2{mark}a.txt{mark}P07{mark}\n"

        [found] = parse_list(text, HERE)

        assert (found.path.name, found.participant, found.session) == ("a.txt", "P07", 2)

    @pytest.mark.parametrize(
        ("rows", "says"),
        [
            ("a.txt,p07,1", "line 2: participant: a code is"),
            ("a.txt,P07,one", "line 2: session: a number"),
            ("a.txt,P07,0", "line 2: session"),
            ("a.txt,P07,1000", "line 2: session"),
            ("a.txt,P07,1,20/3/2026", "line 2: date: .*spreadsheet may have rewritten"),
            ("a.txt,P07,1,2126-03-20", "line 2: date: .*future"),
            ("a.txt,P07,1,,S1:interviewer", "line 2: who a speaker is"),
            ("a.txt,P07,1,,S1=doctor", "line 2: the role of S1"),
            ("a.txt,P07,1,,S1=interviewer;S1=participant", "line 2: S1 is given two roles"),
            ("a.wav,P07,1,,21", "line 2: speakers: how many speak is one number from 1 to 20"),
            ("a.wav,P07,1,,2;3", "line 2: speakers: how many"),
            ("a.txt,P07,1,,,klingon", "line 2: there is no such encoding"),
            ("a.txt,P07,1,,,,maybe", "line 2: notes: it is yes or no"),
            (",P07,1", "line 2: it names no file"),
            ("a.txt,P07\na.txt,P08", "line 3: the file of line 2 once more"),
            ("a.txt,P07,1,,,,,what", "line 2: it has more cells"),
            ("ok.txt,P07,1\na.txt,p,1\nb.txt,q,1", "line 3: .*line 4: "),
            ('a.txt,"P07', "line 2: it is no CSV"),
            ("", "it names no file"),
        ],
    )
    def test_faults_name_the_line(self, rows: str, says: str) -> None:
        """What cannot be used is told with its line, several at once."""
        with pytest.raises(InvalidInput, match=says):
            parse_list(f"{HEADER}\n{rows}\n", HERE)

    def test_many_faults_are_counted(self) -> None:
        """A list of nothing but faults tells the first of them."""
        rows = "\n".join(f"{n}.txt,p{n}" for n in range(50))
        with pytest.raises(InvalidInput, match="and 40 more"):
            parse_list(f"{HEADER}\n{rows}\n", HERE)

    @pytest.mark.parametrize(
        ("header", "says"),
        [
            ("", "empty"),
            ("name,participant", "'file' is not among them"),
            ("file,particpant", "no column particpant; is participant meant"),
            ("file,file", "twice"),
            ("file,Siti binti Ali 012-345", "no column of that name"),
        ],
    )
    def test_wrong_columns(self, header: str, says: str) -> None:
        """A column that is not known is refused, with the nearest: it may hold what matters."""
        with pytest.raises(InvalidInput, match=says):
            parse_list(f"{header}\na.txt,P07\n" if header else "", HERE)

    @given(st.text(max_size=300))
    def test_any_text_has_an_answer(self, text: str) -> None:
        """Any text is a list or is refused."""
        for start in ("", f"{HEADER}\n"):
            try:
                parse_list(start + text, HERE)
            except InvalidInput:
                continue

    @given(
        st.lists(
            st.tuples(
                st.from_regex(r"[A-Za-z0-9 ,;'\"äé中_-]{1,20}\.txt", fullmatch=True),
                st.from_regex(r"[A-Z][0-9]{1,4}", fullmatch=True),
                st.integers(1, 999),
            ),
            min_size=1,
            max_size=8,
            unique_by=lambda row: row[0].strip(),
        ),
        st.sampled_from([",", ";", "\t"]),
    )
    def test_what_a_spreadsheet_writes_is_read(
        self, rows: list[tuple[str, str, int]], mark: str
    ) -> None:
        """Names with separators and quotation marks come back as they were."""
        out = io.StringIO()
        writer = csv.writer(out, delimiter=mark)
        writer.writerow(("file", "participant", "session"))
        writer.writerows(rows)

        found = parse_list(out.getvalue(), HERE)

        assert [(str(one.path), one.participant, one.session) for one in found] == [
            (str(HERE / name.strip()), code, session) for name, code, session in rows
        ]


class TestRead:
    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "windows-1252"])
    def test_encodings(self, tmp_path: Path, encoding: str) -> None:
        """A list is read as spreadsheets save it; its files are sought beside it."""
        path = tmp_path / "list.csv"
        path.write_text(f"{HEADER}\r\nRené.txt,P07,1,,,,\r\n", encoding)

        [found] = read_list(path)

        assert found.path == tmp_path / "René.txt"

    def test_workbook(self, tmp_path: Path) -> None:
        """A workbook in the place of the list is told as such, with what to do."""
        path = tmp_path / "list.xlsx"
        path.write_bytes(b"PK\x03\x04" + bytes(100))

        with pytest.raises(InvalidInput, match="workbook of a spreadsheet: save it there as CSV"):
            read_list(path)

    def test_no_list(self, tmp_path: Path) -> None:
        """A list that is not there, or far too large, is told by its name."""
        with pytest.raises(InvalidInput, match=r"the list .*none\.csv cannot be read"):
            read_list(tmp_path / "none.csv")
        (tmp_path / "large.csv").write_bytes(b"x" * (4 * 2**20 + 1))
        with pytest.raises(InvalidInput, match="larger than 4 MiB"):
            read_list(tmp_path / "large.csv")
        (tmp_path / "bad.csv").write_text(f"{HEADER}\na.txt,p", "utf-8")
        with pytest.raises(InvalidInput, match=r"bad\.csv: line 2: .*nothing was sealed"):
            read_list(tmp_path / "bad.csv")


class TestTemplate:
    def test_is_a_list_of_the_files(self, tmp_path: Path) -> None:
        """What the template prints is read back as soon as somebody filled it in."""
        text = template([Path("in/a b.txt"), Path("in/c,d.wav")])
        path = tmp_path / "list.csv"
        path.write_text("\ufeff" + text, "utf-8")

        assert text.splitlines()[0] == HEADER
        assert [one.path for one in parse_list(text, HERE)] == [
            HERE / "in/a b.txt", HERE / "in/c,d.wav",
        ]  # fmt: skip
        assert is_list(path)

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("zoom.csv", "speaker,text\nI,Hello\n"),
            ("zoom.csv", ""),
            ("zoom.csv", '"file'),
            ("a.docx", HEADER),
        ],
    )
    def test_what_is_no_list(self, tmp_path: Path, name: str, text: str) -> None:
        """A table of turns is a transcript, not a list."""
        (tmp_path / name).write_text(text, "utf-8")
        assert not is_list(tmp_path / name)
