import pytest

from scanserve.preprocessing.ct.decision.sources import SOURCES
from scanserve.preprocessing.ct.phase_tags import PhaseTags


def _first(**tags):
    for source in SOURCES:
        value = source.read(PhaseTags(**tags))
        if value is not None:
            return source.name, value.percent, value.trigger_ms
    return None


def test_siemens_scan_options_hold_percent_and_delay():
    assert _first(scan_options="HELIX\\TP70PC1165") == ("ScanOptions", 70, 1165)
    assert _first(scan_options="tp70pc") == ("ScanOptions", 70, None)
    assert _first(scan_options="TOP PC") is None


def test_nominal_percentage_comes_before_descriptions():
    name, percent, _ = _first(nominal_percent=75.0, series_description="70 %", trigger_ms=600.0)
    assert (name, percent) == ("NominalPercentageOfCardiacPhase", 75)


def test_trigger_time_comes_after_percentages():
    assert _first(trigger_ms=601.4) == ("TriggerTime", None, 601)
    assert _first(trigger_ms=601.4, image_comments="40 %")[1] == 40


def test_nonsense_is_no_phase():
    assert _first(nominal_percent=-5.0) is None
    assert _first(trigger_ms=-1.0) is None
    assert _first() is None


def test_numbers_after_the_word_phase_come_before_delays():
    assert _first(trigger_ms=0.0, series_description="CTA Phase 40") == (
        "SeriesDescription (phase)",
        40,
        None,
    )


def test_the_temporal_index_and_times_only_tell_apart():
    for tags in (
        {"temporal_index": 2},
        {"temporal_position": 2},
        {"acquisition": 2},
        {"content_time": 120000.1},
        {"acquisition_time": 120000.1},
    ):
        assert _first(**tags)[1:] == (None, None)
    assert not any(source.identifies for source in SOURCES[-7:])


@pytest.mark.parametrize(
    ("numbers", "are_percentages"),
    [
        ([40, 75], True),
        ([75], True),
        ([0, 10, 20], True),
        ([5, 10], True),
        ([70, 71, 72], True),
        ([1, 2, 3], False),
        ([1], False),
        ([8, 9, 10, 11], False),
    ],
)
def test_numbers_that_count_phases_are_no_percentages(numbers, are_percentages):
    (source,) = (source for source in SOURCES if source.name == "SeriesDescription (phase)")
    assert source.means_phases(numbers) is are_percentages
