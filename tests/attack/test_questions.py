# SPDX-License-Identifier: Apache-2.0
"""No empty answer to a question that was not understood: wrong values for every filter."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from flows.cli import main as cli
from services.common.client_session import person
from tests.attack.conftest import STUDY
from tests.support.command_tree import Command, Parameter, arguments, commands
from tests.support.deployment import Deployment

#: Parameters that name something, a value that nothing is called, and what the answer must say.
#: A new parameter belongs here, or to OTHERS.
NAMES: dict[str, tuple[str, str]] = {
    "study": ("red2026", STUDY),
    "study_id": ("red2026", STUDY),
    "participant": ("p01", "P01"),
    "code": ("p01", "P01"),
    "recording": ("rec-" + "z" * 26, "no "),
    "interviewer": ("nobody-here", "no "),
    "person": (f"{person()}x", f"is {person()} meant?"),
    "service": ("storage", "storage-"),
    "object_name": ("*P01*", "no object"),
    "name": ("*:reed", ""),
    "outcome": ("succes", "success"),
    "request": ("feedfacefeedface", "no request"),
    "release": ("rel-" + "a" * 26, "no release"),
    "subject": ("nobody", "no person"),
    "zone": ("clinic", "clinical or research"),
    "finding": ("fine", "nothing-to-report"),
    "month": ("2020-01", "begins on"),
    "state": ("aproved", "approved"),
    "stage": ("transcript", "transcription"),
    "fmt": ("xls", "csv"),
    "file_format": ("pdf", "docx"),
    "style": ("spoken", "verbatim"),
    "purpose": ("fun", "analysis"),
    "accept_terms": ("0" * 8, "others than those accepted"),
    "copies": ("cpy-" + "z" * 26, "no copy"),
    "index": ("999999999", "999999999 is not"),
    "run": ("feed:0:0", "--run"),
    "to": ("tape", "s3"),
    "policy": ("reserch", ""),
    "role": ("revewer", "reviewer"),
    "model": ("whisper-none", ""),
    "reveal": ("rvl-" + "z" * 26, "has no request"),
    "label": ("Nurse 99", "nothing is known under this label"),
    "merged": ("[Nobody 9]", "no two such labels"),
    "reason": ("because", "wrong_participant"),
}
#: Parameters that choose nothing among what there is: files, numbers, switches, words, times.
OTHERS = {
    "home", "as_json", "detach", "keep", "study_path", "yes", "files", "session", "date", "wait",
    "watch", "dry_run", "full", "identified", "what", "entity_type", "segment", "occurrence",
    "place", "text", "folder", "key", "out", "log", "checkpoint", "proof", "entry", "as_csv",
    "since", "until", "told", "retire", "origin", "limit", "follow", "log_key", "listen", "url",
    "hosts", "days", "force", "ended", "every", "repair", "apply", "lift", "into", "backup",
    "passphrase_file", "secrets", "tombstones_from", "neural", "nlp", "gold", "misses", "lower",
    "flat", "file", "language", "accept", "name_pattern", "manifest", "template", "speaker",
    "speakers", "encoding", "notes", "strict", "removed", "released", "background", "least",
    "sha256", "source", "signing_folder", "reference", "transcript", "collar", "round_number",
    "count", "passage", "passages", "miss", "generation", "all_studies", "disable", "reset", "who",
    "console", "hours", "times", "everybody", "clip", "places", "segments", "mentions", "step",
    "purpose_text", "seen",
    "everything", "trial_of", "record",
}  # fmt: skip
#: Where a parameter of such a name is no choice among known things, and why.
ELSEWHERE = {
    ("certificates issue", "role"): "goes with --person; the tests of certificates hold it",
    ("certificates issue", "person"): "a person who has no certificate yet",
    ("audit start-anew", "person"): "who decided, of whom the new log knows nothing yet",
    ("audit start-anew", "reason"): "needs a stopped log; its own test holds the words",
    ("audit witness serve", "name"): "the name that a new witness takes",
    ("study enrol-voice", "interviewer"): "a person who has no voice yet",
    ("models add", "name"): "the name that a new model takes",
    ("models pull", "name"): "a name on another machine",
    ("pseudonym request", "reason"): "has reasons of its own; the tests of the command hold them",
    ("review reject", "reason"): "words for whoever reads it next",
    ("audit verify", "policy"): "a file",
    ("audit check-proof", "policy"): "a file",
    ("transcribe run", "model"): "loads an engine; the tests of its settings hold it",
    ("console accounts add", "study"): "an account may be there before its study",
    ("console accounts change", "study"): "as above",
    ("console accounts change", "role"): "needs an account; the tests of accounts hold it",
    ("storage move-keys", "to"): "needs a stopped store",
    ("storage move-keys", "zone"): "needs a stopped store",
}


def _questions() -> list[tuple[Command, Parameter]]:
    return [
        (command, parameter)
        for command in commands()
        for parameter in command.parameters
        if parameter.name in NAMES and (command.name, parameter.name) not in ELSEWHERE
    ]


@pytest.fixture(scope="module")
def recording(attacked: Deployment) -> str:
    """A recording of P01."""
    return next(
        str(one["recording_id"])
        for one in attacked.recordings(STUDY)
        if one["participant"] == "P01"
    )


@pytest.fixture(autouse=True)
def library_logs() -> Iterator[None]:
    """Let libraries log again after a command has silenced them."""
    yield
    logging.disable(logging.NOTSET)


class TestEveryFilter:
    def test_every_parameter_is_of_one_kind(self) -> None:
        """A new option either names something, and is asked with a wrong name, or does not."""
        found = {parameter.name for one in commands() for parameter in one.parameters}

        assert found - set(NAMES) - OTHERS == set()
        assert set(NAMES) & OTHERS == set()

    @pytest.mark.parametrize(
        ("command", "parameter"), _questions(), ids=lambda one: one.name.replace(" ", "-")
    )
    def test_unknown_value_is_refused(
        self,
        command: Command,
        parameter: Parameter,
        attacked: Deployment,
        recording: str,
        tmp_path: Path,
        capsys: pytest.CaptureFixture[str],
    ) -> None:
        """A name that nothing has is told as such, with the nearest one; stdout stays empty."""
        value, says = NAMES[parameter.name]
        if command.name in {"audit list", "audit who"} and parameter.name == "study":
            value = "red-202"  # a study that other commands asked for in vain is in the log
        given = arguments(tmp_path, STUDY, "P01", recording).get(command.name, [])
        words = _with(command, given, parameter, value)
        if any(one.name == "home" for one in command.parameters):
            words += ["--home", str(attacked.root)]

        status = cli.main([*command.words, *words])

        out, err = capsys.readouterr()
        assert status in {2, 3, 4}, (words, out, err)
        assert out == ""
        assert says in err
        assert not list(tmp_path.glob("out*"))


def _with(command: Command, given: list[str], parameter: Parameter, value: str) -> list[str]:
    """Return the words of a command in which one parameter has another value."""
    words = list(given)
    if not parameter.option:
        at = [one.name for one in command.parameters if not one.option].index(parameter.name)
        return [*words[:at], value, *words[at + 1 :]]
    if parameter.option in words:
        words[words.index(parameter.option) + 1] = value
        return words
    return [*words, parameter.option, value]


class TestAudit:
    def test_glob_of_events(self, attacked: Deployment, capsys: pytest.CaptureFixture[str]) -> None:
        """`*:read` means what it says: it finds readings of recordings, transcripts and rosters."""
        words = ["audit", "list", "--event", "*:read", "--json", "--home", str(attacked.root)]

        assert cli.main(words) == 0

        out = capsys.readouterr().out
        assert "recording:content:read" in out
        assert "transcript:content:read" in out

    def test_question_is_no_answer_to_itself(
        self, attacked: Deployment, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Who asks about a participant is recorded, and does not count as having touched one."""
        place = ["--json", "--home", str(attacked.root)]
        for _ in range(2):
            assert cli.main(["audit", "list", "--participant", "P02", *place]) == 0
        found = capsys.readouterr().out
        assert cli.main(["audit", "list", "--event", "audit:log:read", *place]) == 0

        assert "audit:log:read" not in found
        assert '"asked_participant": "P02"' in capsys.readouterr().out
