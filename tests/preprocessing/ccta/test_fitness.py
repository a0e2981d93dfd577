import numpy as np
import pytest

from scanserve.preprocessing.ccta.fitness import CoronaryFitness
from tests.support import ct_factory as factory
from tests.support.chest import chest
from tests.support.ct_study import only_phase

AXES = {"PixelSpacing": [2.2, 2.5], "SliceThickness": 2.0, "step": 2.0}


def _phase(folder, **settings):
    factory.write_series(folder, (chest(**settings) + 1024).astype(np.int16), **AXES)
    return only_phase(folder)


def _codes(findings) -> list[str]:
    return [finding.code for finding in findings]


def test_headers_say_what_needs_no_pixels(tmp_path):
    factory.write_series(tmp_path, SliceThickness=3.0, XRayTubeCurrent=30)
    codes = _codes(CoronaryFitness().by_header(only_phase(tmp_path)))
    assert codes == [
        "slices-too-thick",
        "too-few-slices",
        *["coverage-too-small"] * 2,
        "tube-current-too-low",
    ]


def test_a_few_slices_show_contrast_and_lung(tmp_path):
    assert CoronaryFitness().by_sample(_phase(tmp_path)) == ()


@pytest.mark.parametrize(
    ("settings", "code"), [({"blood": 45}, "no-contrast"), ({"lung": 35}, "not-a-chest")]
)
def test_a_few_slices_show_what_is_missing(tmp_path, settings, code):
    assert _codes(CoronaryFitness().by_sample(_phase(tmp_path, **settings))) == [code]


def test_few_files_are_read(tmp_path):
    phase = _phase(tmp_path)
    kept = {phase.stack.slices[index].file for index in np.unique(np.linspace(6, 53, 7).astype(int))}
    for file in tmp_path.iterdir():
        if file.name not in kept:
            file.unlink()
    assert len(phase.stack.slices) == 60
    assert CoronaryFitness().by_sample(phase) == ()


def test_slices_that_cannot_be_read_are_a_reason(tmp_path):
    phase = _phase(tmp_path)
    for file in tmp_path.iterdir():
        file.unlink()
    assert _codes(CoronaryFitness().by_sample(phase)) == ["unreadable-file"]
