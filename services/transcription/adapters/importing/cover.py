# SPDX-License-Identifier: Apache-2.0
"""What stands before the first turn: cover pages and titles, which are no speech."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

from services.registry import role_words
from services.registry.role_words import RoleName
from services.transcription.adapters.importing.column_names import Column, column_of
from services.transcription.adapters.importing.evidence import Line
from services.transcription.adapters.importing.labels import (
    Likeness,
    clean,
    key_of,
    likeness,
    words_of,
)
from services.transcription.adapters.importing.stamps import stamp_at, stamp_at_end
from services.transcription.domain.reading import Findings

_MOST_LINES = 60
_LONGEST_TITLE = 14
_LONGEST_HAN = 14
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
_WHAT = (
    r"(?:interview|transcript|transcription|recording|audio|tape|video|session|meeting|discussion"
    r"|focus group|fgd|file|temu ?bual|rakaman|transkrip|sesi|perbincangan)(?: \d{1,3})?"
)
_ENDS = re.compile(
    rf"(?:(?:the )?(?:end|start|beginning|tamat|mula|akhir)(?: of)?(?: the)? {_WHAT}"
    rf"|(?:the )?{_WHAT} (?:ends|stops|starts|begins|is over|paused|resumed|resumes|tamat|mula)"
    r"|(?:访谈|采访|录音|訪談|採訪|錄音|记录|記錄)(?:结束|开始|完毕|停止|結束|開始|完畢))"
    r"\W{0,8}[\d:.]{0,12}\W{0,4}",
    re.IGNORECASE,
)
_BARE_END = re.compile(r"\W{1,8}(?:end|tamat|fin|完|结束)\W{1,8}", re.IGNORECASE)
_DONE_BY = re.compile(
    r"(?:transcribed|transcription|checked|verified|typed|translated|proofread|ditranskrip)"
    r" (?:by|with|oleh|dengan)\b.{1,100}",
    re.IGNORECASE,
)
_LETTERS = re.compile(r"[^\W\d]+")
_SIGNS = re.compile(r"\t| [=|–—-] ")
_PARTED = re.compile(
    r"\t|\s[-–—|]\s|\s{2}|^[\[({<【][^\])}>】]{0,60}[\])}>】]\s{0,4}\S|^\w{1,2}[.;>]"
)
"""What parts a label from its text in shapes without a colon."""

_IN_KEYS = frozenset("of the by no in for to with at and on from who dan di untuk pada".split())
"""Words of sentences that keys of covers have too."""

_LEGEND = re.compile(r"[(\[{<*/_=.…-][^\w\s]{0,6}\w{0,12}[^\w\s]{0,6}\s{1,8}\S")
"""A sign of a transcript and what it means, as `(.) short pause`."""
_SPLIT = re.compile(r"[,;/&、，；]|\band\b|\bdan\b")
# Between names that a cover states, and between a name and what is said of it: `Siti Aminah
# (sister)`. The slash of `a/p`, `a/l`, `s/o` and `d/o` is one of a name.
_PARTS = re.compile(
    r"[,;&()\[\]、，；（）]|(?<!\b[asd])/|\s[-\u2013\u2014]\s|\band\b|\bdan\b", re.IGNORECASE
)


def cover_of(lines: Sequence[Line | None], labels: Counter[str]) -> set[int]:
    """Return the numbers of lines at the top that say something about the interview.

    `labels`: how often each label stands before a colon in the whole source.
    """
    block: list[int] = []
    definite = False
    keyed: list[int] = []
    for at, line in enumerate(lines):
        if line is None or line.timed or len(block) >= _MOST_LINES:
            break
        if not line.text.strip():
            continue
        kind = _kind(line.text)
        if _may_talk(lines, at, kind, labels, definite):
            break
        if not kind and not (block and _may_go_on(line.text, labels)):
            break
        block.append(at)
        definite = definite or kind == "cover"
        if kind not in ("", "title"):
            keyed.append(at)
    if not keyed:
        return set()
    last = _end_of_block(lines, block, keyed[-1])
    if not definite and not _stands_apart(lines, keyed, last):
        return set()
    if not any(line is not None and ":" in line.text for line in lines[last + 1 :]):
        # Nothing behind it has a label, so that it may be the talk itself.
        return {at for at in block if at <= last} if definite and last + 1 < len(lines) else set()
    return {at for at in block if at <= last}


def _may_talk(
    lines: Sequence[Line | None], at: int, kind: str, labels: Counter[str], definite: bool
) -> bool:
    """Return whether what looks like a line of a cover may be the first turn."""
    line = lines[at]
    if line is None:
        return True
    if kind == "cover":
        # A code that is called after a word of covers, as `ID 07`, and speaks.
        key = key_of(_pair(line.text)[0])
        return labels[key] > 1 and (key[-1:].isdigit() or labels[key] > 3)
    # Behind a blank line, who asks may begin to talk.
    if kind != "role" or not definite or not line.gap:
        return False
    return not (_is_paragraph(lines, at) or _goes_on(lines, at))


def _goes_on(lines: Sequence[Line | None], at: int) -> bool:
    """Return whether a cover goes on behind a role: rows of a table are paragraphs of their own."""
    for line in lines[at : at + _MOST_LINES]:
        if line is None:
            return False
        kind = _kind(line.text) if line.text.strip() else "role"
        if kind != "role":
            return kind == "cover"
    return False


def _is_paragraph(lines: Sequence[Line | None], at: int) -> bool:
    """Return whether a line begins a paragraph of covers: several lines, each with another key."""
    keys: list[str] = []
    for line in lines[at : at + _MOST_LINES]:
        if line is None or not line.text.strip():
            continue
        if keys and line.gap:
            return len(keys) > 1 and len(set(keys)) == len(keys)
        if _kind(line.text) not in ("cover", "role"):
            return False
        keys.append(key_of(_pair(line.text)[0]))
    return False


def table_head(lines: Sequence[Line | None]) -> set[int]:
    """Return the number of a line before the talk that names the columns of a table."""
    for at, line in enumerate(lines[:_MOST_LINES]):
        cells = line.text.strip().split("\t") if line is not None else []
        kinds = {column_of(cell) for cell in cells if cell.strip()}
        if len(cells) > 1 and None not in kinds and kinds & {Column.SPEECH, Column.SPEAKER}:
            return {at}
    return set()


def _may_go_on(text: str, labels: Counter[str]) -> bool:
    """Return whether a line among those of a cover may be one of them, whatever its key is."""
    key, value = _pair(text)
    if not key:
        return bool(_LEGEND.match(text.strip())) or is_short(text)
    short = bool(value) and len(value.split()) <= _MOST_WORDS and value[-1] not in ".?!"
    return (
        short
        and labels[key_of(key)] < 2
        and len(key.split()) <= _MOST_KEY_WORDS
        and not role_words.role_of(key)
    )


def is_short(text: str) -> bool:
    """Return whether a line is no sentence: few words, none that only sentences have."""
    words = _LETTERS.findall(text.casefold())
    return (
        0 < len(words) <= _LONGEST_TITLE
        and text.strip()[-1] not in ".?!。？！"
        and not set(words) & words_of("stop")
    )


def _end_of_block(lines: Sequence[Line | None], block: Sequence[int], last: int) -> int:
    """Return the last line of the paragraph of a cover, where all of it was found to be one."""
    end = last
    for at in block:
        line = lines[at]
        if at > last and line is not None:
            if line.gap:
                return end
            end = at
    following = next(
        (one for one in lines[end + 1 :] if one is not None and one.text.strip()), None
    )
    return end if following is not None and following.gap else last


def _pair(text: str) -> tuple[str, str]:
    """Return key and value of a line; both "" where it has no key."""
    key, colon, value = text.replace("：", ":", 1).partition(":")
    if found := _SIGNS.search(text[: _LONGEST_KEY + 3]):
        before = _LETTERS.findall(text[: found.start()].casefold())
        known = words_of("cover")
        if before and (set(before) <= known or (set(before) & known and _role_in(before))
                       or _is_role(before)):  # fmt: skip
            key, colon, value = text[: found.start()], ":", text[found.end() :]
    if not colon or len(key) > _LONGEST_KEY or value.startswith("//"):
        return "", ""
    return key.strip(" \t*_-•"), value.strip(" \t*_")


def _kind(text: str) -> str:
    """Return what a line of a cover page is: "cover", "role", "title", or "" for none."""
    key, value = _pair(text)
    words = _LETTERS.findall(key.casefold())
    if _PARTED.search(key) or set(words) & words_of("stop") - _IN_KEYS:
        # A label, and the first words of what is said.
        return ""
    if not key or not words:
        return "title" if is_title(text) else ""
    if not value or len(value.split()) > _MOST_WORDS:
        return ""
    if stamp_at(value) is not None or stamp_at_end(text) is not None:
        return "cover" if words[0] in words_of("cover") else ""
    if role_words.role_of(value) and len(value) > 1 and likeness(key) >= Likeness.NAME:
        return "role"
    if role_words.role_of(key) and len(key) > 1:
        short = likeness(value) >= Likeness.NAME or any(c.isdigit() for c in value)
        return "role" if short and not value.endswith((".", "?", "!")) else ""
    known = words_of("cover")
    if _has_han(key, known):
        return "cover"
    if words[0] in known or words[-1] in known or (_role_in(words) and known & set(words)):
        return "cover" if len(words) <= _MOST_KEY_WORDS else ""
    return "title" if is_title(text) else ""


def _has_han(text: str, known: frozenset[str]) -> bool:
    """Return whether a short text without spaces has one of the words in Chinese."""
    han = [word for word in known if len(word) > 1 and "\u2e80" <= word[0] <= "\u9fff"]
    return len(text.strip()) <= _LONGEST_HAN and any(word in text for word in han)


def _is_role(words: Sequence[str]) -> bool:
    return bool(role_words.role_of(" ".join(words))) and len("".join(words)) > 2


def _role_in(words: Sequence[str]) -> str:
    return next(
        (role for word in words if len(word) > 1 and (role := role_words.role_of(word))), ""
    )


def _stands_apart(lines: Sequence[Line | None], keyed: Sequence[int], last: int) -> bool:
    """Return whether lines at the top are together and parted from what follows."""
    following = next(
        (line for line in lines[last + 1 :] if line is not None and line.text.strip()), None
    )
    together = not any(line.gap for line in (lines[at] for at in keyed[1:]) if line is not None)
    return len(keyed) >= 2 and together and following is not None and following.gap


def is_title(text: str) -> bool:
    """Return whether a line before all turns is a title, a file's name or a list of names."""
    text = text.strip()
    words = text.split()
    if not words or len(words) > _MOST_WORDS or text[-1] in "?!," or role_words.role_of(text):
        return False
    if _FILE_NAME.search(text) or _ENDED.fullmatch(text):
        return True
    calendar = words_of("calendar")
    if set(_LETTERS.findall(text.casefold())) & calendar and all(
        word in calendar or word in ("am", "pm", "at") for word in _LETTERS.findall(text.casefold())
    ):
        return any(c.isdigit() for c in text)
    stamp = stamp_at(text)
    if stamp is not None and stamp.end == len(text):
        return False
    if _has_han(text, words_of("title")) and text[-1] not in "。？！：:":
        return True
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
    text = text.strip()
    if stamp := stamp_at(text):
        text = text[stamp.end :].strip()
    plain = text.strip("[]()*-_.=#~<>（）【】。 ")
    return bool(
        _ENDED.fullmatch(plain) or _ENDS.fullmatch(plain) or _BARE_END.fullmatch(text)
        or plain == "END"
    )  # fmt: skip


def is_done_by(text: str) -> bool:
    """Return whether a line says who made the transcript, or with what."""
    return bool(_DONE_BY.fullmatch(text.strip().strip("[]()*-_. ")))


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
