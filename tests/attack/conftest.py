# SPDX-License-Identifier: Apache-2.0
"""One installation that all attacks share; what changes it for others takes one of its own."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest

from tests.support.attacker import Attacker
from tests.support.deployment import Deployment
from tests.support.members import members_yaml

STUDY = "red-2026"

#: Participant: what was said. All names are invented; the odd ones occur nowhere else.
INTERVIEWS = {
    "P01": (
        "I: Good morning, and thank you for coming today.\n"
        "P: My name is Zubaidah Qistinaxx binti Karim, my number is 012-345 6789 and I live in"
        " Kampung Zorblax.\n"
        "I: Tell me about your peer support worker.\n"
        "P: Her name is Velmurugan Zyxwadass. She works at Hospital Bahagia.\n"
    ),
    "P02": (
        "I: How are you sleeping these days?\n"
        "P: Not so well. I lie awake and think about work.\n"
        "I: And what helps you?\n"
        "P: Walking in the morning, and music.\n"
    ),
    "P03": (
        "I: What shall we call you?\n"
        "P: My name is Zubaidah Rahman and I sleep badly.\n"
        "I: Since when?\n"
        "P: For a long time already.\n"
    ),
}
#: Days of interviews, which leave the clinical zone nowhere.
DATES = {"P02": "2026-03-20"}


@pytest.fixture(scope="session")
def attacked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Deployment]:
    """A running installation with a study of three de-identified interviews, none approved yet."""
    folder = tmp_path_factory.mktemp("attacked")
    deployment = Deployment(folder / "home")
    deployment.up()
    try:
        study = folder / "study.yaml"
        study.write_text(
            f"id: {STUDY}\ntitle: Attacked\nlanguages: [en, ms]\npolicy: research-default\n"
            f"review: required\nparticipants: [P01, P02, P03, P04, P05]\n{members_yaml()}",
            "utf-8",
        )
        deployment.ok("study", "create", str(study))
        for code, words in INTERVIEWS.items():
            path = folder / f"{code}.txt"
            path.write_text(words, "utf-8")
            date = ("--date", DATES[code]) if code in DATES else ()
            deployment.ok(
                "ingest", str(path), "--study", STUDY, "--participant", code, "--wait", *date
            )
        yield deployment
    finally:
        deployment.down()


@pytest.fixture(scope="session")
def attacker(attacked: Deployment) -> Iterator[Attacker]:
    """Calls with any certificate of the attacked installation."""
    state = json.loads((attacked.root / "run" / "state.json").read_text("utf-8"))
    with Attacker(attacked.installation.pki, state["addresses"]) as attacker:
        yield attacker
