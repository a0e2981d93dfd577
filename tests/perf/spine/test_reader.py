import numpy as np
import pytest

from scanserve.client.spine.reader import FilmReader
from scanserve.client.spine.taken import take
from scanserve.contracts.spine import SPINE
from scanserve.perf.spine.reader import corrected
from tests.support import spine_samples


@pytest.fixture(scope="module")
def reading(tmp_path_factory):
    study = spine_samples.write_study(tmp_path_factory.mktemp("film") / "study")
    taken, client = take(study), spine_samples.FakeClient(off=12.0)
    reader = FilmReader(taken.square, taken.film.shape, SPINE.model("spine_unet"), client.infer)
    seen = np.ones(68, bool)
    seen[0] = False
    return corrected(reader, spine_samples.corners(), seen, 3)


def test_the_worst_points_are_fixed_in_turn_and_others_move(reading):
    assert len(set(reading.fixed)) == 3
    assert 0 not in reading.fixed
    errors = np.linalg.norm(reading.places - spine_samples.corners(), axis=-1).mean(axis=1)
    assert errors[0] == pytest.approx(12, abs=0.1)
    assert (np.diff(errors) < 0).all()


def test_a_fixed_point_stays_where_the_reader_put_it(reading):
    for click, point in enumerate(reading.fixed, start=1):
        np.testing.assert_allclose(
            reading.places[click:, point],
            spine_samples.corners()[point] + np.zeros((4 - click, 2)),
            atol=2e-3,
        )
