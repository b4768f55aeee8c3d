# SPDX-License-Identifier: Apache-2.0
"""YAML that people write, read as it is written, with the line of everything in it.

YAML 1.1 makes 8 of `010`, false of `no`, 750 of `12:30` and a day of `2026-01-02`, and takes the
last of two equal keys in silence. Here a plain word is that text, and the field that it is for says
whether it is a number; nothing but an empty value, `~` and `null` stands for nothing. A key that is
there twice, references (which make a small file huge), tags and deep nesting are refused.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any, TypeVar

import yaml
from pydantic import ValidationError

from services.common.records import MakeError, Record, field_names
from services.common.wording import nearest

Path = tuple[str | int, ...]
"""Keys and positions on the way to a value."""

_MOST_DEPTH = 16
_NULL = "tag:yaml.org,2002:null"
_TEXT = "tag:yaml.org,2002:str"
# What may be shown of a key that is no field: it has the form of one, and is nobody's name.
_FIELD_LIKE = re.compile(r"[a-z][a-z0-9_-]{0,39}")
_UNKNOWN = {"extra_forbidden", "invalid_key"}

Model = TypeVar("Model", bound=Record)


class YamlFault(Exception):
    """A text that is no such YAML: what is wrong, and in which line; 0 where none is known."""

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line

    def __str__(self) -> str:
        """Say it in a line of text."""
        text = str(self.args[0])
        return f"line {self.line}: {text}" if self.line else text


@dataclass(frozen=True)
class YamlDocument:
    """The values of a document: mappings, lists, texts and None; `lines` by the way to each."""

    content: object
    lines: Mapping[Path, int]

    def validate(self, model: type[Model], what: str, error: MakeError, *, most: int = 5) -> Model:
        """Return the document as a record; a field of another type than text converts its text.

        Raises what `error` makes, with the first `most` faults by line and field, and the field
        that an unknown one may be meant for.
        """
        try:
            return model.model_validate(self.content)
        except ValidationError as fault:
            told = zip(
                model.faults(fault),
                fault.errors(include_input=False, include_url=False),
                strict=True,
            )
            texts = [self._describe(model, text, one) for text, one in list(told)[:most]]
            raise error(f"{what}: {'; '.join(texts)}") from None

    def _describe(self, model: type[Record], text: str, fault: Any) -> str:
        place: Path = fault["loc"]
        if fault["type"] in _UNKNOWN and place:
            name = str(place[-1])
            if _FIELD_LIKE.fullmatch(name):
                text = text.replace("?", name, 1)
            near = nearest(name[:40], sorted(field_names(model)))
            text += f"; is it meant to be {near}?" if near else ""
        line = self._line(place)
        return f"line {line}: {text}" if line else text

    def _line(self, place: Path) -> int:
        """Return the line of the value, or of the nearest one around it."""
        for length in range(len(place), -1, -1):
            if place[:length] in self.lines:
                return self.lines[place[:length]]
        return 0


def read(text: str | bytes, known: Collection[str] = ()) -> YamlDocument:
    """Read one document; raises YamlFault, which shows no value.

    Of a key it shows what has the form of a field, or is one of the `known` names.
    """
    try:
        node = yaml.compose(text, _Loader)
    except YamlFault:
        raise
    except yaml.MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        raise YamlFault("this is not YAML", mark.line + 1 if mark else 0) from None
    except (yaml.YAMLError, ValueError, RecursionError):
        raise YamlFault("this is not YAML", 0) from None
    lines: dict[Path, int] = {}
    return YamlDocument(_value(node, (), lines, known) if node else None, lines)


class _Loader(yaml.SafeLoader):
    """Composes nodes; every plain word is a text, but for what stands for nothing."""

    depth = 0

    def compose_node(self, parent: yaml.Node | None, index: object) -> yaml.Node | None:
        event = self.peek_event()  # type: ignore[no-untyped-call] # its own gap
        if self.check_event(yaml.AliasEvent):
            raise YamlFault(
                "a reference (*) stands here; write out what it refers to", _line(event)
            )
        if self.depth == _MOST_DEPTH:
            raise YamlFault("this is nested deeper than anything that people write", _line(event))
        self.depth += 1
        try:
            return super().compose_node(parent, index)  # type: ignore[arg-type] # its stub says int
        finally:
            self.depth -= 1


# By the first sign of a word: the library looks no further for what it could stand for.
_Loader.yaml_implicit_resolvers = {
    first: [(_NULL, re.compile(r"^(?:~|null|Null|NULL|)$"))] for first in ("~", "n", "N", "")
}


def _value(node: yaml.Node, place: Path, lines: dict[Path, int], known: Collection[str]) -> object:
    lines.setdefault(place, _line(node))
    if isinstance(node, yaml.ScalarNode):
        if node.tag == _NULL:
            return None
        if node.tag != _TEXT:
            raise YamlFault("a tag (!) stands here; write the value alone", _line(node))
        return _text(node)
    if isinstance(node, yaml.SequenceNode) and node.tag.endswith(":seq"):
        return [
            _value(one, (*place, number), lines, known) for number, one in enumerate(node.value)
        ]
    if not isinstance(node, yaml.MappingNode) or not node.tag.endswith(":map"):
        raise YamlFault("a tag (!) stands here; write the value alone", _line(node))
    found: dict[str, object] = {}
    for key, inner in node.value:
        if not isinstance(key, yaml.ScalarNode):
            raise YamlFault("a list or a mapping stands in the place of a field's name", _line(key))
        name = _text(key)
        way = (*place, name)
        if name in found:
            is_ours = name in known or _FIELD_LIKE.fullmatch(name)
            shown = f"field {name}" if is_ours else "a field"
            raise YamlFault(f"{shown} is there again, after line {lines[way]}", _line(key))
        lines[way] = _line(key)
        found[name] = _value(inner, way, lines, known)
    return found


def _text(node: yaml.ScalarNode) -> str:
    text = str(node.value)
    if not text.isprintable() and any("\ud800" <= sign <= "\udfff" for sign in text):
        raise YamlFault("half a character stands here", _line(node))
    return text


def _line(of: Any) -> int:
    return int(of.start_mark.line) + 1
