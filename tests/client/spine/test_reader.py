import numpy as np
import pytest

from scanserve.client.spine.hints import Hint
from scanserve.client.spine.placement import Square
from scanserve.client.spine.reader import FilmReader, box_around
from scanserve.contracts.spine import SPINE
from tests.support import spine_samples

CORNERS = spine_samples.corners()


def reader_of(client, pixel=(1.0, 1.0), shape=spine_samples.SHAPE):
    square = Square.of(np.zeros(shape, np.float32), pixel)
    return FilmReader(square, shape, SPINE.model("spine_unet"), client.infer)


def test_the_spine_is_found_on_the_whole_film_and_read_again_closer():
    client = spine_samples.FakeClient(off=0)
    reading = reader_of(client).read()
    np.testing.assert_allclose(reading.points, CORNERS, atol=0.01)
    boxes = [sent[1][0].tolist() for sent in client.sent if sent[0] == "spine_prepare"]
    assert boxes[0] == [0, 0, 400, 900]
    left, top, right, bottom = boxes[1]
    assert left <= CORNERS[:, 0].min()
    assert right >= CORNERS[:, 0].max()
    assert 0 < top < CORNERS[:, 1].min()
    assert CORNERS[:, 1].max() < bottom < 900
    assert 0.8 < np.ptp(CORNERS[:, 1]) / (bottom - top) < 0.95


def test_the_network_is_asked_for_points_alone():
    asked = []

    class Client(spine_samples.FakeClient):
        def infer(self, spec, inputs):
            asked.append((spec.name, [output.name for output in spec.outputs]))
            return super().infer(spec, inputs)

    reader_of(Client()).read()
    assert asked.count(("spine_unet", ["points"])) == 2


def test_a_click_is_one_request_to_the_network():
    client = spine_samples.FakeClient()
    reader = reader_of(client)
    reading = reader.read()
    before = len(client.sent)
    reader.settle(reading.box, [Hint(33, (200, 430), (210, 430))])
    reader.settle(reading.box, [Hint(33, (200, 430), (210, 430))])
    assert [sent[0] for sent in client.sent[before:]] == ["spine_unet"] * 2


def test_a_hint_comes_back_exactly_and_the_same_click_gives_the_same_answer():
    reader = reader_of(spine_samples.FakeClient())
    box = reader.read().box
    hint = Hint(33, (200.123456789, 430.987654321))
    first, second = (reader.settle(box, [hint]) for _ in range(2))
    assert tuple(first.points[33]) == hint.place
    assert first.peaks[33] == 1
    assert np.flatnonzero(first.fixed).tolist() == [33]
    np.testing.assert_array_equal(first.points, second.points)


def test_no_hints_give_the_plain_answer():
    reader = reader_of(spine_samples.FakeClient())
    reading = reader.read()
    np.testing.assert_array_equal(reading.points, reader.settle(reading.box, []).points)


def test_hints_and_their_previous_places_arrive_in_network_pixels():
    client = spine_samples.FakeClient()
    reader = reader_of(client)
    box = reader.read().box
    reader.settle(box, [Hint(0, (100, 200), (110, 205))])
    _, hints, previous = client.sent[-1]
    np.testing.assert_allclose(hints[0, :2], np.array([100, 200]) * client.scale + client.offset, rtol=1e-5)
    np.testing.assert_allclose(
        previous[0], [*np.array([110, 205]) * client.scale + client.offset, 1], rtol=1e-5
    )


def test_the_part_that_is_read_grows_to_hold_a_hint():
    reader = reader_of(spine_samples.FakeClient())
    box = reader.read().box
    grown = reader.settle(box, [Hint(0, (200, 5))]).box
    assert grown[1] == 0
    assert grown[3] == box[3]


def test_pixels_that_are_not_square_give_the_same_places():
    shape = (450, 400)
    client = spine_samples.FakeClient(points=CORNERS, off=0)  # in the square film of 900 rows
    reading = reader_of(client, pixel=(0.4, 0.2), shape=shape).read()
    expected = (CORNERS + 0.5) * (1, 0.5) - 0.5
    np.testing.assert_allclose(reading.points, expected, atol=0.01)


@pytest.mark.parametrize("peak", [0.0, 1.0])
def test_without_vertebrae_the_whole_film_is_read(peak):
    peaks = np.zeros(68)
    peaks[:8] = peak
    assert box_around(CORNERS, peaks, (0, 0, 400, 900)) == (0, 0, 400, 900)


def test_hardly_seen_vertebrae_do_not_pull_the_box():
    points, peaks = CORNERS.copy(), np.full(68, 0.8)
    points[:4] = [[0, 0]] * 4
    peaks[:4] = 0.01
    left, top, _, _ = box_around(points, peaks, (0, 0, 400, 900))
    assert top > 50
    assert left > 0
