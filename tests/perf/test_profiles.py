"""Profiles: those that ship are valid; what is wrong is named."""

import json

import pytest
from pydantic import ValidationError

from scanserve.contracts import APPLICATIONS, InputError, owner_of
from scanserve.contracts.spine import SPINE
from scanserve.perf.profiles import Limits, Load, Range, find_profile, load_profile, profile_names

LIMITS = Limits(p95_ms=1, inferences_per_s=1)


def load(**changes):
    options = {"name": "a", "model": "ccta_quality", "limits": LIMITS, "concurrency": Range(start=1, end=1)}
    return Load(**{**options, **changes})


def test_the_three_profiles_ship():
    assert profile_names() == ("a100x4", "cpu", "t4")


@pytest.mark.parametrize("name", profile_names())
def test_shipped_profiles_are_valid(name):
    profile = find_profile(name)

    assert profile.name == name
    assert len({load.name for load in profile.loads}) == len(profile.loads)


@pytest.mark.parametrize(("name", "configuration"), [("cpu", "cpu"), ("t4", "t4"), ("a100x4", "a100")])
def test_profiles_measure_their_configuration(name, configuration):
    assert find_profile(name).configuration == configuration


def test_gpu_profiles_share_no_memory_with_the_container():
    for name in ("t4", "a100x4"):
        assert {load.shared_memory for load in find_profile(name).loads} == {"none"}


@pytest.mark.parametrize("name", profile_names())
def test_every_profile_has_a_load_for_every_application(name):
    owners = {owner_of(load.model).name for load in find_profile(name).loads}

    assert owners == {application.name for application in APPLICATIONS}


def test_a_profile_with_some_of_its_loads_serves_their_applications_only():
    profile = find_profile("cpu").with_loads(["spine-hrnet-click"])

    assert [load.name for load in profile.loads] == ["spine-hrnet-click"]
    assert profile.models == SPINE.models
    assert find_profile("cpu").with_loads([]) == find_profile("cpu")
    with pytest.raises(InputError, match="has no load 'spine-unet-click'") as error:
        profile.with_loads(["spine-unet-click", "nothing"])
    assert error.value.code == "unknown-load"


def test_an_unknown_profile_names_the_known_ones():
    with pytest.raises(InputError, match="a100x4, cpu, t4") as error:
        find_profile("h100")
    assert error.value.code == "unknown-profile"


@pytest.mark.parametrize(
    "change",
    [
        {"concurrency": None},
        {"request_rate": Range(start=1, end=2)},
        {"shapes": {"nothing": (1,)}},
        {"name": "With Space"},
        {"surprise": 1},
        {"batch_size": 0},
    ],
)
def test_inconsistent_loads_are_refused(change):
    with pytest.raises(ValidationError):
        load(**change)


def test_a_range_is_ordered_and_reads_as_perf_analyzer_wants_it():
    assert str(Range(start=1, end=7, step=3)) == "1:7:3"
    with pytest.raises(ValidationError):
        Range(start=2, end=1)


def test_a_broken_file_is_one_coded_error(tmp_path):
    path = tmp_path / "mine.json"
    path.write_text(json.dumps({"name": "mine"}))

    with pytest.raises(InputError, match=r"mine\.json") as error:
        load_profile(path)
    assert error.value.code == "profile-invalid"
    assert "\n" not in error.value.message
