import json
import sys
from types import ModuleType

import pytest

from scanserve.contracts import APPLICATIONS, Application, InputError, registry
from scanserve.evaluation import ccta
from scanserve.evaluation.application import application_of, find_evaluate
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
