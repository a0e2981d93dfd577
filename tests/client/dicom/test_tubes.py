import numpy as np
import pytest

from scanserve.client.dicom.tubes import Drawing, Raster, densified
from tests.support.ct_slices import frame, series

SIZE = frame(rows=40, columns=50)


def slices(**settings):
    from dataclasses import replace

    return [replace(image, frame=SIZE, **settings) for image in series(30, step=0.5)]


@pytest.fixture
def raster():
    return Raster.of(slices(), 0.5)


def test_points_become_indices(raster):
    assert raster.indices(np.array([[0.3 * 7, 0.4 * 5, 0.5 * 3]]))[0] == pytest.approx([3, 5, 7])


def test_slices_that_lie_another_way_are_drawn_as_they_are_stored():
    coronal = Raster.of(slices(orientation=(1, 0, 0, 0, 0, -1)), 0.5)
    assert coronal.indices(np.array([[0.3 * 7, 0.0, -0.4 * 5]]))[0] == pytest.approx([0, 5, 7])


def test_a_tube_has_the_volume_of_its_cylinder_and_caps(raster):
    drawing = Drawing(raster)
    drawing.draw(np.array([[4.0, 8.1, 7.13], [11.0, 8.1, 7.13]]), np.array([2.5, 2.5]), 3)
    voxel = 0.5 * 0.4 * 0.3
    expected = np.pi * 2.5**2 * 7 + 4 / 3 * np.pi * 2.5**3
    assert (drawing.values == 3).sum() * voxel == pytest.approx(expected, rel=0.02)
    assert set(np.unique(drawing.values)) == {0, 3}


def test_a_voxel_belongs_to_the_nearest_axis(raster):
    drawing = Drawing(raster)
    for value, y in ((1, 6.0), (2, 8.0)):
        drawing.draw(np.array([[4.0, y, 7.0], [11.0, y, 7.0]]), np.array([1.5, 1.5]), value)
    rows = np.arange(40) * 0.4
    column = drawing.values[14, :, 25]
    assert set(column[(rows > 4.6) & (rows < 6.9)]) == {1}
    assert set(column[(rows > 7.1) & (rows < 9.4)]) == {2}


def test_what_lies_outside_is_cut_off(raster):
    drawing = Drawing(raster)
    drawing.draw(np.array([[-9.0, -9.0, -9.0], [-5.0, -9.0, -9.0]]), np.array([1.0, 1.0]), 1)
    assert not drawing.values.any()


def test_a_thin_vessel_still_leaves_voxels(raster):
    drawing = Drawing(raster)
    drawing.draw(np.array([[4.0, 8.0, 7.0], [11.0, 8.0, 7.0]]), np.array([0.01, 0.01]), 1)
    assert drawing.values.any()


def test_unknown_radii_are_filled_from_around():
    _, radii = densified(np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]]), np.array([1.0, np.nan, 3.0]), 0.5)
    assert radii == pytest.approx([1, 1.5, 2, 2.5, 3])


def test_a_tube_without_any_radius_is_an_error():
    with pytest.raises(ValueError, match="radius"):
        densified(np.zeros((2, 3)), np.array([np.nan, np.nan]), 0.5)
