# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from pathlib import Path

import pytest

from flows.cli import main as cli
from services.common.errors import InvalidInput
from services.common.signing import Signer
from services.singling_out.files import read_interviews, read_known
from tests.support.release_builders import write_release

SECRET = "qwertysecret"


class TestReleases:
    """An exported folder."""

    @pytest.mark.parametrize("name", ["txt", "jsonl"])
    def test_is_read_as_it_is_exported(self, tmp_path: Path, name: str) -> None:
        """Interviews with code and name of the file; README, legend and certificate are none."""
        write_release(tmp_path / "out", Signer.generate(), (name,))
        found = read_interviews(tmp_path / "out")
        assert [(one.name, one.participant) for one in found] == [
            ("P07_S1", "P07"),
            ("P08_S2", "P08"),
        ]
        assert [(turn.number, turn.by_participant) for turn in found[0].turns] == [
            *((1, False), (2, True), (3, False)),
        ]
        assert found[0].turns[1].text.startswith("Bagi saya, [P07's brother]")

    def test_other_formats_are_refused(self, tmp_path: Path) -> None:
        """With the format to export."""
        write_release(tmp_path / "out", Signer.generate(), ("docx",))
        with pytest.raises(InvalidInput, match="--format jsonl"):
            read_interviews(tmp_path / "out")


class TestLines:
    """JSON lines, as `sotto deid run` writes them."""

    def test_roles_and_codes(self, tmp_path: Path) -> None:
        """Without a participant each line is one of its own."""
        path = tmp_path / "out.jsonl"
        path.write_text(
            '{"id": "a", "participant": "P07", "turns": [{"speaker": "Interviewer", "text": "?"},'
            ' {"speaker": "P07", "text": "x"}]}\n\n{"text": "y"}\n'
        )
        one, two = read_interviews(path)
        assert [turn.by_participant for turn in one.turns] == [False, True]
        assert (two.participant, two.turns[0].text) == ("line 3", "y")

    @pytest.mark.parametrize(
        "line", ["{", "[1]", '{"turns": 3}', '{"turns": [{"text": 1}]}', "\xff"]
    )
    def test_a_bad_line_is_named_without_its_content(self, tmp_path: Path, line: str) -> None:
        """Only where it is."""
        path = tmp_path / "out.jsonl"
        path.write_bytes(
            b'{"text": "fine"}\n' + line.replace("{", f'{{"{SECRET}": 1, ', 1).encode("latin-1")
        )
        with pytest.raises(InvalidInput, match="line 2") as caught:
            read_interviews(path)
        assert SECRET not in caught.value.message

    def test_no_such_file(self, tmp_path: Path) -> None:
        """It says what is not there."""
        with pytest.raises(InvalidInput, match="no folder and no file"):
            read_interviews(tmp_path / "none")


class TestKnownPeople:
    """The table of known people."""

    @pytest.mark.parametrize(
        ("name", "text"),
        [
            ("a.csv", "Name,Sex,AGE,marital_status\nA,f,34,divorced\n"),
            ("a.json", '[{"name": "A", "sex": "perempuan", "age": 34, "marital status": "janda"}]'),
            ("a.jsonl", '{"sex": "F", "age": "[aged 30-39]", "marital_status": "cerai"}\n'),
        ],
    )
    def test_three_forms(self, tmp_path: Path, name: str, text: str) -> None:
        """Columns by the kinds of attributes, whatever their case."""
        (tmp_path / name).write_text(text)
        [one] = read_known(tmp_path / name)
        assert one.values == {
            "sex": frozenset({"female"}),
            "age": frozenset({"30-39"}),
            "marital status": frozenset({"separated"}),
        }

    def test_no_attribute_at_all(self, tmp_path: Path) -> None:
        """A table that says nothing that is known here is refused."""
        (tmp_path / "a.csv").write_text(f"name,shoe\n{SECRET},44\n")
        with pytest.raises(InvalidInput, match="there are sex, age") as caught:
            read_known(tmp_path / "a.csv")
        assert SECRET not in caught.value.message


class TestCommand:
    """`sotto deid attack`."""

    def test_says_who_stands_out(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """As text and as JSON, with the basis."""
        path = tmp_path / "out.jsonl"
        path.write_text(
            '{"participant": "P07", "text": "I have lupus. I stay in [Perlis]. I am a dentist"}\n'
        )
        (tmp_path / "known.csv").write_text("state,illness\nPerlis,lupus\n")
        assert (
            cli.main(["deid", "attack", str(path), "--background", str(tmp_path / "known.csv")])
            == 0
        )
        text = capsys.readouterr().out
        assert "1 of 1 participants stand out" in text
        assert "Base: Malaysia 2023" in text
        assert cli.main(["deid", "attack", str(path), "--json", "--least", "1"]) == 0
        told = json.loads(capsys.readouterr().out)
        assert (told["least"], told["participants"][0]["k"] < 1) == (1, True)
