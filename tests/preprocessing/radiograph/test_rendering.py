"""Twins: the same film, written in every way that the standard allows, is shown alike."""

import numpy as np
import pytest
from pydicom.dataset import Dataset

from scanserve.preprocessing.radiograph import read_films
from scanserve.preprocessing.radiograph.rendering import Window
from tests.support import film_factory

SHOWN = film_factory.shown()


def values_of(folder, **settings):
    (film,) = read_films(film_factory.write(folder, **settings)).films
    return film.load().values


def lut(entries, first=0, bits=16):
    item = Dataset()
    item.LUTDescriptor = [len(entries) % 65536, first, bits]
    item.LUTData = np.asarray(entries, np.uint16).tobytes()
    item["LUTData"].VR = "OW"
    return [item]


def test_monochrome1_is_the_same_film(tmp_path):
    twin = values_of(tmp_path, values=1 - SHOWN, PhotometricInterpretation="MONOCHROME1")
    np.testing.assert_allclose(twin, SHOWN, atol=2e-3)


def test_monochrome1_with_the_shape_inverse_is_one_inversion(tmp_path):
    changes = {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "INVERSE"}
    np.testing.assert_allclose(values_of(tmp_path, values=1 - SHOWN, **changes), SHOWN, atol=2e-3)


def test_a_negative_slope_is_followed(tmp_path):
    changes = {"RescaleSlope": -1, "RescaleIntercept": 4095}
    np.testing.assert_allclose(values_of(tmp_path, values=1 - SHOWN, **changes), SHOWN, atol=2e-3)


def test_a_modality_table_comes_before_the_window(tmp_path):
    squares = np.rint(np.linspace(0, 1, 4096) ** 2 * 4095)
    changes = {"ModalityLUTSequence": lut(squares)}
    np.testing.assert_allclose(values_of(tmp_path, values=np.sqrt(SHOWN), **changes), SHOWN, atol=3e-3)


def test_a_voi_table_replaces_the_window(tmp_path):
    squares = np.rint(np.linspace(0, 1, 4096) ** 2 * 65535)
    changes = {"VOILUTSequence": lut(squares), "WindowCenter": 10, "WindowWidth": 20}
    np.testing.assert_allclose(values_of(tmp_path, values=np.sqrt(SHOWN), **changes), SHOWN, atol=3e-3)


def test_a_table_is_applied_before_the_inversion(tmp_path):
    squares = np.rint(np.linspace(0, 1, 4096) ** 2 * 65535)
    changes = {"VOILUTSequence": lut(squares), "PhotometricInterpretation": "MONOCHROME1"}
    np.testing.assert_allclose(values_of(tmp_path, values=np.sqrt(1 - SHOWN), **changes), SHOWN, atol=3e-3)


def test_a_table_of_bytes_is_read(tmp_path):
    item = Dataset()
    item.LUTDescriptor, item.LUTData = [4096, 0, 8], (np.arange(4096) // 16).astype(np.uint8).tobytes()
    item["LUTData"].VR = "OW"
    np.testing.assert_allclose(values_of(tmp_path, VOILUTSequence=[item]), SHOWN, atol=6e-3)


@pytest.mark.parametrize(
    "changes",
    [
        {"WindowWidth": 0},
        {"WindowCenter": None, "WindowWidth": None},
        {"VOILUTSequence": [Dataset()], "WindowWidth": 0},
    ],
)
def test_without_a_window_the_range_is_shown_and_noted(tmp_path, changes):
    (film,) = read_films(film_factory.write(tmp_path, **changes)).films
    assert {finding.code for finding in film.findings} == {"no-window"}
    values = film.load().values
    assert values.min() == 0
    assert values.max() == 1
    assert np.corrcoef(values.ravel(), SHOWN.ravel())[0, 1] > 0.99


def test_of_several_windows_the_first_that_is_one_counts(tmp_path):
    twin = values_of(tmp_path, WindowCenter=[5, 2048], WindowWidth=[0, 4096])
    np.testing.assert_allclose(twin, SHOWN, atol=2e-3)


def test_the_logarithm_is_for_intensities_only(tmp_path):
    linear = {"PixelIntensityRelationship": "LIN", "PresentationIntentType": "FOR PROCESSING"}
    (film,) = read_films(film_factory.write(tmp_path / "a", **linear)).films
    assert {finding.code for finding in film.findings} == {"log-applied"}
    rendered = {"PixelIntensityRelationship": "LIN", "PresentationIntentType": "FOR PRESENTATION"}
    (film,) = read_films(film_factory.write(tmp_path / "b", **rendered)).films
    assert film.findings == ()


def test_a_header_that_contradicts_itself_is_noticed(tmp_path):
    changes = {"PhotometricInterpretation": "MONOCHROME1", "PresentationLUTShape": "IDENTITY"}
    (film,) = read_films(film_factory.write(tmp_path, **changes)).films
    assert film.rendering.contradictory


@pytest.mark.parametrize(
    ("window", "value", "shown"),
    [
        (Window(2048, 4096), 2047.5, 0.5),
        (Window(2048, 4096), 0, 0.0),
        (Window(2048, 4096), 4095, 1.0),
        (Window(2048, 4096, "LINEAR_EXACT"), 2048, 0.5),
        (Window(100, 50, "SIGMOID"), 100, 0.5),
        (Window(100, 50, "SIGMOID"), 150, 1 / (1 + np.exp(-4))),
    ],
)
def test_windows_are_those_of_the_standard(window, value, shown):
    assert window.apply(np.array([value], np.float32))[0] == pytest.approx(shown, abs=1e-6)
