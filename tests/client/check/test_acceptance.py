import json

import pytest

from scanserve.client.check.acceptance import check_study, to_json
from scanserve.contracts import StudyError
from scanserve.phantoms.dat.study import write_study
from tests.support import ct_factory as factory


@pytest.fixture(scope="module")
def brain(tmp_path_factory):
    folder = tmp_path_factory.mktemp("brain") / "study"
    write_study(folder, seed=7)
    return folder


def test_the_application_is_found_by_its_images(brain):
    (only,) = check_study(brain)
    assert (only.application, only.verdict) == ("dat", "eligible")


def test_a_study_for_two_applications_is_checked_by_both(brain, tmp_path):
    for file in brain.glob("*.dcm"):
        (tmp_path / file.name).write_bytes(file.read_bytes())
    factory.write_series(tmp_path / "ct")
    assert [item.application for item in check_study(tmp_path)] == ["ccta", "dat"]


def test_a_ct_that_is_too_small_is_refused(tmp_path):
    factory.write_series(tmp_path)
    (only,) = check_study(tmp_path)
    assert (only.application, only.verdict) == ("ccta", "refused")


@pytest.mark.parametrize("code", ["empty-folder", "mixed-studies", "no-ct"])
def test_what_no_application_can_read_is_an_error(code, tmp_path):
    if code == "mixed-studies":
        factory.write_series(tmp_path / "a", StudyInstanceUID="1.2.3.8", uid="1.2.3.9")
        factory.write_series(tmp_path / "b")
    elif code == "no-ct":
        (tmp_path / "x").write_text("x")
    with pytest.raises(StudyError) as caught:
        check_study(tmp_path)
    assert caught.value.code == code


def test_json_holds_the_verdict_and_every_field(brain):
    (check,) = json.loads(to_json(check_study(brain)))["checks"]
    assert check["verdict"] == "eligible"
    assert set(check["findings"][0]) >= {"code", "outcome", "value", "limit", "tags", "where", "confidence"}
