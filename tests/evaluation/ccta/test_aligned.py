import json

import numpy as np
import pytest

from scanserve.client.ccta.result import READABLE_VERSIONS
from scanserve.contracts import InputError
from scanserve.evaluation.ccta.aligned import AlignedResult, read_result


def code(call, *arguments):
    with pytest.raises(InputError) as caught:
        call(*arguments)
    return caught.value.code


def test_phases_are_matched_by_percent(made):
    found = AlignedResult.at([70.4, 30.0, 0.0], made.result())
    assert found.labels == ("70 %", None, "0 %")
    assert found.extra_phases() == ["40 %"]


def test_no_common_phase(made):
    assert code(AlignedResult.at, [10.0, 20.0], made.result()) == "no-common-phase"


def test_places(made):
    result = made.result(missing={("RCA", 40.0)}, order={"LAD": (0.0, 40.0, 70.0)})
    found = AlignedResult.at([0.0, 40.0, 55.0, 70.0], result)
    assert found.places("LAD").tolist()[:2] == [1, 2]
    assert np.isnan(found.places("RCA")).tolist() == [False, True, True, False]
    assert np.isnan(found.places("none")).all()
    assert found.places().tolist()[3] == 1


def test_why_nothing_is_said_of_a_vessel(made):
    result = made.result(missing={("RCA", 40.0)})
    found = AlignedResult.at([0.0, 40.0, 55.0], result)
    assert found.phases("none") == ["no-vessel"] * 3
    seen, missed, absent = found.phases("RCA")
    assert seen.tree is not None
    assert (missed.tree, missed.reason.code) == (None, "vessel-not-seen")
    assert absent == "no-phase"
    assert AlignedResult.at([0.0], None).phases("RCA") == ["no-result"]


def test_reading(made, tmp_path):
    result = made.result()
    _, path = made.write(tmp_path, result=result)
    assert read_result(path) == result


@pytest.mark.parametrize("version", READABLE_VERSIONS)
def test_every_version_that_the_client_reads_can_be_evaluated(made, tmp_path, version):
    _, path = made.write(tmp_path, result=made.result())
    path.write_text(json.dumps({**json.loads(path.read_text()), "schema_version": version}))
    assert read_result(path).schema_version == version


def test_what_is_no_result(made, tmp_path):
    _, path = made.write(tmp_path, result=made.result())
    content = json.loads(path.read_text())
    path.write_text(json.dumps({**content, "schema_version": "2.0"}))
    assert code(read_result, path) == "result-version"
    path.write_text(json.dumps({**content, "kind": "scanserve.other.result"}))
    assert code(read_result, path) == "not-a-result"
    path.write_text(json.dumps({**content, "vessels": 3}))
    assert code(read_result, path) == "not-a-result"
    assert code(read_result, tmp_path / "none.json") == "file-missing"
