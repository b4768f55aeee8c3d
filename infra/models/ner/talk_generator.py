# SPDX-License-Identifier: Apache-2.0
"""Synthetic interview talk for training: templates, frames and planted names, with BIO tags.

Slots: F full name, N name as called, P either, C name that is a word, Q spelt name, H title with
name, K kin term with name, L place, A address, O body, D date, G age, I number or code, M phone,
E e-mail or handle, Z measure and T time span (both stay unmarked), x person of a frame.
"""

from __future__ import annotations

import itertools
import json
import random
import re
from collections.abc import Sequence
from pathlib import Path

import wordfreq

from benchmarks.deid_open import spoken
from infra.models.ner import (
    malay_carriers,
    sentences_without_names,
    talk,
    templates_dialects_and_notes,
    templates_english,
    templates_malay,
)
from infra.models.ner import word_lists as lx
from infra.models.ner.corpora import renamed
from infra.models.ner.names import Names, allowed
from infra.models.ner.slot_values import Slots

Piece = tuple[str, str | None]
Turn = tuple[list[str], list[str]]
Example = tuple[list[Turn], frozenset[str]]
ALL_TYPES = frozenset(("PER", "LOC", "ORG", "DATE", "AGE", "CODE"))
# Share of the examples that are written dialogues, running Malay, and marked interviews; the rest is
# made of templates.
_TALK, _RUNNING, _MARKED = 0.26, 0.22, 0.16
WORD = re.compile(r"\w+|[^\w\s]")
_SLOT = re.compile(r"\{(\w)\}")
_PRONOUN = {"he", "she", "dia", "beliau", "die", "dio", "diye"}
_TITLE = {t.lower().rstrip(".") for t in lx.HONORIFICS}


def words(pieces: Sequence[Piece]) -> Turn:
    """Tokens and BIO tags of labelled pieces."""
    tokens: list[str] = []
    tags: list[str] = []
    for text, label in pieces:
        got = WORD.findall(text)
        tokens += got
        tags += (
            ["O"] * len(got) if label is None else [f"B-{label}"] + [f"I-{label}"] * (len(got) - 1)
        )
    return tokens, tags


class TalkGenerator:
    """Endless training talk; `carriers` is a folder of unlabelled utterances, `mined` one of running
    Malay as `malay_carriers.mine` wrote it, `marked` a file of interviews with gold spans.
    """

    def __init__(
        self,
        seed: int,
        gazetteers: Path | None,
        carriers: Path | None,
        mined: Path | None = None,
        marked: Path | None = None,
    ) -> None:
        self.r = random.Random(seed)
        self.names = Names(self.r, gazetteers)
        self.slots = Slots(self.r, self.names, gazetteers)
        self.cast: list[str] = []
        self.carriers = self._read_carriers(carriers) if carriers is not None else []
        self.malay, self.weights = self._malay_words()
        self.talk = talk.dialogues()
        self.running = list(malay_carriers.read(mined)) if mined is not None else []
        self.marked = list(talk.marked(marked)) if marked is not None else []
        self.running_weights = list(itertools.accumulate(c.weight for c in self.running))

    def _malay_words(self) -> tuple[list[str], list[float]]:
        """Return common Malay words that are no names, with cumulated weights flatter than
        frequency.
        """
        known = {w.lower() for n in (*self.names.parts, *self.names.ml, *self.names.west, *self.names.wl,
                                     *self.names.indl, *self.names.bor, *self.slots.towns)
                 for w in n.split()} - {w.lower() for w in self.names.word}  # fmt: skip
        english = set(wordfreq.top_n_list("en", 3000))
        got = [
            w for w in wordfreq.top_n_list("ms", 9000)
            if w.isalpha() and w.isascii() and len(w) > 2 and w not in known and w not in english
            and allowed(w) and wordfreq.zipf_frequency(w, "ms") > wordfreq.zipf_frequency(w, "en") + 0.8
        ]  # fmt: skip
        return got, list(itertools.accumulate((i + 50) ** -0.5 for i in range(len(got))))

    def _any_word(self) -> str:
        """Return an ordinary word as a name: only what stands around it tells."""
        return self._word().capitalize() if self.r.random() < 0.7 else self.names.common()

    def _word(self) -> str:
        return self.r.choices(self.malay, cum_weights=self.weights)[0]

    # People
    def _name(self) -> str:
        if self.cast and self.r.random() < 0.55:
            name = self.r.choice(self.cast)
            return self._misheard(name) if self.r.random() < 0.08 else name
        return self._misheard(self.names.given()) if self.r.random() < 0.05 else self.names.given()

    def _misheard(self, name: str) -> str:
        if len(name) < 5:
            return name
        swaps = [
            ("h", ""),
            ("ee", "i"),
            ("i", "ee"),
            ("z", "s"),
            ("sy", "sh"),
            ("f", "p"),
            ("q", "k"),
            ("a", "e"),
            ("dz", "z"),
            ("ai", "ay"),
            ("u", "oo"),
            ("k", "g"),
            ("ll", "l"),
            ("n", "nn"),
        ]
        a, b = self.r.choice(swaps)
        out = name[0] + name[1:].replace(a, b, 1)
        if self.r.random() < 0.15 and " " not in out:  # heard as two words
            cut = self.r.randint(2, len(out) - 2)
            out = f"{out[:cut]} {out[cut:]}"
        return out if allowed(out) else name

    def _titled(self, titles: Sequence[str]) -> str:
        k = self.r.random()
        name = self.names.full() if k < 0.12 else self._any_word() if k < 0.24 else self._name()
        return f"{self.r.choice(titles)} {name}"

    def _fill(self, slot: str) -> Piece:
        s, r = self.slots, self.r
        match slot:
            case "F":
                return self.names.full(), "PER"
            case "N":
                return self._name(), "PER"
            case "P":
                return (self._name() if r.random() < 0.7 else self.names.full()), "PER"
            case "C":
                return (self.names.common() if r.random() < 0.6 else self._any_word()), "PER"
            case "Q":
                return spoken.spell(self._name(), r), "PER"
            case "H":
                return self._titled(lx.HONORIFICS), "PER"
            case "K":
                return self._titled(lx.KIN), "PER"
        table = {
            "L": (s.place, "LOC"), "A": (s.address, "LOC"), "O": (s.body, "ORG"), "D": (s.date, "DATE"),
            "G": (s.age, "AGE"), "I": (s.code, "CODE"), "M": (s.phone, "CODE"), "E": (s.email, "CODE"),
            "Z": (s.measure, None), "T": (s.span, None),
        }  # fmt: skip
        make, label = table[slot]
        return make(), label

    def rename(self, kind: str, tokens: Sequence[str]) -> list[str]:
        """Another name of the same kind for a corpus entity, about as long as the old one."""
        if kind == "PER":
            k = self.r.random()
            if len(tokens) > 1:
                name = self.names.full() if k < 0.75 else self._titled(lx.HONORIFICS)
            else:
                name = self.names.given() if k < 0.9 else self._any_word()
        else:
            name = self.slots.place() if kind == "LOC" else self.slots.body()
        return WORD.findall(name)

    def pieces(self, template: str) -> list[Piece]:
        """Return a template with its slots filled."""
        out: list[Piece] = []
        at = 0
        for m in _SLOT.finditer(template):
            out.append((template[at : m.start()], None))
            out.append(self._fill(m[1]))
            at = m.end()
        out.append((template[at:], None))
        return out

    def _person(self, malay: bool) -> list[Piece]:
        """Somebody, with or without a name, in the same place of a sentence."""
        r, k = self.r, self.r.random()
        nobody = templates_malay.NOBODY if malay else templates_english.NOBODY
        if k < 0.38:
            return [(r.choice(nobody), None)]
        if k < 0.66:
            return [self._fill("N")]
        if k < 0.78:
            return [self._fill("K")]
        if k < 0.87:
            return [self._fill("H")]
        if k < 0.91:
            return [(self.names.common(), "PER")]
        if k < 0.93:
            return [self._fill("F")]
        link = r.choice([" ", " ", ", ", " nama ", " named "])
        return [(r.choice(lx.RELATIONS) + link, None), self._fill("N")]

    def _frame(self) -> list[Piece]:
        """Return a sentence from a frame: somebody does something, or something with somebody."""
        r = self.r
        malay = r.random() < 0.5
        bank = templates_malay if malay else templates_english
        out: list[Piece] = []
        if r.random() < 0.25:
            out.append(
                (
                    r.choice(
                        [
                            "so ",
                            "then ",
                            "and ",
                            "but ",
                            "lepas tu ",
                            "tapi ",
                            "masa tu ",
                            "sebab ",
                            "actually ",
                            "that time ",
                            "you know, ",
                            "kadang-kadang ",
                        ]
                    ),
                    None,
                )
            )
        if r.random() < 0.5:
            out += self._person(malay)
            if r.random() < 0.15:
                out.append(
                    (
                        " "
                        + r.choice(["tu", "ni", "pun", "lah", "also", "ah", "this one", "itself"]),
                        None,
                    )
                )
            verbs = (
                templates_malay.VERBS
                if r.random() < (0.8 if malay else 0.15)
                else templates_english.VERBS
            )
            out.append((" " + r.choice(verbs), None))
        else:
            parts = r.choice(bank.PLACES_FOR_PERSON).split("{x}")
            for i, part in enumerate(parts):
                if i:
                    out += self._person(malay)
                out.append((part, None))
        out.append((r.choice([".", ".", ".", ",", "?", " lah.", " kan.", ""]), None))
        return out

    def _read_carriers(self, folder: Path) -> list[list[str]]:
        """Utterances that name nobody, as far as titles and capitals tell."""
        known = {n.lower() for n in self.names.west + self.names.ind if len(n) > 2}
        known -= {n.lower() for n in self.names.word}
        out = []
        for path in sorted(folder.glob("*.jsonl")):
            for line in path.open(encoding="utf-8"):
                text = re.sub(r"<[^>]*>|\[[^\]]*\]", " ", json.loads(line)["text"])
                tokens = WORD.findall(text)
                if not 3 <= len(tokens) <= 45 or {t.lower() for t in tokens} & (
                    _TITLE - {"doctor", "sister", "nurse"}
                ):
                    continue
                inner = [
                    t
                    for i, t in enumerate(tokens)
                    if i and tokens[i - 1] not in ".?!" and t[0].isupper() and len(t) > 1
                ]
                if inner or any(t.lower() in known and t[0].isupper() for t in tokens):
                    continue
                if re.search(r"(?i)\b(doctor|name is|name's|this is)\s+[A-Z]", text):
                    continue
                out.append(tokens)
        return out

    def _carrier(self, plant: bool) -> Turn:
        return self._planted(list(self.r.choice(self.carriers)), plant=plant)

    def _planted(self, tokens: list[str], *, plant: bool) -> Turn:
        """Return an utterance that names nobody, or the same with somebody in it."""
        tags = ["O"] * len(tokens)
        if not plant:
            return tokens, tags
        name, label = words([self._fill(self.r.choice("NNNHKC"))])
        spots = [i for i, t in enumerate(tokens) if t.lower() in _PRONOUN]
        if spots and self.r.random() < 0.6:
            i = self.r.choice(spots)
            return tokens[:i] + name + tokens[i + 1 :], tags[:i] + label + tags[i + 1 :]
        commas = [i for i, t in enumerate(tokens) if t in ",.?"]
        if commas and self.r.random() < 0.6:
            i = self.r.choice(commas)
            return [*tokens[:i], ",", *name, *tokens[i:]], [*tags[:i], "O", *label, *tags[i:]]
        head = WORD.findall(
            self.r.choice(
                [
                    "okay",
                    "hi",
                    "so",
                    "yeah",
                    "right",
                    "thank you",
                    "alright",
                    "hello",
                    "no",
                    "baik",
                    "ya",
                    "terima kasih",
                    "",
                ]
            )
        )
        return [*head, *name, ",", *tokens], [*["O"] * len(head), *label, "O", *tags]

    def sentence(self) -> Turn:
        """One sentence of talk."""
        r, k = self.r, self.r.random()
        if k < 0.13:
            return words(self.pieces(r.choice(templates_english.NAMED)))
        if k < 0.24:
            return words(self.pieces(r.choice(templates_dialects_and_notes.ENGLISH)))
        if k < 0.37:
            return words(self.pieces(r.choice(templates_malay.NAMED)))
        if k < 0.48:
            return words(self.pieces(r.choice(templates_dialects_and_notes.MALAY)))
        if k < 0.70:
            return words(self._frame())
        if k < 0.75:
            bank = r.choice(
                (sentences_without_names.ORDINARY, templates_dialects_and_notes.ORDINARY)
            )
            return words([(r.choice(bank), None)])
        if k < 0.78:
            size = r.randint(2, 9)
            return [self._word() for _ in range(size)], ["O"] * size
        if k < 0.87 or not self.carriers:
            bank = (
                sentences_without_names.TALK
                if r.random() < 0.6
                else templates_dialects_and_notes.ORDINARY
            )
            return words(self.pieces(r.choice(bank)))
        return self._carrier(plant=k < 0.935)

    def _noise(self, turn: Turn) -> Turn:
        out: Turn = ([], [])
        rate = self.r.choice([0.0, 0.02, 0.05, 0.09])
        for i, (word, tag) in enumerate(zip(*turn, strict=True)):
            inside = tag.startswith("I-")
            if not inside and self.r.random() < rate:
                extra = WORD.findall(self.r.choice(lx.FILLERS))
                out[0].extend(extra)
                out[1].extend(["O"] * len(extra))
            swap = tag == "O" and word.isalpha() and len(word) > 3 and self.r.random() < rate
            out[0].append(self._word() if swap else word)
            out[1].append(tag)
            last = i + 1 == len(turn[0]) or not turn[1][i + 1].startswith("I-")
            if last and tag != "O" and self.r.random() < rate:
                out[0].append(self.r.choice(lx.PARTICLES))
                out[1].append("O")
            if tag == "O" and word.isalpha() and len(word) < 6 and self.r.random() < rate / 3:
                out[0].append(word)
                out[1].append("O")
        return out

    def example(self) -> Example:
        """Return turns among the same few people, and the types that are annotated in them."""
        k = self.r.random()
        if k < _TALK and self.talk:
            return self._written(), ALL_TYPES
        if k < _TALK + _RUNNING and self.running:
            return self._running()
        if k < _TALK + _RUNNING + _MARKED and self.marked:
            return self._interview(), ALL_TYPES
        return self.dialogue(), ALL_TYPES

    def _interview(self) -> list[Turn]:
        """Return some turns of a marked interview, of other people as often as not."""
        r = self.r
        turns = r.choice(self.marked)
        size = r.choice([2, 3, 4, 5, 6])
        first = r.randint(0, max(0, len(turns) - size))
        out = [words(pieces) for pieces in turns[first : first + size]]
        return renamed(out, r, self.rename) if r.random() < 0.5 else out

    def _written(self) -> list[Turn]:
        """Return some turns of a written dialogue, with slots filled."""
        r = self.r
        turns = r.choice(self.talk)
        size = min(len(turns), r.choice([2, 3, 4, 5, 6]))
        first = r.randint(0, len(turns) - size)
        people: dict[str, str] = {}
        out = []
        for turn in turns[first : first + size]:
            pieces: list[Piece] = []
            at = 0
            for m in talk.SLOT.finditer(turn):
                pieces += ((turn[at : m.start()], None), self._somebody(m[1], m[2], people))
                at = m.end()
            out.append(self._noise(words([*pieces, (turn[at:], None)])))
        return out

    def _somebody(self, slot: str, number: str, people: dict[str, str]) -> Piece:
        """Fill a slot; the person of a number keeps the name."""
        if slot == "W":
            slot = "E"
        if slot not in "FNCHKQ" or not number:
            return self._fill(slot)
        if slot == "F":
            name = self.names.full()
            people.setdefault(number, self.names.called(name))
            return name, "PER"
        if slot == "C" or number not in people:
            word = slot == "C" or self.r.random() < 0.1
            people[number] = people.get(number, self._any_word() if word else self.names.given())
        name = people[number]
        if self.r.random() < 0.06:
            name = self._misheard(name)
        match slot:
            case "H":
                name = f"{self.r.choice(lx.HONORIFICS)} {name}"
            case "K":
                after = self.r.random() < 0.05
                name = (
                    f"{name} {self.r.choice(lx.KIN_AFTER)}"
                    if after
                    else f"{self.r.choice(lx.KIN)} {name}"
                )
            case "Q":
                name = spoken.spell(name, self.r)
        return name, "PER"

    def _running(self) -> Example:
        """Return running Malay, one line in four with somebody planted in it."""
        size = self.r.choice([1, 1, 2, 3])
        lines = self.r.choices(self.running, cum_weights=self.running_weights, k=size)
        turns = [self._planted(list(c.tokens), plant=self.r.random() < 0.25) for c in lines]
        return turns, frozenset.intersection(*(c.types for c in lines))

    def dialogue(self) -> list[Turn]:
        """One to six turns among the same few people."""
        r = self.r
        self.cast = [self.names.given() for _ in range(r.randint(1, 4))]
        turns: list[Turn] = []
        for _ in range(r.choice([1, 2, 2, 3, 4, 5, 6])):
            tokens: list[str] = []
            tags: list[str] = []
            for _ in range(r.choice([1, 1, 1, 2, 3])):
                a, b = self._noise(self.sentence())
                tokens += a
                tags += b
            turns += self._asked(tokens, tags)
        return turns

    def _asked(self, tokens: list[str], tags: list[str]) -> list[Turn]:
        """Make two turns of a question and its answer more often than not."""
        marks = [i + 1 for i, t in enumerate(tokens[:-1]) if t == "?"]
        if not marks or self.r.random() < 0.35:
            return [(tokens, tags)]
        cut = marks[0]
        return [(tokens[:cut], tags[:cut]), (tokens[cut:], tags[cut:])]
