"""The examples in the docstrings of all sources run."""

from __future__ import annotations

import doctest
import importlib
import importlib.util

import pytest

from tests.support.sources import module_of, source_files

#: Packages that need torch, which a run of the tests may lack.
NEED_TORCH = ("networks", "training", "export")


def with_examples():
    """Names of the modules with a prompt in their text; the others are not imported."""
    names = [module_of(file) for file in source_files() if ">>> " in file.read_text(encoding="utf-8")]
    return [
        pytest.param(name, marks=pytest.mark.torch if name.startswith(NEED_TORCH) else ()) for name in names
    ]


def run(module):
    """The number of examples in a module, the number that fail, and what those say."""
    said: list[str] = []
    runner = doctest.DocTestRunner()
    tests = doctest.DocTestFinder(exclude_empty=True).find(module)
    for test in tests:
        runner.run(test, out=said.append)
    return sum(len(test.examples) for test in tests), runner.failures, "".join(said)


@pytest.mark.parametrize("name", with_examples())
def test_the_examples_of_a_module_run(name):
    found, failed, said = run(importlib.import_module(f"scanserve.{name}"))
    assert found, f"no example of {name} is found by doctest"
    assert not failed, said


def test_an_example_that_fails_is_seen(tmp_path):
    file = tmp_path / "broken.py"
    file.write_text('"""Adds.\n\n>>> 1 + 1\n3\n"""\n')
    spec = importlib.util.spec_from_file_location("broken", file)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found, failed, said = run(module)
    assert (found, failed) == (1, 1)
    assert "Expected:\n    3\nGot:\n    2" in said
