import pytest

from scanserve.client.ccta.privacy import deidentified
from tests.support import ccta_samples as samples


@pytest.fixture(scope="module")
def result():
    study = samples.study((40.0, 70.0), series_instance_uid="1.2.3.77")
    return samples.run_study(study, override="for J. Doe", findings=(samples.Finding("no-contrast", "x."),))[
        0
    ]


def test_nothing_of_study_and_user_stays(result):
    assert "J. Doe" in result.to_json()
    text = deidentified(result).to_json()
    for told in ("J. Doe", result.study.study_instance_uid, "1.2.3.77", str(result.created.year)):
        assert f'"{told}' not in text
        assert f" {told}" not in text


def test_what_was_found_stays(result):
    private = deidentified(result)
    assert private.vessels == result.vessels
    assert private.overall == result.overall
    assert private.deidentification == [
        "113100 Basic Application Confidentiality Profile",
        "113105 Clean Descriptors Option",
    ]
