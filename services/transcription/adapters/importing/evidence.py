# SPDX-License-Identifier: Apache-2.0
"""Decides over a whole source in which shape its turns begin, and which labels are speakers.

No line decides by itself: what counts is how often a label comes back, how much of the source
stands in one shape, whether stamps, blank lines or bold type go with it, and whether roles are
among the labels. A word before a colon is a speaker only where the source as a whole says so.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from itertools import pairwise

from services.registry.role_words import code_of, role_of
from services.transcription.adapters.importing.heads import Frame, Head, heads
from services.transcription.adapters.importing.labels import (
    Likeness,
    is_event,
    is_topic,
    key_of,
)
from services.transcription.adapters.importing.stamps import stamp_at

_STRONG = (Frame.COLON, Frame.BRACKET_COLON, Frame.STAMPED, Frame.CHAT, Frame.STAMPED_LINE)
"""Shapes that prose rarely has: with them, labels that are known count wherever they stand."""

_SHARES: Mapping[Frame, float] = {
    Frame.STAMPED: 0.3, Frame.EMPHASIS: 0.3, Frame.SQUARE: 0.35, Frame.ROUND: 0.35,
    Frame.CURLY: 0.3, Frame.ANGLE: 0.35, Frame.HASH: 0.4, Frame.TAB: 0.4, Frame.SPACES: 0.6,
    Frame.DASH: 0.6, Frame.DOT: 0.6, Frame.LINE: 0.15, Frame.STAMPED_LINE: 0.1,
    Frame.SIGN: 0.7, Frame.CAPITALS: 0.85,
}  # fmt: skip
"""Part of the lines, or of the paragraphs, that must begin in a shape before it is believed."""

_SHARE_OF_ROLES = 0.2
_SHARE_OF_PLAIN = 0.9
"""Part of the paragraphs that begin with a line in lower case, where such lines are labels."""

_WEIGHTS: Mapping[Frame, float] = {
    Frame.DOT: 0.6, Frame.SIGN: 0.7, Frame.CAPITALS: 0.5,
} | dict.fromkeys(_STRONG, 1.0)  # fmt: skip
"""How much a line of a shape counts, where lines may be read in several; 0.8 for the others."""

_QUESTIONS = (
    ("q", "a"), ("question", "answer"), ("soalan", "jawapan"), ("temuduga", "jawapan"),
    ("int", "part"), ("问题", "回答"), ("采访", "回答"), ("问", "答"), ("問", "答"),
)  # fmt: skip
"""Words for who asks and who answers that are also what stands before a colon in a list."""

_COUNTED = re.compile(r"(\D{1,20}?)[\s.#]{0,2}(\d{0,4})")

_NEVER_ONCE = (Frame.DASH, Frame.SIGN, Frame.CAPITALS)
"""Shapes that sentences have, so that a label in them must come back."""

_MOST_SLIPS = 20
"""Roles that a label is held against for slips of the pen."""

_MOST_LABELS = 10_000
"""Labels of a shape that are counted at most, so that no text fills the memory."""


@dataclass(slots=True)
class Line:
    """A line of a source whose form does not say who speaks.

    `gap`: a blank line or the end of a paragraph before it. `first`: it begins a passage. `timed`:
    the form states its time. `place`: its number in the source.
    """

    text: str
    place: int
    gap: bool
    first: bool
    timed: bool
    emphasised: int = 0


@dataclass(slots=True)
class Found:
    """A head of a line that may be one."""

    at: int
    head: Head
    key: str


class Evidence:
    """What the lines of a source say together. `stated`: labels that the form itself states."""

    def __init__(self, lines: Sequence[Line | None], stated: Counter[str]) -> None:
        self._lines = {
            at: line for at, line in enumerate(lines) if line is not None and line.text.strip()
        }
        self._open = list(self._lines)
        self._stated = stated
        self._frames: dict[Frame, list[Found]] = defaultdict(list)
        for at, line in self._lines.items():
            for head in heads(line.text, line.emphasised):
                self._frames[head.frame].append(Found(at, head, key_of(head.label)))
        for frame, found in self._frames.items():
            self._frames[frame] = _questions(found)
        gaps = sum(line.gap for line in self._lines.values())
        self.gapped = 0.05 * len(self._open) < gaps < 0.95 * len(self._open)
        """Whether blank lines stand between some lines and not between others."""
        self._blocks = gaps if self.gapped else len(self._open)
        self.speakers: set[str] = set(stated)

    def decide(self) -> dict[int, Head]:
        """Return the head of each line that begins a turn, by the number of the line."""
        accepted: dict[Frame, list[Found]] = {}
        for frame, found in self._frames.items():
            chosen = self._accept(frame, found)
            if chosen:
                accepted[frame] = chosen
        if not accepted:
            return {}
        main = max(accepted, key=lambda frame: self._weight(frame, accepted[frame]))
        result = {one.at: one.head for one in accepted[main]}
        self.speakers |= {one.key for one in accepted[main]}
        for frame in _STRONG:
            if frame is main:
                continue
            sure = {
                one.key
                for one in accepted.get(frame, ())
                if one.head.likeness is Likeness.ROLE or frame in (Frame.STAMPED_LINE, Frame.CHAT)
            }
            for one in self._frames.get(frame, ()):
                if one.at not in result and (one.key in self.speakers or one.key in sure):
                    result[one.at] = one.head
            self.speakers |= sure
        return result

    def rejected(self, heads_of: Mapping[int, Head]) -> list[Found]:
        """Return what looks like a label before a colon and is none, topics aside."""
        return [
            one
            for one in self._frames.get(Frame.COLON, ())
            if one.at not in heads_of
            and one.head.likeness >= Likeness.NAME
            and not is_topic(one.head.label)
        ]

    def colons(self) -> dict[int, Head]:
        """Return what stands before a colon, by the number of the line."""
        return {one.at: one.head for one in self._frames.get(Frame.COLON, ())}

    def _weight(self, frame: Frame, found: Sequence[Found]) -> float:
        return len(found) * _WEIGHTS.get(frame, 0.8)

    def _accept(self, frame: Frame, found: Sequence[Found]) -> list[Found]:
        if frame is Frame.CHAT:
            return [one for one in found if one.head.before]
        counts = Counter[str]()
        for one in found:
            if one.key in counts or len(counts) < _MOST_LABELS:
                counts[one.key] += 1
        found = [one for one in found if one.key in counts]
        if frame in (Frame.COLON, Frame.BRACKET_COLON):
            return self._colon(found, counts, frame)
        if frame in (Frame.LINE, Frame.STAMPED_LINE):
            found = self._headlines(found, frame)
            counts = Counter(one.key for one in found)
        if frame is Frame.CAPITALS:
            found = _longest(found, counts)
            counts = Counter(one.key for one in found)
        return self._weak(frame, found, counts)

    def _colon(self, found: Sequence[Found], counts: Counter[str], frame: Frame) -> list[Found]:
        by_key: dict[str, list[Found]] = defaultdict(list)
        for one in found:
            by_key[one.key].append(one)
        like = {key: max(one.head.likeness for one in ones) for key, ones in by_key.items()}
        usable = {
            key
            for key, ones in by_key.items()
            if like[key] is Likeness.ROLE
            or (not is_topic(ones[0].head.label) and not _counts_up(ones))
        }
        usable |= self._taking_turns(found)
        if frame is Frame.BRACKET_COLON:
            usable = {key for key in usable if not is_event(by_key[key][0].head.label)}
        roles = {key for key in usable if like[key] is Likeness.ROLE}
        repeated = {key for key in usable - roles if counts[key] > 1}
        trusted = [one for key in roles or repeated for one in by_key[key]]
        marks = self._marks(trusted)
        repeated = {key for key in repeated if _alike(by_key[key], marks)}
        accepted = roles | repeated
        known = accepted | set(self._stated)
        single = {
            key for key in usable - accepted if counts[key] == 1 and _alike(by_key[key], marks)
        }
        names = {key for key in single if like[key] is Likeness.NAME}
        share = self._share(found if not accepted else [o for k in usable for o in by_key[k]])
        first = bool(self._open) and any(
            o.at == self._first() for key in usable for o in by_key[key]
        )
        if repeated:
            # One that comes once looks like one of those that come back: all codes, or all names.
            coded = {bool(code_of(by_key[key][0].head.label)) for key in repeated}
            accepted |= {key for key in names if bool(code_of(by_key[key][0].head.label)) in coded}
        if len(known) == 1:
            accepted |= names
        elif not known and (
            (len(single) >= 2 and share >= 0.8)
            or (first and (len(names) == 1 or (len(names) >= 2 and share >= 0.4)))
        ):
            accepted |= single if share >= 0.8 else names
        if len(known) >= 2 and share >= 0.95:
            once = max(counts[key] for key in known) == 1
            few = sorted(roles)[:_MOST_SLIPS]
            accepted |= {key for key in names if once or _is_slip(key, few)}
        if self._stamped_share(trusted) >= 0.7 and len(trusted) >= 3:
            accepted |= {key for key in names if _is_stamped(by_key[key][0].head)}
        return [one for one in found if one.key in accepted]

    def _taking_turns(self, found: Sequence[Found]) -> set[str]:
        """Return two labels that take turns from the first line to the last, whatever they mean."""
        keys = [one.key for one in found]
        both = set(keys)
        if len(both) != 2 or len(keys) < 4 or self._share(found) < 0.9:
            return set()
        topics = {one.key for one in found if is_topic(one.head.label)}
        turns = all(one != other for one, other in pairwise(keys))
        return both if turns and topics != both else set()

    def _first(self) -> int:
        return self._open[0]

    def _marks(self, trusted: Sequence[Found]) -> list[Callable[[Found], bool]]:
        """Return what nearly all trusted heads have: a stamp, type, a blank line before them."""
        if len(trusted) < 3:
            return []
        marks: tuple[Callable[[Found], bool], ...] = (
            lambda one: _is_stamped(one.head),
            lambda one: one.head.emphasised,
            lambda one: self.gapped and self._lines[one.at].gap,
        )
        return [mark for mark in marks if sum(map(mark, trusted)) >= 0.9 * len(trusted)]

    def _stamped_share(self, ones: Sequence[Found]) -> float:
        return sum(_is_stamped(one.head) for one in ones) / len(ones) if ones else 0.0

    def _share(self, ones: Sequence[Found]) -> float:
        """Return the part of the lines, or of the paragraphs, that begin so; the larger of both."""
        lines = {one.at for one in ones}
        share = len(lines) / len(self._open)
        if self.gapped:
            begun = sum(1 for at in lines if self._lines[at].gap or at == self._first())
            share = max(share, begun / max(1, self._blocks))
        return share

    def _headlines(self, found: Sequence[Found], frame: Frame) -> list[Found]:
        """Return those of labels alone on a line that have text below them."""
        if frame is Frame.LINE:
            ended = {one.at for one in found if self._lines[one.at].text.rstrip()[-1] in ".?!,。？"}
            if 2 * len(ended) < len(found):
                # A sentence of one word, where labels have no full stop.
                found = [one for one in found if one.at not in ended]
        at = {one.at for one in found}
        place = {line: n for n, line in enumerate(self._open)}
        kept: list[Found] = []
        for one in found:
            n = place[one.at]
            if n + 1 == len(self._open):
                continue
            if self.gapped and frame is Frame.LINE and not self._is_headline(n):
                continue
            kept.append(one)
        if frame is Frame.STAMPED_LINE:
            # Stamped speech also looks so; but then a stamped line follows the other.
            followed = [one for one in kept if self._open[place[one.at] + 1] not in at]
            return followed if len(followed) >= 0.7 * len(found) else []
        return kept

    def _is_headline(self, number: int) -> bool:
        """Return whether a blank line or a stamp stands above a line, and text right below it."""
        line, below = (self._lines[self._open[number + more]] for more in (0, 1))
        if line.timed:
            return True
        above = self._lines[self._open[number - 1]].text.strip() if number else ""
        stamp = stamp_at(above)
        return not below.gap and (
            line.gap or number == 0 or (stamp is not None and stamp.end == len(above))
        )

    def _weak(self, frame: Frame, found: Sequence[Found], counts: Counter[str]) -> list[Found]:
        brackets = (Frame.SQUARE, Frame.ROUND, Frame.ANGLE, Frame.CURLY)
        usable = [
            one
            for one in found
            if one.head.likeness is Likeness.ROLE
            or (
                not is_topic(one.head.label)
                and not (frame in brackets and is_event(one.head.label))
            )
        ]
        names = [one for one in usable if one.head.likeness >= Likeness.NAME]
        level = Likeness.NAME if frame is Frame.LINE else Likeness.WORDS
        sure = [
            one
            for one in usable
            if one.head.likeness >= level
            and (counts[one.key] > 1 or one.head.likeness is Likeness.ROLE)
        ]
        if frame is Frame.LINE and self.gapped:
            every = [one for one in usable if counts[one.key] > 1]
            if self._share(every) >= _SHARE_OF_PLAIN:
                sure = every
        keys = {one.key for one in sure}
        needed = _SHARES.get(frame, 0.5)
        if frame is not Frame.CAPITALS and len({role_of(key) for key in keys} - {""}) > 1:
            # Who asks and who answers: what they say may go on in many lines.
            needed = min(needed, _SHARE_OF_ROLES)
        if len(keys) >= 2 and self._share(sure) >= needed:
            regular = self._share(names) >= min(0.9, 1.5 * needed)
            once = names if regular and frame not in _NEVER_ONCE else []
            chosen = {one.at for one in sure} | {one.at for one in once}
            return [one for one in usable if one.at in chosen]
        if frame is Frame.STAMPED_LINE and len(names) >= 2 and len(names) >= 0.7 * len(found):
            return names
        inline = frame in (Frame.CURLY, Frame.SQUARE, Frame.TAB, Frame.STAMPED, Frame.EMPHASIS)
        inline = inline or (frame in brackets and all(not one.head.raw.strip() for one in names))
        share = self._share(names)
        several = len({one.key for one in names}) >= 2
        if several and ((inline and share >= 0.9) or (frame in brackets and keys and share >= 0.7)):
            return names
        if (
            len(keys) == 1
            and len(sure) >= 2
            and self._share(sure) >= 0.9
            and (sure[0].head.likeness is Likeness.ROLE)
        ):
            return sure
        return []


def _questions(found: list[Found]) -> list[Found]:
    """Return heads with the labels of questions and answers as `Q` and `A`, without numbers."""
    parts = [_COUNTED.fullmatch(one.key) for one in found]
    places: dict[str, list[int]] = defaultdict(list)
    for at, part in enumerate(parts):
        if part:
            places[part[1]].append(at)
    for pair in _QUESTIONS:
        if min(len(places[word]) for word in pair) < 2:
            continue
        for word, label in zip(pair, ("Q", "A"), strict=True):
            numbers = [part[2] for at in places[word] if (part := parts[at]) and part[2]]
            if numbers and (len(set(numbers)) < 2 or len(set(numbers)) < len(numbers)):
                continue
            for at in places[word]:
                head = replace(found[at].head, label=label, likeness=Likeness.ROLE)
                found[at] = Found(found[at].at, head, key_of(label))
    return found


def _is_slip(key: str, roles: Sequence[str]) -> bool:
    """Return whether a label is a role with a slip of the pen."""
    return len(key) > 4 and bool(get_close_matches(key, roles, 1, 0.85))


def _alike(ones: Sequence[Found], marks: Sequence[Callable[[Found], bool]]) -> bool:
    """Return whether heads have each of the marks somewhere."""
    return all(any(map(mark, ones)) for mark in marks)


def _longest(found: Sequence[Found], counts: Counter[str]) -> list[Found]:
    """Return one reading of each line: the longest of the labels that come back most."""
    best: dict[int, Found] = {}
    for one in found:
        before = best.get(one.at)
        if before is None or counts[one.key] >= min(2, counts[before.key]):
            best[one.at] = one
    return list(best.values())


def _is_stamped(head: Head) -> bool:
    return head.before is not None or head.behind is not None


def _counts_up(ones: Sequence[Found]) -> bool:
    """Return whether a label is the number of a list and not of a speaker."""
    return len(ones) == 1 and ones[0].key.isdigit() and len(ones[0].key) < 5
