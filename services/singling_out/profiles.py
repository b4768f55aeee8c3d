# SPDX-License-Identifier: Apache-2.0
"""What the text of interviews says of a participant: attributes, with the places where they stand.

A word counts where the participant says it of themselves, or answers a question for it; what is
said of others (`my brother is a teacher`) does not. It is a search for words: who reads knows more.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache

from services.singling_out import tables
from services.singling_out.tables import Phrases, Token

#: Kinds of which a participant has one value; the one that is said most often counts.
SINGLE = (
    *("sex", "age", "state", "district", "ethnicity", "religion", "marital status", "education"),
    *("children", "siblings"),
)
#: Kinds of which a participant may have several values.
SEVERAL = ("occupation", "illness", "event")
KINDS = (*SINGLE, *SEVERAL)

_BACK = 12  # words before a finding in which its subject is looked for
_ANSWER = 8  # words of an answer among which it stands
_NEAR = 4  # words before a finding that belong to it
_BAND = re.compile(r"\[aged (\d{1,2})(?:-\d{1,2}|\+)\]")
_AGE_UNITS = frozenset(("years", "year", "tahun", "yo", "yrs"))
_AGE_WORDS = frozenset(("umur", "age", "aged", "berumur", "usia", "turning", "im", "am"))
_CHILDREN = frozenset(("children", "kids", "child", "kid", "anak", "sons", "daughters"))
_SIBLINGS = frozenset(("siblings", "adik-beradik", "beradik", "brothers", "sisters"))
_ORDER = frozenset(("eldest", "oldest", "youngest", "sulung", "sulong", "bongsu", "second"))
_OF = frozenset(("of", "from", "daripada", "dari"))
_MOST_CHILDREN = 20
_STATED_ABOUT_SELF = frozenset(("sex", "marital status"))  # whose phrases say whom they mean


@dataclass(frozen=True, slots=True)
class Turn:
    """A turn of an interview; `number` counts from 1 as in its file."""

    number: int
    text: str
    by_participant: bool


@dataclass(frozen=True, slots=True)
class Interview:
    """An interview as it is released; `name` is that of its file without suffix."""

    name: str
    participant: str
    turns: tuple[Turn, ...]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Where an attribute stands: code points of a turn's text."""

    interview: str
    turn: int
    start: int
    end: int


@dataclass
class Profile:
    """What is said of a participant: for each kind, each value and its places in order.

    `narrower` are places where a group inside of one of the base rates is named, `mentioned` those
    of states, whether or not the participant says to live there.
    """

    participant: str
    interviews: list[str] = field(default_factory=list)
    facts: dict[str, dict[str, list[Place]]] = field(default_factory=dict)
    narrower: list[Place] = field(default_factory=list)
    mentioned: dict[str, list[Place]] = field(default_factory=lambda: defaultdict(list))

    def add(self, kind: str, value: str, place: Place) -> None:
        """Note a value at a place."""
        self.facts.setdefault(kind, {}).setdefault(value, []).append(place)

    def values(self, interview: str = "") -> dict[str, tuple[str, ...]]:
        """Return what counts of each kind, of all interviews or of one.

        One value of a kind of which there is one: the most frequent, of several the first said.
        """
        found: dict[str, tuple[str, ...]] = {}
        for kind in KINDS:
            counted = {
                value: sum(1 for place in places if interview in ("", place.interview))
                for value, places in self.facts.get(kind, {}).items()
            }
            told = [value for value, count in counted.items() if count]
            if told:
                one = (max(told, key=lambda value: counted[value]),)
                found[kind] = one if kind in SINGLE else tuple(sorted(told))
        return found

    def places(self, kind: str, value: str) -> Sequence[Place]:
        """Return where a value stands."""
        return self.facts[kind][value]


class Profiles:
    """Collects what interviews say of their participants; none of their text is kept."""

    def __init__(self) -> None:
        self._found: dict[str, Profile] = {}

    def add(self, interview: Interview) -> None:
        """Read an interview."""
        profile = self._found.setdefault(interview.participant, Profile(interview.participant))
        profile.interviews.append(interview.name)
        asked: frozenset[str] = frozenset()
        for turn in interview.turns:
            if turn.by_participant:
                _read(turn, interview.name, asked, profile)
                asked = frozenset()
            else:
                asked = _asked(turn.text)

    def finish(self) -> dict[str, Profile]:
        """Return what the interviews of each participant say together, in their order."""
        for profile in self._found.values():
            _guess_state(profile)
        return dict(sorted(self._found.items()))


def profiles(interviews: Iterable[Interview]) -> dict[str, Profile]:
    """Return what the interviews of each participant say together, in order of the participants."""
    found = Profiles()
    for interview in interviews:
        found.add(interview)
    return found.finish()


def _guess_state(profile: Profile) -> None:
    """Take the state that a participant names most, where none is said to be theirs: whoever reads
    would guess so. One that is named once is no guess.
    """
    if "state" in profile.facts or not profile.mentioned:
        return
    value, places = max(profile.mentioned.items(), key=lambda item: len(item[1]))
    if len(places) > 1:
        profile.facts["state"] = {value: places}


def _asked(text: str) -> frozenset[str]:
    """Return what a question asks of the participant; what it asks of others is not among it."""
    said = tables.tokens(text)
    found = {value for _, _, value in tables.phrases("questions").find(said)}
    if any(token.norm in tables.words("kin terms") for token in said):
        found &= {"children"}
    return frozenset("marital status" if kind == "marital" else kind for kind in found)


def _read(turn: Turn, interview: str, asked: frozenset[str], profile: Profile) -> None:
    said = tables.tokens(turn.text)

    def note(kind: str, value: str, first: int, behind: int) -> None:
        place = Place(interview, turn.number, said[first].start, said[behind - 1].end)
        profile.add(kind, value, place)

    for kind, first, behind, value in _found(said):
        answers = kind in asked and first < _ANSWER
        if kind == "state" and _subject(said, first) != "other":
            profile.mentioned[value].append(
                Place(interview, turn.number, said[first].start, said[behind - 1].end)
            )
        if kind in _STATED_ABOUT_SELF or _is_own(said, first, kind, answers=answers):
            note(kind, value, first, behind)
    for first, behind, _ in tables.phrases("narrower ethnicities").find(said):
        if _is_own(said, first, "ethnicity", answers="ethnicity" in asked and first < _ANSWER):
            start, end = said[first].start, said[behind - 1].end
            profile.narrower.append(Place(interview, turn.number, start, end))
    for kind, first, behind, value in _counted(said):
        if _subject(said, first) != "other" or kind == "siblings":
            note(kind, value, first, behind)


def _found(said: Sequence[Token]) -> Iterator[tuple[str, int, int, str]]:
    """Yield kind, indices and value of all that might be an attribute."""
    for kind, book in _books().items():
        for first, behind, value in book.find(said):
            yield kind, first, behind, value
    states = tables.sections()["states"]
    for at, token in enumerate(said):
        if token.is_label and (state := states.get(token.norm.strip("[]"))):
            yield "state", at, at + 1, state
    yield from _ages(said)


@cache
def _books() -> Mapping[str, Phrases]:
    return {
        "sex": tables.phrases("sexes"),
        "state": tables.phrases("states"),
        "ethnicity": tables.phrases("ethnicities"),
        "religion": tables.phrases("religions"),
        "marital status": tables.phrases("marital statuses"),
        "education": tables.phrases("education"),
        "event": tables.phrases("events"),
        "illness": tables.listed("conditions"),
        "occupation": tables.listed("occupations"),
        "district": _districts(),
    }


@cache
def _districts() -> Phrases:
    other = {
        *tables.sections()["states"],
        *tables.sections()["districts that are ordinary words"],
    }
    return Phrases((name, name) for name in tables.districts() if name not in other)


def _ages(said: Sequence[Token]) -> Iterator[tuple[str, int, int, str]]:
    for at, token in enumerate(said):
        band = _BAND.fullmatch(token.norm)
        if band:
            yield "age", at, at + 1, band_of(int(band[1]))
        elif token.norm.isascii() and token.norm.isdecimal() and 1 <= len(token.norm) <= 3:
            unit = at + 1 < len(said) and said[at + 1].norm in _AGE_UNITS
            if unit or (at and said[at - 1].norm in _AGE_WORDS):
                yield "age", at, at + 1, band_of(int(token.norm))


def band_of(years: int) -> str:
    """Return the band of the population table that an age is in."""
    for band in tables.bands():
        low, _, high = band.rstrip("+").partition("-")
        if years >= int(low) and (not high or years <= int(high)):
            return band
    return ""


def _is_own(said: Sequence[Token], first: int, kind: str, *, answers: bool) -> bool:
    """Return whether a finding is said of the participant."""
    subject = _subject(said, first)
    if subject == "other":
        return False
    if answers and subject in ("", "self"):
        return True
    before = _before(said, first)
    if kind == "age":
        return subject == "self" and not before & tables.words("past")
    if kind == "illness":
        return bool(before & tables.words("illness cues"))
    if kind in ("state", "district"):
        cues = tables.words("residence") | tables.words("origin")
        if kind == "district":
            before &= {token.norm for token in said[max(0, first - _NEAR) : first]}
        return subject == "self" and bool(before & cues)
    if kind == "occupation":
        near = {token.norm for token in said[max(0, first - _NEAR) : first + 1]}
        works = near & tables.words("job cues") and not near & tables.words(
            "words beside another's job"
        )
        return subject == "self" and bool(works)
    return subject == "self"


def _before(said: Sequence[Token], first: int) -> set[str]:
    """Return the words before a finding in its clause."""
    return {
        token.norm
        for token in said[max(0, first - _BACK) : first]
        if token.clause == said[first].clause
    }


def _subject(said: Sequence[Token], first: int) -> str:
    """Return of whom a finding is said: "self", "other", or empty where no word says it."""
    kin, other, own = (
        tables.words(title) for title in ("kin terms", "other person", "first person")
    )
    at = first - 1
    while at >= max(0, first - _BACK) and said[at].clause == said[first].clause:
        word = said[at].norm
        if word in kin or word in other or (said[at].is_label and "aged" not in word):
            return "" if said[at].is_label and not _is_person(word) else "other"
        if word in own:
            # `adik saya`, `kawan baik saya`: the first person owns somebody else.
            owned = {token.norm for token in said[max(0, at - 2) : at]}
            return "other" if word in ("saya", "aku") and owned & kin else "self"
        if word == "my":
            following = {token.norm for token in said[at + 1 : at + 3]}
            return "other" if following & kin else "self"
        at -= 1
    return ""


def _is_person(label: str) -> bool:
    return "s " in label or label.startswith(("[person", "[nurse", "[doctor", "[teacher"))


def _counted(said: Sequence[Token]) -> Iterator[tuple[str, int, int, str]]:
    """Yield the numbers of children and siblings that are said."""
    numbers = tables.sections()["numbers"]
    for at, token in enumerate(said):
        value = numbers.get(token.norm) or token.norm
        if not (value.isascii() and value.isdecimal() and int(value) <= _MOST_CHILDREN):
            if token.norm in ("tunggal", "only") and _next_to(said, at, {"anak", "child"}):
                yield "siblings", at, at + 1, "0"
            continue
        following = {one.norm for one in said[at + 1 : at + 3] if one.clause == token.clause}
        leading = {one.norm for one in said[max(0, at - 4) : at] if one.clause == token.clause}
        if leading & _ORDER and leading & _OF:
            yield "siblings", at, at + 1, str(int(value) - 1)
        elif following & _SIBLINGS:
            yield "siblings", at, at + 1, value
        elif following & _CHILDREN or {"anak", "saya"} <= leading:
            yield "children", at, at + 1, value


def _next_to(said: Sequence[Token], at: int, words: set[str]) -> bool:
    return any(0 <= i < len(said) and said[i].norm in words for i in (at - 1, at + 1))


def by_value(found: Mapping[str, Profile]) -> Mapping[tuple[str, str], int]:
    """Return, for each kind and value, the participants of whom it is said, as a mask of bits."""
    masks: dict[tuple[str, str], int] = defaultdict(int)
    for bit, profile in enumerate(found.values()):
        for kind, values in profile.values().items():
            for value in values:
                masks[kind, value] |= 1 << bit
    return masks
