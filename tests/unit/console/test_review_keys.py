# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import re
import sqlite3
from pathlib import Path

import pytest

from services.common.errors import InvalidInput
from services.console.adapters import sqlite_schema
from services.console.adapters.sqlite_store import SqliteStore
from services.console.domain import review_keys
from services.console.domain.review_keys import COMMANDS, Keymap
from services.console.web.templates import TEMPLATES
from services.registry.identities import RESEARCHER, REVIEWER
from tests.support.console import Desk

USUAL = {one.control: " ".join(one.keys) for one in COMMANDS}


class TestTable:
    def test_each_key_does_one_thing(self) -> None:
        """As it is named by the dispatcher."""
        assert Keymap({}).clash() is None
        for command in COMMANDS:
            assert [review_keys.normal(key) for key in command.keys] == list(command.keys)

    def test_it_is_what_the_page_has(self) -> None:
        """Each command has a control on the bench, and the page no other."""
        page = (TEMPLATES / "review" / "bench.html").read_text("utf-8")
        found = set(re.findall(r'keyed\("([a-z-]+)"\)', page))
        found |= {"next", "previous"} if "keyed(control)" in page else set()
        assert found == {one.control for one in COMMANDS}

    def test_it_is_what_the_docs_have(self) -> None:
        """Every usual key stands in the page for reviewers."""
        docs = (Path(__file__).resolve().parents[3] / "docs" / "console.md").read_text("utf-8")
        table = docs.split("| key | does |")[1].split("\n\n")[0]
        for command in COMMANDS:
            assert all(key in table for key in command.keys), command


class TestChosen:
    def test_what_is_usual_is_not_kept(self) -> None:
        """So that a later version may change it."""
        assert review_keys.chosen(USUAL, is_on=True).chosen == {}

    def test_others(self) -> None:
        """Several, none, and as people write them."""
        made = review_keys.chosen(
            {**USUAL, "accept": "ArrowDown  B Shift+c é", "skip": ""}, is_on=True
        )
        assert made.keys("accept") == ("ArrowDown", "Shift+B", "Shift+C", "é")
        assert made.names_of("skip") == ""
        assert Keymap.read(made.text()) == made

    @pytest.mark.parametrize(
        ("keys", "told"),
        [("x", "twice"), ("Tab", "no key"), ("Control+w", "browsers"), ("Shift+1", "no key")],
    )
    def test_refused(self, keys: str, told: str) -> None:
        """What clashes, what is no key, and what a page is never told of."""
        with pytest.raises(InvalidInput, match=told):
            review_keys.chosen({**USUAL, "accept": keys}, is_on=True)

    def test_what_another_version_kept(self) -> None:
        """Counts as far as it is known; where it clashes by now the usual keys are back."""
        assert Keymap.read('{"on":false,"keys":{"fly":["f"],"skip":["q"]}}') == Keymap(
            {"skip": ("q",)}, is_on=False
        )
        assert Keymap.read('{"keys":{"skip":["x"]}}') == Keymap({})


class TestPage:
    def test_keys_are_the_persons(self, desk: Desk) -> None:
        """In every browser, of accounts and of whoever the provider knows; reset, off and on."""
        first, second = desk.signed_in("dr.lim", REVIEWER), desk.signed_in("dr.lim")
        other = desk.signed_in("dr.tan", REVIEWER)
        answer = first.post("/review/keys", data={**USUAL, "accept": "ArrowDown", "action": "keep"})
        assert answer.headers["location"] == "/review/keys"
        assert 'value="ArrowDown"' in second.get("/review/keys").text
        assert "Back to the usual keys" in second.get("/review/keys").text
        assert 'value="ArrowDown"' not in other.get("/review/keys").text
        assert first.post("/review/keys", data={"action": "off"}).status_code == 303
        assert "Switch the keys on" in second.get("/review/keys").text
        second.post("/review/keys", data={"action": "on"})
        second.post("/review/keys", data={"action": "usual"})
        assert 'value="ArrowDown"' not in first.get("/review/keys").text

    def test_a_clash_is_told_and_nothing_lost(self, desk: Desk) -> None:
        """What was written stands in the form still, and the keys are as before."""
        client = desk.signed_in("dr.lim", REVIEWER)
        answer = client.post("/review/keys", data={**USUAL, "skip": "x q", "action": "keep"})
        assert answer.status_code == 422
        assert "given twice" in answer.text
        assert 'value="x q"' in answer.text
        assert 'value="x q"' not in client.get("/review/keys").text

    def test_for_reviewers(self, desk: Desk) -> None:
        """Nobody else has any."""
        assert desk.signed_in("nur", RESEARCHER).get("/review/keys").status_code == 403


def test_a_file_of_the_version_before(tmp_path: Path) -> None:
    """Is brought up to date, with the accounts that it has."""
    path = tmp_path / "accounts.sqlite"
    with sqlite3.connect(path) as old:
        old.executescript(sqlite_schema.schema_script())
        old.execute("INSERT INTO languages VALUES ('siti', 'ms')")
    old.close()
    store = SqliteStore(path)
    store.set_keys("siti", "{}")
    assert (store.language("siti"), store.keys("siti")) == ("ms", "{}")
    store.close()
