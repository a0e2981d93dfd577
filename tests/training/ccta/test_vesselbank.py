from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

pytest.importorskip("torch")
from scanserve.contracts.ccta import QUALITY_CLASSES, SECTIONS, STEP_MM, VESSELS
from scanserve.contracts.ct import AIR_HU
from scanserve.phantoms.ccta.ranges import TRAINING
from scanserve.training.ccta import vesselbank
from scanserve.training.ccta.straightscan import KERNEL_MM
from scanserve.training.ccta.vesselbank import NOISE_STEPS, make_vessels, soft_classes

pytestmark = pytest.mark.torch


def test_the_centre_of_a_class_is_that_class_alone() -> None:
    blur = np.array([quality.blur_mm for quality in QUALITY_CLASSES])
    np.testing.assert_allclose(soft_classes(blur), np.eye(len(QUALITY_CLASSES)), atol=1e-6)


@given(st.floats(0, 50))
def test_soft_classes_are_a_distribution_over_neighbours(blur: float) -> None:
    distribution = soft_classes(np.array([blur]))[0]
    assert distribution.sum() == pytest.approx(1, abs=1e-6)
    assert np.count_nonzero(distribution) <= 2


def test_more_motion_never_scores_higher() -> None:
    weights = np.array([quality.weight for quality in QUALITY_CLASSES])
    score = soft_classes(np.geomspace(0.01, 20, 200)) @ weights
    assert (np.diff(score) <= 1e-6).all()


@pytest.fixture(scope="module")
def study() -> dict[str, npt.NDArray]:
    """One phase of a study."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(vesselbank, "PHASES", 1)
        return make_vessels(100_000, TRAINING)


def test_every_vessel_has_a_scan_of_its_own(study) -> None:
    assert len(set(study["psf_mm"].tolist())) == len(VESSELS)
    assert ((study["psf_mm"] >= KERNEL_MM[0]) & (study["psf_mm"] <= KERNEL_MM[1])).all()


def test_there_is_neither_vessel_nor_noise_beyond_the_end(study) -> None:
    for vessel in range(len(VESSELS)):
        filled = round(float(study["length"][vessel, 0]) / STEP_MM)
        image, noise = study["images"][vessel, 0], study["noise"][vessel, 0]
        assert (image[filled:] == AIR_HU).all()
        assert not noise[filled:].any()
        assert (image[filled - 1] > AIR_HU).any()
        # Interpolation weakens noise, by at most the square root of 8 (in the middle of eight independent voxels).
        assert 8**-0.5 < noise[:filled].std() / NOISE_STEPS < 1.1


def test_the_blur_of_a_vessel_is_the_mean_of_its_sections(study) -> None:
    assert study["section_blur"].shape == (len(VESSELS), 1, SECTIONS)
    np.testing.assert_allclose(study["blur"], np.nanmean(study["section_blur"], axis=-1))


def test_the_vessel_runs_through_the_middle(study) -> None:
    across = study["images"][:, 0, 10:60].mean(axis=1)
    for image in across:
        middle, edge = image[14:18, 14:18].mean(), np.concatenate([image[0], image[-1]]).mean()
        assert middle > edge + 50
