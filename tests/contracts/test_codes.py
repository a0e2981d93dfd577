"""The catalogue of codes against the sources: every code that they give is in it, and nothing else."""

import ast
import re

import pytest

from scanserve.contracts import errors
from scanserve.contracts.codes import ERRORS, FINDINGS, MISSES, RULES, SKIPPED
from tests.support.codes import HYPHENATED, compared_codes, used_codes
from tests.support.sources import ROOT, SOURCE_ROOTS, parsed_sources

OF_ERRORS = {code: section.error.__name__ for section in ERRORS for code in section.entries}
#: Constructor -> the codes that it may be given.
OF_OTHERS = {"Finding": set(FINDINGS), "FileRejectedError": set(SKIPPED), "Judgement": set(RULES)}
ALL = set(OF_ERRORS) | set(FINDINGS) | set(SKIPPED) | set(MISSES) | set(RULES)
#: Codes as docstrings mention them: ``code ``x```` or ``codes ``x``, ``y`` and ``z````.
MENTION = re.compile(r"codes? ((?:``[^`]+``(?:[ ,]|\([^)]*\)|and|or|when[^`]*)*\s*)+)")


def test_every_error_has_a_code_of_its_own_class():
    wrong = [use for use in used_codes() if use.error and OF_ERRORS.get(use.code) != use.error]
    assert wrong == []


@pytest.mark.parametrize("taker", OF_OTHERS)
def test_findings_and_skipped_files_have_their_own_codes(taker):
    assert [use for use in used_codes() if use.taker == taker and not _fits(use, OF_OTHERS[taker])] == []


def test_every_other_code_is_known():
    assert [use for use in used_codes() if not _fits(use, ALL)] == []


def test_codes_are_compared_with_known_ones():
    assert [use for use in compared_codes() if use.code not in ALL] == []


def test_nothing_is_listed_that_cannot_occur():
    given = {use.code for use in used_codes() if not use.pattern} | _texts_of("evaluation", MISSES)
    patterns = [use.code for use in used_codes() if use.pattern]
    assert [
        code for code in ALL - given if not any(re.fullmatch(pattern, code) for pattern in patterns)
    ] == []


def test_docstrings_name_known_codes():
    found = {code for root in SOURCE_ROOTS for code in _mentioned(root)}
    assert {code for code in found if HYPHENATED.fullmatch(code)} - ALL == set()


def test_a_code_has_one_class():
    codes = [code for section in ERRORS for code in section.entries]
    assert sorted(codes) == sorted(set(codes))


def test_every_class_has_codes():
    assert {section.error.__name__ for section in ERRORS} == set(errors.__all__)


@pytest.mark.parametrize("code", sorted(ALL))
def test_codes_are_kebab_case(code):
    assert re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", code)


@pytest.mark.parametrize("code", sorted(ALL))
def test_every_code_is_explained_in_sentences(code):
    tables = [section.entries for section in ERRORS] + [FINDINGS, SKIPPED, MISSES, RULES]
    entries = {table[code] for table in tables if code in table}
    assert len(entries) == 1
    for text in (entry := entries.pop()).meaning, entry.action:
        assert re.fullmatch(r"[A-Z`].*\.", text)
        assert "  " not in text


def test_tables_are_in_order():
    for section in ERRORS:
        assert list(section.entries) == sorted(section.entries), section.title


class TestScan:
    """What counts as a use of a code."""

    @pytest.mark.parametrize(
        ("source", "codes"),
        [
            ("raise InputError('a', 'x')", {("a", "InputError")}),
            (
                "def f():\n    code = 'a' if x else 'b'\n    raise StudyError(code, 'x')",
                {("a", "StudyError"), ("b", "StudyError")},
            ),
            (
                "T = {'k': ('a-b', 'a hint')}\ndef f():\n    c, h = T.get(k, ('c-d', h))\n    return SetupError(c, h)",
                {("a-b", "SetupError"), ("c-d", "SetupError")},
            ),
            (
                "def f():\n    for c, n in (('a-b', 1), ('c-d', 2)):\n        raise InputError(c, 'x')",
                {("a-b", "InputError"), ("c-d", "InputError")},
            ),
            ("def read(path, code):\n    raise InputError(code, 'x')\nread(p, 'a')", {("a", "")}),
            (
                "class K(NamedTuple):\n    kind: type\n    code: str\nK(ServerError, 'a')",
                {("a", "ServerError")},
            ),
            ("x = e.reason.code if e.reason else 'a'", {("a", "")}),
            ("raise InputError(error.code, 'x')", set()),
            ("raise Other('a', 'x')", set()),
            ("class Child(InputError):\n    pass\nraise Child('a', 'x')", {("a", "Child")}),
        ],
    )
    def test_codes_are_found(self, source, codes):
        contracts = ast.parse((ROOT / "contracts/scanserve/contracts/errors.py").read_text())
        found = used_codes_of([contracts, ast.parse(source)])
        assert {(use.code, use.error) for use in found} == codes


def used_codes_of(trees):
    from tests.support.codes import Module, Takers

    takers = Takers.of(trees)
    return [use for tree in trees for use in Module(tree, ROOT / "some.py", takers).uses()]


def _fits(use, known):
    if use.pattern:
        return any(re.fullmatch(use.code, code) for code in known)
    return use.code in known


def _texts_of(root, among):
    nodes = (node for _, tree in parsed_sources([root]) for node in ast.walk(tree))
    return {node.value for node in nodes if isinstance(node, ast.Constant) and node.value in among}


def _mentioned(root):
    for _, tree in parsed_sources([root]):
        for node in ast.walk(tree):
            if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
                for mention in MENTION.finditer(ast.get_docstring(node) or ""):
                    yield from re.findall(r"``([^`*]+)``", mention[1])
