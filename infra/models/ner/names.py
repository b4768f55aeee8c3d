# SPDX-License-Identifier: Apache-2.0
"""Name pools of the training generator: Faker's locales, hand-made lists, optional gazetteers.

Every word of the benchmark's people and places is left out, so that its names stay unseen.
"""

from __future__ import annotations

import importlib
import random
import re
import unicodedata
from pathlib import Path

from benchmarks.deid_open import people, places
from infra.models.ner import word_lists as lx

HELD_OUT = frozenset().union(
    *(p.words() for p in people.POOLS.values()), *(p.words() for p in places.POOLS.values())
)
HELD_PAIRS = frozenset().union(*(p.given_pairs() for p in people.POOLS.values()))
_WEST = (
    "en_US en_GB en_NZ en_IE ga_IE de_DE de_AT fr_FR it_IT es_ES es_MX pt_BR pt_PT nl_NL sv_SE "
    "no_NO da_DK pl_PL cs_CZ sk_SK hr_HR ro_RO hu_HU tr_TR sl_SI lt_LT en_NG en_KE zu_ZA fi_FI "
    "et_EE lv_LV az_AZ en_PK en_TH sw"
).split()


_LINKS = frozenset("bin binti bte binte anak lelaki perempuan".split())
_FRONTS = frozenset(
    "muhammad mohd mohamad ahmad wan syed nik tengku nur siti noor sharifah che puteri".split()
)


def allowed(name: str) -> bool:
    """Whether no word of `name` is held out."""
    words = re.findall(r"\w+", name.lower())
    return not any(w in HELD_OUT for w in words) and name.lower() not in HELD_PAIRS


def _ascii(name: str) -> str:
    return "".join(c for c in unicodedata.normalize("NFKD", name) if not unicodedata.combining(c))


def _faker(locale: str) -> tuple[list[str], list[str]]:
    """First and last names of a Faker locale, where it has them in Latin letters."""
    try:
        provider = importlib.import_module(f"faker.providers.person.{locale}").Provider
    except ImportError:
        return [], []
    first: list[str] = []
    last: list[str] = []
    for attr in sorted(dir(provider)):
        value = getattr(provider, attr)
        named = "names" in attr and "language" not in attr and "format" not in attr
        if not named or not isinstance(value, (list, tuple, dict)):
            continue
        got = [_ascii(n) for n in value if isinstance(n, str)]
        got = [n for n in got if re.fullmatch(r"[A-Za-z][A-Za-z' .-]+", n) and allowed(n)]
        (last if "last" in attr else first).extend(got)
    return sorted(set(first)), sorted(set(last))


class Names:
    """Draws people's names; `gazetteers` is a folder of one-name-a-line files or `None`."""

    def __init__(self, rng: random.Random, gazetteers: Path | None) -> None:
        self.r = rng

        def keep(names: list[str]) -> list[str]:
            return [name for name in names if allowed(name)]

        self.mm, self.mf = keep(lx.MALAY_MALE), keep(lx.MALAY_FEMALE)
        self.ml = keep(lx.MALAY_MALE)
        self.cs, self.cg = keep(lx.SURNAME_CN), keep(lx.GIVEN_CN)
        self.ind, self.indl = keep(lx.INDIAN), keep(lx.INDIAN_LAST)
        self.bor, self.west, self.word = keep(lx.BORNEO), keep(lx.WESTERN), keep(lx.WORD_NAMES)
        self.wl: list[str] = []
        first, last = _faker("en_IN")
        self.ind += first
        self.indl += last
        self.idn, self.idl = _faker("id_ID")
        for locale in _WEST:
            first, last = _faker(locale)
            self.west += first
            self.wl += last
        self.extra: list[str] = []
        if gazetteers is not None:
            self._gazetteers(gazetteers)
        self.parts = self.mm + self.mf + self.ind + self.extra + self.idn

    def _gazetteers(self, folder: Path) -> None:
        def read(name: str) -> list[str]:
            rows = (folder / f"{name}.txt").read_text(encoding="utf-8").splitlines()
            return [x.strip() for x in rows if x.strip() and allowed(x)]

        p = "faker_my_person_"
        self.mm += read(p + "firstNameMaleMalay")
        self.mf += read(p + "firstNameFemaleMalay")
        self.ml += read(p + "lastNameMalay")
        self.ind += read(p + "firstNameMaleIndian") + read(p + "firstNameFemaleIndian")
        self.indl += read(p + "lastNameIndian")
        self.west += read(p + "firstNameMaleChristian") + read(p + "firstNameFemaleChristian")
        for whole in read("my_election_candidate_names_cc0"):  # parts only, never a whole name
            head = re.split(r"\s(?:bin|binti|bte|a/l|a/p|anak)\s", whole, flags=re.IGNORECASE)
            for part in head:
                words = [w for w in part.split() if len(w) > 2 and w.isalpha()]
                if words:
                    self.extra.append(self.r.choice(words).capitalize())

    def chinese_given(self) -> str:
        """Return a two-syllable given name that is not one of the benchmark's."""
        while True:
            name = f"{self.r.choice(self.cg)} {self.r.choice(self.cg)}"
            if name.lower() not in HELD_PAIRS:
                return name

    def _blend(self) -> str:
        """Return a name that nobody has: the head of one with the tail of another."""
        c = self.r.choice
        a, b = c(self.parts), c(self.parts)
        name = a[: self.r.randint(2, max(2, len(a) - 2))] + b[-self.r.randint(2, 4) :].lower()
        name = name.replace(" ", "")
        return name if allowed(name) and len(name) > 3 else c(self.mm)

    def _pet(self, name: str) -> str:
        word = re.sub(r"[^A-Za-z]", "", name.rsplit(maxsplit=1)[-1])
        if len(word) < 5:
            return name
        k = self.r.random()
        if k < 0.4:
            return word[: self.r.randint(3, 4)]
        if k < 0.8:
            return word[-self.r.randint(3, 4) :].capitalize()
        return word[:3] + self.r.choice(["y", "ie", "i", "a", "ah"])

    def given(self) -> str:  # noqa: C901 - a table of shares, read top to bottom
        """How somebody is called: one given name or a pet name."""
        c, k = self.r.choice, self.r.random()
        if k < 0.19:
            return c(self.mm)
        if k < 0.38:
            return c(self.mf)
        if k < 0.46:
            return c(self.extra or self.mm)
        if k < 0.57:
            return c(self.west)
        if k < 0.68:
            return c(self.ind)
        if k < 0.75:
            return self.chinese_given()
        if k < 0.78:
            return c(["Ah ", "Xiao ", "A "]) + c(self.cg)
        if k < 0.80:
            return c(self.cs)
        if k < 0.82:
            return c(self.bor)
        if k < 0.85:
            return c(self.idn)
        if k < 0.89:
            return self.common()
        if k < 0.95:
            return self._blend()
        return self._pet(c(self.parts))

    def common(self) -> str:
        """Return a name that is also an ordinary word."""
        return self.r.choice(self.word)

    def called(self, full: str) -> str:
        """Return how somebody with a full name is called."""
        words = [w for w in re.split(r"[\s.]+", full) if len(w) > 2 and w.lower() not in _LINKS]
        if not words or self.r.random() < 0.1:
            return self.given()
        front = [w for w in words[:-1] if w.lower() not in _FRONTS] or words
        return self._pet(front[0]) if self.r.random() < 0.2 else front[0]

    def full(self) -> str:
        """Return a whole name as in a document."""
        c, k = self.r.choice, self.r.random()
        if k < 0.22:
            front = c(
                [
                    "",
                    "",
                    "Muhammad ",
                    "Mohd ",
                    "Ahmad ",
                    "Mohamad ",
                    "Wan ",
                    "Syed ",
                    "Nik ",
                    "Tengku ",
                    "Md ",
                ]
            )
            tail = c(["", "", " " + c(self.ml)])
            return (
                front
                + c(self.mm)
                + c(["", " " + c(self.mm)])
                + c([" bin ", " bin ", " b. ", " "])
                + c(self.ml)
                + tail
            )
        if k < 0.44:
            front = c(
                ["", "", "Nur ", "Siti ", "Noor ", "Wan ", "Sharifah ", "Nik ", "Che ", "Puteri "]
            )
            link = c([" binti ", " binti ", " binte ", " bte ", " bt ", " "])
            return (
                front
                + c(self.mf)
                + c(["", " " + c(self.mf)])
                + link
                + c(self.ml)
                + c(["", "", " " + c(self.ml)])
            )
        if k < 0.58:
            return f"{c(self.cs)} {self.chinese_given()}"
        if k < 0.64:
            return f"{c(self.west)} {c(self.cs)}" + c(["", " " + self.chinese_given()])
        if k < 0.76:
            link = c(
                [
                    " a/l ",
                    " a/p ",
                    " anak lelaki ",
                    " anak perempuan ",
                    " a l ",
                    " a p ",
                    " ",
                    " s/o ",
                    " d/o ",
                ]
            )
            return c(self.ind) + link + c(self.indl)
        if k < 0.79:
            return c(self.ind) + c(
                [" Singh", " Kaur", " Singh " + c(self.indl), " Kaur " + c(self.indl)]
            )
        if k < 0.83:
            return c(self.bor + self.west) + c([" anak ", " ak ", " ", " bin "]) + c(self.bor)
        if k < 0.86:
            return f"{c(self.idn)} {c(self.idl)}"
        if k < 0.97:
            return (
                c(self.west + self.word)
                + c(["", "", f" {c('ABCDEFGHJKLMNPRST')}.", " " + c(self.west)])
                + " "
                + c(self.wl)
            )
        return f"{self._blend()} {self._blend()}"
