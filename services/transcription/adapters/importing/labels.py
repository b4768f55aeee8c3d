# SPDX-License-Identifier: Apache-2.0
"""What a speaker's label may look like, and when two spellings are one speaker."""

from __future__ import annotations

import re
import unicodedata
from enum import IntEnum
from functools import cache, lru_cache
from pathlib import Path

from services.registry import role_words

_FILE = Path(__file__).with_name("label_words.txt")
_LONGEST, _MOST_WORDS, _MOST_LOWER = 90, 13, 6
_LONGEST_HAN = 12
"""Characters of the longest label without spaces in a script that does not part words."""

_PARTICLES = frozenset(
    "bin binti bte bt b. ibn bint a/l a/p al ap s/o d/o so do anak van de den der da dos la le of"
    " el von di del ak @ & and".split()
)
_GENERIC = re.compile(
    r"(?:speaker|spk|spkr|sp|spreker|sprecher|voice|person|penutur|pembicara|participant"
    r"|unknown speaker|all|everyone|everybody|several|both|group|multiple speakers|many|semua|ramai"
    r"|众人|大家|全体|说话人|發言人|发言人|讲话人)[\s_#-]{0,3}\d{0,4}[a-z]?|s\d{1,3}|unknown"
    r"|interviewer\d{0,3}|(?:speaker|voice) [a-z]",
    re.IGNORECASE,
)
_BRACKETED = re.compile(r"\s{0,4}([(\[（【][^()\[\]（）【】]{0,60}[)\]）】])")
_DEVICE = re.compile(
    r"['’]?s (?:i?phone|ipad|galaxy|samsung|laptop|macbook|tablet|huawei|oppo|vivo)\b.{0,40}",
    re.IGNORECASE,
)
_INITIAL = re.compile(r"\b(\w|[A-Z]\w{0,3})\.(?=\s)")
_ADDED = frozenset(
    "guest host co-host cohost external unverified you me direct message presenter organizer"
    " organiser he him his she her hers they them their theirs tetamu hos 主持人 来宾".split()
)
_PRONOUNS = frozenset("me you him her us them myself saya aku dia awak 我 你 他 她".split())
"""Words that people write for themselves and those they talk with."""

_FIRST_NAMES = frozenset("ah oh".split())
"""Words that names of several words begin with, as those of Chinese Malaysians."""

_ALSO_NAMES = frozenset("will said an do he in or see so ya my us la am lah".split())
"""Words that names are written like."""

_SENTENCE = re.compile(r"[.?!;。？！…]\s|[?!;。？！…,，、]$|\.\.")
_DRUG = re.compile(
    r"\w{3,}(?:apine|idone|azole|epam|olam|olol|statin|cillin|mycin|formin|triptyline|oxetine"
    r"|azine|peridol|lithium|prazole|zepine|sartan|opril|valproate|zodone|aline)"
)


class Likeness(IntEnum):
    """How much a text looks like a speaker's label."""

    NONE = 0
    WORDS = 1
    """In lower case, or another plain text: only where the file repeats it."""

    NAME = 2
    ROLE = 3
    """A role, a study's code or a numbered voice."""


def words_of(kind: str) -> frozenset[str]:
    """Return the words of a kind of `label_words.txt`."""
    return _words().get(kind, frozenset())


@cache
def _words() -> dict[str, frozenset[str]]:
    """Return the words of each kind of the file."""
    found: dict[str, set[str]] = {}
    words: set[str] = set()
    for line in _FILE.read_text("utf-8").splitlines():
        if line.startswith("["):
            words = found.setdefault(line.strip("[] "), set())
        elif not line.startswith("#"):
            words.update(line.split())
    return {kind: frozenset(of_kind) for kind, of_kind in found.items()}


def clean(label: str) -> str:
    """Return a label as people read it: no invisible characters, single spaces, no end marks."""
    label = "".join(c for c in label if unicodedata.category(c) not in ("Cf", "Cc") or c in "\t\n")
    return " ".join(label.split()).strip("*_").rstrip(" :：,;|-–—>").strip()


@lru_cache(maxsize=20_000)
def key_of(label: str) -> str:
    """Return by what two spellings of a label are one: letters in one case, nothing added."""
    text = unicodedata.normalize("NFKC", clean(label)).casefold()
    for found in _BRACKETED.findall(text):
        inner = found[1:-1].replace("/", " ").replace(",", " ").split()
        if inner and all(word in _ADDED for word in inner):
            text = text.replace(found, "")
    plain = "".join(c for c in text if unicodedata.category(c)[0] != "S")
    plain = " ".join(plain.strip(" .,:;-–—*_#@'\"<>").split())
    return plain or " ".join(text.split())


@lru_cache(maxsize=20_000)
def likeness(label: str) -> Likeness:
    """Return how much a text looks like a label."""
    text = clean(label)
    if not text or len(text) > _LONGEST or not any(c.isalnum() for c in text):
        return Likeness.NONE
    base = _BRACKETED.sub("", text).strip() or text.strip("()[]（）【】 ")
    if any(role_words.role_of(one) or _GENERIC.fullmatch(one) for one in (text, base)):
        return Likeness.ROLE
    if role_words.code_of(text):
        return Likeness.NAME
    if base.casefold() in _PRONOUNS:
        return Likeness.WORDS
    if _is_no_label(text, base):
        return Likeness.NONE
    words = base.split()
    if not any(_cased(c) for c in base):
        return _of_other_script(base, words)
    if all(_is_name(word) for word in words) and any(_starts_upper(word) for word in words):
        return Likeness.NAME
    return Likeness.WORDS if len(words) <= _MOST_LOWER else Likeness.NONE


def _is_no_label(text: str, base: str) -> bool:
    """Return whether a text has what no label has: sentences, colons, many commas, common words."""
    words = base.split()
    return (
        _is_date(words)
        or ":" in text
        or "：" in text
        or "\t" in text
        or len(words) > _MOST_WORDS
        or bool(_SENTENCE.search(_INITIAL.sub(r"\1", base)))
        or _has_stop(words)
        or base.count(",") > 1
        or base.count("'") + base.count("’") > 2
        or base.count('"') % 2 == 1
    )


def _is_date(words: list[str]) -> bool:
    """Return whether words are a date: the name of a month or a day, and a number."""
    plain = [word.casefold().strip(".,()") for word in words]
    return any(word in words_of("calendar") for word in plain) and any(
        word.rstrip("stndrh").isdigit() for word in plain
    )


def name_in(label: str) -> str:
    """Return the name that a label holds, without what programs and people add; "" for none."""
    text = _DEVICE.sub("", clean(label))
    base, bracket, inner = text.partition("(")
    if bracket and likeness(base) is Likeness.ROLE:
        text = inner.rstrip(") ")
    else:
        text = _BRACKETED.sub("", text)
    text = "".join(c for c in text if unicodedata.category(c)[0] != "S")
    text = " ".join(text.split()).strip(' .,:;-–—*_#@"<>[](){}')
    letters = sum(c.isalpha() for c in text)
    return text if letters > 1 and likeness(text) is not Likeness.ROLE else ""


def is_topic(label: str) -> bool:
    """Return whether a label is a word that stands before a colon without being a speaker."""
    words = key_of(label).replace("/", " ").replace("-", " ").split()
    if not words:
        return True
    known = words_of("topic") | words_of("cover")
    hits = sum(word in known or bool(_DRUG.fullmatch(word)) for word in words)
    return hits == len(words) or (len(words) > 1 and words[-1] in known and hits * 2 >= len(words))


def is_event(label: str) -> bool:
    """Return whether a text in brackets is what transcribers note, such as laughter."""
    words = key_of(label).split()
    return any(word in words_of("event") for word in words)


def _has_stop(words: list[str]) -> bool:
    """Return whether words are in a label that are in none, unless they are parts of a name."""
    plain = [word.casefold().strip(".,'\"’()[]{}") for word in words]
    hits = [n for n, word in enumerate(plain) if word in words_of("stop")]
    if len(words) > 1 and len(hits) < len(words) and all(_starts_upper(words[n]) for n in hits):
        return any(n == 0 and plain[n] not in _ALSO_NAMES | _FIRST_NAMES for n in hits)
    hits = [n for n in hits if not (plain[n] in _PARTICLES and 0 < n < len(words) - 1)]
    return any(plain[n] not in _ALSO_NAMES or not _starts_upper(words[n]) for n in hits)


def _cased(character: str) -> bool:
    return character.lower() != character.upper()


def _starts_upper(word: str) -> bool:
    first = next((c for c in word if c.isalnum()), "")
    return first.isupper() or (first.isdigit() and any(c.isupper() for c in word))


def _is_name(word: str) -> bool:
    first = next((c for c in word if c.isalnum()), "")
    if not first or first.isdigit() or not _cased(first):
        return True
    return (
        first.isupper()
        or word.casefold() in _PARTICLES
        or "-" in word
        or any(c.isupper() for c in word[:3])
    )


def _of_other_script(text: str, words: list[str]) -> Likeness:
    if not any(c.isalpha() for c in text):
        # Digits alone: a telephone number, a seat.
        return (
            Likeness.WORDS
            if len(words) <= 4 and not re.search(r"\d\s?[:/]\s?\d", text)
            else (Likeness.NONE)
        )
    limit = _LONGEST_HAN if any("\u2e80" <= c <= "\u9fff" for c in text) else 40
    return Likeness.NAME if len(text) <= limit and len(words) <= 5 else Likeness.NONE
