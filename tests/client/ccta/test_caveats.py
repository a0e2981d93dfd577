from dataclasses import replace

import pytest

from scanserve.client.ccta.caveats import caveats_of
from scanserve.client.ccta.ranking import PhaseScore, rank_vessel
from scanserve.client.ccta.travel import Travel
from scanserve.preprocessing import Finding
from tests.support import ccta_samples as samples

#: The best phase of RCA is 40 %, that of LAD 70 %.
PHASES = (40.0, 70.0)


@pytest.fixture(scope="module")
def analysis():
    return samples.analysed(samples.study(PHASES))


def order_of(best):
    return rank_vessel([PhaseScore(f"{p:g} %", float(f"{p:g} %" == best), 0.0) for p in PHASES])


def caveats(analysis, overall="70 %", moved=(None, None), **best):
    """(code, message) of every caveat; ``moved`` is how far each vessel moves around each phase."""
    orders = {name: order_of(best.get(name, overall)) for name in ("RCA", "LAD", "LCX")}
    travels = {name: moved[: len(analysis.phases)] for name in orders}
    return [(item.code, item.message) for item in caveats_of(analysis, order_of(overall), orders, travels)]


def test_nothing_to_say(analysis):
    assert caveats(analysis) == []


def test_a_class_lost_in_the_best_phase_overall(analysis):
    ((code, message),) = caveats(analysis, RCA="40 %")
    assert code == "overall-best-not-best-for-vessel"
    assert message == (
        "In 70 %, the best phase overall, RCA is adequate only; read RCA in 40 %, where it is excellent."
    )


def test_nothing_is_lost_where_the_class_is_the_same_or_better(analysis):
    assert caveats(analysis, LAD="40 %") == []


def test_a_best_phase_whose_motion_is_known_from_one_side(analysis):
    """Each such phase once, with its vessels; not where another phase is best."""
    sides = Travel(1.0, one_sided=10), Travel(1.0)
    found = caveats(analysis, overall="40 %", LCX="70 %", moved=sides)
    assert [message for code, message in found if code == "best-phase-at-gap"] == [
        "40 % ranks first for RCA and LAD, but how far the vessel moves there is known from one side only: "
        "on the other, no phase within 22 % of the R-R interval shows it beside this one. A phase there may be better."
    ]
    assert caveats(analysis, moved=sides) == []


def test_a_best_phase_that_ranks_by_its_looks_alone(analysis):
    """Beside others whose travel is known; where none is known, all rank by their looks."""
    sides = None, Travel(1.0)
    found = caveats(analysis, overall="40 %", LCX="70 %", moved=sides)
    assert [message for code, message in found if code == "best-phase-at-gap"] == [
        "40 % ranks first for RCA and LAD, but how far the vessel moves there is not known, as it is for other phases: "
        "no phase within 22 % of the R-R interval shows it beside this one. It ranks by its looks alone."
    ]
    assert "best-phase-at-gap" not in dict(caveats(analysis, overall="40 %"))
    assert caveats(analysis, moved=sides) == []


def scored(analysis, name, **changes):
    """The analysis with one scored vessel changed."""
    return replace(analysis, scores={**analysis.scores, name: replace(analysis.scores[name], **changes)})


def test_a_phase_in_which_a_vessel_was_not_found(analysis):
    only = {"70 %": analysis.scores["LAD"].phases["70 %"]}
    assert caveats(scored(analysis, "LAD", phases=only)) == [
        ("vessel-missing-in-phase", "LAD was not found in 40 %; there it ranks last.")
    ]


@pytest.mark.parametrize(("cut_mm", "said"), [(0.0, False), (0.4, False), (0.6, True), (40.0, True)])
def test_a_phase_in_which_a_vessel_is_short(analysis, cut_mm, said):
    own = analysis.scores["LAD"]
    short = replace(own.phases["40 %"], length_mm=own.common_mm - cut_mm)
    found = caveats(scored(analysis, "LAD", phases={**own.phases, "40 %": short}))
    assert [code for code, _ in found] == ["vessel-short-in-phase"] * said
    assert all("less than 60% of its usual length in 40 %;" in message for _, message in found)


def test_a_vessel_found_nowhere_has_no_caveats_of_its_own(analysis):
    rest = {name: scored for name, scored in analysis.scores.items() if name != "RCA"}
    assert caveats(replace(analysis, scores=rest), RCA="40 %") == []


def test_an_override_is_said_with_each_reason_once():
    analysis = samples.analysed(samples.study(PHASES), findings=(samples.NOT_A_HEART,), override="teaching")
    found = caveats(analysis)
    assert [code for code, _ in found] == ["ineligible-overridden", "no-contrast"]
    assert found[0][1].endswith("because: teaching")


def test_one_phase_is_said_once(analysis):
    alone = replace(analysis, phases=analysis.phases[:1], scores={})
    assert [code for code, _ in caveats(alone)] == ["one-phase"]
    noticed = replace(alone.study, warnings=(Finding("one-phase", "one."), Finding("gap", "a gap.")))
    assert caveats(replace(alone, study=noticed)) == [("one-phase", "one."), ("gap", "a gap.")]


def test_lost_phases_are_said_with_their_reason(analysis):
    left = replace(analysis, left_out=(samples.LOST, samples.CALCIUM))
    assert caveats(left) == [
        (
            "phase-left-out",
            "phase 30 % (series 4) was left out: 3 slices are missing in 1 place [missing-slices].",
        )
    ]


def test_what_was_noticed_about_slices_is_said_once_for_all_phases(analysis):
    said = Finding("padding-doubtful", "the padding value 0 may be tissue.")
    first, second = (replace(item, phase=replace(item.phase, findings=(said,))) for item in analysis.phases)
    both = replace(analysis, phases=(first, second))
    assert caveats(both) == [("padding-doubtful", "all 2 phases: the padding value 0 may be tissue.")]
    one_of_two = replace(analysis, phases=(analysis.phases[0], second))
    assert caveats(one_of_two) == [("padding-doubtful", "70 %: the padding value 0 may be tissue.")]
