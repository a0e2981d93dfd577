import json

import pytest

from scanserve.contracts import InputError
from scanserve.evaluation.ccta import evaluate
from scanserve.evaluation.studies import Pair

SPACING = 0.25


@pytest.fixture
def pair(made, tmp_path):
    def pair(name, truth=None, **options):
        truth, result = made.write(tmp_path / name, truth or made.truth(), made.result(**options))
        return Pair(name, truth, result)

    return pair


def test_report_of_two_studies(made, pair, tmp_path):
    done = []
    alone, _ = made.write(tmp_path / "alone", made.truth())
    report = evaluate(
        [pair("a", missing={("RCA", 0.0)}), Pair("alone", alone, None)],
        lambda *numbers: done.append(numbers),
        spacing_mm=SPACING,
    )
    assert done == [(1, 2), (2, 2)]

    content = json.loads(json.dumps(report.as_dict(), allow_nan=False))
    assert content["settings"]["spacing_mm"] == SPACING
    assert content["pooled"]["interval_unit"] == "study"
    assert content["pooled"]["counts"]["all"]["missed"] == {"vessel-not-seen": 1, "no-result": 9}
    first, second = content["studies"]
    assert (first["name"], second["name"]) == ("a", "alone")
    assert second["phases_without_result"] == list(made.PERCENTS)
    assert first["overall"]["chosen_percent"] == 70
    phase = first["vessels"][0]["phases"][1]
    assert (phase["true_class"], phase["found_class"], phase["detected"]) == ("adequate", "adequate", True)
    assert phase["tree"]["branch_recall"] == 1
    assert first["vessels"][0]["phases"][0]["section_quality"] == [None] * 15

    notes = "\n".join(report.notes())
    assert "10 of 18" in notes
    assert "no-result 9, vessel-not-seen 1" in notes
    assert "alone: no result for 0 %, 40 %, 70 %; counted as missed." in notes
    assert "over the 2 studies" in notes


def test_the_notes_say_what_was_resampled(made, pair):
    one = made.truth() | {"heart": "ct-1"}
    notes = evaluate([pair("a", one), pair("b", one)], spacing_mm=SPACING).notes()
    assert notes[-1] == "The 2 studies are of one heart: they have no intervals."
    two = [pair("a", one), pair("b", one), pair("c", made.truth() | {"heart": "ct-2"})]
    assert "over the 2 hearts of 3 studies." in evaluate(two, spacing_mm=SPACING).notes()[-1]


def test_tables_name_groups_and_figures(made, pair):
    lines, phases = evaluate([pair("a")], spacing_mm=SPACING).tables()
    assert lines.columns == ("", "all vessels", "RCA", "LAD", "LCX")
    assert phases.columns == (*lines.columns, "overall")
    rows = {row[0]: row[1:] for row in (*lines.rows, *phases.rows)}
    assert rows["OV"] == ("1.00 [1.00, 1.00]", "1.00", "1.00", "1.00")
    assert rows["best phase first"][-1] == "1.00"
    assert rows["OV"][0] != rows["AI, mm"][0]
    assert rows["quality class, kappa"][-1] == ""


def test_extra_phases_and_uncounted_branches_are_said(made, pair):
    truth = made.truth((0.0, 40.0, 71.0))
    for vessel in truth["vessels"]:  # the side branch runs beside the main path
        for phase in vessel["phases"]:
            phase["points_mm"][1] = [[x + 1, y, 0] for x, y, _ in phase["points_mm"][0][:61]]
    notes = "\n".join(evaluate([pair("a", truth)], spacing_mm=SPACING).notes())
    assert "a: not in the truth, left out: 70 %." in notes
    assert "too close to others to be counted: 9 of 9" in notes
    assert "one study" in notes


def test_error_names_the_study(made, pair):
    with pytest.raises(InputError) as caught:
        evaluate([pair("patient", made.truth((10.0, 20.0, 30.0)))])
    assert caught.value.code == "no-common-phase"
    assert caught.value.message.startswith("patient: ")
