# SPDX-License-Identifier: Apache-2.0
"""What a column of a transcript holds, by its name in English, Malay, Chinese or Tamil.

Sources: exports of NVivo, MAXQDA, Zoom, Otter, Descript, Sonix, Trint, Happy Scribe and ELAN, and
templates for interviews that are typed in a table.
"""

from __future__ import annotations

import re
import unicodedata
from enum import Enum, auto

from services.registry import role_words


class Column(Enum):
    """What a column holds."""

    SPEAKER = auto()
    START = auto()
    END = auto()
    SPAN = auto()
    SPEECH = auto()
    ONE_SPEAKER = auto()
    """Speech of the one person whom the header names."""
    LANGUAGE = auto()
    """Speech or its translation, in the language that the header names."""
    TRANSLATION = auto()
    NUMBER = auto()
    NOTES = auto()
    TEXT = auto()
    """Text of which nothing says what it is; it is read, in its order."""
    OTHER = auto()


_NAMES: dict[Column, str] = {
    Column.SPEAKER: (
        "speaker|speakers|name|names|who|speaker name|speaker label|speaker id|talker|voice|role|"
        "initials|user|author|tier|penutur|nama|pembicara|nama penutur|orang|sprecher|person|"
        "发言人|发言者|说话人|"
        "说话者|讲话人|姓名|角色|發言人|說話人|講者|பேசுபவர்|பேச்சாளர்|பெயர்"
    ),
    Column.START: (
        "start|start time|starttime|begin|begin time|time|times|timestamp|time stamp|timecode|"
        "time code|offset|in|in point|from|when|zeit|anfang|"
        "start ms|begin ms|time in|masa|waktu|masa mula|mula|"
        "时间|時間|开始|开始时间|開始時間|时间戳|நேரம்|தொடக்கம்|தொடக்க நேரம்"
    ),
    Column.END: (
        "end|end time|endtime|stop|stop time|finish|out|out point|time out|end ms|tamat|"
        "masa tamat|to|until|till|ende|结束|结束时间|結束時間|முடிவு|முடிவு நேரம்"
    ),
    Column.SPAN: "timespan|time span|range|time range|julat masa|时间段|时间范围|நேர இடைவெளி",
    Column.SPEECH: (
        "text|transcript|transcription|content|contents|utterance|utterances|dialog|dialogue|"
        "speech|said|words|sentence|message|response|statement|verbatim|verbatim text|caption|"
        "subtitle|subtitles|spoken text|original|original text|what was said|inhalt|conversation|"
        "talk|"
        "transkrip|transkripsi|teks|kandungan|ujaran|"
        "ucapan|perbualan|percakapan|teks asal|内容|內容|"
        "文本|转录|轉錄|原文|对话|對話|话语|逐字稿|发言|发言内容|உரை|உரையாடல்|பேச்சு"
    ),
    Column.TRANSLATION: (
        "translation|translated|translated text|gloss|terjemahan|翻译|翻譯|译文|譯文|மொழிபெயர்ப்பு"
    ),
    Column.LANGUAGE: (
        "english|malay|bahasa|bahasa melayu|bahasa malaysia|melayu|inggeris|bahasa inggeris|"
        "mandarin|chinese|tamil|cantonese|hokkien|cina|英文|英语|中文|华语|華語|马来文|马来语|"
        "淡米尔文|தமிழ்|ஆங்கிலம்|மலாய்"
    ),
    Column.NUMBER: (
        "no|nr|num|number|line|line no|line number|row|id|index|turn|turn no|seq|s/n|sn|sl no|"
        "bil|bilangan|nombor|segment|segment no|序号|序號|编号|編號|行|எண்"
    ),
    Column.NOTES: (
        "note|notes|comment|comments|code|codes|coding|theme|themes|memo|memos|remark|remarks|"
        "observation|observations|annotation|annotations|category|categories|tag|tags|nonverbal|"
        "non-verbal|emotion|sentiment|catatan|ulasan|kod|tema|pemerhatian|备注|備註|笔记|筆記|"
        "编码|編碼|主题|評論|评论|குறிப்பு|குறிப்புகள்"
    ),
    Column.OTHER: (
        "duration|length|confidence|channel|date|language|word count|tempoh|tarikh|keyakinan|"
        "时长|時長|日期|语言|கால அளவு|தேதி|file|source"
    ),
}
_KIND = {name: kind for kind, names in _NAMES.items() for name in names.split("|")}

_LABELS = dict.fromkeys("question questions q soalan 问 问题".split(), "Q") | dict.fromkeys(
    "answer answers a jawapan 答 回答".split(), "A"
)
"""Labels of those whose columns are called after what they do."""

_BESIDE = frozenset("spoken original full raw clean edited interview audio video s sec of".split())
"""Words that stand beside those that say what a column holds."""

_LONGEST_NAME = 40
_TIME = re.compile(r"\d:\d\d")
_BRACKETED = re.compile(r"[(\[（][^()\[\]（）]{0,40}[)\]）]")


def column_of(cell: str) -> Column | None:
    """Return what the column of a header cell holds, or None where its name is not known."""
    name = _plain(cell)
    if not name:
        return None
    found = _KIND.get(name)
    if found is not None:
        return found
    short = _plain(_BRACKETED.sub(" ", cell))
    words = name.split()
    if any(_KIND.get(word) is Column.TRANSLATION for word in words):
        return Column.TRANSLATION
    if short != name and short in _KIND:
        return _KIND[short]
    if any(_KIND.get(word) is Column.LANGUAGE for word in words) and len(words) <= 3:
        return Column.LANGUAGE
    if name in _LABELS or role_words.role_of(cell.strip(" :：*#")):
        return Column.ONE_SPEAKER
    if len(words) <= 3 and all(_is_name(word) for word in words):
        return _KIND.get(words[-1])
    return None


def _is_name(word: str) -> bool:
    return word in _KIND or word in _BESIDE or (len(word) > 2 and bool(role_words.role_of(word)))


def label_of(cell: str) -> str:
    """Return what the speaker is called of whom a column of speech is."""
    return _LABELS.get(_plain(cell), cell.strip(" :：*#"))


def is_header(cells: list[str], first: bool = True) -> bool:
    """Tell whether the cells of a row are names of columns, most of which are known.

    `first`: whether it is the first row, which alone may have nothing but names of speakers.
    """
    filled = [cell for cell in cells if cell.strip()]
    if len(filled) < 2 or any(_is_said(cell) for cell in filled):
        return False
    kinds = [column_of(cell) for cell in filled]
    known = [kind for kind in kinds if kind is not None]
    ones = known.count(Column.ONE_SPEAKER)
    if len(known) < 2 or 2 * len(known) < len(filled):
        return False
    speech = {Column.SPEECH, Column.TRANSLATION, Column.LANGUAGE} & set(known)
    if ones == 1 and not (speech and _names_a_role(filled)):
        return False
    if speech or {Column.SPEAKER, Column.START, Column.SPAN} & set(known):
        return True
    return ones > 1 and first and _are_several(filled)


def _are_several(cells: list[str]) -> bool:
    """Tell whether cells name several speakers; "Participant" and "P07" may be one."""
    ones = [_plain(cell) for cell in cells if column_of(cell) is Column.ONE_SPEAKER]
    roles = {role_words.role_of(name) for name in ones}
    words = {name.rstrip("0123456789 ") for name in ones}
    return len(roles) > 1 or len(words) == 1 or words <= _LABELS.keys()


def _names_a_role(cells: list[str]) -> bool:
    """Tell whether one speaker's column is called by a word; a letter labels what is said."""
    ones = (cell for cell in cells if column_of(cell) is Column.ONE_SPEAKER)
    return any(len(_plain(cell)) > 2 for cell in ones)


def _is_said(cell: str) -> bool:
    text = cell.strip()
    if len(text) > _LONGEST_NAME or _TIME.search(text):
        return True
    return text.endswith(("?", "!", "？", "！", "。", ","))


def _plain(cell: str) -> str:
    if len(cell) > 2 * _LONGEST_NAME:
        return ""
    text = unicodedata.normalize("NFKC", cell).casefold().replace("_", " ")
    return " ".join(text.strip(" .:#*\n\t").split()) or ("no" if "#" in text else "")
