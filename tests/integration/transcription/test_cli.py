# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.support import speech_model
from tests.support.sounds import SAMPLES, film, tone, wav
from tests.support.speech_model import DEMO_FOLDER

ROOT = Path(__file__).parents[3]


def sotto(home: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    """Run the command line as a person would."""
    return subprocess.run(
        [sys.executable, "-m", "flows.cli.main", *words, "--home", str(home)],
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": f"{ROOT}:{ROOT / 'protos'}",
            "OMP_NUM_THREADS": "1",
            speech_model.SETTING: str(DEMO_FOLDER),
            **environment,
        },
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


class TestTranscribe:
    def test_json_lines(self, tmp_path: Path) -> None:
        """Segments come as JSON lines with speakers, times and words; nothing is written."""
        home = tmp_path / "home"
        done = sotto(home, "transcribe", str(SAMPLES / "interview-b.ogg"))
        segments = [json.loads(line) for line in done.stdout.splitlines()]
        assert done.returncode == 0
        assert [s["index"] for s in segments] == list(range(len(segments)))
        assert len(segments) > 10
        assert all(s["start"] < s["end"] and s["words"] for s in segments)
        assert not home.exists()

    def test_the_demo_model_refuses_what_it_does_not_know(self, tmp_path: Path) -> None:
        """Any other recording than a sample is refused; where a setting lets the model invent
        words, they are announced as invented.
        """
        other = tmp_path / "other.wav"
        other.write_bytes(wav(tone(2.0)))
        refused = sotto(tmp_path, "transcribe", str(other))
        assert refused.returncode == 3
        assert "sotto models pull" in refused.stderr
        assert sotto(tmp_path, "transcribe", str(other), SOTTO_SPEECH_MODEL="").returncode == 3
        (tmp_path / "sotto.toml").write_text("[transcription]\ndemo_model_invents = true\n")
        assert "invented" in sotto(tmp_path, "transcribe", str(other)).stderr
        known = sotto(tmp_path, "transcribe", str(SAMPLES / "interview-a.ogg"))
        assert known.stderr == ""

    def test_bad_input(self, tmp_path: Path) -> None:
        """What is no recording ends with status 4 and one line of advice, whatever the model is."""
        for content in (b"", b"text", film()):
            file = tmp_path / "x.wav"
            file.write_bytes(content)
            done = sotto(tmp_path, "transcribe", str(file))
            assert done.returncode == 4
            assert done.stdout == ""
            assert done.stderr.splitlines()[-1].startswith("sotto: ")
        assert sotto(tmp_path, "transcribe", str(tmp_path / "none")).returncode == 4


class TestModels:
    def test_a_folder_that_is_no_model(self, tmp_path: Path) -> None:
        """A folder without a model is refused and leaves nothing."""
        (tmp_path / "m").mkdir()
        done = sotto(tmp_path, "models", "add", str(tmp_path / "m"))
        assert done.returncode == 4
        assert "model.bin" in done.stderr

    def test_no_network(self, tmp_path: Path) -> None:
        """Without a network, pulling ends with status 5 and says what to do instead."""
        done = sotto(tmp_path, "models", "pull", "tiny", HF_ENDPOINT="http://127.0.0.1:9")
        assert done.returncode == 5
        assert "models add" in done.stderr
        assert list((tmp_path / "tmp").iterdir()) == []

    def test_an_unknown_name(self, tmp_path: Path) -> None:
        """A name that means nothing is refused with those that do, without a network."""
        done = sotto(tmp_path, "models", "pull", "enormous", HF_ENDPOINT="http://127.0.0.1:9")
        assert done.returncode == 4
        assert "large-v3" in done.stderr

    def test_add_list_verify(self, tmp_path: Path) -> None:
        """A model is added, listed, found intact, and found damaged once a byte changed."""
        copy = tmp_path / "copy"
        shutil.copytree(DEMO_FOLDER, copy)
        assert sotto(tmp_path, "models", "add", str(copy), "--name", "mine").returncode == 0
        listed = sotto(tmp_path, "models", "list", "--json").stdout.splitlines()
        last = json.loads(listed[-1])
        assert last["name"] == "mine"
        assert (last["licence"], last["languages"]) == ("Apache-2.0", "en, ms")
        assert sotto(tmp_path, "models", "verify").returncode == 0
        weights = tmp_path / "models" / "mine" / "model.bin"
        damaged = bytearray(weights.read_bytes())
        damaged[1000] ^= 1
        weights.write_bytes(damaged)
        done = sotto(tmp_path, "models", "verify")
        assert done.returncode == 4
        assert "mine/model.bin" in done.stderr

    def test_a_hash_of_the_site(self, tmp_path: Path) -> None:
        """A model is added where its files have the hashes that were asked for, and only then."""
        weights = hashlib.sha256((DEMO_FOLDER / "model.bin").read_bytes()).hexdigest()
        words = ("models", "add", str(DEMO_FOLDER), "--name", "mine", "--sha256")
        assert sotto(tmp_path, *words, f"model.bin={'0' * 64}").returncode == 4
        assert sotto(tmp_path, *words, f"weights={weights}").returncode == 4
        assert not (tmp_path / "models").exists()
        assert sotto(tmp_path, *words, f"model.bin={weights}").returncode == 0

    def test_a_bundle_goes_to_another_machine(self, tmp_path: Path) -> None:
        """A model is carried by one file, and taken with the key of whoever made it alone."""
        here, there = tmp_path / "here", tmp_path / "there"
        shutil.copytree(DEMO_FOLDER, tmp_path / "copy")
        (tmp_path / "copy" / "sotto-model.json").unlink()
        assert sotto(here, "models", "add", str(tmp_path / "copy"), "--name", "m").returncode == 0
        file = tmp_path / "m.sotto-model"
        made = sotto(here, "models", "bundle", "m", "--out", str(file))
        assert made.returncode == 0, made.stderr
        assert sotto(there, "models", "add", str(file)).returncode == 3
        assert not (there / "models").exists()
        key = here / "release" / "release-key.pem"
        added = sotto(there, "models", "add", str(file), "--key", str(key))
        assert added.returncode == 0, added.stderr
        assert sotto(there, "models", "verify").returncode == 0
        assert list((there / "tmp").iterdir()) == []

    def test_a_model_of_garbage(self, tmp_path: Path) -> None:
        """A folder with the right names and wrong bytes is refused by the engine itself."""
        copy = tmp_path / "copy"
        shutil.copytree(DEMO_FOLDER, copy)
        (copy / "model.bin").write_bytes(b"garbage" * 1000)
        done = sotto(tmp_path, "models", "add", str(copy), "--name", "mine")
        assert done.returncode == 4
        assert not (tmp_path / "models" / "mine").exists()
