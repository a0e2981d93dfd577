import numpy as np
import pytest

from scanserve.client.ccta.decision import decide
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts.ccta import VESSELS
from tests.support import ccta_samples as samples


def decided(percents=samples.PERCENTS, missing=(), **options):
    study = samples.study(percents)
    stopwatch = Stopwatch()
    analysis = samples.analysed(study, samples.FakeClient(missing), **options)
    return decide(analysis, stopwatch), analysis, stopwatch


@pytest.fixture(scope="module")
def decision():
    return decided(missing={(50.0, 2)})


def test_the_best_phases_are_those_of_the_truth(decision):
    vessels = decision[0].vessels
    assert list(vessels) == [vessel.abbreviation for vessel in VESSELS]
    assert [vessel.order.best for vessel in vessels.values()] == ["40 %", "70 %", "70 %"]
    assert decision[0].overall.best == "70 %"


def test_travel_is_known_around_every_phase_in_which_the_vessel_was_found(decision):
    travels = [travel is not None for travel in decision[0].vessels["LCX"].travels]
    assert travels == [True, False, True, True]  # 40 % sees 60 % across the lost phase


def test_the_joined_image_begins_in_the_best_phase_and_names_its_sources(decision):
    joined = decision[0].vessels["LAD"].joined
    assert joined.phases == ("40 %", "50 %", "60 %", "70 %")
    assert joined.phases[joined.recombined.sources[0]] == "70 %"


def test_an_image_of_one_phase_is_of_the_phase_that_ranks_first(decision):
    for vessel in decision[0].vessels.values():
        used = {vessel.joined.phases[source] for source in vessel.joined.recombined.sources if source >= 0}
        assert len(used) > 1 or used == {vessel.order.best}


def test_phases_without_the_vessel_are_no_source(decision):
    decided_on, analysis, _ = decision
    joined = decided_on.vessels["LCX"].joined
    assert joined.phases == ("40 %", "60 %", "70 %")
    assert joined.recombined.image.shape == analysis.scores["LCX"].phases["40 %"].image.shape
    assert np.all(joined.recombined.sources < 3)


def test_joining_is_timed_once_for_all_vessels(decision):
    assert [span.stage for span in decision[2].spans()] == ["recombine"]


def test_a_vessel_found_nowhere_has_the_reason_of_the_phase_in_which_it_was_seen_best():
    found, analysis, _ = decided((40.0, 70.0), missing={(40.0, 1), (70.0, 1)})
    vessel = found.vessels["LAD"]
    assert (vessel.joined, vessel.order.best) == (None, None)
    assert vessel.absent in [phase.vessels["LAD"].reason for phase in analysis.phases]
    assert found.vessels["RCA"].absent is None
