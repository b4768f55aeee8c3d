# SPDX-License-Identifier: Apache-2.0
"""Names in what programs write around a transcript: who made it, which file it is of.

Such a line is no name as a whole, and each word of a name is searched for later. So names are taken
only from where they stand: behind "by" or a key, or in the name of a file.
"""

from __future__ import annotations

import re

from services.transcription.domain.reading import Findings

_WORD = r"[^\W\d_a-z][\w'’.-]{0,40}"
_NAME = rf"{_WORD}(?: (?:bin|binti|bte|bt|a/l|a/p|al|de|van|{_WORD})){{0,7}}"
_BY = re.compile(
    r"(?i:\bby|\b(?:interview|talk|conversation|meeting|session|call) with"
    r"|\b(?:author|transcriber|interviewer|interviewee|participant|respondent|reviewer|editor|name)"
    rf"\s{{0,3}}[:=])\s{{1,3}}({_NAME})"
)
_FILE = re.compile(
    r"([^/\\:\n]{1,200})\.(?:m4a|mp3|mp4|wav|ogg|opus|flac|aac|wma|mov|mkv|webm|docx?|txt|vtt)\b",
    re.IGNORECASE,
)
_CAPITALISED = re.compile(r"[^\W\d_]{2,40}")
_COMMON = frozenset(
    "audio audiofile captions draft english file final focus group int interview interviewer iv"
    " kind language malay meeting new participant part patient recording rec session speaker study"
    " tamil transcribed transcript transcription version video visit voice with zoom"
    " january february march april may june july august september october november december"
    " noscribe whisper".split()
)

_PROGRAMS = frozenset(
    "author user owner admin administrator unknown microsoft office word python docx google docs"
    " libreoffice openoffice pandoc reviewer default".split()
)


def know_names(line: str, findings: Findings) -> None:
    """Note the names in a line of a header or a comment of a file."""
    for found in _BY.finditer(line[:2000]):
        if found[1].casefold().split()[0] not in _COMMON:
            findings.know(found[1], "property")
    for file in _FILE.finditer(line[:2000]):
        know_file_name(file[1], findings)


def know_file_name(stem: str, findings: Findings) -> None:
    """Note the names in the name of a file, such as "int_Siti Aminah 2"."""
    run: list[str] = []
    for word in [*re.split(r"[\W\d_]+", stem[:200]), ""]:
        if word[:1].isupper() and _CAPITALISED.fullmatch(word) and word.casefold() not in _COMMON:
            run.append(word)
        elif run:
            findings.know(" ".join(run), "property")
            run = []


def know_title(text: str, findings: Findings) -> None:
    """Note the names in a title, such as "Interview with Siti Aminah, 2 May"."""
    know_names(text, findings)
    know_file_name(text, findings)


def know_person(text: str, findings: Findings) -> None:
    """Note who made or changed a document, but not what programs put in that place."""
    words = text.casefold().replace("-", " ").split()
    if words and not _PROGRAMS.intersection(words):
        findings.know(text, "property")
