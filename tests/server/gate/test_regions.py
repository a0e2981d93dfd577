from __future__ import annotations

import os

import pytest

from scanserve.server.gate.head import Window
from scanserve.server.gate.refusal import Refusal
from scanserve.server.gate.regions import MOST_REGIONS, Regions


@pytest.fixture
def regions(tmp_path):
    (tmp_path / "mine").write_bytes(bytes(range(100)))
    return Regions(tmp_path)


def opened(regions, name="region", size=50, offset=0, key="/mine"):
    region = regions.open(name, key, offset, size)
    regions.add(region)
    return region


def refusal(call, *arguments):
    with pytest.raises(Refusal) as caught:
        call(*arguments)
    return caught.value.details


def used(regions, *windows):
    with regions.using(windows):
        pass


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/",
        "mine",
        "//mine",
        "/../mine",
        "/.",
        "/a/b",
        "/mine\0",
        "/" + "x" * 201,
        "/missing",
        "/link",
        "/folder",
    ],
)
def test_a_key_is_the_name_of_a_file_of_ours(regions, tmp_path, key):
    (tmp_path / "link").symlink_to(tmp_path / "mine")
    (tmp_path / "folder").mkdir()
    assert "shared memory region" in refusal(regions.open, "region", key, 0, 1)


@pytest.mark.parametrize("name", ["triton_python_backend_shm_region_1", "scanserve_server_0a", "sem.mutex"])
def test_the_servers_own_memory_is_not_for_clients(regions, tmp_path, name):
    (tmp_path / name).write_bytes(bytes(100))
    assert "of the client" in refusal(regions.open, "region", f"/{name}", 0, 1)


def test_other_users_memory_is_not_for_clients(regions, monkeypatch):
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    assert "this user's" in refusal(regions.open, "region", "/mine", 0, 1)


@pytest.mark.parametrize(
    ("offset", "size"), [(0, 0), (0, 101), (0, 2**62), (1, 10), (4096, 10), (2**62, 10), (-4096, 1)]
)
def test_a_region_is_where_it_is_said_to_be(regions, offset, size):
    refusal(regions.open, "region", "/mine", offset, size)


@pytest.mark.parametrize("name", ["", "x" * 257, "a\nb", "\0"])
def test_names_are_printable(regions, name):
    assert "name" in refusal(regions.open, name, "/mine", 0, 1)


def test_names_are_taken_once_and_triton_gets_others(regions):
    first = opened(regions)
    assert "already" in refusal(regions.open, "region", "/mine", 0, 1)
    assert regions.retire("region") == [first]
    second = opened(regions)
    assert first.inner != second.inner
    assert second.seen_by_triton(Window("region", 1, 2)) == Window(second.inner, 1, 2)


def test_regions_are_bounded_in_number(regions):
    for number in range(MOST_REGIONS):
        opened(regions, str(number))
    assert str(MOST_REGIONS) in refusal(regions.open, "one more", "/mine", 0, 1)
    for region in regions:
        region.close()


@pytest.mark.parametrize(
    "window", [(0, 51), (50, 1), (-1, 1), (0, -1), (51, 0), (2**62, 2**62), (1, 2**63 - 1)]
)
def test_a_window_lies_inside(regions, window):
    opened(regions)
    assert "does not hold" in refusal(used, regions, Window("region", *window))


def test_a_name_is_taken_while_triton_maps_it(regions):
    first = regions.open("region", "/mine", 0, 1)
    assert "already" in refusal(regions.open, "region", "/mine", 0, 1)
    assert "Unable to find" in refusal(used, regions, Window("region", 0, 1))
    regions.abandon(first)
    opened(regions)


def test_a_window_is_read(regions):
    region = opened(regions)
    with regions.using([Window("region", 10, 3)]) as found:
        assert found == {"region": region}
        assert region.read(Window("region", 10, 3)) == bytes([10, 11, 12])


def test_an_unknown_region_is_refused_in_tritons_words(regions):
    assert refusal(used, regions, Window("other", 0, 1)) == "Unable to find shared memory region: 'other'"


def test_memory_that_shrinks_is_refused(regions, tmp_path):
    region = opened(regions)
    os.truncate(tmp_path / "mine", 20)
    assert "smaller" in refusal(used, regions, Window("region", 0, 10))
    assert "smaller" in refusal(region.read, Window("region", 15, 10))


def test_a_region_in_use_leaves_after_its_last_reader(regions):
    region = opened(regions)
    window = Window("region", 0, 1)
    with regions.using([window]):
        with regions.using([window, window]):
            assert regions.retire("region") == []
            assert "Unable to find" in refusal(used, regions, window)
        assert regions.unused() == []
    assert regions.unused() == [region]
    assert regions.unused() == []
    assert regions.retire("region") == []
