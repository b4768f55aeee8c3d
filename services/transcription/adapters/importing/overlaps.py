# SPDX-License-Identifier: Apache-2.0
"""Words of another speaker inside a turn: `//S01: mhm//`, `[P: yes]`, `(I: ok)`."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

_BRACKETED = re.compile(
    r"[\[(<{（【]\s?([^\[\](){}<>:：（）【】\n]{1,60})[:：]\s?([^\[\](){}<>（）【】]{0,2000})[\])>}）】]"
)
_SLASHED = re.compile(r"\s{0,4}([^:：/\n]{1,60})[:：]\s?")


def parts(text: str, speaker_of: Callable[[str, bool], str | None]) -> Iterator[tuple[str, str]]:
    """Yield speaker and text of the parts of a turn; the speaker of its own words is "".

    `speaker_of` returns whose label it is, or None; True where slashes stand around it, which say
    more than brackets do. What is in no speaker's brackets stays where it is.
    """
    at = 0
    for begin, end, label, said, slashed in _inner(text):
        if begin < at:
            continue
        speaker = speaker_of(label, slashed)
        if speaker is None or not said.strip():
            continue
        yield "", text[at:begin]
        yield speaker, said
        at = end
    yield "", text[at:]


def _inner(text: str) -> Iterator[tuple[int, int, str, str, bool]]:
    found = [(m.start(), m.end(), m[1], m[2], False) for m in _BRACKETED.finditer(text)]
    at = text.find("//")
    while at >= 0:
        label = _SLASHED.match(text, at + 2)
        close = text.find("//", at + 2)
        if close < 0:
            break
        if label and label.end() <= close and text[at - 1 : at] != ":":
            found.append((at, close + 2, label[1], text[label.end() : close], True))
            at = text.find("//", close + 2)
        else:
            at = close
    return iter(sorted(found))
