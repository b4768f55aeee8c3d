# SPDX-License-Identifier: Apache-2.0
"""What stands before the first turn: cover pages and titles, which are no speech."""

from __future__ import annotations

import re
from collections.abc import Sequence

from services.registry import role_words
from services.registry.role_words import RoleName
from services.transcription.adapters.importing.evidence import Line
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
_LONGEST_TITLE = 14
_MOST_WORDS = 25
_LONGEST_KEY, _MOST_KEY_WORDS = 60, 6
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
# Between names that a cover states, and between a name and what is said of it: `Siti Aminah
# (sister)`. The slash of `a/p`, `a/l`, `s/o` and `d/o` is one of a name.
_PARTS = re.compile(
    r"[,;&()\[\]、，；（）]|(?<!\b[asd])/|\s[-\u2013\u2014]\s|\band\b|\bdan\b", re.IGNORECASE
)


def cover_of(lines: Sequence[Line | None]) -> set[int]:
    """Return the numbers of lines at the top that say something about the interview."""
    block: list[int] = []
    definite = False
    keyed: list[int] = []
    for at, line in enumerate(lines):
        if line is None or line.timed or len(block) >= _MOST_LINES:
            break
        if not line.text.strip():
            continue
        kind = _kind(line.text)
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
    if not any(line is not None and ":" in line.text for line in lines[last + 1 :]):
        # Nothing behind it has a label, so that it may be the talk itself.
        return {at for at in block if at <= last} if definite and last + 1 < len(lines) else set()
    return {at for at in block if at <= last}


def _pair(text: str) -> tuple[str, str]:
    """Return key and value of a line; both "" where it has no key."""
    key, colon, value = text.replace("：", ":", 1).partition(":")
    if not colon or len(key) > _LONGEST_KEY or value.startswith("//"):
        return "", ""
    return key.strip(" \t*_-•"), value.strip(" \t*_")


def _kind(text: str) -> str:
    """Return what a line of a cover page is: "cover", "role", "title", or "" for none."""
    key, value = _pair(text)
    words = key_of(key).split()
    if not words:
        return "title" if is_title(text) else ""
    if not value or len(value.split()) > _MOST_WORDS:
        return ""
    if role_words.role_of(key) and len(key) > 1:
        short = likeness(value) >= Likeness.NAME or any(c.isdigit() for c in value)
        return "role" if short and not value.endswith((".", "?", "!")) else ""
    known = words_of("cover")
    if words[0] in known or words[-1] in known or (_role_in(words) and known & set(words)):
        return "cover" if len(words) <= _MOST_KEY_WORDS else ""
    return "title" if is_title(text) else ""


def _role_in(words: Sequence[str]) -> str:
    return next(
        (role for word in words if len(word) > 1 and (role := role_words.role_of(word))), ""
    )


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
    if plain & words_of("title") and len(words) <= _LONGEST_TITLE:
        return True
    if plain & words_of("calendar") and any(word.isdigit() for word in plain):
        return len(words) <= _LONGEST_TITLE
    return not any(c.isalpha() for c in text) or (len(words) > 1 and _are_names(text))


def is_end(text: str) -> bool:
    """Return whether a line says that the recording or its transcript ended or began."""
    return bool(_ENDED.fullmatch(text.strip().strip("[]()*-_. ")))


def know_cover(text: str, findings: Findings) -> None:
    """Note the names and codes that a cover line states."""
    key, value = _pair(text)
    words = key_of(key).split()
    if not words or _FILE_NAME.search(value):
        found = _OF.search(text)
        value = _FILE_NAME.split(text[found.end() :] if found else value or text)[0]
        if found or (not set(text.casefold().split()) & words_of("title") and _are_names(value)):
            _know(value, findings, "")
    elif role_words.role_of(key) or _role_in(words) or set(words) & words_of("person"):
        _know(value, findings, role_words.role_of(key))
    elif code := role_words.code_of(clean(value).upper()):
        findings.know_code(code)


def _know(value: str, findings: Findings, role: RoleName) -> None:
    for part in _PARTS.split(value):
        name = clean(part.strip(" .\"'()[]"))
        if code := role_words.code_of(name):
            findings.know_code(code)
        elif likeness(name) is Likeness.NAME and any(c.isalpha() for c in name):
            findings.know(name, "cover", role)


def _are_names(text: str) -> bool:
    return all(likeness(part.strip()) is Likeness.NAME for part in _SPLIT.split(text))
