import pytest

from scanserve.preprocessing.ct.decision.partitions import best_partition, by_instances
from scanserve.preprocessing.ct.decision.piles import Pile
from scanserve.preprocessing.ct.decision.sources import SOURCES
from tests.support.ct_slices import ct_slice, series

SOURCE = {source.name: source for source in SOURCES}
COUNT = 12


def _phases(*delays, jitter=(0,), count=COUNT) -> Pile:
    """Slices of phases at the same places; ``jitter`` is added by heart beat, each of equally many slices."""
    return Pile(
        tuple(
            ct_slice(
                0.5 * index,
                f"{delay}-{index}",
                tags={"trigger_ms": float(delay + jitter[len(jitter) * index // count])},
            )
            for delay in delays
            for index in range(count)
        )
    )


def _sizes(partition) -> list[int]:
    labels = partition.labels.tolist()
    return [labels.count(group) for group in range(max(labels) + 1)]


def test_values_as_they_stand():
    partition = best_partition(_phases(300, 600, 700), SOURCE["TriggerTime"])
    assert (_sizes(partition), partition.score) == ([COUNT] * 3, 1)


def test_clusters_of_delays():
    partition = best_partition(_phases(300, 600, jitter=(0, 11, -7, 4)), SOURCE["TriggerTime"])
    assert (_sizes(partition), partition.score) == ([COUNT] * 2, 1)


def test_delays_of_slow_and_fast_beats_that_overlap():
    beats = [0, 120, 280]
    pile = Pile(_phases(300, 500, jitter=beats).slices)
    partition = best_partition(pile, SOURCE["TriggerTime"])
    assert partition.labels.tolist() == [0] * COUNT + [1] * COUNT


def test_an_incomplete_phase_does_not_join_its_neighbour():
    pile = Pile(_phases(300, 600, 700).slices[: 2 * COUNT + 4])
    assert _sizes(best_partition(pile, SOURCE["TriggerTime"])) == [COUNT, COUNT, 4]


@pytest.mark.parametrize("source", ["NominalPercentageOfCardiacPhase", "TriggerTime"])
def test_a_source_that_is_absent_or_constant_tells_nothing(source):
    assert best_partition(Pile(tuple(series(6) + series(6, name="b"))), SOURCE[source]) is None
    constant = Pile(
        tuple(series(6, tags={"trigger_ms": 5.0}) + series(6, name="b", tags={"trigger_ms": 5.0}))
    )
    assert best_partition(constant, SOURCE[source]) is None


def _interleaved(step: float, shift: float) -> Pile:
    slices = [
        ct_slice(0.5 * index + shift * phase, f"{phase}-{index}", tags={"trigger_ms": 300.0 + step * phase})
        for phase in (0, 1)
        for index in range(COUNT)
    ]
    return Pile(tuple(slices))


@pytest.mark.parametrize("shift", [0.25, 0.1, 0.4])
def test_phases_between_each_other_s_slices(shift):
    assert _sizes(best_partition(_interleaved(300, shift), SOURCE["TriggerTime"])) == [COUNT, COUNT]


def test_beats_that_alternate_are_no_phases():
    assert best_partition(_interleaved(10, 0.25), SOURCE["TriggerTime"]) is None


def test_interleaved_phases_are_seen_beside_a_copy():
    pile = _interleaved(300, 0.245)
    again = ct_slice(0.0, "again", tags={"trigger_ms": 300.0})
    assert _sizes(best_partition(Pile((*pile.slices, again)), SOURCE["TriggerTime"])) == [COUNT + 1, COUNT]


def test_values_of_one_stack_are_no_phases():
    slowly = Pile(tuple(ct_slice(0.5 * i, f"{i}", tags={"trigger_ms": 600.0 + i}) for i in range(20)))
    slabs = _phases(600, jitter=(0, 30, 60, 90))
    assert best_partition(slowly, SOURCE["TriggerTime"]) is None
    assert best_partition(slabs, SOURCE["TriggerTime"]) is None


def _unnamed(phases: int = 2) -> Pile:
    return Pile(tuple(image for phase in range(phases) for image in series(COUNT, name=f"{phase}-")))


def test_instances_numbered_phase_by_phase():
    keys = [(float(number),) for number in range(2 * COUNT)]
    assert by_instances(_unnamed(), keys).tolist() == [0] * COUNT + [1] * COUNT


def test_instances_numbered_place_by_place():
    keys = [(2.0 * (number % COUNT) + number // COUNT,) for number in range(2 * COUNT)]
    assert by_instances(_unnamed(), keys).tolist() == [0] * COUNT + [1] * COUNT


def test_passes_are_seen_where_slices_are_missing():
    pile = Pile(
        tuple(image for index, image in enumerate(_unnamed(3).slices) if index not in (15, 16, 17, 18))
    )
    keys = [(float(number),) for number in range(len(pile.slices))]
    labels = by_instances(pile, keys)
    assert [labels.tolist().count(group) for group in range(3)] == [COUNT, COUNT - 4, COUNT]


def test_numbers_without_order_tell_nothing():
    keys = [(float(number * 7919 % 1009),) for number in range(2 * COUNT)]
    assert by_instances(_unnamed(), keys) is None
    assert by_instances(_unnamed(), [(0.0,)] * (2 * COUNT)) is None


def test_a_few_places_are_no_volume():
    pile = Pile(tuple(series(4, name="a") + series(4, name="b")))
    assert by_instances(pile, [(float(number),) for number in range(8)]) is None
