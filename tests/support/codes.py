"""Finds the codes of errors, findings and skipped files that the sources can give.

Whatever is passed as ``code`` is a code: to a class with such a field (an error, a finding) or to a function with
such a parameter.  A literal counts as it stands, and both ends of a conditional expression.  A variable counts with
all that its function assigns to it; where that is looked up in a table of the module, with every hyphenated word of
the table.  ``x.code`` hands on a code that was given elsewhere, and a parameter is filled by the callers.
"""

from __future__ import annotations

import ast
import copy
import re
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.support.sources import ROOT, parsed_sources

HYPHENATED = re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")


@dataclass(frozen=True)
class Use:
    """One place that gives ``code``: to which callable, and the error class named there or "".

    ``pattern`` says that the code is a regular expression, made from a formatted string.
    """

    code: str
    taker: str
    error: str
    where: str
    pattern: bool = False


@cache
def used_codes() -> tuple[Use, ...]:
    """Every code that the sources give."""
    modules = list(parsed_sources())
    takers = Takers.of(tree for _, tree in modules)
    return tuple(use for file, tree in modules for use in Module(tree, file, takers).uses())


@cache
def compared_codes() -> tuple[Use, ...]:
    """Every code that the sources compare the ``code`` of something with."""
    return tuple(
        use for file, tree in parsed_sources() for use in Module(tree, file, Takers({}, set())).compared()
    )


class Takers:
    """Callables that take a code: name -> (its position, the number of arguments at least), and the error classes."""

    def __init__(self, positions: dict[str, set[tuple[int, int]]], errors: set[str]) -> None:
        self.positions, self.errors = positions, errors

    @classmethod
    def of(cls, trees: Iterable[ast.Module]) -> Takers:
        positions: dict[str, set[tuple[int, int]]] = defaultdict(set)
        bases: dict[str, set[str]] = {}
        for tree in trees:
            for node in ast.walk(tree):
                if isinstance(node, ast.ClassDef):
                    bases[node.name] = {_name(base) for base in node.bases}
                    positions[node.name] |= _taken(_constructor(node))
                elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    positions[node.name] |= _taken(_parameters(node))
        errors = _family("ScanserveError", bases)
        for name in errors:
            positions[name] |= positions["ScanserveError"]
        del positions["__init__"]
        return cls({name: places for name, places in positions.items() if places}, errors)


def _family(root: str, bases: dict[str, set[str]]) -> set[str]:
    found, before = {root}, set()
    while found != before:
        before = set(found)
        found |= {name for name, parents in bases.items() if parents & before}
    return found


def _constructor(node: ast.ClassDef) -> list[tuple[str, bool]]:
    """(name, needed) of what is given to make one: the parameters of ``__init__``, else the annotated fields."""
    for item in node.body:
        if isinstance(item, ast.FunctionDef) and item.name == "__init__":
            return _parameters(item)
    fields = [
        item for item in node.body if isinstance(item, ast.AnnAssign) and isinstance(item.target, ast.Name)
    ]
    return [(field.target.id, field.value is None) for field in fields if isinstance(field.target, ast.Name)]


def _parameters(node: ast.FunctionDef | ast.AsyncFunctionDef) -> list[tuple[str, bool]]:
    names = [argument.arg for argument in (*node.args.posonlyargs, *node.args.args)]
    needed = len(names) - len(node.args.defaults)
    known = [(name, number < needed) for number, name in enumerate(names)]
    return known[1:] if names[:1] in (["self"], ["cls"]) else known


def _taken(parameters: list[tuple[str, bool]]) -> set[tuple[int, int]]:
    names = [name for name, _ in parameters]
    return {(names.index("code"), sum(needed for _, needed in parameters))} if "code" in names else set()


class Module:
    """One module: its uses of codes."""

    def __init__(self, tree: ast.Module, file: Path, takers: Takers) -> None:
        self.tree, self.file, self.takers = tree, file, takers
        self.tables = {
            target.id: node.value
            for node in tree.body
            if isinstance(node, ast.Assign | ast.AnnAssign) and node.value is not None
            for target in (node.targets if isinstance(node, ast.Assign) else [node.target])
            if isinstance(target, ast.Name)
        }

    def uses(self) -> Iterator[Use]:
        """What is passed as a code, and the other end of ``x.code if x else "..."``."""
        for scope in self._scopes():
            for node in ast.walk(scope):
                if isinstance(node, ast.Call):
                    to = (_name(node.func), self._error(node))
                    for value in self._code_arguments(node):
                        yield from self._values(value, scope, to)
                elif isinstance(node, ast.IfExp) and _is_code(node.body):
                    yield from self._values(node.orelse, scope, ("", ""))

    def compared(self) -> Iterator[Use]:
        """What the ``code`` of something is compared with."""
        for node in ast.walk(self.tree):
            if isinstance(node, ast.Compare) and _is_code(node.left):
                for other in node.comparators:
                    found = self.tables.get(other.id, other) if isinstance(other, ast.Name) else other
                    yield from (self._use(text, ("", ""), other) for text in _texts(found))

    def _scopes(self) -> list[ast.AST]:
        """The outermost functions, methods among them, and what stands outside of all."""
        functions = [n for n in ast.walk(self.tree) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
        inner = {id(node) for outer in functions for node in ast.walk(outer) if node is not outer}
        return [*(node for node in functions if id(node) not in inner), _without_functions(self.tree)]

    def _code_arguments(self, call: ast.Call) -> list[ast.expr]:
        name = _name(call.func)
        places = self.takers.positions.get(name, set())
        given = len(call.args) + len(call.keywords)
        found = [call.args[at] for at, least in places if at < len(call.args) and given >= least]
        return found + [k.value for k in call.keywords if k.arg == "code" and places]

    def _error(self, call: ast.Call) -> str:
        """The error class of a call: the one that is called, or handed over beside the code."""
        names = [_name(node) for node in (call.func, *call.args)]
        return next((name for name in names if name in self.takers.errors), "")

    def _values(self, value: ast.expr, scope: ast.AST, to: tuple[str, str]) -> Iterator[Use]:
        if isinstance(value, ast.Constant) and isinstance(value.value, str):
            yield self._use(value.value, to, value)
        elif isinstance(value, ast.IfExp):
            yield from self._values(value.body, scope, to)
            yield from self._values(value.orelse, scope, to)
        elif isinstance(value, ast.JoinedStr):
            yield self._use(_pattern(value), to, value, pattern=True)
        elif isinstance(value, ast.Name):
            yield from self._assigned(value.id, scope, to)

    def _assigned(self, name: str, scope: ast.AST, to: tuple[str, str]) -> Iterator[Use]:
        for target, value in _bindings(scope):
            if (
                isinstance(target, ast.Name)
                and target.id == name
                and isinstance(value, ast.IfExp | ast.Constant)
            ):
                yield from self._values(value, scope, to)
            elif name in _names(target):
                tables = [self.tables[other] for other in _names(value) if other in self.tables]
                for text in (text for part in (value, *tables) for text in _texts(part)):
                    if HYPHENATED.fullmatch(text):
                        yield self._use(text, to, value)

    def _use(self, code: str, to: tuple[str, str], node: ast.expr, *, pattern: bool = False) -> Use:
        return Use(code, *to, f"{self.file.relative_to(ROOT)}:{node.lineno}", pattern)


def _without_functions(tree: ast.Module) -> ast.Module:
    class Cut(ast.NodeTransformer):
        def visit_FunctionDef(self, node: ast.FunctionDef) -> None:
            return None

        visit_AsyncFunctionDef = visit_FunctionDef  # type: ignore[assignment]  # noqa: N815

    return Cut().visit(copy.deepcopy(tree))


def _bindings(scope: ast.AST) -> Iterator[tuple[ast.expr, ast.expr]]:
    """(target, value) of every assignment and every loop in ``scope``."""
    for node in ast.walk(scope):
        if isinstance(node, ast.Assign):
            yield from ((target, node.value) for target in node.targets)
        elif isinstance(node, ast.AnnAssign | ast.NamedExpr) and node.value is not None:
            yield node.target, node.value
        elif isinstance(node, ast.For | ast.comprehension):
            yield node.target, node.iter


def _name(node: ast.expr) -> str:
    return getattr(node, "id", getattr(node, "attr", ""))


def _is_code(node: ast.AST) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "code"


def _names(node: ast.AST) -> set[str]:
    return {part.id for part in ast.walk(node) if isinstance(part, ast.Name)}


def _texts(node: ast.AST) -> Iterator[str]:
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and isinstance(part.value, str):
            yield part.value


def _pattern(value: ast.JoinedStr) -> str:
    parts = (re.escape(str(p.value)) if isinstance(p, ast.Constant) else "[a-z0-9]+" for p in value.values)
    return "".join(parts)
