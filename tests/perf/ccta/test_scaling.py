"""What grows in CCTA: the axes, and the parts that need no server."""

import pytest

from scanserve.perf.ccta import scaling


def test_what_grows():
    assert list(scaling.SCALINGS) == ["slices", "phases", "clients", "instances"]


def test_a_work_is_timed_after_one_that_is_not():
    calls = []
    points = list(scaling._times("slices", "reading", 32, lambda: calls.append(1)))

    assert len(calls) == len(points) + 1
    assert {(point.axis, point.quantity, point.unit, point.size) for point in points} == {
        ("slices", "reading", "s", 32)
    }
    assert all(point.value >= 0 for point in points)


def test_phantoms_of_other_sizes_show_the_same_field(tmp_path):
    small, large = (scaling._heart(tmp_path / str(z), (z, 32, 32), phases=1) for z in (8, 16))
    grids = [scaling._read(folder).grid for folder in (small, large)]

    assert [grid.shape[0] for grid in grids] == [8, 16]
    for grid in grids:
        assert grid.shape[0] * grid.spacing[2] == pytest.approx(scaling._DEPTH_MM, rel=1e-3)


def test_a_copy_of_a_model_has_as_many_instances(root, tmp_path):
    copy = scaling._with_instances(root / "model_repository" / "ccta_quality", tmp_path, 4)

    texts = [file.read_text() for file in (copy / "ccta_quality").rglob("*.pbtxt")]
    assert any("count: 4" in text for text in texts)
    assert not any("count: 1\n" in text for text in texts)
    assert (copy / "ccta_quality" / "1" / "model.onnx").is_file()
