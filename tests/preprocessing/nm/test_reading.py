import pytest

from scanserve.contracts import StudyError
from scanserve.preprocessing import read_study, read_tomograms
from tests.support import nm_factory as nm


def refused(folder):
    with pytest.raises(StudyError) as caught:
        read_tomograms(folder)
    return caught.value


def test_several_series_are_found_in_order_and_copies_once(tmp_path):
    nm.write(tmp_path, "b.dcm", number=2, minutes=25.0)
    nm.write(tmp_path, "a.dcm", number=1)
    nm.write(tmp_path, "copy.dcm", number=1)
    found = read_tomograms(tmp_path)
    assert [tomogram.series_number for tomogram in found.tomograms] == [1, 2]
    assert [group.code for group in found.skipped] == ["copy"]


def test_two_studies_are_refused(tmp_path):
    nm.write(tmp_path, "a.dcm", seed=1)
    nm.write(tmp_path, "b.dcm", seed=2)
    assert refused(tmp_path).code == "mixed-studies"


def test_folders_without_anything_are_refused(tmp_path):
    assert refused(tmp_path / "absent").code == "study-missing"
    assert refused(tmp_path).code == "empty-folder"


def test_an_nm_study_is_not_a_ct_study(tmp_path):
    with pytest.raises(StudyError) as caught:
        read_study(nm.write(tmp_path))
    assert caught.value.code == "no-ct"
    assert "Nuclear Medicine" in caught.value.message


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (
            lambda made: setattr(made, "ImageType", ["ORIGINAL", "PRIMARY", "TOMO", "EMISSION"]),
            "not RECON TOMO",
        ),
        (lambda made: setattr(made, "NumberOfSlices", 3), "more than one volume"),
        (lambda made: setattr(made, "NumberOfEnergyWindows", 2), "more than one volume"),
        (lambda made: setattr(made, "SliceVector", list(range(7, 0, -1))), "another order"),
        (lambda made: delattr(made, "PixelSpacing"), "pixel spacing"),
        (lambda made: delattr(made, "PixelData"), "no pixel data"),
        (lambda made: setattr(made, "SOPClassUID", "1.2.840.10008.5.1.4.1.1.2"), "not NM images"),
    ],
)
def test_what_is_no_single_volume_is_refused_with_its_reason(tmp_path, change, reason):
    error = refused(nm.write(tmp_path, change=change))
    assert error.code == "no-tomogram"
    assert reason in error.message


def test_an_unknown_image_type_is_not_repeated(tmp_path):
    def change(made):
        made.ImageType = ["ORIGINAL", "PRIMARY", "DOE JOHN"]

    assert "DOE" not in refused(nm.write(tmp_path, change=change)).message


def test_what_was_not_seen_is_a_warning(tmp_path):
    (tmp_path / "study").mkdir()
    nm.write(tmp_path / "study")
    (tmp_path / "study" / "more").symlink_to(tmp_path)
    assert [finding.code for finding in read_tomograms(tmp_path / "study").warnings] == ["folder-link"]
