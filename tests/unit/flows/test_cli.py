# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer

from flows.cli import main as cli
from services.common import errors, supervisor
from services.common.errors import SottoError
from services.common.installation import Installation
from services.common.supervisor import Supervisor
from tests.unit.flows.commands import SECRET

#: Those that `status` lists where nobody may sign in to the console.
PROCESSES = [name for name in supervisor.ALL if name != "console"]
KINDS = [
    kind
    for kind in vars(errors).values()
    if isinstance(kind, type) and issubclass(kind, SottoError) and kind is not SottoError
]
HEAVY = (
    "grpc", "prefect", "presidio_analyzer", "faster_whisper", "ctranslate2", "onnxruntime", "av",
    "minio", "docx",
)  # fmt: skip


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A home that does not exist yet, and must not come to exist by a command that fails early."""
    monkeypatch.setenv("SOTTO_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def _commands() -> Iterator[tuple[list[str], Any]]:
    """Every command with the words that call it."""
    for name in ("up", "down", "status", *cli.COMMANDS):
        root: Any = typer.main.get_command(cli.build([name]))
        found = root.commands[name]
        yield [name], found
        for sub, command in getattr(found, "commands", {}).items():
            yield [name, sub], command


class TestEnd:
    @pytest.fixture(autouse=True)
    def _command(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setitem(
            cli.COMMANDS, "fail", cli.Command("tests.unit.flows.commands:fail", "Fail.")
        )

    @pytest.mark.parametrize("kind", KINDS)
    def test_error_is_one_line_and_its_exit_status(
        self, kind: type[SottoError], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """An error of ours ends a command with its own status and one line that says what to do."""
        assert cli.main(["fail", kind.__name__]) == kind.exit_code
        assert capsys.readouterr() == ("", "sotto: what happened; what to do\n")

    def test_defect_keeps_its_text(self, capsys: pytest.CaptureFixture[str]) -> None:
        """A defect is told by type and place, in one line without its text."""
        assert cli.main(["fail", "defect"]) == 1

        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("sotto: an internal error: ValueError at ")
        assert err.count("\n") == 1
        assert SECRET not in err

    def test_interrupt_is_no_traceback(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Ctrl-C ends a command without a traceback."""
        assert cli.main(["fail", "interrupt"]) not in {0, 2, 3, 4, 5}
        assert "Traceback" not in capsys.readouterr().err

    def test_own_status(self) -> None:
        """A command may end with a status of its own."""
        assert cli.main(["fail", "exit"]) == 1


class TestWrongUse:
    @pytest.mark.parametrize(
        "words",
        [
            ["sell"],
            ["--loud"],
            ["status", "--loud"],
            ["ingest"],
            ["ingest", "x.txt"],
            ["ingest", "x.txt", "--study", "s1"],
            ["ingest", "x.txt", "--study", "s1", "--participant", "P07", "--session", "0"],
            ["ingest", "x.txt", "--study", "s1", "--participant", "P07", "--session", "one"],
            ["study", "create"],
            ["study", "sell"],
            ["release", "export", "--study", "s1"],
            ["release", "export", "--study", "s1", "--out", "o", "--format", "pdf"],
            ["audit", "export"],
            ["audit", "list", "--limit", "0"],
            ["participant", "withdraw", "P07"],
            ["transcribe"],
            ["models", "add"],
        ],
    )
    def test_ends_with_2_and_starts_nothing(
        self, words: list[str], home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A command that makes no sense ends with 2, says so on stderr, and touches no home."""
        assert cli.main(words) == 2

        out, err = capsys.readouterr()
        assert out == ""
        assert err
        assert not home.exists()

    def test_home_that_is_a_file(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A file in the place of a home is wrong use, told in one line."""
        (tmp_path / "file").touch()

        for words in (["status"], ["down"], ["up"]):
            assert cli.main([*words, "--home", str(tmp_path / "file")]) == 2
            assert "choose another: --home" in capsys.readouterr().err


class TestBadInput:
    def test_event_of_no_name(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """An event that does not exist is refused: an empty list would say that nothing was."""
        assert cli.main(["audit", "list", "--event", "erasure"]) == 4

        out, err = capsys.readouterr()
        assert out == ""
        assert "no event is called erasure" in err
        assert "key:*" in err
        assert not home.exists()

    def _fails(self, capsys: pytest.CaptureFixture[str], *words: str | Path) -> str:
        assert cli.main([str(word) for word in words]) == 4
        out, err = capsys.readouterr()
        assert out == ""
        assert err.startswith("sotto: ")
        assert err.count("\n") == 1
        return err

    def test_files_that_cannot_be_brought_in(
        self, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A missing file, an empty one or a link is told before any service starts."""
        (tmp_path / "empty.wav").touch()
        (tmp_path / "link.wav").symlink_to("empty.wav")
        to = ("--study", "s1", "--participant", "P07")

        assert "No such file" in self._fails(capsys, "ingest", tmp_path / "none.wav", *to)
        assert "is empty" in self._fails(capsys, "ingest", tmp_path / "empty.wav", *to)
        assert "link.wav: it is a symbolic" in self._fails(
            capsys, "ingest", tmp_path / "link.wav", tmp_path / "none.wav", *to
        )
        assert not home.exists()

    @pytest.mark.parametrize(
        ("content", "field"),
        [
            (b"id: s1\n", "field title is missing"),
            (
                b"id: Puan Halimah\ntitle: t\nlanguages: [en]\npolicy: p\nparticipants: [P1]\n",
                "field id: ",
            ),
            (b"title: [\n", "YAML"),
            (b"\xff\xfe", "UTF-8"),
            (b"", "describe"),
        ],
    )
    def test_study_file(
        self,
        tmp_path: Path,
        home: Path,
        capsys: pytest.CaptureFixture[str],
        content: bytes,
        field: str,
    ) -> None:
        """A study file that cannot be used is reported by its field, without its value."""
        (tmp_path / "study.yaml").write_bytes(content)
        err = self._fails(capsys, "study", "create", tmp_path / "study.yaml")

        assert field in err
        assert SECRET not in err
        assert not home.exists()

    def test_missing_study_file(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A study file that is not there is told as that."""
        assert "cannot be read" in self._fails(capsys, "study", "create", tmp_path / "none.yaml")

    def test_target_that_is_taken(
        self, tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """An export never writes over what is there, and says so before it asks for anything."""
        (tmp_path / "out").mkdir()
        (tmp_path / "out" / "mine.txt").touch()
        err = self._fails(
            capsys, "release", "export", "--study", "s1", "--out", tmp_path / "out"
        )  # fmt: skip

        assert "exists already" in err
        assert not home.exists()

    def test_nothing_to_verify(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A verifier that is given nothing says that it is not verified."""
        assert cli.main(["release", "verify", str(tmp_path / "none")]) == 4
        assert cli.main(["audit", "verify", "--log", str(tmp_path / "none")]) == 4
        assert "Traceback" not in capsys.readouterr().err

    def test_file_to_transcribe(self, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """The engine alone says the same of a file that is not there."""
        self._fails(capsys, "transcribe", tmp_path / "none.wav")


class TestNothingThere:
    def test_status_ends_with_5(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """Where nothing runs, every unit is listed as stopped and the status is 5."""
        assert cli.main(["status"]) == 5

        out, told = capsys.readouterr()
        assert all(name in out for name in PROCESSES)
        assert "running" not in out
        assert f"no installation in {home}; give its folder with --home" in told
        assert not home.exists()

        home.mkdir()
        assert cli.main(["status"]) == 5
        assert f"Nothing is running in {home}; start it" in capsys.readouterr().err

    def test_status_for_programs(self, capsys: pytest.CaptureFixture[str]) -> None:
        """With --json each line of stdout is one object, and nothing else is there."""
        assert cli.main(["status", "--json"]) == 5

        rows: list[dict[str, Any]] = [
            json.loads(line) for line in capsys.readouterr().out.splitlines()
        ]
        assert [row["name"] for row in rows] == PROCESSES
        assert {row["state"] for row in rows} == {"stopped"}

    def test_down_is_content(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Where nothing runs there is nothing to stop."""
        assert cli.main(["down"]) == 0
        assert "Nothing is running" in capsys.readouterr().err

    def test_second_owner_is_told(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        """A home that another supervisor owns is not started a second time."""
        owner = Supervisor(Installation(home))
        try:
            assert cli.main(["up"]) == 5
        finally:
            owner.close()
        assert "runs already" in capsys.readouterr().err


class TestTable:
    def test_is_the_only_place_of_imports_by_name(self) -> None:
        """Walls between parts are checked by imports, so that imports by name are in one place."""
        root = Path(cli.__file__).parents[1]
        found = {
            str(path.relative_to(root))
            for path in root.rglob("*.py")
            if "import_module" in path.read_text("utf-8")
        }

        assert found == {"cli/main.py"}

    def test_place_that_is_no_command(self) -> None:
        """A place in the table that names something else is a defect, told by its name."""
        with pytest.raises(TypeError, match="HEAVY is no command"):
            cli._load("tests.unit.flows.test_cli:HEAVY")


class TestHelp:
    def test_of_every_command(self, capsys: pytest.CaptureFixture[str]) -> None:
        """Every command, down to the last, explains itself and each of its options."""
        for words, command in _commands():
            assert cli.main([*words, "--help"]) == 0, words
            assert "Usage: sotto " + " ".join(words) in capsys.readouterr().out
            assert command.help, words
            for parameter in command.params:
                assert getattr(parameter, "help", None), (words, parameter.name)

    def test_contract_of_the_command_line(self) -> None:
        """The commands that people and programs rely on are there."""
        words = {" ".join(words) for words, _ in _commands()}

        assert words >= {
            "demo", "up", "down", "status", "study create", "ingest", "recordings list",
            "release build", "release export", "release verify", "audit list", "audit verify",
            "audit export", "participant withdraw", "deid run", "transcribe run", "models list",
            "models add", "models verify", "models pull", "models bundle",
        }  # fmt: skip

    def test_transcribe_needs_no_run(self, capsys: pytest.CaptureFixture[str]) -> None:
        """`sotto transcribe` takes a file, or options, without naming its command."""
        for words in (["none.wav"], ["--language", "en", "none.wav"], ["run", "none.wav"]):
            assert cli.main(["transcribe", *words]) == 4
            assert "no file none.wav" in capsys.readouterr().err

    def test_loads_no_engine(self) -> None:
        """What needs no engine loads none: the listing, every command's help, and status."""
        script = (
            "import sys, io, contextlib\n"
            "from flows.cli import main as cli\n"
            "out = io.StringIO()\n"
            "for words in ([], ['status'], *([name] for name in cli.COMMANDS)):\n"
            "    last = words if words == ['status'] else [*words, '--help']\n"
            "    with contextlib.redirect_stdout(out):\n"
            "        cli.main(last)\n"
            f"    found = [name for name in {HEAVY!r} if name in sys.modules]\n"
            "    if found:\n"
            "        sys.exit(f'{last} loads {found}')\n"
        )
        done = subprocess.run(
            [sys.executable, "-c", script], capture_output=True, text=True, check=False
        )

        assert done.returncode == 0, done.stderr


class TestWords:
    def test_findings_are_those_of_the_contract(self) -> None:
        """Each finding that a review may have can be typed, and no other."""
        from services.audit.cli.review import FINDINGS
        from sotto.audit.v1 import review_pb2

        typed = {f"FINDING_{name.replace('-', '_').upper()}" for name in FINDINGS}
        assert typed == set(review_pb2.Finding.keys()) - {"FINDING_UNSPECIFIED"}
