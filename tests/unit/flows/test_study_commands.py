# SPDX-License-Identifier: Apache-2.0
"""`sotto study` against services that keep what they are given."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from flows.cli import main as cli
from flows.cli import study as command
from services.common.client import Peers
from tests.support.study_desk import Stores, study_desk
from tests.unit.flows.fake_services import FakeServices

GOOD: dict[str, Any] = {
    "id": "s1",
    "title": "What recovery means",
    "languages": ["en"],
    "policy": "research-default",
    "participants": ["P07", "P08"],
    "members": [{"person": "siti", "roles": ["reviewer"]}],
}


class Studies:
    """The command, its study file and what the services keep."""

    def __init__(self, folder: Path, services: FakeServices) -> None:
        self._path = folder / "study.yaml"
        self.services = services

    def create(self, *options: str, **changes: Any) -> int:
        """Create the study of the file with these changes; returns the exit code."""
        self._path.write_text(yaml.safe_dump({**GOOD, **changes}), "utf-8")
        return cli.main(["study", "create", str(self._path), *options])

    @property
    def members(self) -> list[str]:
        """The members that the clinical zone keeps."""
        return [one.person for one in self.services.clinical.studies["s1"].members]


@pytest.fixture
def studies(tmp_path: Path, services: FakeServices, monkeypatch: pytest.MonkeyPatch) -> Studies:
    """Return the command, connected to the fake services, without a terminal."""

    @contextlib.contextmanager
    def connected(*_: object, **__: object) -> Iterator[Peers]:
        yield services.peers

    monkeypatch.setattr(command, "connected", connected)
    return Studies(tmp_path, services)


class TestCreate:
    def test_new_study_asks_nothing(
        self, studies: Studies, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Scripts that create studies go on as before."""
        assert studies.create() == 0

        err = capsys.readouterr().err
        assert "is ready: 2 participants, 1 member" in err
        assert "changes" not in err

    def test_same_study_asks_nothing(
        self, studies: Studies, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """The same file again is told as that."""
        studies.create()
        assert studies.create() == 0

        assert "was there already" in capsys.readouterr().err

    def test_without_members_says_what_that_means(
        self, studies: Studies, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """A study that nobody may review is accepted, and this is said plainly."""
        assert studies.create(members=[]) == 0

        assert "Nobody can review" in capsys.readouterr().err

    @pytest.mark.parametrize(
        "changes",
        [
            {"review": "automatic"},
            {"policy": "safe-harbor"},
            {"keep_recordings_days": 1},
            {"members": [{"person": "tan", "roles": ["reviewer"]}]},
            {"participants": ["P07"]},
        ],
    )
    def test_grave_change_needs_a_yes(
        self, studies: Studies, changes: dict[str, Any], capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Without a terminal it is refused, told, and made with --yes alone."""
        studies.create()
        before = dict(studies.services.clinical.studies)
        capsys.readouterr()

        assert studies.create(**changes) == 3
        assert studies.services.clinical.studies == before
        err = capsys.readouterr().err
        assert f"  {next(iter(changes))}" in err
        assert "--yes" in err

        assert studies.create("--yes", **changes) == 0
        assert studies.services.clinical.studies != before
        assert "is changed" in capsys.readouterr().err

    def test_roster(self, studies: Studies, capsys: pytest.CaptureFixture[str]) -> None:
        """A roster that is replaced is told, in numbers alone; fewer names need a yes."""
        people = [{"name": "Azman bin Kassim"}, {"name": "Devi a/p Raman"}]
        studies.create(roster={"people": people})
        capsys.readouterr()
        assert studies.create(roster={"people": people}) == 0
        assert "was there already" in capsys.readouterr().err

        assert studies.create(roster={"people": people[:1]}) == 3
        err = capsys.readouterr().err
        assert "roster: 2 names -> 1" in err
        assert "Devi" not in err
        assert b"Devi" in studies.services.clinical.rosters["s1"]
        assert studies.create("--yes", roster={"people": people[:1]}) == 0
        assert studies.create("--json", roster={"people": [*people, {"name": "Mei Ling"}]}) == 0
        assert json.loads(capsys.readouterr().out)["changed"] == ["roster"]

    def test_small_change_is_told_and_made(
        self, studies: Studies, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """One more participant needs no question."""
        studies.create()

        assert studies.create("--json", participants=["P07", "P08", "P09"]) == 0

        out, err = capsys.readouterr()
        assert "participants added: P09" in err
        assert json.loads(out)["changed"] == ["participants"]

    @pytest.mark.parametrize(("answer", "code"), [(True, 0), (False, 3)])
    def test_person_at_a_terminal_is_asked(
        self, studies: Studies, answer: bool, code: int, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """A person says yes or no, and no changes nothing."""
        studies.create()
        monkeypatch.setattr("sys.stdin.isatty", lambda: True)
        monkeypatch.setattr("typer.confirm", lambda *_, **__: answer)

        assert studies.create(members=[{"person": "tan", "roles": ["reviewer"]}]) == code

        assert studies.members == (["tan"] if answer else ["siti"])


class TestShow:
    def test_for_people(self, studies: Studies, capsys: pytest.CaptureFixture[str]) -> None:
        """The stored description, and who may do what."""
        studies.create()

        assert cli.main(["study", "show", "s1"]) == 0
        out = capsys.readouterr().out
        assert "siti: reviewer" in out
        assert "What recovery means" in out

    def test_for_programs(self, studies: Studies, capsys: pytest.CaptureFixture[str]) -> None:
        """One object on stdout."""
        studies.create()

        assert cli.main(["study", "show", "s1", "--json"]) == 0
        record = json.loads(capsys.readouterr().out)
        assert record["members"] == [{"person": "siti", "roles": ["reviewer"]}]
        assert record["review"] == "required"

    def test_without_members(self, studies: Studies, capsys: pytest.CaptureFixture[str]) -> None:
        """That nobody may review is said."""
        studies.create(members=[])

        assert cli.main(["study", "show", "s1"]) == 0
        assert "nobody" in capsys.readouterr().out

    @pytest.mark.usefixtures("studies")
    def test_unknown(self, capsys: pytest.CaptureFixture[str]) -> None:
        """An unknown study is told as such."""
        assert cli.main(["study", "show", "s9"]) == 4
        assert "there is no study s9" in capsys.readouterr().err


class TestCountersign:
    def test_is_asked_for_shown_and_kept(
        self, studies: Studies, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Who creates the study learns of it; the officer sees what is kept, and says yes."""
        studies.services.deidentification.below_floor = ("PERSON: keep",)
        assert studies.create() == 0
        assert "PERSON: keep" in (told := capsys.readouterr().err)
        assert "sotto study countersign s1" in told

        assert cli.main(["study", "countersign", "s1"]) == 3
        told = capsys.readouterr().err
        assert "PERSON: keep" in told
        assert "--yes" in told
        assert not studies.services.clinical.countersignatures
        assert cli.main(["study", "show", "s1"]) == 0
        assert "nobody: the policy is not used" in capsys.readouterr().out

        assert cli.main(["study", "countersign", "s1", "--yes"]) == 0
        assert "is due again" in capsys.readouterr().err
        [signed] = studies.services.clinical.countersignatures
        assert signed.policy_digest == "d" * 64
        assert cli.main(["study", "show", "s1", "--json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        assert (shown["below_floor"], shown["countersigned_by"]) == (
            ["PERSON: keep"],
            ["puan.aishah"],
        )

    def test_of_a_policy_that_needs_none(
        self, studies: Studies, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """There is nothing to say yes to, and nothing is kept."""
        studies.create()

        assert cli.main(["study", "countersign", "s1", "--yes"]) == 4
        assert "keeps nothing that needs it" in capsys.readouterr().err
        assert not studies.services.clinical.countersignatures

    def test_words_of_authors_are_not_shown_as_valid(
        self, studies: Studies, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Who changed the policy afterwards is listed as that, and their word is not."""
        studies.services.deidentification.below_floor = ("PERSON: keep",)
        studies.create()
        cli.main(["study", "countersign", "s1", "--yes"])
        studies.services.clinical.studies["s1"].policy_changed_by.append("puan.aishah")
        capsys.readouterr()

        assert cli.main(["study", "show", "s1", "--json"]) == 0
        shown = json.loads(capsys.readouterr().out)
        assert shown["countersigned_by"] == []
        assert shown["policy_changed_by"] == ["puan.aishah"]


class TestAddNames:
    @pytest.fixture
    def stores(self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Stores]:
        """The stores themselves, with the study."""
        with study_desk(tmp_path) as (_, stores):

            @contextlib.contextmanager
            def connected(*_: object, **__: object) -> Iterator[Stores]:
                yield stores

            monkeypatch.setattr(command, "connected", connected)
            study = tmp_path / "study.yaml"
            study.write_text(yaml.safe_dump({**GOOD, "roster": {"people": [{"name": "Azman"}]}}))
            assert cli.main(["study", "create", str(study)]) == 0
            yield stores

    def test_what_is_there_stays(
        self, stores: Stores, tmp_path: Path, capsys: pytest.CaptureFixture[str]
    ) -> None:
        """Names are added, counted and told to nobody; the same file again changes nothing."""
        file = tmp_path / "names.yaml"
        file.write_text(
            "people:\n  - {name: Puan Halimah, also: [Mak Limah], participant: P07}\n"
            "places:\n  - {name: Taman Mawar}\n",
            "utf-8",
        )
        assert cli.main(["study", "add-names", "s1", str(file)]) == 0
        said = capsys.readouterr()
        assert "3 names of the file added to the 1 that study s1 knew" in said.err
        for name in ("Azman", "Puan Halimah", "Mak Limah", "Taman Mawar"):
            assert name in stores.roster("s1")
        assert cli.main(["study", "add-names", "s1", str(file), "--json"]) == 0
        again = capsys.readouterr()
        assert json.loads(again.out) == {
            "study_id": "s1", "given": 3, "existed": True, "names_before": 4,
        }  # fmt: skip
        told = said.out + said.err + again.out + again.err + str(stores.log.events)
        assert "Halimah" not in told

    @pytest.mark.parametrize(
        ("text", "told"),
        [
            ("people: []\n", "has no names"),
            ("- Puan Halimah\n", "has no names"),
            ("people: [{nmae: Puan Halimah}]\n", "nmae"),
            ("people: [{name: Puan Halimah, participant: P99}]\n", "entry 1: its participant"),
        ],
        ids=["empty", "no table", "misspelt", "no participant"],
    )
    def test_wrong_file(
        self, stores: Stores, tmp_path: Path, capsys: pytest.CaptureFixture[str], text: str,
        told: str,
    ) -> None:  # fmt: skip
        """What is wrong is told without the name, and nothing is sealed."""
        file = tmp_path / "names.yaml"
        file.write_text(text, "utf-8")
        assert cli.main(["study", "add-names", "s1", str(file)]) == 4
        err = capsys.readouterr().err
        assert told in err
        assert "Halimah" not in err + stores.roster("s1")
