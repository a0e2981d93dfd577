import json

import pytest

from scanserve.client.ccta.result import READABLE_VERSIONS, SCHEMA_VERSION, Result
from tests.support import ccta_samples as samples


@pytest.fixture(scope="module")
def result():
    return samples.run((40.0, 70.0))[0]


def earlier(result, version):
    """The same result as an earlier version wrote it."""
    old = json.loads(result.to_json())
    old["schema_version"] = version
    for name in ("findings", "deidentification"):
        del old[name]
    for name in ("left_out", "only_series", "without_series") if version < "1.3" else ():
        del old["study"][name]
    for span in old["timing"]["spans"] if version < "1.2" else ():
        span["phase"] = span.pop("part") or None
    if version == "1.0":
        for phase in (phase for vessel in old["vessels"] for phase in vessel["phases"]):
            del phase["travel_mm"]
    return old


def test_what_is_written_is_of_the_newest_version(result):
    assert (result.schema_version, READABLE_VERSIONS[-1]) == (SCHEMA_VERSION, SCHEMA_VERSION)


@pytest.mark.parametrize("version", READABLE_VERSIONS[:-1])
def test_earlier_versions_are_read(result, version):
    found = Result.model_validate(earlier(result, version))
    assert found.schema_version == version
    assert found.timing == result.timing
    assert found.overall == result.overall


def test_a_vessel_is_found_by_its_abbreviation(result):
    assert result.vessel("LAD").name.startswith("Left anterior")
    with pytest.raises(KeyError):
        result.vessel("D1")
