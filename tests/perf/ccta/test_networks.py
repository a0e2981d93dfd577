import json

import pytest

from scanserve.contracts import InputError
from scanserve.evaluation.tree import Coverage
from scanserve.perf.ccta import networks
from scanserve.perf.ccta.networks import FIGURES, Found, NetworksReport, measure_networks, subject_of
from scanserve.perf.ccta.outcomes import Outcome
from scanserve.perf.networks import Variant
from scanserve.perf.selection import Selection

BY_NAME = {figure.name: figure for figure in FIGURES}


def outcomes(found_mm, *, presence=0.5, frame_mm=2.0):
    """Three vessels of 100 mm each, of which ``found_mm`` are found, and as much that is wrong."""
    given, chain = Coverage(100, 90, 120, 60), Coverage(100, found_mm, 2 * found_mm, found_mm)
    return tuple(Outcome(vessel, presence, 0.25, frame_mm, given, chain) for vessel in ("RCA", "LAD", "LCX"))


def report(*hearts):
    """Volumes of these hearts: 80 mm are found in the first, 20 in all others; nothing by the blind network."""
    return NetworksReport(
        "volumes",
        tuple(
            Found(number, heart, {"served": outcomes(20 if number else 80), "blind": outcomes(0)})
            for number, heart in enumerate(hearts)
        ),
    )


def test_figures_are_means_and_shares_of_lengths():
    found = report("a", "b")
    values = {name: found.figure(figure, "served").value for name, figure in BY_NAME.items()}
    assert values == pytest.approx(
        {
            "presence": 0.5,
            "heat": 0.25,
            "frame_mm": 2,
            "given_found": 0.9,
            "given_right": 0.5,
            "vessels": 0.5,  # 20 of 100 mm are not a vessel
            "chain_found": 0.5,
            "chain_right": 0.5,
        }
    )
    assert found.figure(BY_NAME["chain_found"], "blind", "LAD").value == 0
    assert found.figure(BY_NAME["chain_right"], "blind").value is None


def test_intervals_are_over_hearts():
    chain = BY_NAME["chain_found"]
    two = report("a", "b").figure(chain, "served")
    assert (two.low, two.high) == pytest.approx((0.2, 0.8))
    three = report("a", "b", "b").figure(chain, "served")
    assert (three.low, three.value, three.high) == pytest.approx((0.2, 0.4, 0.8))
    one = report("a", "a").figure(chain, "served")
    assert (one.value, one.low) == (pytest.approx(0.5), None)


def test_the_report_says_what_was_resampled():
    assert report("a", "a").notes()[-1] == "2 volumes of one heart: no intervals."
    assert "over the 2 hearts of 3 volumes" in report("a", "b", "b").notes()[-1]


def test_tables_show_every_variant_and_every_vessel(tmp_path):
    found = report("a", "b")
    variants, vessels = found.tables()
    assert variants.columns == ("", "served", "blind")
    assert vessels.columns == ("", "RCA", "LAD", "LCX")
    rows = {row[0]: row[1:] for row in variants.rows}
    assert rows["chain: true tree found"] == ("0.50 [0.20, 0.80]", "0.00 [0.00, 0.00]")
    content = json.loads(json.dumps(found.as_dict(), allow_nan=False))
    assert content["hearts"] == 2
    assert content["figures"]["served"]["RCA"]["presence"]["value"] == 0.5
    found.draw(tmp_path / "networks.png")
    assert (tmp_path / "networks.png").read_bytes().startswith(b"\x89PNG")


def test_every_variant_sees_the_same_volumes(monkeypatch, tmp_path):
    """Each volume is prepared once, and stage 2 with the true prior runs once for each stage 2."""
    seen, lines = [], []

    class Subject:
        heart = "a"

    def measured(prepared, run, given, without):
        seen.append((run.repository.name, given, without))
        return outcomes(50)

    monkeypatch.setattr(networks, "subject_of", lambda hearts, seed: Subject())
    monkeypatch.setattr(networks, "prepare", lambda subject, run: "prepared")
    monkeypatch.setattr(networks, "with_true_prior", lambda prepared, run: run.repository.name)
    monkeypatch.setattr(networks, "measure", measured)
    one, two = tmp_path / "one", tmp_path / "two"
    variants = [Variant("served", one), Variant("blind", one, "mean"), Variant("other", two)]
    found = measure_networks(Selection("plain"), 1, variants, first_seed=5, note=lines.append)
    assert seen == [("one", "one", None), ("one", "one", "mean"), ("two", "two", None)]
    assert found.variants == ("served", "blind", "other")
    assert lines == ["volume 5: found RCA 0.50, LAD 0.50, LCX 0.50"]


def test_an_unknown_channel_is_refused_before_any_work(tmp_path):
    with pytest.raises(InputError) as caught:
        measure_networks(Selection(), 1, [Variant("blind", tmp_path, "colour")])
    assert caught.value.code == "unknown-channel"


def test_a_subject_is_one_scan_of_a_patient(monkeypatch):
    monkeypatch.setattr(networks, "MATRIX", 24)
    first, again = (subject_of(networks.Hearts("plain"), 7) for _ in range(2))
    assert first.heart == "plain-7"
    assert first.volume.hu.shape[1:] == (24, 24)
    assert (first.volume.hu == again.volume.hu).all()
    assert [len(branches) > 0 for branches in first.branches] == [True] * 3
    low, high = first.volume.grid.bounds()
    points = first.branches[1][0]
    assert ((points > low) & (points < high)).all()
