import json
import sys
from pathlib import Path
from types import ModuleType

import pytest

from scanserve.contracts import APPLICATIONS, Application, InputError, registry
from scanserve.evaluation import ccta
from scanserve.evaluation.application import application_of, evaluate_each, find_evaluate
from scanserve.evaluation.studies import Pair


def pair(folder, kind, name="study"):
    file = folder / f"{name}.json"
    file.write_text(json.dumps({"kind": kind}))
    return Pair(name, file, file)


def code(call, *arguments):
    with pytest.raises(InputError) as caught:
        call(*arguments)
    return caught.value.code


def test_results_say_of_which_application_they_are(tmp_path):
    assert application_of([pair(tmp_path, "scanserve.ccta.result")]) == "ccta"
    assert find_evaluate("ccta") is ccta.evaluate


def test_anything_else_is_not_a_result(tmp_path):
    for kind in ("scanserve.evaluation", "scanserve.other.result", None, 3, ["ccta"]):
        assert code(application_of, [pair(tmp_path, kind)]) == "not-a-result"


def test_another_application_is_found_by_its_name_alone(tmp_path, monkeypatch):
    other = Application("other", "Another application", ())
    monkeypatch.setattr(registry, "APPLICATIONS", (*APPLICATIONS, other))
    assert application_of([pair(tmp_path, "scanserve.other.result")]) == "other"
    assert code(find_evaluate, "other") == "application-part-missing"

    module = ModuleType("scanserve.evaluation.other")
    module.evaluate = lambda pairs, progress=None: None
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert find_evaluate("other") is module.evaluate


def test_two_applications_are_not_mixed(tmp_path, monkeypatch):
    other = Application("other", "Another application", ())
    monkeypatch.setattr(registry, "APPLICATIONS", (*APPLICATIONS, other))
    pairs = [pair(tmp_path, "scanserve.ccta.result", "a"), pair(tmp_path, "scanserve.other.result", "b")]
    assert code(application_of, pairs) == "mixed-applications"


def test_every_study_is_evaluated_and_told():
    pairs = [Pair(name, Path(name), None) for name in ("a", "b")]
    done = []
    found = evaluate_each(
        pairs,
        lambda pair: (pair.truth.name, pair.result),
        lambda name, truth, result: (name, truth, result),
        lambda *numbers: done.append(numbers),
    )
    assert found == (("a", "a", None), ("b", "b", None))
    assert done == [(1, 2), (2, 2)]


def test_an_error_of_the_comparison_names_the_study():
    def refuse(name, truth, result):
        raise InputError("other-slices", "they differ.")

    with pytest.raises(InputError, match=r"^a: they differ\.$") as caught:
        evaluate_each([Pair("a", Path("a"), None)], lambda pair: (1, None), refuse)
    assert caught.value.code == "other-slices"
