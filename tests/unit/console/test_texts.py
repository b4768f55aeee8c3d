# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ast
import re
import tomllib
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from jinja2 import nodes

from services.audit_client.withdrawal import KIND_WORDS
from services.console.domain.review_keys import COMMANDS
from services.console.pages import (
    copy_words,
    entry_rows,
    quality_texts,
    releases,
    reveals,
    study_changes,
)
from services.console.web import error_pages, language, navigation, templates
from services.release_client.review_places import REASONS

ROOT = Path(__file__).resolve().parents[3] / "services" / "console"
TEMPLATES = sorted(templates.TEMPLATES.rglob("*.html"))
PLACES = re.compile(r"\{[a-z_]*\}")
#: Calls that take English texts: the place of each among the arguments.
TAKES = {"t": (0,), "say": (0,), "t_count": (1, 2), "say_count": (1, 2)}
#: Attributes that people read or hear.
READ = re.compile(r'\b(?:aria-label|title|alt|placeholder)="([^"]*)"')
#: Where facts of the installation are made: calls that make one, names of texts for them.
UPKEEP = ROOT.parent / "upkeep_client"
SHOWS = {"Fact", "_last"}
TEXTS = {"text", "_ALONE", "_ENDS_ALONE", "_RENEW", "_DO_IT"}
#: What is the same in both languages.
SAME = {"Sotto", "UTC", "·"}


def _name(path: Path) -> str:
    return str(path.relative_to(templates.TEMPLATES))


def of_templates() -> Iterator[str]:
    """Yield each text that a template shows by `t`."""
    for path in TEMPLATES:
        tree = templates.environment().parse(path.read_text("utf-8"))
        for call in tree.find_all(nodes.Call):
            name = call.node.name if isinstance(call.node, nodes.Name) else ""
            for at in TAKES.get(name, ()):
                if isinstance(call.args[at], nodes.Const):
                    yield call.args[at].value


def of_pages() -> Iterator[str]:
    """Yield each text that a page of ours says."""
    for path in sorted(ROOT.rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if not isinstance(node, ast.Call):
                continue
            called = node.func
            name = called.attr if isinstance(called, ast.Attribute) else getattr(called, "id", "")
            for at in TAKES.get(name, ()):
                if len(node.args) > at and isinstance(node.args[at], ast.Constant):
                    yield str(node.args[at].value)  # type: ignore[attr-defined]


def of_tables() -> Iterator[str]:
    """Yield each text that stands in a table of ours and is said from there."""
    yield from (place.name for place in navigation.PLACES)
    yield from (*error_pages.TITLES.values(), error_pages.DEFECT)
    yield from (text for _, text in (*entry_rows.KINDS, *entry_rows.OUTCOMES))
    yield from KIND_WORDS.values()
    for name, _, meaning in quality_texts.STATES.values():
        yield from (name, meaning)
    yield from (*reveals.REASONS.values(), *(name for name, _ in reveals.STATES.values()))
    yield from quality_texts.LACKS.values()
    yield from study_changes.LABELS.values()
    yield from (*releases.FORMATS.values(), *releases.STYLES.values())
    yield from (*releases.UNSAID.values(), *copy_words.PURPOSES.values())
    yield from copy_words.NOTICES.values()
    yield from (*REASONS.values(), *(one.meaning for one in COMMANDS))
    yield from of_upkeep()


def of_upkeep() -> Iterator[str]:
    """Yield each text of a fact of the installation: all that is not one word of a program."""
    for path in sorted(UPKEEP.glob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and getattr(node.func, "id", "") in SHOWS:
                named = [one.value for one in node.keywords if one.arg in {"name", "advice"}]
                for one in (*node.args[:2], *node.args[4:], *named):
                    yield from _said(one)
            elif isinstance(node, ast.Assign) and getattr(node.targets[0], "id", "") in TEXTS:
                yield from _said(node.value)


def _said(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.IfExp):
        yield from (*_said(node.body), *_said(node.orelse))
    elif isinstance(node, ast.Constant) and isinstance(node.value, str) and node.value:
        yield node.value


def needed() -> set[str]:
    """Return each English text that has to have a Malay one."""
    return {*of_templates(), *of_pages(), *of_tables()}


class TestMalay:
    def test_every_text_has_one(self) -> None:
        """No page falls back into English in the middle."""
        assert sorted(needed() - set(language.texts("ms"))) == []

    def test_no_text_stands_twice(self) -> None:
        """Two families of pages say the same thing once, in one of their files."""
        files = sorted((language.FOLDER / "ms").glob("*.toml"))
        found = Counter(key for path in files for key in tomllib.loads(path.read_text("utf-8")))
        assert [key for key, count in found.items() if count > 1] == []

    def test_places_are_the_same(self) -> None:
        """What is put into a text is put into both."""
        for english, malay in language.texts("ms").items():
            assert sorted(PLACES.findall(english)) == sorted(PLACES.findall(malay)), english


class TestTemplates:
    @pytest.mark.parametrize("path", TEMPLATES, ids=_name)
    def test_every_text_passes_the_language(self, path: Path) -> None:
        """Nothing that people read stands in a template but within `t`."""
        source = path.read_text("utf-8")
        tokens = templates.environment().lex(source)
        # What a tag of Jinja puts in stands as a blank; within a tag of HTML it is no text.
        page = "".join(text if kind == "data" else " " for _, kind, text in tokens)
        shown = re.sub(r"<!--.*?-->|<[^>]*>", " ", page, flags=re.DOTALL)
        assert set(re.findall(r"[A-Za-z]{2,}", shown)) <= SAME
        for text in READ.findall(source):
            assert "{{" in text or not re.search(r"[A-Za-z]{2,}", text), text

    @pytest.mark.parametrize("path", TEMPLATES, ids=_name)
    def test_nothing_that_the_policy_forbids(self, path: Path) -> None:
        """No script or style in a page, and nothing of htmx that needs `eval` or fails without."""
        source = path.read_text("utf-8")
        assert not re.search(r"<script(?![^>]*\bsrc=)", source)
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", source)
        assert not re.search(r"hx-on|hx-vals=.js:|hx-trigger=\"[^\"]*\[|\|\s*safe\b", source)
