import json

import pytest

from scanserve.client.cli import main
from scanserve.phantoms.dat.study import write_study
from tests.support import ct_factory as factory


@pytest.fixture(scope="module")
def brain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("brain") / "study"
    write_study(folder, seed=7)
    return folder


def test_an_eligible_study_ends_with_0(brain, capsys):
    assert main(["check", str(brain)]) == 0
    printed = capsys.readouterr().out
    assert "Verdict: eligible." in printed
    assert "not for diagnosis" in " ".join(printed.split())


def test_a_refused_study_ends_with_3(tmp_path, capsys):
    factory.write_series(tmp_path)
    assert main(["check", str(tmp_path), "--json"]) == 3
    assert json.loads(capsys.readouterr().out)["checks"][0]["verdict"] == "refused"


def test_a_study_that_cannot_be_read_ends_with_2(tmp_path, capsys):
    assert main(["check", str(tmp_path / "absent")]) == 2
    assert "[study-missing]" in capsys.readouterr().err
