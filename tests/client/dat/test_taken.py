import numpy as np
import pytest

from scanserve.client.dat.taken import take
from scanserve.contracts import InputError
from scanserve.preprocessing import read_tomograms


def test_the_slices_are_those_of_the_selection(study):
    taken = take(study, None)
    (tomogram,) = read_tomograms(study).tomograms
    assert taken.tomogram.sop_uid == tomogram.sop_uid
    assert np.array_equal(taken.slices, taken.selection.cut(tomogram.load()))
    assert taken.slices.shape == (5, 64, 64)
    assert taken.slices.max() == 1


def test_the_short_series_is_taken_and_another_by_its_number(samples, tmp_path):
    both = samples.write_study(tmp_path / "both", minutes=(5.0, 25.0))
    assert take(both, None).tomogram.series_number == 1
    assert take(both, 2).tomogram.series_number == 2


def test_a_study_in_which_several_series_would_do_is_refused(samples, tmp_path):
    with pytest.raises(InputError) as caught:
        take(samples.write_study(tmp_path / "several", minutes=(5.0, 5.5)), None)
    assert caught.value.code == "several-series"
