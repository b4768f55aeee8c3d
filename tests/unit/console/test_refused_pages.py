# SPDX-License-Identifier: Apache-2.0
"""What a person reads on a Malay page when a service refuses what they did."""

from __future__ import annotations

import contextlib
import html
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from services.console.web import language, refusals
from tests.support.compliance_desk import Hospital
from tests.support.console import Desk
from tests.support.reveal_desk import Hospital as RevealHospital
from tests.support.study_desk import study_desk

FILE = "id: trial-2\ntitle: From a file\nlanguages: [en]\npolicy: own.yaml\nparticipants: [P07]\n"
POLICY = "name: own\nversion: 1\nentities:\n  PERSON: generalise\n"
TAG = "<[^>]+>"
REVEAL = "rvl-" + "a" * 26
RECORDING = "rec-" + "a" * 26


def said(answer: Any) -> str:
    """Return the words of a page in Malay."""
    assert '<html lang="ms">' in answer.text
    return " ".join(html.unescape(re.sub(TAG, " ", answer.text)).split())


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for all desks of this file."""
    return tmp_path_factory.mktemp("refused")


@pytest.fixture(scope="module")
def studies(folder: Path) -> Iterator[Desk]:
    """The console over stores and policies."""
    (folder / "studies").mkdir()
    with study_desk(folder / "studies") as (desk, _stores):
        yield desk


@pytest.fixture(scope="module")
def reveals(folder: Path) -> Iterator[Desk]:
    """The console over requests to reveal pseudonyms."""
    (folder / "reveals").mkdir()
    with Desk(folder / "reveals", channel=RevealHospital().channel) as desk:
        yield desk


@pytest.fixture(scope="module")
def compliance(folder: Path) -> Iterator[Desk]:
    """The console over a log with a story."""
    hospital = Hospital(folder / "audit")
    hospital.log.tell_story()
    (folder / "compliance").mkdir()
    with (
        contextlib.closing(hospital.log),
        Desk(folder / "compliance", channel=hospital.channel) as desk,
    ):
        yield desk


#: Who is signed in, and which desk they sit at.
NAMES = {"compliance": "nora", "reviewer": "lim", "operator": "faiz"}
DESKS = {"compliance": "compliance", "reviewer": "reveals", "operator": "studies"}


def sent(desk: Desk, role: str, path: str, data: Mapping[str, str] | None) -> Any:
    """Do something in Malay: send a form, or ask for a page."""
    name = NAMES[role]
    is_known = desk.store.account(name) is not None
    client = desk.signed_in(name) if is_known else desk.signed_in(name, role)
    desk.store.set_language(name, "ms")
    return client.get(path) if data is None else client.post(path, data=dict(data))


NOBODY = {"study": "peer", "participant": "P08", "label": "Nurse 2", "reason": "safety_report"}
MADE = {"is_new": "yes", "from_file": "yes"}
CASES = [
    (
        "compliance",
        "/participants",
        {"study": "st1", "participant": "P99"},
        "Kajian st1 tiada peserta P99; yang dikenal: P01, P02",
    ),
    ("compliance", "/participants", {"study": "st2x"}, "Tiada kajian st2x; yang dikenal: st1"),
    ("compliance", "/recipients", {"study": "zzz"}, "Tiada kajian zzz; yang dikenal: st1"),
    ("compliance", "/evidence", {"month": "2999-01"}, "2999-01 belum bermula; minta bulan yang"),
    ("compliance", "/log/99999", None, "Entri 99999 tiada antara"),
    (
        "compliance",
        "/verification",
        {"keys": "a+b"},
        "Kunci pengesah mempunyai tiga bahagian, disambung dengan tanda tambah",
    ),
    (
        "reviewer",
        "/reveals/ask",
        NOBODY,
        "Tiada peserta bernama P08; adakah P07 yang dimaksudkan?",
    ),
    (
        "reviewer",
        "/reveals/ask",
        {**NOBODY, "participant": "", "recording": RECORDING},
        f"Nyatakan milik siapa rakaman {RECORDING}: pesertanya",
    ),
    (
        "reviewer",
        "/reveals/show",
        {"study": "peer", "reveal": REVEAL},
        f"Kajian peer tiada permintaan {REVEAL}, atau pesertanya menarik diri",
    ),
    ("operator", "/studies/nowhere", None, "Tiada kajian nowhere: buat kajian itu dengan 'sotto"),
    (
        "operator",
        "/studies/changes",
        {**MADE, "file": f"{FILE}polizy: x\n", "policy_document": POLICY},
        "baris 6: medan polizy bukan medan format ini; adakah policy yang dimaksudkan?",
    ),
    (
        "operator",
        "/studies/changes",
        {**MADE, "file": FILE, "policy_document": POLICY},
        "dasar itu: baris 3: medan entities: PERSON tidak boleh dijadikan lebih umum",
    ),
]


@pytest.mark.parametrize(("role", "path", "data", "words"), CASES)
def test_the_reason_is_in_malay(
    request: pytest.FixtureRequest,
    role: str,
    path: str,
    data: Mapping[str, str] | None,
    words: str,
) -> None:
    """What was typed, ids and numbers stand in the sentence as they are."""
    desk: Desk = request.getfixturevalue(DESKS[role])
    answer = sent(desk, role, path, data)
    assert answer.status_code in {400, 404}
    assert words in said(answer)
    assert 'lang="en"' not in answer.text.partition("<main")[2]


def test_what_is_not_known_is_marked_as_english() -> None:
    """A message that fits no text of ours, as of a newer service, is left as it came."""
    with language.speaking("ms"):
        assert refusals.say_refusal("the moon is full") == "the moon is full"
        assert refusals.say_refusal("") == ""
    assert refusals.say_refusal("there is no study x; there is none yet").startswith("there is")
