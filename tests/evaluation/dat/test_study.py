import numpy as np
import pytest

from scanserve.contracts import InputError
from scanserve.evaluation.dat.study import UNPROCESSED, evaluate_study
from scanserve.evaluation.dat.truth import Truth


def study(dat, found, **truth):
    return evaluate_study("one", Truth.model_validate(dat.truth(**truth)), found)


def test_the_input_itself_is_the_first_method(dat):
    found = study(dat, dat.result(dat.image(noise=0.02), perfect=dat.image()))
    assert list(found.methods) == [UNPROCESSED, "perfect"]
    assert found.methods["perfect"].ssim == pytest.approx(1)
    assert found.methods[UNPROCESSED].psnr < found.methods["perfect"].psnr
    assert found.methods[UNPROCESSED].change == pytest.approx(0)


def test_binding_is_measured_over_slices_of_different_scales(dat):
    found = study(dat, dat.result(dat.image(), same=dat.image()))
    assert found.methods["same"].binding == pytest.approx(2, rel=1e-5)
    assert found.reference_binding == pytest.approx(2, rel=1e-5)
    assert (found.methods["same"].grade, found.reference_grade) == (0, 0)


def test_over_smoothing_and_over_enhancement_are_flagged(dat):
    made = dat.result(
        dat.image(),
        smooth=dat.image((2.6, 2.6, 3, 3)),
        sharp=dat.image((3, 3, 3, 3.5)),
        near=dat.image((2.8, 3, 3, 3.2)),
    )
    found = study(dat, made).methods
    assert (found["smooth"].smoothed, found["smooth"].enhanced) == (2, 0)
    assert (found["sharp"].smoothed, found["sharp"].enhanced) == (0, 1)
    assert (found["near"].smoothed, found["near"].enhanced, found["near"].measured) == (0, 0, 4)


def test_without_a_result_there_is_no_method_but_a_grade(dat):
    found = study(dat, None, grade=2)
    assert found.methods == {}
    assert (found.true_grade, found.reference_grade) == (2, 0)


def test_a_result_of_other_slices_is_refused(dat):
    made = dat.result(dat.image(), same=dat.image())
    moved = made.model_copy(update={"selected": made.selected.model_copy(update={"frames": [2, 3, 4, 5, 6]})})
    with pytest.raises(InputError) as caught:
        study(dat, moved)
    assert caught.value.code == "other-slices"
    assert np.isfinite(study(dat, made).methods["same"].ssim)
