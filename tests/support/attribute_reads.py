# SPDX-License-Identifier: Apache-2.0
"""Which attributes of which classes the product's code reads, found from its syntax trees.

A small type inference: it follows annotations, constructors, return types, loops and assignments,
and takes a container for what it holds. It has no need to be complete: what it misses shows as an
attribute that nobody reads, and the code there wants an annotation anyway.
"""

from __future__ import annotations

import ast
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.audit import REPOSITORY

_PASSES = 4  # a chain of attributes that are set from each other is never longer
_SELF = "Self"
_COPIES = {"sorted", "list", "tuple", "set", "iter", "next", "enumerate", "zip", "reversed", "dict"}

Types = frozenset[str]
"""Classes, each as "module:Class", and for a class itself "type module:Class"."""

NONE: Types = frozenset()


@dataclass
class _Class:
    name: str
    bases: list[str] = field(default_factory=list)
    attributes: dict[str, Types] = field(default_factory=lambda: defaultdict(frozenset))
    methods: dict[str, Types] = field(default_factory=dict)


@dataclass
class _Module:
    name: str
    tree: ast.Module
    is_product: bool
    imports: dict[str, str] = field(default_factory=dict)  # local name: "module" or "module:name"


@dataclass(frozen=True, slots=True)
class Read:
    """A place where an attribute is read."""

    owner: str
    attribute: str
    module: str
    function: str


class Code:
    """The product's code and the stubs of its contracts."""

    def __init__(
        self, root: Path = REPOSITORY, folders: Sequence[str] = ("services", "flows")
    ) -> None:
        self._modules = [*_modules(root, folders), *_stubs(root / "protos")]
        self._imports = {module.name: module.imports for module in self._modules}
        self._classes: dict[str, _Class] = {}
        self._functions: dict[str, Types] = {}
        for module in self._modules:
            self._declare(module)
        for module in self._modules:
            self._annotate(module)
        self.reads: set[Read] = set()
        for _ in range(_PASSES):
            self.reads = set()
            for module in self._modules:
                if module.is_product:
                    _Walk(self, module).visit(module.tree)

    @property
    def trees(self) -> Iterator[tuple[str, ast.Module]]:
        """The product's modules by name, with their syntax trees."""
        return ((one.name, one.tree) for one in self._modules if one.is_product)

    def owners(self, attribute: str) -> set[str]:
        """Return the classes of which an attribute is read anywhere."""
        return {read.owner for read in self.reads if read.attribute == attribute}

    def _declare(self, module: _Module) -> None:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.Import):
                for alias in node.names:
                    module.imports[alias.asname or alias.name] = alias.name
            elif isinstance(node, ast.ImportFrom) and node.module:
                for alias in node.names:
                    module.imports[alias.asname or alias.name] = f"{node.module}:{alias.name}"
            elif isinstance(node, ast.ClassDef):
                name = f"{module.name}:{node.name}"
                self._classes[name] = _Class(name)

    def _annotate(self, module: _Module) -> None:
        for node in ast.walk(module.tree):
            if isinstance(node, ast.FunctionDef):
                self._functions[f"{module.name}:{node.name}"] = self.annotation(
                    module, node.returns
                )
            elif isinstance(node, ast.ClassDef):
                self._annotate_class(module, node)

    def _annotate_class(self, module: _Module, node: ast.ClassDef) -> None:
        found = self._classes[f"{module.name}:{node.name}"]
        found.bases = [
            name for base in node.bases if (name := self.resolve(module, base)) in self._classes
        ]
        for part in node.body:
            if isinstance(part, ast.AnnAssign) and isinstance(part.target, ast.Name):
                found.attributes[part.target.id] = self.annotation(module, part.annotation)
            elif isinstance(part, ast.FunctionDef):
                returned = self.annotation(module, part.returns)
                if part.returns is not None and "Self" in ast.unparse(part.returns):
                    returned |= {_SELF}
                if any("property" in ast.unparse(one) for one in part.decorator_list):
                    found.attributes[part.name] = returned
                else:
                    found.methods[part.name] = returned

    def resolve(self, module: _Module, node: ast.expr) -> str:
        """Return the full name of what a name or a dotted name stands for; empty where unknown."""
        if isinstance(node, ast.Name):
            own = f"{module.name}:{node.id}"
            if own in self._classes or own in self._functions:
                return own
            return self._follow(module.imports.get(node.id, ""))
        if isinstance(node, ast.Attribute):
            base = self.resolve(module, node.value)
            return self._follow(f"{base.replace(':', '.')}:{node.attr}") if base else ""
        return ""

    def _follow(self, name: str) -> str:
        """Return a name as its own module has it, through modules that only pass it on."""
        seen = {""}
        while name not in self._classes and name not in self._functions and name not in seen:
            seen.add(name)
            module, _, last = name.partition(":")
            if last and module in self._imports:
                name = self._imports[module].get(last, name)
        return name

    def annotation(self, module: _Module, node: ast.expr | None) -> Types:
        """Return the classes that an annotation names, anywhere in it."""
        if node is None:
            return NONE
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            try:
                node = ast.parse(node.value, mode="eval").body
            except SyntaxError:
                return NONE
        names = (one for one in ast.walk(node) if isinstance(one, ast.Name | ast.Attribute))
        return frozenset(
            name for one in names if (name := self.resolve(module, one)) in self._classes
        )

    def owner_of(self, name: str, attribute: str) -> str:
        """Return the first of a class and its bases that declared an attribute; empty for none."""
        found = self._classes[name]
        owners = (owner for base in found.bases if (owner := self.owner_of(base, attribute)))
        return next(owners, name if attribute in found.attributes else "")

    def attribute(self, name: str, attribute: str) -> Types:
        """Return the types of a class's attribute."""
        found = self._classes[name]
        own = found.attributes.get(attribute, NONE)
        return own.union(*(self.attribute(base, attribute) for base in found.bases))

    def set_attribute(self, name: str, attribute: str, types: Types) -> None:
        """Note that an attribute of a class may hold these types."""
        self._classes[name].attributes[attribute] |= types

    def method(self, name: str, method: str) -> Types | None:
        """Return what a method returns; None where the class has none of that name."""
        found = self._inherited(name, method)
        return None if found is None else frozenset(name if one == _SELF else one for one in found)

    def _inherited(self, name: str, method: str) -> Types | None:
        found = self._classes[name]
        if method in found.methods:
            return found.methods[method]
        returned = (self._inherited(base, method) for base in found.bases)
        return next((one for one in returned if one is not None), None)

    def function(self, name: str) -> Types:
        """Return what a function returns."""
        return self._functions.get(name, NONE)

    def is_class(self, name: str) -> bool:
        """Return whether a name is that of a class."""
        return name in self._classes


class _Walk(ast.NodeVisitor):
    """Walks one module with what is known of its names."""

    def __init__(self, code: Code, module: _Module) -> None:
        self._code = code
        self._module = module
        self._scopes: list[dict[str, Types]] = [{}]
        self._class = ""
        self._function = ""

    def visit_ClassDef(self, node: ast.ClassDef) -> None:
        """Walk a class; its methods know it as the type of their first parameter."""
        before, self._class = self._class, f"{self._module.name}:{node.name}"
        self.generic_visit(node)
        self._class = before

    def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
        """Walk a function in a scope of its own, twice, for names that are set further down."""
        function, owner = self._function, self._class
        self._function = node.name
        scope: dict[str, Types] = {}
        arguments = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs]
        for argument in arguments:
            scope[argument.arg] = self._code.annotation(self._module, argument.annotation)
        if owner and arguments:
            is_of_class = any("classmethod" in ast.unparse(one) for one in node.decorator_list)
            scope[arguments[0].arg] = frozenset({f"type {owner}" if is_of_class else owner})
        self._scopes.append(scope)
        self._class = ""
        for _ in range(2):
            for part in node.body:
                self.visit(part)
        self._scopes.pop()
        self._function, self._class = function, owner

    def visit_Lambda(self, node: ast.Lambda) -> None:
        """Walk a lambda; `visit_Call` gives its parameters types."""
        self._scopes.append({one.arg: NONE for one in node.args.args})
        self.visit(node.body)
        self._scopes.pop()

    def visit_Call(self, node: ast.Call) -> None:
        """Walk a call; a lambda in it may be given what the other arguments hold."""
        others = [one for one in node.args if not isinstance(one, ast.Lambda)]
        given = frozenset().union(*(self._types(one) for one in others)) if others else NONE
        self.visit(node.func)
        for argument in (*node.args, *(one.value for one in node.keywords)):
            if isinstance(argument, ast.Lambda):
                self._scopes.append({one.arg: given for one in argument.args.args})
                self.visit(argument.body)
                self._scopes.pop()
            else:
                self.visit(argument)

    def visit_Assign(self, node: ast.Assign) -> None:
        """Give names what is assigned to them."""
        self.visit(node.value)
        for target in node.targets:
            self._bind(target, self._types(node.value))

    def visit_AnnAssign(self, node: ast.AnnAssign) -> None:
        """Give a name its annotation."""
        if node.value is not None:
            self.visit(node.value)
        self._bind(node.target, self._code.annotation(self._module, node.annotation))

    def visit_NamedExpr(self, node: ast.NamedExpr) -> None:
        """Give a name what is assigned to it in an expression."""
        self.visit(node.value)
        self._bind(node.target, self._types(node.value))

    def visit_For(self, node: ast.For) -> None:
        """Give the names of a loop what is looped over."""
        self._bind(node.target, self._types(node.iter))
        self.generic_visit(node)

    def visit_With(self, node: ast.With) -> None:
        """Give the name of a context what its manager returns."""
        for item in node.items:
            if item.optional_vars is not None:
                self._bind(item.optional_vars, self._types(item.context_expr))
        self.generic_visit(node)

    def generic_visit(self, node: ast.AST) -> None:
        """Walk a node; a comprehension has a scope of its own."""
        if not isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            super().generic_visit(node)
            return
        self._scopes.append({})
        for generator in node.generators:
            self._bind(generator.target, self._types(generator.iter))
        super().generic_visit(node)
        self._scopes.pop()

    def visit_Attribute(self, node: ast.Attribute) -> None:
        """Note which class an attribute is read of."""
        if isinstance(node.ctx, ast.Load):
            for name in self._types(node.value):
                owner = self._code.owner_of(name.removeprefix("type "), node.attr)
                if owner:
                    self._code.reads.add(Read(owner, node.attr, self._module.name, self._function))
        self.generic_visit(node)

    def _bind(self, target: ast.expr, types: Types) -> None:
        if isinstance(target, ast.Name):
            scope = self._scopes[-1]
            scope[target.id] = scope.get(target.id, NONE) | types
        elif isinstance(target, ast.Attribute):
            for name in self._types(target.value):
                if self._code.is_class(name):
                    self._code.set_attribute(name, target.attr, types)
        elif isinstance(target, ast.Tuple | ast.List):
            for part in target.elts:
                self._bind(part, types)
        elif isinstance(target, ast.Starred):
            self._bind(target.value, types)

    def _types(self, node: ast.expr) -> Types:
        match node:
            case ast.Name():
                return self._of_name(node)
            case ast.Attribute():
                return self._of_attribute(node)
            case ast.Call():
                return self._of_call(node)
            case ast.Subscript() | ast.Starred() | ast.NamedExpr():
                return self._types(node.value)
            case ast.ListComp() | ast.SetComp() | ast.GeneratorExp():
                return self._of_comprehension(node.elt, node.generators)
            case ast.DictComp():
                return self._of_comprehension(node.value, node.generators)
        return self._union(_parts(node))

    def _union(self, nodes: Iterable[ast.expr]) -> Types:
        return frozenset().union(*(self._types(node) for node in nodes))

    def _of_comprehension(self, element: ast.expr, generators: list[ast.comprehension]) -> Types:
        self._scopes.append({})
        for generator in generators:
            self._bind(generator.target, self._types(generator.iter))
        found = self._types(element)
        self._scopes.pop()
        return found

    def _of_name(self, node: ast.Name) -> Types:
        for scope in reversed(self._scopes):
            if node.id in scope:
                return scope[node.id]
        name = self._code.resolve(self._module, node)
        return frozenset({f"type {name}"}) if self._code.is_class(name) else NONE

    def _of_attribute(self, node: ast.Attribute) -> Types:
        found = [
            self._code.attribute(name.removeprefix("type "), node.attr)
            for name in self._types(node.value)
        ]
        if any(found):
            return frozenset().union(*found)
        name = self._code.resolve(self._module, node)
        return frozenset({f"type {name}"}) if self._code.is_class(name) else NONE

    def _of_call(self, node: ast.Call) -> Types:
        called = self._types(node.func)
        made = {one.removeprefix("type ") for one in called if one.startswith("type ")}
        if made:
            return frozenset(made)
        if isinstance(node.func, ast.Attribute):
            bases = self._types(node.func.value)
            returned = [
                types
                for name in bases
                if (types := self._code.method(name.removeprefix("type "), node.func.attr))
                is not None
            ]
            if returned:
                return frozenset().union(*returned)
            if bases and not called:
                # A method of a container, such as `values` or `get`.
                return frozenset(name for name in bases if not name.startswith("type "))
        if isinstance(node.func, ast.Name) and node.func.id in _COPIES:
            return self._union(node.args)
        return called or self._code.function(self._code.resolve(self._module, node.func))


def _parts(node: ast.expr) -> list[ast.expr]:
    """Return the parts of an expression of which it may be, or may hold, any."""
    match node:
        case ast.BoolOp() | ast.Dict():
            return node.values
        case ast.BinOp():
            return [node.left, node.right]
        case ast.IfExp():
            return [node.body, node.orelse]
        case ast.List() | ast.Tuple() | ast.Set():
            return node.elts
    return []


def _modules(root: Path, folders: Sequence[str]) -> Iterator[_Module]:
    for folder in folders:
        for path in sorted((root / folder).rglob("*.py")):
            yield _Module(_name(path, root), ast.parse(path.read_text("utf-8")), True)


def _stubs(root: Path) -> Iterator[_Module]:
    for path in sorted((root / "sotto").rglob("*.pyi")):
        yield _Module(_name(path, root), ast.parse(path.read_text("utf-8")), False)


def _name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
