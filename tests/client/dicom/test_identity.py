from dataclasses import replace

import pytest

from scanserve.client.dicom.content import Algorithm
from scanserve.client.dicom.identity import Identity
from scanserve.contracts import NOT_FOR_DIAGNOSIS
from tests.support.dicom_content import content, write_study


@pytest.fixture(scope="module")
def said(tmp_path_factory):
    return content(write_study(tmp_path_factory.mktemp("study")))


def test_the_same_input_gives_the_same_uids(said):
    assert Identity.of(said).uid("a") == Identity.of(said).uid("a")
    assert Identity.of(said).uid("a") != Identity.of(said).uid("b")


@pytest.mark.parametrize(
    "algorithm",
    [
        Algorithm("1.3", {"ccta_quality": "ab" * 32}, NOT_FOR_DIAGNOSIS),
        Algorithm("1.2", {"ccta_quality": "cd"}, ""),
    ],
)
def test_another_version_or_model_gives_others(said, algorithm):
    assert Identity.of(said).uid("a") != Identity.of(replace(said, algorithm=algorithm)).uid("a")
