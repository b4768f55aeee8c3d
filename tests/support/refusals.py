# SPDX-License-Identifier: Apache-2.0
"""Every text with which the code refuses something, read out of the code itself.

A text is what is given to an error of `services/common/errors.py`. What an f-string puts in stands
as a {hole}, named after the expression, unless the code says which texts may stand there: then
each of them makes a text of its own.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2] / "services"
_BASE = "SottoError"
_HOLE = re.compile(r"\{[A-Za-z_0-9]*\}")
# Methods of texts that change no word.
_SAME_WORDS = {"rstrip", "strip", "capitalize", "lower", "removeprefix", "removesuffix"}
_MOST_DEEP = 6


@dataclass(frozen=True, slots=True)
class Refusal:
    """A text with holes, the kind of error that says it, and where."""

    text: str
    kind: str
    path: str
    line: int
    function: str

    @property
    def shape(self) -> str:
        """The text whose holes have no names."""
        return shape_of(self.text)


def shape_of(text: str) -> str:
    """Return a text whose holes have no names."""
    return _HOLE.sub("{}", text)


class _Module:
    """What is read of a file: functions, constants, calls, and the function around a node."""

    def __init__(self, path: str) -> None:
        self.path = path
        self.functions: dict[str, list[ast.FunctionDef]] = {}
        self.constants: dict[str, ast.expr] = {}
        self.classes: dict[str, ast.ClassDef] = {}
        self.owner: dict[ast.AST, ast.FunctionDef | None] = {}
        self.calls: list[ast.Call] = []
        #: What names stand for in a function: assigned there, or going through something.
        self.assigned: dict[tuple[ast.FunctionDef | None, str], list[ast.expr | None]] = {}
        tree = ast.parse((ROOT / path).read_text("utf-8"))
        for node in tree.body:
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                self.constants[node.targets[0].id] = node.value
            elif isinstance(node, ast.AnnAssign) and node.value is not None:
                self.constants[_name(node.target)] = node.value
        self._visit(tree, None)

    def _visit(self, node: ast.AST, owner: ast.FunctionDef | None) -> None:
        self.owner[node] = owner
        if isinstance(node, ast.FunctionDef):
            self.functions.setdefault(node.name, []).append(node)
            owner = node
        elif isinstance(node, ast.ClassDef):
            self.classes[node.name] = node
        elif isinstance(node, ast.Call):
            self.calls.append(node)
        else:
            self._note_assigned(node, owner)
        for name in node._fields:
            value = getattr(node, name)
            if isinstance(value, list):
                for one in value:
                    if isinstance(one, ast.AST):
                        self._visit(one, owner)
            elif isinstance(value, ast.AST) and not isinstance(value, ast.expr_context):
                self._visit(value, owner)

    def _note_assigned(self, node: ast.AST, owner: ast.FunctionDef | None) -> None:
        given: ast.expr | None = None
        targets: Sequence[ast.expr] = ()
        if isinstance(node, ast.Assign):
            given, targets = node.value, node.targets
        elif isinstance(node, ast.NamedExpr):
            given, targets = node.value, (node.target,)
        elif isinstance(node, ast.For | ast.comprehension):
            targets = (node.target,)
        for target in targets:
            self.assigned.setdefault((owner, _name(target)), []).append(given)


def _name(node: ast.AST) -> str:
    return getattr(node, "id", "") or getattr(node, "attr", "")


@cache
def _module(path: str) -> _Module:
    return _Module(path)


@cache
def _sources() -> Mapping[str, str]:
    return {
        path.relative_to(ROOT).as_posix(): path.read_text("utf-8")
        for path in sorted(ROOT.rglob("*.py"))
    }


@dataclass(frozen=True)
class _Kind:
    """A class of errors: the package that it is of, and who makes its text if not whoever calls."""

    name: str
    package: str
    module: _Module | None = None
    init: ast.FunctionDef | None = None

    @property
    def given(self) -> ast.expr | None:
        """What the class gives as text to the class that it is made from."""
        for call in ast.walk(self.init) if self.init else ():
            if isinstance(call, ast.Call) and _name(call.func) == "__init__" and call.args:
                return call.args[0]
        return None

    @property
    def message_at(self) -> int | None:
        """Which argument is the text; None where the class makes it."""
        if self.init is None or self.given is None:
            return 0
        names = [one.arg for one in self.init.args.args][1:]
        inner = self.given.func.value if _is_method(self.given) else self.given  # type: ignore[attr-defined]
        return names.index(_name(inner)) if _name(inner) in names else None


def _is_method(node: ast.expr) -> bool:
    return isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)


def _package(path: str) -> str:
    return path.partition("/")[0]


@cache
def _kinds() -> Mapping[str, Sequence[_Kind]]:
    """Return the classes of errors by their names; two packages may have the same name."""
    classes = [
        (found[1], path, re.findall(r"\w+(?=,|$)", found[2]))
        for path, source in _sources().items()
        for found in re.finditer(r"^class (\w+)\(([\w., ]+)\):", source, re.MULTILINE)
    ]
    found: dict[str, list[_Kind]] = {_BASE: [_Kind(_BASE, "common")]}
    grown = True
    while grown:
        grown = False
        for name, path, bases in classes:
            known = [kind for base in bases for kind in _of(found, base, path)]
            if not known or any(one.package == _package(path) for one in found.get(name, ())):
                continue
            made = [
                one
                for one in _module(path).classes[name].body
                if isinstance(one, ast.FunctionDef) and one.name == "__init__"
            ]
            kind = _Kind(name, _package(path), _module(path), made[0]) if made else known[0]
            found.setdefault(name, []).append(replace(kind, name=name, package=_package(path)))
            grown = True
    return found


def _of(kinds: Mapping[str, Sequence[_Kind]], name: str, path: str) -> Sequence[_Kind]:
    """Return the class that a name stands for in a file: that of its own package goes first."""
    named = kinds.get(name, ())
    return [one for one in named if one.package == _package(path)][:1] or named[:1]


class _Reader:
    """Reads texts out of expressions of a module."""

    def __init__(self, module: _Module) -> None:
        self._module = module

    def texts(self, node: ast.expr, deep: int = 0) -> Sequence[str]:
        """Return each text that an expression may give."""
        if isinstance(node, ast.Constant):
            return (str(node.value),)
        if isinstance(node, ast.JoinedStr):
            parts = [self.texts(part, deep) for part in node.values]
            return tuple("".join(one) for one in product(*parts))
        if isinstance(node, ast.FormattedValue):
            sign = "'" if node.conversion == ord("r") else ""
            return tuple(f"{sign}{text}{sign}" for text in self.texts(node.value, deep))
        if isinstance(node, ast.IfExp):
            return (*self.texts(node.body, deep), *self.texts(node.orelse, deep))
        if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Add):
            left, right = self.texts(node.left, deep), self.texts(node.right, deep)
            return tuple("".join(one) for one in product(left, right))
        if isinstance(node, ast.BoolOp) and isinstance(node.op, ast.Or):
            return tuple(text for one in node.values for text in self.texts(one, deep))
        if deep < _MOST_DEEP:
            found = [text for one in self._behind(node) for text in self.texts(one, deep + 1)]
            if found and any(not _HOLE.fullmatch(text) for text in found):
                return tuple(dict.fromkeys(found))
        return (f"{{{self._hole(node)}}}",)

    def _behind(self, node: ast.expr) -> Iterator[ast.expr]:
        """Yield the expressions of which one is what a name or a call stands for."""
        if isinstance(node, ast.Name):
            yield from self._assigned(node)
        elif isinstance(node, ast.Call):
            called = _name(node.func)
            of = getattr(node.func, "value", None)
            if of is not None and called in _SAME_WORDS and not isinstance(of, ast.Name):
                yield of
            for function in self._module.functions.get(called, ()):
                for one in ast.walk(function):
                    if isinstance(one, ast.Return) and one.value is not None:
                        yield one.value

    def _assigned(self, node: ast.Name) -> Iterator[ast.expr]:
        function = self._module.owner.get(node)
        while function is not None:
            if found := self._module.assigned.get((function, node.id)):
                yield from () if None in found else [one for one in found if one is not None]
                return
            names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
            if node.id in (*names, *(one.arg for one in function.args.kwonlyargs)):
                yield from self._given(function, names, node.id)
                return
            function = self._module.owner.get(function)
        if node.id in self._module.constants:
            yield self._module.constants[node.id]

    def _given(
        self, function: ast.FunctionDef, names: Sequence[str], name: str
    ) -> Iterator[ast.expr]:
        """Yield what callers in the module give for a parameter."""
        if function.name == "__init__":
            return
        at = names.index(name) - (names[:1] == ["self"]) if name in names else -1
        for call in self._module.calls:
            if _name(call.func) != function.name:
                continue
            yield from (one.value for one in call.keywords if one.arg == name)
            if 0 <= at < len(call.args):
                yield call.args[at]

    def _hole(self, node: ast.expr) -> str:
        if isinstance(node, ast.Name | ast.Attribute):
            return _name(node).strip("_").lower() or "value"
        if isinstance(node, ast.Call):
            inner = [one for one in node.args if not isinstance(one, ast.Constant)]
            if inner:
                return self._hole(inner[0])
            return self._hole(node.func)
        if isinstance(node, ast.Subscript):
            return self._hole(node.value)
        if isinstance(node, ast.BinOp):
            return self._hole(node.left)
        return "value"


def refusals(*, without: Sequence[str] = ()) -> Iterator[Refusal]:
    """Yield each text of each place that makes an error, but in files or folders `without`."""
    makes = re.compile(rf"\b(?:{'|'.join(_kinds())})\(")
    for path, source in _sources().items():
        if path.startswith(tuple(without)) or not makes.search(source):
            continue
        module = _module(path)
        for call in module.calls:
            for kind in _of(_kinds(), _name(call.func), path):
                at = kind.message_at
                if at is not None and at < len(call.args):
                    owner = module.owner[call]
                    yield from _made(module, call.args[at], kind.name, call.lineno, owner)
    for kind in (one for named in _kinds().values() for one in named):
        if kind.module and kind.given and kind.message_at is None:
            yield from _made(kind.module, kind.given, kind.name, kind.given.lineno, kind.init)


def _made(
    module: _Module,
    given: ast.expr,
    kind: str,
    line: int,
    function: ast.FunctionDef | None,
) -> Iterator[Refusal]:
    name = function.name if function else ""
    for text in dict.fromkeys(_Reader(module).texts(given)):
        yield Refusal(text, kind, module.path, line, name)


def texts_given(called: str, *paths: str, at: int = 0) -> set[str]:
    """Return each text that files give to a function or class, as its argument number `at`.

    `paths` are of files or folders below `services`; none stand for all.
    """
    return {
        text
        for path, source in _sources().items()
        if f"{called}(" in source and (not paths or path.startswith(paths))
        for call in _module(path).calls
        if _name(call.func) == called and len(call.args) > at
        for text in _Reader(_module(path)).texts(call.args[at])
        if re.search("[a-z]{2}", shape_of(text))
    }
