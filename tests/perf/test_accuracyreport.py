import json

import pytest

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.evaluation.application import Table
from scanserve.perf.accuracyreport import Measured, Target, TargetCheck, write_accuracy


class Report:
    """A report with two figures, one of them not defined."""

    def as_dict(self):
        ov = {"value": 0.96, "low": 0.94, "high": 0.98}
        nothing = {"value": None, "low": None, "high": None}
        return {
            "pooled": {"figures": {"all": {"ov": ov, "top1": nothing}, "LAD": {"ov": ov}}},
            "studies": [1],
        }

    def tables(self):
        return [Table("Lines", ("", "all"), (("OV", "0.96"),))]

    def notes(self):
        return ["Nothing was missed."]


@pytest.fixture
def measured():
    targets = (Target("all", "ov", 0.95), Target("all", "top1", 0.85))
    return Measured(
        "ccta",
        (300_000, 300_001),
        "two phases",
        {300_001: "no-vessels: none"},
        Report(),
        targets,
        "the command",
    )


@pytest.mark.parametrize(
    ("value", "at_most", "kept"),
    [(0.3, True, True), (0.31, True, False), (0.3, False, True), (None, False, False)],
)
def test_a_bound_holds_or_not(value, at_most, kept):
    check = TargetCheck(Target("all", "ai_mm", 0.3, at_most), value, None, None)
    assert check.kept is kept
    assert ("kept" in str(check)) is kept


def test_files_say_what_was_aimed_at_and_missed(measured, tmp_path, root):
    write_accuracy(tmp_path, measured, root / "model_repository")
    content = json.loads((tmp_path / "accuracy.json").read_text())
    text = (tmp_path / "accuracy.md").read_text()
    assert [target["kept"] for target in content["targets"]] == [True, False]
    assert content["seeds"] == [300_000, 300_001]
    assert set(content["models"]) >= {"ccta_stage1", "ccta_quality"}
    assert content["studies"] == "two phases"
    assert content["command"] == "the command"
    assert "by `the command`." in text
    checks = ("ov (all): 0.960 [0.940, 0.980], aim >= 0.95: kept", "top1 (all): not defined")
    for part in ("1 of 2 targets are missed", *checks, "| OV | 0.96 |", "300001", NOT_FOR_DIAGNOSIS):
        assert part in text
    assert (tmp_path / "accuracy.png").read_bytes().startswith(b"\x89PNG")
