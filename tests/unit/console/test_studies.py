# SPDX-License-Identifier: Apache-2.0
"""Pages of studies, known names and policies, on the stores themselves."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from starlette.testclient import TestClient

from services.studies.study_file import QualityGate, StudyFile
from tests.support.captured_log import CapturedLog
from tests.support.console import PASSWORD, Desk
from tests.support.study_desk import KEEPS_NAMES, Stores, study_desk

NAME = "Puan Halimah"
STUDY = {
    "id": "trial-1",
    "title": "What recovery means",
    "languages": "en ms",
    "policy": "research-default",
    "review": "required",
    "notation": "none",
    "audio": "none",
    "participants": "P01\nP02",
    "members": "tan: reviewer researcher",
}
FILE = f"""\
id: trial-2
title: From a file
languages: [en]
policy: strict.yaml
participants: [P07]
quality: {{sample: 30}}
roster: {{people: [{{name: {NAME}, participant: P07}}]}}
"""


@pytest.fixture
def opened(tmp_path: Path) -> Iterator[tuple[Desk, Stores]]:
    """The console and the stores."""
    with study_desk(tmp_path) as both:
        yield both


@pytest.fixture
def stores(opened: tuple[Desk, Stores]) -> Stores:
    """The stores."""
    return opened[1]


@pytest.fixture
def faiz(opened: tuple[Desk, Stores]) -> TestClient:
    """Hospital IT, signed in a moment ago."""
    return opened[0].signed_in("faiz", "operator")


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[TestClient, Stores]]:
    """Hospital IT before a study that is there, for what writes nothing."""
    with study_desk(tmp_path_factory.mktemp("shared")) as (desk, stores):
        client = desk.signed_in("faiz", "operator")
        make(client, is_new="yes")
        stores.log.events.clear()
        yield client, stores


def hidden(page: str) -> dict[str, str]:
    """Return what a page would send once more."""
    found = re.findall(r'<input type="hidden" name="(\w+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in found}


def look(client: TestClient, **changes: str) -> Any:
    """Ask what the form would change."""
    return client.post("/studies/changes", data={**STUDY, **changes})


def make(client: TestClient, **changes: str) -> None:
    """Look, and agree."""
    shown = look(client, **changes)
    assert shown.status_code == 200, shown.text
    done = client.post("/studies/write", data=hidden(shown.text))
    assert done.status_code == 303, done.text


class TestForm:
    def test_whole_way(self, faiz: TestClient, stores: Stores) -> None:
        """A new study is shown, then made in both zones; the form shows what is stored."""
        make(
            faiz, is_new="yes", quality="yes", quality_bound="0.02", quality_planted="4",
            keep_recordings_days="40", speakers="2", disguise_voices="yes", audio="bleeped",
        )  # fmt: skip
        study = stores.study("trial-1")
        assert (study.quality.bound, study.quality.planted, study.quality.other_signer) == (
            0.02,
            4,
            False,
        )
        assert (study.keep_recordings_days, study.speakers, study.disguise_voices) == (40, 2, True)
        page = faiz.get("/studies/trial-1").text
        assert 'name="quality_bound" type="text" autocomplete="off" value="0.02"' in page
        assert "tan: researcher reviewer" in page

    def test_has_every_field(self, faiz: TestClient) -> None:
        """What a study's file may say, the form takes; names have a page of their own."""
        page = faiz.get("/studies/new").text
        fields = {*StudyFile.model_fields, *(f"quality_{one}" for one in QualityGate.model_fields)}
        missing = [name for name in fields if f'name="{name}"' not in page]
        assert missing == ["roster"]

    def test_changes_after_the_policy_was_changed(self, faiz: TestClient, stores: Stores) -> None:
        """What the store keeps of who changed the policy is not sent back to it."""
        make(faiz, is_new="yes")
        make(faiz, policy="safe-harbor")
        assert list(stores.study("trial-1").policy_changed_by) == ["faiz"]
        make(faiz, policy="safe-harbor", title="Another title")
        assert stores.study("trial-1").title == "Another title"

    @pytest.mark.parametrize(
        ("field", "value", "told"),
        [
            ("id", "Trial 1", "an id is 2 to 39 small letters"),
            ("title", "", "is needed"),
            ("title", "x" * 301, "is longer than 300"),
            ("languages", "english", "languages are codes"),
            ("languages", "", "is needed"),
            ("participants", "", "is needed"),
            ("participants", f"P01\n{NAME}", "line 2: <span lang"),
            ("participants", "P01\nP01", "this code is there before"),
            ("members", "tan", "a member is a line such as"),
            ("members", "tan: boss", "a member is a line such as"),
            ("members", "tan: reviewer\ntan: researcher", "this person is there before"),
            ("keep_recordings_days", "a week", "takes a whole number"),
            ("keep_recordings_days", "99999", "is 36500 at most"),
            ("speakers", "-1", "is 0 at least"),
            ("policy", "milder", "takes one of what is offered"),
            ("policy", "own", "is needed"),
            ("disguise_voices", "yes", "it needs sound"),
            ("quality_bound", "much", "takes a number such as 0.05"),
            ("quality_bound", "", "either a bound or the size of a sample"),
            ("quality_sample", "30", "either a bound or the size of a sample"),
            ("quality_alpha", "0.9", "is 0.5 at most"),
            ("quality_planted", "1.5", "takes a whole number"),
        ],
    )
    def test_wrong_fields(
        self, shared: tuple[TestClient, Stores], log: CapturedLog, field: str, value: str, told: str
    ) -> None:
        """What is wrong is told beside its field, what was typed stays, and nothing is written."""
        client, stores = shared
        answer = look(client, **{"quality": "yes", "quality_bound": "0.01", field: value})
        assert answer.status_code == 400
        assert told in answer.text
        assert (
            f'href="#{field.partition("_")[0]}' in answer.text or f'href="#{field}' in answer.text
        )
        assert html.escape(STUDY["members"] if field != "members" else value) in answer.text
        assert not stores.log.events
        assert NAME not in str(log.records)

    def test_own_policy(self, faiz: TestClient, stores: Stores) -> None:
        """Its text is read by the engine, what changes in it is shown, and what waits for whom."""
        make(faiz, is_new="yes")
        shown = look(faiz, policy="own", policy_document=KEEPS_NAMES.replace("\n", "\r\n"))
        assert "<ins>+  PERSON: keep</ins>" in shown.text
        assert "PERSON: keep" in shown.text
        assert "until a compliance officer countersigns it" in shown.text
        faiz.post("/studies/write", data=hidden(shown.text))
        assert stores.study("trial-1").policy_document == KEEPS_NAMES
        assert stores.study("trial-1").policy == "strict"
        again = look(faiz, policy="own", policy_document=KEEPS_NAMES.replace("keep", "tag"))
        assert "<del>-  PERSON: keep</del>" in again.text
        assert "until a compliance officer" not in again.text
        assert "Nothing changes" in look(faiz, policy="own", policy_document=KEEPS_NAMES).text

    @pytest.mark.parametrize(
        ("document", "told"),
        [
            ("name: [", "this is not YAML"),
            ("version: 1", "it has no field name"),
            ("name: safe-harbor\nversion: 1\nentities: {}", "is the name of a policy that ships"),
            ("name: strict\nversion: 1\nentities: {PERSONN: keep}", "PERSON"),
        ],
    )
    def test_policy_of_no_use(
        self, shared: tuple[TestClient, Stores], document: str, told: str
    ) -> None:
        """It is told beside the text."""
        answer = look(shared[0], policy="own", policy_document=document)
        assert answer.status_code == 400
        assert told in answer.text
        assert 'href="#policy_document"' in answer.text

    def test_a_new_one_replaces_nothing(self, faiz: TestClient) -> None:
        """The form for new studies changes none that is there."""
        make(faiz, is_new="yes")
        assert "there is a study of this id" in look(faiz, is_new="yes").text

    def test_changed_meanwhile(self, faiz: TestClient, stores: Stores) -> None:
        """What was shown is made and nothing else."""
        make(faiz, is_new="yes")
        shown = look(faiz, participants="P01\nP02\nP03")
        make(faiz, participants="P01")
        late = faiz.post("/studies/write", data=hidden(shown.text))
        assert late.status_code == 409
        assert "The study was changed meanwhile" in late.text
        assert list(stores.study("trial-1").participants) == ["P01"]
        assert faiz.post("/studies/write", data=hidden(late.text)).status_code == 303
        assert list(stores.study("trial-1").participants) == ["P01", "P02", "P03"]


class TestProof:
    def test_grave_changes_ask_on_their_own_page(
        self, opened: tuple[Desk, Stores], faiz: TestClient
    ) -> None:
        """Password and code are asked for where the changes stand, so that nothing is lost."""
        desk, stores = opened
        make(faiz, is_new="yes")
        desk.ahead += 600
        light = look(faiz, title="Another title")
        assert 'name="password"' not in light.text
        assert faiz.post("/studies/write", data=hidden(light.text)).status_code == 303
        grave = look(faiz, title="Another title", members="")
        assert 'name="password"' in grave.text
        data = hidden(grave.text)
        wrong = faiz.post("/studies/write", data={**data, "password": "no", "code": desk.code()})
        assert wrong.status_code == 403
        assert "Nothing is changed" in wrong.text
        assert stores.study("trial-1").members
        given = {"password": PASSWORD, "code": desk.code()}
        done = faiz.post("/studies/write", data={**hidden(wrong.text), **given})
        assert done.status_code == 303, done.text
        assert not stores.study("trial-1").members
        assert faiz.get("/studies").status_code == 200


class TestFile:
    def test_whole_way(self, faiz: TestClient, stores: Stores) -> None:
        """A file is taken as it stands, with its policy and names, which no page shows as text."""
        given = {"from_file": "yes", "file": FILE, "policy_document": KEEPS_NAMES}
        shown = faiz.post("/studies/changes", data=given)
        assert shown.status_code == 200, shown.text
        assert "1 known name would be sealed" in shown.text
        assert faiz.post("/studies/write", data=hidden(shown.text)).status_code == 303
        assert stores.study("trial-2").quality.sample == 30
        assert stores.study("trial-2").policy_document == KEEPS_NAMES
        assert NAME in stores.roster("trial-2")
        fewer = {
            **given,
            "file": FILE.replace("people: [", "people: [").replace(
                f"{{name: {NAME}, participant: P07}}", ""
            ),
        }
        assert (
            "roster: 1 names -&gt; 0".capitalize() in faiz.post("/studies/changes", data=fewer).text
        )

    @pytest.mark.parametrize(
        ("changes", "told"),
        [
            ({"file": "nothing"}, "does not describe a study"),
            ({"file": ""}, "does not describe a study"),
            ({"file": FILE.replace("title", "titel")}, "line 2: field titel"),
            ({"policy_document": ""}, "its file is needed too"),
            ({"file": FILE.replace("strict.yaml", "safe-harbor")}, "leave this empty"),
            ({"policy_document": "name: ["}, "YAML"),
        ],
    )
    def test_files_of_no_use(
        self, shared: tuple[TestClient, Stores], changes: dict[str, str], told: str
    ) -> None:
        """What is wrong is told with its line, and the text stays to be mended."""
        given = {"from_file": "yes", "file": FILE, "policy_document": KEEPS_NAMES, **changes}
        answer = shared[0].post("/studies/changes", data=given)
        assert answer.status_code == 400
        assert told in answer.text
        assert html.escape(given["file"]).strip() in answer.text


class TestNames:
    def test_added_and_replaced(
        self, opened: tuple[Desk, Stores], faiz: TestClient, log: CapturedLog
    ) -> None:
        """Names are counted and sealed; they stand on no page but the one that sends them on."""
        desk, stores = opened
        make(faiz, is_new="yes")
        path = "/studies/trial-1/names"
        given = {"how": "add", "people": f"{NAME}; Mak Limah, Limah; mother; P01", "places": ""}
        shown = faiz.post(path, data=given)
        assert "3 names are added to the 0 that are there" in shown.text
        assert re.sub(r"<input[^>]*>", "", shown.text).count("Halimah") == 0
        done = faiz.post(f"{path}/write", data=hidden(shown.text))
        assert done.headers["location"] == path
        page = faiz.get(path).text
        assert "3 names are known" in page
        assert "Halimah" not in page
        more = {
            **given,
            "people": f"Encik Rahim\n{NAME}; Cik Mah; ; P01",
            "places": "Taman Mawar; ; place",
        }
        faiz.post(f"{path}/write", data=hidden(faiz.post(path, data=more).text))
        assert all(
            one in stores.roster("trial-1")
            for one in ("Encik Rahim", "Mak Limah", "Cik Mah", "mother")
        )
        assert "6 names are known" in faiz.get(path).text
        desk.ahead += 600
        fewer = faiz.post(path, data={"how": "replace", "people": "Encik Rahim", "places": ""})
        assert "roster: 6 names -&gt; 1".capitalize() in fewer.text
        assert faiz.post(f"{path}/write", data=hidden(fewer.text)).status_code == 403
        given = {"password": PASSWORD, "code": desk.code()}
        faiz.post(f"{path}/write", data={**hidden(fewer.text), **given})
        assert "Halimah" not in stores.roster("trial-1")
        assert "Halimah" not in str(log.records) + str(stores.log.events)

    @pytest.mark.parametrize(
        ("people", "places", "told"),
        [
            ("", "", "is needed, or a place below"),
            (f"{NAME}; ; ; P99", "", "the fourth part is a participant of the study"),
            (f"Siti\n\n{NAME};a;b;c;d", "", "line 3: <span lang"),
            ("; Man", "", "name: is needed"),
            ("x" * 201, "", "name: is longer than 200"),
            ("", "Taman Mawar; ; planet", "kind: Input should be"),
        ],
    )
    def test_wrong_lines(
        self, shared: tuple[TestClient, Stores], people: str, places: str, told: str
    ) -> None:
        """The line is told, the text stays to be mended, and nothing is sealed."""
        client, stores = shared
        answer = client.post(
            "/studies/trial-1/names", data={"how": "add", "people": people, "places": places}
        )
        assert answer.status_code == 400
        assert told in answer.text
        assert not stores.roster("trial-1")

    def test_no_such_study(self, faiz: TestClient) -> None:
        """It is told as everywhere."""
        assert faiz.get("/studies/other/names").status_code == 404


class TestPolicies:
    def test_countersigned(self, opened: tuple[Desk, Stores], faiz: TestClient) -> None:
        """What waits is told, read, and let through by a compliance officer with fresh proof."""
        desk, stores = opened
        make(faiz, is_new="yes")
        make(faiz, policy="own", policy_document=KEEPS_NAMES)
        officer = desk.signed_in("aminah", "compliance")
        assert "waits for a countersignature" in officer.get("/policies").text
        desk.ahead += 600
        page = officer.get("/policies/trial-1").text
        assert "PERSON: keep" in page
        data = hidden(page)
        assert officer.post("/policies/trial-1", data=data).status_code == 403
        late = {**data, "digest": "0" * 64}
        assert officer.post("/policies/trial-1", data=late).status_code == 409
        proven = {**data, "password": PASSWORD, "code": desk.code()}
        assert officer.post("/policies/trial-1", data=proven).status_code == 303
        assert "aminah countersigned this very policy" in officer.get("/policies/trial-1").text
        assert "countersigned by aminah" in faiz.get("/studies/trial-1").text
        assert "study:policy:countersigned" in stores.log.names()

    def test_not_by_whoever_changed_it(self, opened: tuple[Desk, Stores], faiz: TestClient) -> None:
        """They see why, and a request that is sent anyhow is refused."""
        desk, _ = opened
        desk.store.put(desk.account("faiz", "operator", "compliance"))
        make(faiz, is_new="yes")
        make(faiz, policy="own", policy_document=KEEPS_NAMES)
        page = faiz.get("/policies/trial-1").text
        assert "another compliance officer has to countersign it" in page
        digest = re.search(r"[0-9a-f]{64}", page)
        assert digest is not None
        sent = faiz.post("/policies/trial-1", data={"digest": digest[0]})
        assert sent.status_code == 403
        assert "changed the policy or the review" in sent.text

    def test_is_for_compliance(self, faiz: TestClient) -> None:
        """Whoever writes a policy does not agree to it."""
        assert faiz.get("/policies").status_code == 403
