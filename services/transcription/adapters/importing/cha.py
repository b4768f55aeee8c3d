# SPDX-License-Identifier: Apache-2.0
"""Importer of CHAT, the form of the TalkBank corpora (https://talkbank.org/0info/manuals/CHAT.html).

Main lines are what was said; headers and tiers that depend on one are left out. Codes of the form
stay in the text but for those within words, behind which a name would not be found.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING

from services.transcription.adapters.importing.stated_names import (
    know_file_name,
    know_person,
    know_title,
)
from services.transcription.adapters.importing.text import squeeze
from services.transcription.domain.reading import Findings, Passage
from services.transcription.errors import BadTranscript

if TYPE_CHECKING:
    from services.transcription.adapters.importing.source import Source

_MAIN = re.compile(r"\*([A-Za-z0-9_-]{1,20}):")
_TIER = re.compile(r"%[\w-]{1,20}:")
_HEADER = re.compile(r"@([\w ]{1,40})(?::|$)")
_BULLET = re.compile(r"\x15\s?(?:%snd:\"[^\"\x15]{0,200}\"_)?(\d{1,9})_(\d{1,9})-?\x15")
_SHORTENED = re.compile(r"(?<=\w)\((\w{1,30})\)|\((\w{1,30})\)(?=\w)")
_MARKED = re.compile(r"(?<=\w)@[a-z]{1,3}(?::[\w+]{1,20})?(?!\w|\.\w)")
_JOINED = re.compile(r"(?<=[^\W\d_])_(?=[^\W\d_])")

_ROLES = {
    "investigator": "Interviewer",
    "interviewer": "Interviewer",
    "participant": "Participant",
    "patient": "Participant",
    "subject": "Participant",
}
"""Roles of participants, and how they are called where only one has them."""


def looks_like(head: str) -> bool:
    """Return whether a text begins as CHAT does."""
    return head.lstrip("\ufeff").startswith(("@UTF8", "@Begin"))


def read(source: Source) -> Iterator[Passage]:
    """Yield main lines; raises `BadTranscript` where there is none."""
    findings = source.findings
    speakers: dict[str, str] = {}
    found = False
    for number, line in _whole_lines(source.text()):
        main = _MAIN.match(line)
        if main:
            found = True
            name = speakers.get(main[1], main[1])
            yield _said(line[main.end() :], name, number)
        elif _TIER.match(line):
            findings.leave_out("tiers", line.partition(":")[2])
        elif header := _HEADER.match(line):
            value = line[header.end() :]
            findings.leave_out("notes", value)
            if header[1] == "Participants":
                speakers = _participants(value, findings)
            elif header[1] == "Media":
                know_file_name(value.partition(",")[0].strip(), findings)
            else:
                know_title(value, findings)
        elif line.strip():
            findings.leave_out("markup", line)
    if not found:
        raise BadTranscript("The transcript is a CHAT file without a line of a speaker.")


def _whole_lines(text: str) -> Iterator[tuple[int, str]]:
    """Yield lines with those that continue them, which begin with a tab, and their numbers."""
    first, parts = 1, list[str]()
    for number, line in enumerate(io.StringIO(text.removeprefix("\ufeff")), 1):
        if parts and line.startswith(("\t", " ")):
            parts.append(line)
            continue
        if parts:
            yield first, " ".join(part.strip() for part in parts)
        first, parts = number, [line]
    if parts:
        yield first, " ".join(part.strip() for part in parts)


def _said(text: str, speaker: str, number: int) -> Passage:
    start = end = None
    for bullet in _BULLET.finditer(text):
        start = int(bullet[1]) if start is None else start
        end = int(bullet[2])
    text = _BULLET.sub(" ", text)
    text = _SHORTENED.sub(lambda one: one[1] or one[2], text)
    text = _JOINED.sub(" ", _MARKED.sub("", text))
    return Passage(squeeze(text), speaker, start, end, place=number)


def _participants(value: str, findings: Findings) -> dict[str, str]:
    """Return how speakers are called by their codes: by their role where it is theirs alone."""
    roles: dict[str, str] = {}
    for one in value.split(",")[:200]:
        words = one.split()
        if len(words) > 1:
            roles[words[0]] = _ROLES.get(words[-1].casefold(), "")
            know_person(" ".join(words[1:-1]).replace("_", " "), findings)
    taken = list(roles.values())
    return {code: role for code, role in roles.items() if role and taken.count(role) == 1}
