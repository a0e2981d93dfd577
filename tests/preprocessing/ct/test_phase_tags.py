import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.preprocessing.ct.phase_tags import SOURCES, percent_in_text, trigger_in_text
from scanserve.preprocessing.ct.slices import PhaseTags


@pytest.mark.parametrize(
    ("text", "percent"),
    [
        ("70 % 1.0  B30f", 70),
        ("75%", 75),
        ("BestDiast 77 %", 77),
        ("CTA 37,5 % Bv40", 37.5),
        ("0 %", 0),
        ("Cardiac 75% ASiR-V 40%", 75),
        ("10 - 100 %", None),
        ("0%-90% multiphase", None),
        ("30 to 80 %", None),
        ("ASIR 40%", None),
        ("70 % and 30 %", None),
        ("170 %", None),
        ("BestSyst", None),
        ("", None),
    ],
)
def test_percent_in_descriptions(text, percent):
    assert percent_in_text(text) == percent


@settings(deadline=None)
@given(st.integers(0, 100), st.sampled_from(["{} %", "{}%", "CorCTA {} % 0.6 Bv40", "{}.0 % 1.0 B30f"]))
def test_any_percent_is_found(percent, pattern):
    assert percent_in_text(pattern.format(percent)) == percent


@pytest.mark.parametrize(("text", "delay"), [("350 ms", 350), ("Trigger 275.5ms", 275.5), ("0.6 mm", None)])
def test_trigger_in_descriptions(text, delay):
    assert trigger_in_text(text) == delay


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
