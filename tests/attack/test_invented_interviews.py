# SPDX-License-Identifier: Apache-2.0
"""No interview is invented in silence: the demo model refuses what it does not know."""

from __future__ import annotations

import json
import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support import sounds, speech_model
from tests.support.deployment import Deployment
from tests.support.members import members_yaml
from tests.support.speech_model import DEMO_FOLDER
from tests.support.taking import TAKEN

STUDY = "voices"


# Slow: the services are started three times, each time with another setting.
@pytest.mark.timeout(600)
def test_an_unknown_recording_is_refused_marked_and_made_again(tmp_path: Path) -> None:
    """It is refused with what to do; a setting allows to invent its words, which is said wherever
    they go; and by itself it is transcribed again once there is a speech model.
    """
    deployment = Deployment(tmp_path / "home")
    recording = tmp_path / "talk.wav"
    recording.write_bytes(sounds.wav(sounds.sample("interview-c")[:, : 10 * 16_000]))
    study = tmp_path / "study.yaml"
    study.write_text(
        f"id: {STUDY}\ntitle: Voices\nlanguages: [en, ms]\npolicy: research-default\n"
        f"review: required\nparticipants: [P01]\n{members_yaml()}",
        "utf-8",
    )
    deployment.up()
    try:
        deployment.ok("study", "create", str(study))
        to = ("--study", STUDY, "--participant", "P01")
        refused = deployment.sotto("ingest", str(recording), *to, "--wait")
        told = deployment.ok("ingest", str(recording), *to)
        # The same file once more is tried once more, and refused once more.
        state = _wait(deployment, lambda one: one["state"] == "failed")

        assert refused.code == 3
        assert "sotto models pull" in refused.err
        assert "sotto models pull" in told.out + told.err
        assert (state["state"], state["stage"]) == ("failed", "transcription")
        assert "would invent" in state["message"]
        assert not state["transcript_run"]
        assert "refuses other recordings" in _said(deployment, "status")

        _restart(deployment, "demo_model_invents = true")
        invented = _wait(deployment, lambda one: one["state"] == "needs_review")
        assert invented["invented"]
        _expect_marks(deployment, tmp_path / "release")

        added = tmp_path / "model"
        shutil.copytree(DEMO_FOLDER, added)
        (added / "sotto-model.json").unlink()  # what makes it a demo model
        deployment.ok("models", "add", str(added), "--name", "mine")
        deployment.environment[speech_model.SETTING] = "mine"
        _restart(deployment, "")
        heard = _wait(deployment, lambda one: one["transcript_run"] != invented["transcript_run"])
        assert not heard["invented"]
    finally:
        deployment.down()


def _expect_marks(deployment: Deployment, folder: Path) -> None:
    """Expect that lists, review, release and its files say that the words are invented."""
    only = ("--study", STUDY)
    assert "invented" in _said(deployment, "recordings", "list")
    assert "INVENTED" in _said(deployment, "status")
    assert "INVENTED" in _said(deployment, "review", "list", *only)
    [recording] = deployment.approve(STUDY)
    assert "INVENTED" in _said(deployment, "review", "show", recording, *only)
    assert "INVENTED" in _said(deployment, "release", "build", *only)
    [release] = deployment.ok("release", "list", *only, "--json").records
    assert release["invented"] == 1
    for kind in ("docx", "txt", "vtt"):
        out = folder.with_name(f"release-{kind}")
        deployment.ok("release", "export", *only, "--out", str(out), "--format", kind, *TAKEN)
        [transcript] = out.glob(f"P01*.{kind}")
        assert transcript.stem == "P01_S1_invented"
        if kind != "txt":
            assert b"INVENTED" in transcript.read_bytes()
        assert "INVENTED WORDS" in (out / "README.txt").read_text("utf-8")
        certificate = json.loads((out / "certificate.json").read_bytes())
        assert [one["invented"] for one in certificate["inputs"]] == [True]
        deployment.ok("release", "verify", str(out))


def _said(deployment: Deployment, *arguments: str) -> str:
    """Return all that a command prints."""
    done = deployment.ok(*arguments)
    return done.out + done.err


def _restart(deployment: Deployment, setting: str) -> None:
    deployment.down()
    (deployment.root / "sotto.toml").write_text(f"[transcription]\n{setting}\n", "utf-8")
    deployment.up()


def _wait(deployment: Deployment, is_there: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
    """Return the only recording once it is as it should be, without anybody asking for that."""
    deadline = time.monotonic() + 240
    while time.monotonic() < deadline:
        [state] = deployment.recordings()
        if is_there(state):
            return state
        time.sleep(1.0)
    raise AssertionError(f"it was not worked on again: {state}")
