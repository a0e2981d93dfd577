from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from scanserve.contracts import StudyError
from scanserve.preprocessing import read_study
from tests.support import ct_factory as factory

SHARED = Path(__file__).parents[3] / "../shared/data"
PERCENTS = (30, 40, 70)


def _code(path) -> str:
    with pytest.raises(StudyError) as caught:
        read_study(path)
    assert "SECRET" not in caught.value.message
    return caught.value.code


def _skipped(study) -> dict[str, int]:
    counts = Counter()
    for group in study.skipped:
        counts[group.code] += group.files
    return dict(counts)


# Where phases come from


def test_one_series_per_phase(tmp_path):
    for number, percent in enumerate(PERCENTS):
        factory.write_series(
            tmp_path / str(number),
            SeriesInstanceUID=f"1.2.9.{number}",
            uid=f"1.2.8.{number}",
            NominalPercentageOfCardiacPhase=float(percent),
        )
    study = read_study(tmp_path)
    assert [phase.label for phase in study.phases] == ["30 %", "40 %", "70 %"]
    assert study.phases[2].explanation == "70 % from NominalPercentageOfCardiacPhase in 6 of 6 slices"
    assert study.study_instance_uid == factory.STUDY
    assert not study.skipped


def test_series_of_all_phases_is_split(tmp_path):
    for percent in PERCENTS:
        factory.write_series(
            tmp_path,
            name=lambda index, percent=percent: f"{percent}-{index}",
            uid=f"1.2.8.{percent}",
            ScanOptions=f"TP{percent}PC{percent * 10}",
            SeriesDescription="10 - 100 %",
        )
    study = read_study(tmp_path)
    assert [phase.percent for phase in study.phases] == [30, 40, 70]
    assert [phase.trigger_ms for phase in study.phases] == [300, 400, 700]
    assert all(phase.shape == (6, 4, 5) for phase in study.phases)
    assert "6 of 18 slices" in study.phases[0].explanation


def test_constant_percent_does_not_hide_trigger_times(tmp_path):
    for delay in (300, 600):
        factory.write_series(
            tmp_path,
            name=lambda index, delay=delay: f"{delay}-{index}",
            uid=f"1.2.8.{delay}",
            NominalPercentageOfCardiacPhase=0.0,
            TriggerTime=delay,
        )
    assert [phase.label for phase in read_study(tmp_path).phases] == ["300 ms", "600 ms"]


def test_acquisitions_tell_untagged_phases_apart(tmp_path):
    for number in (1, 2):
        factory.write_series(
            tmp_path,
            name=lambda index, number=number: f"{number}-{index}",
            uid=f"1.2.8.{number}",
            AcquisitionNumber=number,
        )
    study = read_study(tmp_path)
    assert [phase.percent for phase in study.phases] == [None, None]
    assert "no phase tag" in study.phases[0].explanation
    assert "phases-unknown" in {finding.code for finding in study.warnings}


def test_series_without_tag_is_one_phase_that_says_so(tmp_path):
    factory.write_series(tmp_path)
    study = read_study(tmp_path)
    assert [phase.label for phase in study.phases] == ["series 3"]
    assert study.phases[0].percent is None
    assert "no cardiac phase tag" in study.phases[0].explanation
    assert {"one-phase", "phases-unknown"} <= {finding.code for finding in study.warnings}


def test_slowly_varying_tag_is_one_phase(tmp_path):
    factory.write_series(tmp_path, each=lambda index: {"TriggerTime": 600 + index})
    (phase,) = read_study(tmp_path).phases
    assert phase.trigger_ms == 602.5
    assert "median of 600 to 605" in phase.explanation


def test_thinnest_then_smoothest_reconstruction_wins(tmp_path):
    kinds = [(1.0, "B26f", 1), (0.5, "B46f", 2), (0.5, "B26f", 3)]
    for step, kernel, number in kinds:
        factory.write_series(
            tmp_path / str(number),
            factory.pixels(round(6 / step)),
            step=step,
            SliceThickness=step,
            ConvolutionKernel=kernel,
            SeriesNumber=number,
            SeriesInstanceUID=f"1.2.9.{number}",
            uid=f"1.2.8.{number}",
            SeriesDescription="70 %",
        )
    study = read_study(tmp_path)
    (phase,) = study.phases
    assert (phase.series_number, phase.kernel) == (3, "B26f")
    assert "series 2, 0.50 mm B46f" in phase.explanation
    assert _skipped(study) == {"other-reconstruction": 18}


def test_whole_reconstruction_wins_over_thinner_one_with_holes(tmp_path):
    factory.write_series(tmp_path / "a", SeriesDescription="70 %", skip=(3,))
    factory.write_series(
        tmp_path / "b",
        factory.pixels(3),
        step=1.0,
        SeriesDescription="70 %",
        SeriesInstanceUID="1.2.9.9",
        uid="1.2.8.9",
    )
    (phase,) = read_study(tmp_path).phases
    assert phase.series_instance_uid == "1.2.9.9"


def test_untagged_series_and_previews_are_left_out(tmp_path):
    factory.write_series(tmp_path / "a", factory.pixels(40), SeriesDescription="70 %")
    factory.write_series(tmp_path / "b", SeriesInstanceUID="1.2.9.1", uid="1.2.8.1", SeriesDescription="30 %")
    factory.write_series(
        tmp_path / "c",
        factory.pixels(20),
        SeriesInstanceUID="1.2.9.2",
        uid="1.2.8.2",
        SeriesDescription="Lung",
    )
    study = read_study(tmp_path)
    assert [phase.label for phase in study.phases] == ["70 %"]
    assert _skipped(study) == {"preview": 6, "no-phase-tag": 20}


def test_oblique_reformat_beside_a_phase_is_skipped(tmp_path):
    factory.write_series(tmp_path / "a", SeriesDescription="70 %")
    factory.write_series(
        tmp_path / "b",
        orientation=(1, 0, 0, 0, 0.8, 0.6),
        SeriesInstanceUID="1.2.9",
        uid="1.2.8",
        SeriesDescription="70 %",
    )
    study = read_study(tmp_path)
    assert [(group.code, group.files) for group in study.skipped] == [("oblique", 6)]
    assert len(study.phases) == 1


# What lies in folders


def test_every_file_is_accounted_for(tmp_path):
    factory.write_series(tmp_path / "deep" / "er", name=lambda index: f"no extension {index}")
    image = factory.pixels(1)[0]
    others = {
        "topogram": {"ImageType": ["ORIGINAL", "PRIMARY", "LOCALIZER"]},
        "capture": {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.7"},
        "report": {"SOPClassUID": "1.2.840.10008.5.1.4.1.1.88.22", "Rows": None},
        "mip": {"ImageType": ["DERIVED", "SECONDARY", "MIP"]},
        "chart": {"SamplesPerPixel": 3},
        "nowhere": {"ImagePositionPatient": None},
    }
    for index, (name, tags) in enumerate(others.items()):
        factory.save(factory.slice_dataset(image, uid=f"1.2.7.{index}", **tags), tmp_path / name)
    (tmp_path / "notes.txt").write_text("SECRET^NAME")
    (tmp_path / "empty").touch()
    (tmp_path / "broken").write_bytes(b"\0" * 128 + b"DICM" + b"\xff" * 200)
    (tmp_path / "copy").write_bytes((tmp_path / "deep/er/no extension 2").read_bytes())
    study = read_study(tmp_path)
    single = ("localizer", "projection", "colour", "no-geometry", "unreadable", "copy")
    assert _skipped(study) == dict.fromkeys(single, 1) | {"not-ct": 2, "not-dicom": 2}
    assert sum(group.files for group in study.skipped) + len(study.phases[0].files) == 16
    messages = [group.message for group in study.skipped]
    assert "1 file is Secondary Capture Image, not CT images." in messages
    assert not any("SECRET" in message or str(tmp_path) in message for message in messages)


def test_progress_ends_at_the_total(tmp_path):
    factory.write_series(tmp_path)
    calls = []
    read_study(str(tmp_path), progress=lambda done, total: calls.append((done, total)))
    assert calls[-1] == (6, 6)


def test_one_file_is_a_study(tmp_path):
    factory.write_series(tmp_path)
    assert read_study(tmp_path / "IM0002").phases[0].shape == (1, 4, 5)


def test_absent_and_empty_folders(tmp_path):
    assert _code(tmp_path / "nothing") == "study-missing"
    assert _code(tmp_path) == "empty-folder"


def test_folder_without_ct_says_what_it_holds(tmp_path):
    factory.write_series(tmp_path, SOPClassUID="1.2.840.10008.5.1.4.1.1.4", Modality="MR")
    (tmp_path / "x.txt").write_text("x")
    with pytest.raises(StudyError, match=r"6 files are MR Image, .* 1 file is not DICOM\.") as caught:
        read_study(tmp_path)
    assert caught.value.code == "no-ct"


def test_two_studies_are_refused(tmp_path):
    factory.write_series(tmp_path / "a")
    factory.write_series(tmp_path / "b", StudyInstanceUID="1.2.99", SeriesInstanceUID="1.2.98", uid="1.2.97")
    assert _code(tmp_path) == "mixed-studies"


def test_other_study_without_ct_does_not_matter(tmp_path):
    factory.write_series(tmp_path / "a")
    factory.write_series(
        tmp_path / "b", StudyInstanceUID="1.2.99", SOPClassUID="1.2.840.10008.5.1.4.1.1.4", uid="1.2.97"
    )
    assert read_study(tmp_path).study_instance_uid == factory.STUDY


def test_frames_of_reference_must_agree_across_phases(tmp_path):
    for number, percent in enumerate((30, 70)):
        factory.write_series(
            tmp_path / str(number),
            SeriesInstanceUID=f"1.2.9.{number}",
            uid=f"1.2.8.{number}",
            SeriesDescription=f"{percent} %",
            FrameOfReferenceUID=f"1.2.5.{number}",
        )
    assert _code(tmp_path) == "mixed-frames-of-reference"


def test_sloppy_headers_are_tolerated(tmp_path):
    stored = factory.write_series(
        tmp_path,
        FrameOfReferenceUID=None,
        SliceThickness=None,
        WindowCenter=[40, 300],
        WindowWidth=[0, 1500],
        Manufacturer=None,
        PatientPosition="FFS",
        SeriesNumber=None,
        SOPInstanceUID="1.2.3.4.5",
    )
    study = read_study(tmp_path)
    (phase,) = study.phases
    np.testing.assert_array_equal(phase.load().hu, stored - 1024)
    assert "no-frame-of-reference" in {finding.code for finding in study.warnings}


def test_z_alone_is_a_position(tmp_path):
    factory.write_series(
        tmp_path, each=lambda index: {"ImagePositionPatient": None, "SliceLocation": 10 + index}
    )
    (phase,) = read_study(tmp_path).phases
    assert phase.origin == pytest.approx((-2 * 0.3, -1.5 * 0.4, 10))
    assert [finding.code for finding in phase.findings] == ["slice-gaps", "position-z-only"]


@settings(max_examples=8, deadline=None)
@given(st.permutations(range(6)), st.permutations(range(6)))
def test_names_and_instance_numbers_never_matter(tmp_path_factory, names, numbers):
    folder = tmp_path_factory.mktemp("study")
    stored = factory.write_series(
        folder,
        name=lambda index: f"{names[index]}.dcm",
        each=lambda index: {"InstanceNumber": numbers[index]},
    )
    volume = read_study(folder).phases[0].load()
    np.testing.assert_array_equal(volume.hu, stored - 1024)


@pytest.mark.shared_data
@pytest.mark.skipif(not SHARED.is_dir(), reason="shared data is not beside the checkout")
class TestRealData:
    def test_real_heart(self):
        study = read_study(SHARED / "heart_ct_1p5mm")
        (phase,) = study.phases
        assert phase.shape == (164, 126, 120)
        assert phase.spacing == pytest.approx((1.5, 1.5, 1.5))
        assert phase.origin == pytest.approx((-71.6582, -255.6582, 540.2))
        assert not phase.findings
        assert not study.skipped

    def test_siemens_slices_whose_uids_were_blanked(self):
        (phase,) = read_study(SHARED / "dicom_edge_cases/siemens_contrast_ct_j2k").phases
        assert phase.shape == (20, 512, 512)
        assert phase.spacing[2] == pytest.approx(2)

    def test_malformed_sequence(self):
        (phase,) = read_study(SHARED / "dicom_edge_cases/bad_sequence.dcm").phases
        assert phase.load().hu.shape == (1, 512, 512)

    def test_folder_of_text(self):
        assert _code(SHARED / "cat08_golden") == "no-ct"


def test_what_was_not_seen_is_a_warning(tmp_path):
    factory.write_series(tmp_path / "study")
    factory.write_series(tmp_path / "elsewhere")
    (tmp_path / "study" / "phase").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "study" / "damaged").write_bytes(bytes(128) + b"DICM" + b"\xff" * 100)
    study = read_study(tmp_path / "study")
    assert [finding.code for finding in study.warnings][-2:] == ["folder-link", "unreadable"]
    assert {group.code for group in study.skipped} == {"folder-link", "unreadable"}
