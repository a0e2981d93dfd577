"""Rows about a node: parts that add up, and results that must agree."""

import json
import re

import pytest

from scanserve.contracts import ResultError
from scanserve.perf import nodes
from scanserve.perf.nodes import Passage

PASSAGE = Passage(
    total_s=20.0,
    noticed_s=0.2,
    waited_s=0.3,
    analysed_s=18.5,
    server_s=5.0,
    dicom_s=1.5,
    inside_s=16.0,
    returned_s=1.0,
)


def result(folder, best):
    folder.mkdir()
    (folder / "result.json").write_text(json.dumps({"best": best}))
    return folder


def test_the_parts_of_a_passage_add_up_to_its_total():
    seconds = [float(number) for number in re.findall(r"(\d+\.\d) s", str(PASSAGE))]

    assert sum(seconds) == pytest.approx(PASSAGE.total_s)
    assert str(PASSAGE).startswith("noticing 0.2 s, queue 0.3 s, start, links and sync 2.5 s, server start")


def test_a_row_is_of_medians_and_names_the_split_of_the_middle():
    others = [Passage(**{**vars(PASSAGE), "total_s": total}) for total in (10.0, 30.0)]
    row = nodes._row("a study", [others[1], PASSAGE, others[0]], [10.0, 8.0, 9.0], "equal")

    assert (row.ours, row.peer, row.accuracy) == (20.0, 9.0, "equal")
    assert str(PASSAGE) in row.against


def test_equal_results_say_what_they_found(tmp_path):
    places = [result(tmp_path / name, "70 %") for name in "ab"]
    assert nodes._same(lambda found: found["best"], places) == "equal results: 70 %"


def test_different_results_are_no_measurement(tmp_path):
    places = [result(tmp_path / "a", "70 %"), result(tmp_path / "b", "40 %")]
    with pytest.raises(ResultError, match="gave different results: 40 %; 70 %"):
        nodes._same(lambda found: found["best"], places)


def test_a_command_that_fails_is_no_measurement(tmp_path):
    command = nodes._Command(["sh", "-c", "echo 'error [x]: no'; exit 3"], tmp_path / "out")
    with pytest.raises(ResultError, match=r"status 3: error \[x\]: no"):
        command(tmp_path)


def test_stages_are_summed():
    spans = [
        {"stage": stage, "duration_s": seconds}
        for stage, seconds in (("dicom", 1), ("scan", 2), ("dicom", 3))
    ]
    assert nodes._stage_s({"spans": spans}, "dicom") == 4
