# SPDX-License-Identifier: Apache-2.0
"""Roles of speakers by the labels that transcripts give them, from `role_words.txt`."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Final, Literal

RoleName = Literal["", "interviewer", "participant"]

INTERVIEWER: Final = "interviewer"
PARTICIPANT: Final = "participant"

_FILE = Path(__file__).with_name("role_words.txt")
_BRACKETS = re.compile(r"\s{0,8}[(（\[][^()（）\[\]]{0,100}[)）\]]")
_NUMBER = re.compile(r"[\s_-]{0,8}(?:#|no\.?)?\s{0,8}\d{1,4}$")
"""The number behind a label, as in "Interviewer 2", "P07" or "Peserta #3"."""

_CODE = re.compile(r"[A-Z]{1,8}\d{0,3}(?:[-_ ]?[A-Z]{0,4}\d{1,4}){1,3}")
"""A code that a study gives: P04, IDI-07, FGD2-P3, T30, KII 12."""

_NO_CODE = re.compile(r"(?:S|SP|SPK|SPKR|SPEAKER|I|INT|Q|A|MOD|FW|RA|M|F)[-_ ]?\d{1,4}")
"""What looks like a code and is a voice (S00), who asks (I2) or a seat (M1, F2)."""


def role_of(label: str) -> RoleName:
    """Return `INTERVIEWER` or `PARTICIPANT` where a label says so by itself, else ""."""
    return _words()[0].get(_bare(label), "")


def code_of(label: str) -> str:
    """Return the participant code that a label is, such as P04 or IDI-07; else ""."""
    label = _BRACKETS.sub("", label).strip()
    if not _CODE.fullmatch(label) or _NO_CODE.fullmatch(label):
        return ""
    code = re.sub("[_ ]", "-", label)
    return code if len(code) <= 16 else ""


def roles_of(labels: Iterable[str]) -> dict[str, RoleName]:
    """Return the role of each label of one transcript; "" where nothing says so.

    A letter counts only beside a counterpart, or where the others have names; a clinician only as
    the one who asks a patient; a study's code is a participant where somebody asks.
    """
    labels = list(labels)
    surely, maybe = _words()
    bare = {label: _bare(label) for label in labels}
    found: dict[str, RoleName] = {label: surely.get(bare[label], "") for label in labels}
    letters = {bare[label] for label in labels if len(bare[label]) == 1}
    if "r" in letters and "p" in letters and INTERVIEWER not in found.values():
        found |= {label: INTERVIEWER for label in labels if bare[label] == "r"}
    if "a" in letters and "q" not in letters:
        found |= {label: "" for label in labels if bare[label] == "a"}
    for label in labels:
        if found[label] and len(label.strip()) == 1 and label.isascii():
            other = PARTICIPANT if found[label] == INTERVIEWER else INTERVIEWER
            beside = other in found.values() or any(_is_counterpart(one) for one in labels)
            alone = len(letters) == 1 and len(labels) > 1 and bare[label] in "ipq"
            if not beside and not alone:
                found[label] = ""
    asked = PARTICIPANT in found.values()
    if asked and INTERVIEWER not in found.values():
        found |= {one: INTERVIEWER for one in labels if maybe.get(bare[one]) == INTERVIEWER}
    if INTERVIEWER in found.values():
        for label in labels:
            if not found[label] and (code_of(label) or maybe.get(bare[label]) == PARTICIPANT):
                found[label] = PARTICIPANT
    return found


def _is_counterpart(label: str) -> bool:
    return bool(code_of(label)) or _words()[1].get(_bare(label)) == PARTICIPANT


def _bare(label: str) -> str:
    """Return a label in lower case without brackets and number."""
    label = " ".join(_BRACKETS.sub("", label).casefold().replace("-", " ").split())
    return _NUMBER.sub("", label).rstrip(".: ") or label


@cache
def _words() -> tuple[dict[str, RoleName], dict[str, RoleName]]:
    """Return the role of each word of the file: those that say it, and those that may."""
    found: tuple[dict[str, RoleName], dict[str, RoleName]] = {}, {}
    role: RoleName = ""
    doubt = False
    for line in _FILE.read_text("utf-8").splitlines():
        word = line.partition("#")[0].strip()
        if word.startswith("["):
            doubt = "?" in word
            role = INTERVIEWER if INTERVIEWER in word else PARTICIPANT
        elif word:
            found[doubt][word] = role
    return found
