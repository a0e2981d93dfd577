from dataclasses import replace

import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing import Finding, read_study
from tests.support import ct_factory as factory
from tests.support.ct_study import only_phase


def test_unknown_phase_names_the_known_ones(tmp_path):
    factory.write_series(tmp_path)
    with pytest.raises(StudyError, match="series 3") as caught:
        read_study(tmp_path).phase("70 %")
    assert caught.value.code == "unknown-phase"


def test_a_phase_is_found_by_its_label(tmp_path):
    factory.write_series(tmp_path)
    study = read_study(tmp_path)
    assert study.phase("series 3") is study.phases[0]


def test_files_are_whole_paths_in_order_along_the_normal(tmp_path):
    factory.write_series(tmp_path, step=-0.5)
    assert only_phase(tmp_path).files == tuple(tmp_path / f"IM{index:04d}" for index in range(5, -1, -1))


def test_a_multi_frame_file_is_listed_once(tmp_path):
    factory.write_enhanced(tmp_path / "multi", factory.pixels(3), [0, 0.5, 1])
    assert only_phase(tmp_path).files == (tmp_path / "multi",)


def test_check_refuses_with_the_first_blocking_finding(tmp_path):
    factory.write_series(tmp_path)
    phase = only_phase(tmp_path)
    phase.check()
    said, first, second = (Finding(code, f"It is {code}.") for code in ("slice-gaps", "tilted", "oblique"))
    refused = replace(phase, stack=replace(phase.stack, findings=(said, first, second)))
    with pytest.raises(StudyError, match=r"^phase series 3: It is tilted\.") as caught:
        refused.check()
    assert caught.value.code == "tilted"
    assert refused.blocking == (first, second)
