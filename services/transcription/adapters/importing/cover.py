# SPDX-License-Identifier: Apache-2.0
"""What stands before the first turn: cover pages and titles, which are no speech."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from services.registry import role_words
from services.registry.role_words import RoleName
from services.transcription.adapters.importing.evidence import Line
from services.transcription.adapters.importing.heads import Head
from services.transcription.adapters.importing.labels import (
    Likeness,
    clean,
    key_of,
    likeness,
    words_of,
)
from services.transcription.adapters.importing.stamps import stamp_at
from services.transcription.domain.reading import Findings

_MOST_LINES = 60
_MOST_WORDS = 25
_FILE_NAME = re.compile(
    r"\.(?:m4a|mp3|wav|mp4|wma|aac|ogg|flac|mov|webm|docx?|txt|rtf|dss|ds2)\b", re.IGNORECASE
)
_OF = re.compile(r"(?:interview|transcript|transcription|session|temu ?bual|recording)s?\s{1,4}"
                 r"(?:with|of|for|dengan|bersama)\s{1,4}", re.IGNORECASE)  # fmt: skip
_ENDED = re.compile(
    r"(?:(?:the )?(?:transcription|recording|transcript|meeting) (?:has )?(?:ended|stopped|started)"
    r"|end of (?:the )?(?:interview|transcript|transcription|recording)"
    r"|.{1,80} (?:started|stopped) transcription)\b.{0,40}",
    re.IGNORECASE,
)
_SPLIT = re.compile(r"[,;/&、，；]|\band\b|\bdan\b")


def cover_of(lines: Sequence[Line | None], colons: Mapping[int, Head]) -> set[int]:
    """Return the numbers of lines at the top that say something about the interview."""
    block: list[int] = []
    definite = False
    keyed: list[int] = []
    for at, line in enumerate(lines):
        if line is None or line.timed or len(block) >= _MOST_LINES:
            break
        if not line.text.strip():
            continue
        kind = _kind(line, colons.get(at))
        if not kind:
            break
        block.append(at)
        definite = definite or kind == "cover"
        if kind != "title":
            keyed.append(at)
    if not keyed:
        return set()
    last = keyed[-1]
    if not definite and not _stands_apart(lines, keyed):
        return set()
    after = {key_of(colons[at].label) for at in colons if at > last}
    if not definite and not after:
        return set()
    return {at for at in block if at <= last}


def _kind(line: Line, head: Head | None) -> str:
    """Return what a line of a cover page is: "cover", "role", "title", or "" for none."""
    if head is None:
        return "title" if is_title(line.text) else ""
    words = key_of(head.label).split()
    value = head.raw.strip()
    if not value or len(value.split()) > _MOST_WORDS:
        return ""
    if role_words.role_of(head.label) and len(head.label.strip()) > 1:
        short = likeness(value) >= Likeness.NAME or any(c.isdigit() for c in value)
        return "role" if short and not value.rstrip().endswith((".", "?", "!")) else ""
    known = words_of("cover")
    role = any(role_words.role_of(word) and len(word) > 1 for word in words)
    if words and (words[0] in known or words[-1] in known or (role and known & set(words))):
        return "cover"
    return "title" if is_title(line.text) else ""


def _stands_apart(lines: Sequence[Line | None], keyed: Sequence[int]) -> bool:
    """Return whether lines at the top are together and parted from what follows."""
    following = next(
        (line for line in lines[keyed[-1] + 1 :] if line is not None and line.text.strip()), None
    )
    together = not any(line.gap for line in (lines[at] for at in keyed[1:]) if line is not None)
    return len(keyed) >= 2 and together and following is not None and following.gap


def is_title(text: str) -> bool:
    """Return whether a line before all turns is a title, a file's name or a list of names."""
    text = text.strip()
    words = text.split()
    if not words or len(words) > _MOST_WORDS or text[-1] in "?!,":
        return False
    if _FILE_NAME.search(text) or _ENDED.fullmatch(text):
        return True
    stamp = stamp_at(text)
    if stamp is not None and stamp.end == len(text):
        return False
    plain = {word.casefold().strip(".,:;()#*_-") for word in words}
    if text[-1] in ".。…" and len(words) > 4:
        return False
    if plain & words_of("title") and len(words) <= 14:
        return True
    return not any(c.isalpha() for c in text) or (len(words) > 1 and _are_names(text))


def is_end(text: str) -> bool:
    """Return whether a line says that the recording or its transcript ended or began."""
    return bool(_ENDED.fullmatch(text.strip().strip("[]()*-_. ")))


def know_cover(text: str, head: Head | None, findings: Findings) -> None:
    """Note the names and codes that a cover line states."""
    if head is None:
        value = _FILE_NAME.split(text)[0]
        found = _OF.search(text)
        if found:
            value = _FILE_NAME.split(text[found.end() :])[0]
        elif not _are_names(text) or set(text.casefold().split()) & words_of("title"):
            return
        _know(value, findings, "")
        return
    words = key_of(head.label).split()
    roles = {role_words.role_of(head.label), *(role_words.role_of(word) for word in words)} - {""}
    if roles or set(words) & words_of("person"):
        role = role_words.role_of(head.label)
        _know(head.raw, findings, role)
    elif _FILE_NAME.search(head.raw):
        _know(_FILE_NAME.split(head.raw)[0], findings, "")
    elif (code := role_words.code_of(clean(head.raw).upper())) and code not in findings.codes:
        findings.codes.append(code)


def _know(value: str, findings: Findings, role: RoleName) -> None:
    for part in _SPLIT.split(value):
        name = clean(part.strip(" .\"'()[]"))
        if code := role_words.code_of(name):
            if code not in findings.codes:
                findings.codes.append(code)
        elif likeness(name) is Likeness.NAME and any(c.isalpha() for c in name):
            findings.know(name, "cover", role)


def _are_names(text: str) -> bool:
    return all(likeness(part.strip()) is Likeness.NAME for part in _SPLIT.split(text))
