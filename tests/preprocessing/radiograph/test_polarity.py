import numpy as np
import pytest
from PIL import Image

from scanserve.preprocessing.radiograph.polarity import contrast_of, polarity_of
from tests.support import film_factory


def test_a_bright_spine_is_bright_and_its_negative_dark():
    assert polarity_of(film_factory.shown()) == "bright"
    assert polarity_of(1 - film_factory.shown()) == "dark"


def test_a_flat_film_is_unclear():
    assert polarity_of(np.full((200, 100), 0.4)) == "unclear"
    assert polarity_of(np.random.default_rng(1).random((200, 100))) == "unclear"


def test_the_contrast_of_a_negative_is_the_opposite():
    values = film_factory.shown()
    assert contrast_of(1 - values) == pytest.approx(-contrast_of(values))


@pytest.mark.parametrize("shape", [(1, 1), (3, 2), (65, 63)])
def test_films_of_any_size_are_judged(shape):
    assert polarity_of(np.zeros(shape)) == "unclear"


@pytest.mark.shared_data
@pytest.mark.parametrize("name", ["aasce_test_006.png", "aasce_test_084.png", "scoliovis_example_1.jpg"])
def test_real_films_are_not_taken_for_their_negatives(name, shared_data):
    with Image.open(shared_data / "spine" / name) as picture:
        values = np.asarray(picture.convert("L")) / 255
    assert polarity_of(values) == "bright"
    assert polarity_of(1 - values) == "dark"
