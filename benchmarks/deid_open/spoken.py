# SPDX-License-Identifier: Apache-2.0
"""How numbers, letters and addresses are said aloud in English, Malay and both."""

from __future__ import annotations

import random

_EN = ["zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"]
_MS = ["kosong", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "lapan", "sembilan"]
_LETTERS = dict(
    zip(
        "abcdefghijklmnopqrstuvwxyz",
        [
            "ay",
            "bee",
            "see",
            "dee",
            "ee",
            "ef",
            "jee",
            "aitch",
            "eye",
            "jay",
            "kay",
            "el",
            "em",
            "en",
            "oh",
            "pee",
            "kew",
            "ar",
            "es",
            "tee",
            "you",
            "vee",
            "double-you",
            "ex",
            "why",
            "zed",
        ],
        strict=True,
    )
)
_MONTHS_EN = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
]
_MONTHS_MS = [
    "Januari",
    "Februari",
    "Mac",
    "April",
    "Mei",
    "Jun",
    "Julai",
    "Ogos",
    "September",
    "Oktober",
    "November",
    "Disember",
]
_ORDINALS = [
    "first",
    "second",
    "third",
    "fourth",
    "fifth",
    "sixth",
    "seventh",
    "eighth",
    "ninth",
    "tenth",
    "eleventh",
    "twelfth",
    "thirteenth",
    "fourteenth",
    "fifteenth",
    "sixteenth",
    "seventeenth",
    "eighteenth",
    "nineteenth",
    "twentieth",
    "twenty-first",
    "twenty-second",
    "twenty-third",
    "twenty-fourth",
    "twenty-fifth",
    "twenty-sixth",
    "twenty-seventh",
    "twenty-eighth",
]
_TEENS = [
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
]
_TENS = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]


def digits(value: str, how: str, rng: random.Random) -> str:
    """Digits of `value` as words; `how` is `en`, `ms` or `mix`; letters stay letters."""
    out: list[str] = []
    flat = [c for c in value if c.isalnum()]
    i = 0
    while i < len(flat):
        c = flat[i]
        lang = how if how != "mix" else rng.choice(["en", "ms"])
        if not c.isdigit():
            out.append(c)
        elif i + 1 < len(flat) and flat[i + 1] == c and lang == "en" and rng.random() < 0.6:
            out.append("double " + _digit(c, lang, rng))
            i += 1
        else:
            out.append(_digit(c, lang, rng))
        i += 1
        if len(out) % 4 == 0 and i < len(flat) and rng.random() < 0.25:
            out[-1] += ","
    return " ".join(out)


def _digit(c: str, lang: str, rng: random.Random) -> str:
    if lang == "ms":
        return "sifar" if c == "0" and rng.random() < 0.15 else _MS[int(c)]
    return "oh" if c == "0" and rng.random() < 0.5 else _EN[int(c)]


def spell(name: str, rng: random.Random) -> str:
    """Return the first word of a name, letter by letter, in one of three ways."""
    word = [c for c in name.split(maxsplit=1)[0] if c.isalpha()]
    way = rng.randrange(3)
    if way == 0:
        return "-".join(c.upper() for c in word)
    if way == 1:
        return " ".join(c.upper() for c in word)
    return ", ".join(_LETTERS.get(c.lower(), c) for c in word)


def number_en(n: int) -> str:
    """0-99 in English words."""
    if n < 10:
        return _EN[n]
    if n < 20:
        return _TEENS[n - 10]
    return _TENS[n // 10 - 2] + ("" if n % 10 == 0 else "-" + _EN[n % 10])


def number_ms(n: int) -> str:
    """0-99 in Malay words."""
    if n < 10:
        return _MS[n]
    if n == 10:
        return "sepuluh"
    if n == 11:
        return "sebelas"
    if n < 20:
        return _MS[n - 10] + " belas"
    return _MS[n // 10] + " puluh" + ("" if n % 10 == 0 else " " + _MS[n % 10])


def year_words(year: int, lang: str) -> str:
    """Return a year as it is said."""
    if lang == "ms":
        if year >= 2000:
            return "dua ribu" + ("" if year == 2000 else " " + number_ms(year - 2000))
        return "sembilan belas " + number_ms(year - 1900)
    if year >= 2010:
        return "twenty " + number_en(year - 2000)
    if year >= 2000:
        return "two thousand" + ("" if year == 2000 else " and " + number_en(year - 2000))
    return "nineteen " + number_en(year - 1900)


def date(day: int, month: int, year: int, lang: str, rng: random.Random) -> str:
    """Return a full date, written or spoken."""
    names = _MONTHS_MS if lang == "ms" else _MONTHS_EN
    name = names[month - 1]
    way = rng.randrange(5)
    if way == 0:
        return f"{day}/{month}/{year}"
    if lang == "ms":
        if way == 1:
            return f"{number_ms(day)} haribulan {number_ms(month)} {year_words(year, lang)}"
        if way == 2:
            return f"{day} haribulan {name}"
        return f"{day} {name} {year}" if way == 3 else f"{number_ms(day)} {name}"
    if way == 1:
        return f"{_ORDINALS[day - 1]} of {name} {year_words(year, lang)}"
    if way == 2:
        return f"{name} {_ORDINALS[day - 1]}"
    return f"{day} {name} {year}" if way == 3 else f"{name} {day}, {year}"


def month_year(month: int, year: int, lang: str, rng: random.Random) -> str:
    """Return a month with its year."""
    name = (_MONTHS_MS if lang == "ms" else _MONTHS_EN)[month - 1]
    return f"{name} {year}" if rng.random() < 0.6 else f"{name} {year_words(year, lang)}"
