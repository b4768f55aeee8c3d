# SPDX-License-Identifier: Apache-2.0
"""Roles of speakers by the labels that transcripts give them, from `role_words.txt`."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path

INTERVIEWER = "interviewer"
PARTICIPANT = "participant"

_FILE = Path(__file__).with_name("role_words.txt")
_NUMBER = re.compile(r"\s*#?\s*\d{1,4}$")
"""The number behind a label, as in "Interviewer 2", "P07" or "Peserta #3"."""


def role_of(label: str) -> str:
    """Return `INTERVIEWER` or `PARTICIPANT` where a speaker's label says so, else ""."""
    return _roles().get(_NUMBER.sub("", label.strip().casefold()), "")


@cache
def _roles() -> dict[str, str]:
    """Return the role of each word of the file."""
    roles: dict[str, str] = {}
    role = ""
    for line in _FILE.read_text("utf-8").splitlines():
        word = line.partition("#")[0].strip()
        if word.startswith("["):
            role = word.strip("[]")
        elif word:
            roles[word] = role
    return roles
