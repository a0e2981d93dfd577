from types import SimpleNamespace

from scanserve.client.ccta.figures.order import sorted_phases


def test_phases_come_by_percent_and_those_without_one_last_in_the_study_s_order():
    phases = [
        SimpleNamespace(label=label, percent=percent)
        for label, percent in (("series 4", None), ("70 %", 70.0), ("350 ms", None), ("40 %", 40.0))
    ]
    result = SimpleNamespace(study=SimpleNamespace(phases=phases))
    assert [phase.label for phase in sorted_phases(result)] == ["40 %", "70 %", "series 4", "350 ms"]
