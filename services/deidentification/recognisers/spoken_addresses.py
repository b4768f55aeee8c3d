# SPDX-License-Identifier: Apache-2.0
"""E-mail and web addresses as they are said: `hana wahid seventy six at icloud dot com`, `facebook
dot com slash kebun atap`.
"""

from __future__ import annotations

from collections.abc import Iterator

from services.deidentification.domain.tokens import Document
from services.deidentification.domain.vocabulary import STOP
from services.deidentification.recognisers.accounts import LINK, SERVICES, numeric
from services.deidentification.word_files import read_words

_WORDS = read_words("internet")
_TLD = _WORDS.words("top-level domains")
_DOT = _WORDS.words("dot")
_AT = _WORDS.words("at")
_AT_MISHEARD = _WORDS.words("at as it is misheard")
_PROVIDERS = _WORDS.words("mail providers")
_OTHER_WORDS = _WORDS.words("mail providers that are other words too")
_STOPS = _WORDS.words("before an address")
_ANNOUNCED = _WORDS.words("words that announce an address")
_SLASH = _WORDS.words("slash")
_SCHEME = _WORDS.words("parts of http and www")
_MOST_DOMAIN = 3  # words in a row of one label of a domain
_MOST_LOCAL = 6  # words in a row of a local part, where an address is announced
_MOST_PATH = 3  # words in a row of a path


def addresses(doc: Document) -> Iterator[tuple[int, int, str]]:
    """Yield the first and last token of each spoken address, and its type."""
    tokens = doc.tokens
    for index in range(1, len(tokens) - 1):
        word, following = tokens[index].norm, tokens[index + 1].norm
        if word in _DOT and following in _TLD and word != tokens[index - 1].norm:
            yield _around_dot(doc, index)
        elif word in _AT:
            last = _provider(doc, index + 1)
            if last > index:
                yield local(doc, index - 1), last, "EMAIL_ADDRESS"
        elif word in _SLASH and tokens[index - 1].norm in SERVICES:
            yield index - 1, _path(doc, index - 1), "URL"


def _around_dot(doc: Document, dot: int) -> tuple[int, int, str]:
    """Return the address around one of the dots of its domain."""
    tokens = doc.tokens
    last = dot + 1
    while (
        last - dot < 6
        and last + 2 < len(tokens)
        and tokens[last + 1].norm in _DOT
        and tokens[last + 2].norm in _TLD
    ):
        last += 2
    first = dot - 1
    while first >= 2 and tokens[first - 1].norm in _DOT and dot - first < 5:
        first -= 2
    if first and tokens[first - 1].norm + tokens[first].norm in _PROVIDERS:
        first -= 1  # hot mail
    sign = _sign(doc, first)
    if sign >= 0:
        return local(doc, sign - 1), last, "EMAIL_ADDRESS"
    while first and tokens[first - 1].norm in _SCHEME and dot - first < 16:
        first -= 1
    while tokens[first].norm == "you" and first < dot - 1:
        first += 1
    return first, _path(doc, last), "URL"


def _sign(doc: Document, first: int) -> int:
    """Return the token that is said for the @ in front of a domain; -1 where there is none."""
    tokens = doc.tokens
    for back in range(1, _MOST_DOMAIN + 1):
        at = first - back
        if at < 1 or "\n" in tokens[at + 1].gap:
            return -1
        word = tokens[at].norm
        if word in _AT or (word in _AT_MISHEARD and back == 1 and _mailed(doc, first)):
            return at
        if word in ("rate", "sign") and tokens[at - 1].norm in ("the", "at") and at > 2:
            begin = at - 1 if tokens[at - 1].norm == "at" else at - 2
            return begin if tokens[begin].norm == "at" else -1
        if word in STOP or word in _DOT or tokens[at + 1].gap.strip() not in ("", "-"):
            return -1
    return -1


def _mailed(doc: Document, first: int) -> bool:
    words = (doc.tokens[first].norm, doc.tokens[first].norm + doc.tokens[first + 1].norm)
    return any(word in _PROVIDERS - _OTHER_WORDS for word in words)


def _provider(doc: Document, index: int) -> int:
    """Return the last token of a provider without its dots, `gmail`, `hot mail com`; less than its
    first where there is none.
    """
    tokens = doc.tokens
    last = index
    if index + 1 < len(tokens) and tokens[index].norm + tokens[index + 1].norm in _PROVIDERS:
        last = index + 1
    elif tokens[index].norm not in _PROVIDERS - _OTHER_WORDS:
        return index - 1
    if last + 1 < len(tokens) and tokens[last + 1].norm in _DOT:
        return index - 1  # read around its dot
    while last + 1 < len(tokens) and tokens[last + 1].norm in ("com", "my", "net", "org"):
        if tokens[last + 1].norm == "my" and tokens[last].norm != "com":
            break
        last += 1
    return last


def local(doc: Document, last: int) -> int:
    """Return the first token of a spoken local part that ends at `last`: parts joined by dot or
    underscore, letters, digits, and all words behind one that announces an address.
    """
    tokens = doc.tokens
    first = max(last, 0)
    while first > 0 and last - first < 30 and "\n" not in tokens[first].gap:
        before = tokens[first - 1].norm
        here = tokens[first].norm
        single = (len(before) == 1 and before != "a") or numeric(before)
        digits = numeric(here) or len(here) == 1
        if before in LINK and first >= 2:
            first -= 2
        elif single or (
            digits and before not in _STOPS and tokens[first].gap.strip() in ("", ".", "-", ",")
        ):
            first -= 1
        else:
            break
    return _behind_announcement(doc, first)


def _behind_announcement(doc: Document, first: int) -> int:
    """Return where the words begin that follow `my email is` without a break."""
    tokens = doc.tokens
    at = first
    while at > 0 and first - at <= _MOST_LOCAL and "\n" not in tokens[at].gap:
        word = tokens[at - 1].norm
        if word in _ANNOUNCED or (word in _STOPS and at == first):
            return at if tokens[at].gap.strip() in ("", ",", ":", "-", "...", "\u2026") else first
        said = numeric(word) or word in LINK or len(word) == 1
        if (word in STOP and not said) or tokens[at].gap.strip() not in ("", "-", ",", "."):
            return first
        at -= 1
    return first


def _path(doc: Document, last: int) -> int:
    """Return the last token of an address with its path: `slash about slash us`."""
    tokens = doc.tokens
    while last + 2 < len(tokens) and tokens[last + 1].norm in _SLASH:
        at = last + 2
        if "\n" in tokens[at].gap or "\n" in tokens[at - 1].gap:
            break
        words = 1
        while at + 1 < len(tokens) and "\n" not in tokens[at + 1].gap:
            word, here = tokens[at + 1].norm, tokens[at].norm
            if tokens[at + 1].gap.strip() not in ("", "-", "_") or word in _SLASH:
                break
            bound = numeric(word) or word in LINK or here in LINK
            bound = bound or (len(word) == 1 and word not in "ai")
            if not bound and (words == _MOST_PATH or word in STOP):
                break
            words += not bound
            at += 1
        while tokens[at].norm in LINK:
            at -= 1
        last = at
    return last
