# SPDX-License-Identifier: Apache-2.0
"""English and Malay: what is written in English stands for itself, its Malay in `texts/ms`."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from functools import cache
from pathlib import Path

ENGLISH = "en"
MALAY = "ms"
#: Code of each language, and what it calls itself.
LANGUAGES: Mapping[str, str] = {ENGLISH: "English", MALAY: "Bahasa Melayu"}
FOLDER = Path(__file__).resolve().parents[1] / "texts"

_CURRENT: ContextVar[str] = ContextVar("console_language", default=ENGLISH)


@cache
def texts(language: str) -> Mapping[str, str]:
    """Return the texts of a language by the English ones; none for English."""
    found: dict[str, str] = {}
    for path in sorted((FOLDER / language).glob("*.toml")):
        found |= tomllib.loads(path.read_text("utf-8"))
    return found


def current() -> str:
    """Return the language of the page that is being made."""
    return _CURRENT.get()


@contextmanager
def speaking(language: str) -> Iterator[None]:
    """Make what the block makes in a language."""
    token = _CURRENT.set(language if language in LANGUAGES else ENGLISH)
    try:
        yield
    finally:
        _CURRENT.reset(token)


def say(text: str, **values: object) -> str:
    """Return an English text in the language of the page, with values in its {places}."""
    found = texts(current()).get(text, text)
    return found.format(**values) if values else found


def say_count(count: int, one: str, many: str, **values: object) -> str:
    """Return a text for one or for many, in whose {count} the number stands."""
    return say(one if count == 1 else many, count=count, **values)
