# SPDX-License-Identifier: Apache-2.0
"""Reads the interview scripts and invents the practice sentences that surround them in training."""

from __future__ import annotations

import random
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

SCRIPTS = Path(__file__).parent / "interviews"
ROLES = ("interviewer", "participant")
_WORD = re.compile(r"^([^{}]+?)(?:\{([^{}]+)\})?([.,?!]*)$")
_TOKEN = re.compile(r"[^\s{}]+(?:\{[^{}]*\})?[.,?!]*")


@dataclass(frozen=True)
class Sentence:
    """One sentence as it is written and as it is said.

    `words` holds (written, spoken) pairs; the written part carries its punctuation, the spoken
    part is what the synthesiser reads (no punctuation, so that it makes no pause inside).
    """

    words: tuple[tuple[str, str], ...]
    language: str = "en"

    @property
    def text(self) -> str:
        """The sentence as a transcript spells it."""
        return " ".join(written for written, _ in self.words)

    @property
    def spoken(self) -> str:
        """The sentence as the synthesiser reads it."""
        return " ".join(said for _, said in self.words)


@dataclass(frozen=True)
class Turn:
    """What one person says until the other one answers."""

    role: str
    sentences: tuple[Sentence, ...]


@dataclass(frozen=True)
class Interview:
    """A scripted interview with the identifiers that were planted in it."""

    id: str
    language: str
    channels: int
    voices: dict[str, str]
    turns: tuple[Turn, ...]
    planted: tuple[dict[str, Any], ...]

    @property
    def sentences(self) -> list[tuple[str, Sentence]]:
        """Every sentence in order, with the voice that says it."""
        return [(self.voices[t.role], s) for t in self.turns for s in t.sentences]


def parse(marked: str) -> Sentence:
    """Read one marked sentence, such as `My name is Rahman{rah mahn}.`, or `ms| Saya{sah yah}`.

    Raises:
        ValueError: a word is not well formed.
    """
    language = "en"
    if marked[2:4] == "| ":
        language, marked = marked[:2], marked[4:]
    words = []
    for token in _TOKEN.findall(marked):
        match = _WORD.match(token)
        if match is None:
            raise ValueError(f"cannot read the word {token!r}")
        written, said, marks = match.groups()
        words.append((written + marks, said or written.lower()))
    return Sentence(tuple(words), language)


def load_interview(path: Path) -> Interview:
    """Read an interview from its YAML script and check that what it plants is really said."""
    raw = yaml.safe_load(path.read_text("utf-8"))
    turns = []
    for turn in raw["turns"]:
        ((role, lines),) = turn.items()
        if role not in ROLES:
            raise ValueError(f"{path.name}: unknown role {role!r}")
        turns.append(Turn(role, tuple(parse(line) for line in lines)))
    whole = " ".join(s.text for t in turns for s in t.sentences)
    for item in raw["planted"]:
        if item["text"] not in whole:
            raise ValueError(f"{path.name}: planted text {item['text']!r} is never said")
    return Interview(
        raw["id"],
        raw["language"],
        raw["channels"],
        raw["voices"],
        tuple(turns),
        tuple(raw["planted"]),
    )


def load_interviews(folder: Path = SCRIPTS) -> list[Interview]:
    """Read all interview scripts of a folder, in the order of their names."""
    return [load_interview(path) for path in sorted(folder.glob("*.yaml"))]


_DIGITS = "oh one two three four five six seven eight nine".split()
_SATU = [
    "kosong{koh song}", "satu{sah too}", "dua{doo ah}", "tiga{tee gah}", "empat{um paht}",
    "lima{lee mah}", "enam{uh nahm}", "tujuh{too joo}", "lapan{lah pahn}", "sembilan{sum bee lahn}",
]  # fmt: skip
_MONTHS = "January February March April May June July August September October November".split()
_PEOPLE = [
    "Encik{en chick} Faizal{fye zahl} bin{been} Rahman{rah mahn}", "Abang{ah bahng} Jai{jye}",
    "Azman{uz mahn}", "Doctor Lim", "Sister Norliza{nor lee zah}",
    "Puan{poo ahn} Letchumi{let choo mee}",
    "Kavitha{kah vee thah} anak{ah nahk} perempuan{puh rum poo ahn} Muniandy{moo nee ahn dee}",
    "Nurse Hui{hoo ee} Ling", "Mei{may} Fong{fohng}", "Tan{tahn} Wei{way} Keong{kee yong}",
    "Ah Keong{kee yong}", "Haji{hah jee} Osman{os mahn} bin{been} Salleh{sah lay}", "Li{lee} Ting",
    "Uncle Ravi{rah vee}",
    "Ravindran{rah vin drahn} anak{ah nahk} lelaki{luh lah kee} Subramaniam{soo brah mah nee um}",
]  # fmt: skip
_PLACES = [
    "Kajang{kah jahng}", "Semenyih{suh mun yee}", "Teluk{tuh look} Intan{in tahn}",
    "Bukit{boo kit} Mertajam{mur tah jahm}", "Seberang{suh buh rahng} Jaya{jah yah}",
    "Jalan{jah lahn} Melur{muh loor}", "Taman{tah mahn} Seri{sree} Indah{in dah}",
    "Hospital Seri{sree} Mutiara{moo tee ah rah}", "Hospital Permai{pur my}",
    "Sekolah{suh koh lah} Kebangsaan{kuh bahng sah ahn} Sungai{soong eye} Rapat{rah paht}",
    "Syarikat{sha ree kaht} Maju{mah joo} Jaya{jah yah}",
    "Bintang{bin tahng} Teknologi{tek noh loh gee}",
    "Persatuan{pur sah too ahn} Harapan{hah rah pahn} Minda{min dah}", "the clinic", "the group",
]  # fmt: skip


def practice(rng: random.Random, vocabulary: list[tuple[str, str]]) -> Sentence:
    """Invent one practice sentence: random digits, names, places, or a salad of script words.

    Without these the decoder learns the scripts by heart and stops listening to the encoder.
    """
    kind = rng.randrange(8)
    if kind == 0:
        lead = rng.choice(["It is", "My number is", "You can call", ""])
        said = [rng.choice(_DIGITS) for _ in range(rng.randrange(5, 11))]
        if rng.random() < 0.7:
            said[2] += ","
        marked = f"{lead} {' '.join(said)}."
    elif kind == 1:
        said = [rng.choice(_SATU) for _ in range(rng.randrange(3, 9))]
        marked = f"{' '.join(said)}."
    elif kind == 2:
        digits = [rng.randrange(10) for _ in range(rng.randrange(3, 7))]
        number = f"{''.join(map(str, digits))}{{{' '.join(_DIGITS[d] for d in digits)}}}"
        lead = rng.choice(["MRN{em are en}", "PKR{pee kay are}", "My IC{eye see} number is"])
        marked = f"{lead} {number}."
    elif kind == 3:
        lead = rng.choice(["My name is", "I am", "His full name is", "Thank you,"])
        marked = f"{lead} {rng.choice(_PEOPLE)}."
    elif kind == 4:
        lead = rng.choice(["I stay at", "I rent a room in", "We came by bus from", "I was in"])
        marked = f"{lead} {rng.choice(_PLACES)}{rng.choice(['', ' every day', ' for six weeks'])}."
    elif kind == 5:
        lead = rng.choice(["My brother", "My sister", "My mother,", "My friend", "My landlord is"])
        tail = rng.choice(["drove me to", "wrote down", "called me from", "helped me in"])
        marked = f"{lead} {rng.choice(_PEOPLE)} {tail} {rng.choice(_PLACES)}."
    else:
        words = [rng.choice(vocabulary) for _ in range(rng.randrange(3, 9))]
        return _capitalised(Sentence(tuple(words)))
    return _capitalised(parse(marked.strip()))


def _capitalised(sentence: Sentence) -> Sentence:
    (written, said), *rest = sentence.words
    return Sentence(((written[0].upper() + written[1:], said), *rest), sentence.language)


def vocabulary_of(interviews: list[Interview]) -> list[tuple[str, str]]:
    """Return the distinct (written, spoken) words of the scripts, without punctuation, in order.

    A sound that is spelt in two ways ("3" and "three", "Kavitha" and "kavitha") is left out, and a
    word that also stands inside a sentence is taken as it is spelt there: what cannot be heard
    must not be asked for.
    """
    inside: dict[str, set[str]] = {}
    first: dict[str, str] = {}
    for interview in interviews:
        for _, sentence in interview.sentences:
            for position, (written, said) in enumerate(sentence.words):
                bare = written.rstrip(".,?!")
                if position:
                    inside.setdefault(said, set()).add(bare)
                else:
                    first[said] = bare
    words = {next(iter(w)): said for said, w in inside.items() if len(w) == 1}
    words |= {bare: said for said, bare in first.items() if said not in inside}
    return sorted(words.items())
