import pydicom
import pytest

from scanserve.client.dat.run import Options, run


@pytest.fixture(scope="module")
def made(study, samples, tmp_path_factory):
    out = tmp_path_factory.mktemp("dat") / "out"
    return out, run(Options(study, out, ("gaussian",), deidentify=True), samples.no_connection)


def test_the_result_names_other_uids_and_no_date(made, restored):
    private, named = made[1], restored[1]
    for name in ("study_instance_uid", "series_instance_uid", "sop_instance_uid"):
        assert getattr(private.study, name) != getattr(named.study, name)
    assert private.created.year == 1900
    assert len(private.deidentification) == 2
    assert named.deidentification == []


def test_restored_slices_keep_pixels_and_place_and_lose_the_patient(made, restored):
    private, named = (pydicom.dcmread(out / "series" / "gaussian.dcm") for out in (made[0], restored[0]))
    for keyword in ("PixelData", "PixelSpacing", "RescaleSlope", "NumberOfFrames", "SliceVector"):
        assert private[keyword] == named[keyword]
    assert private.PatientName == "DEIDENTIFIED^"
    assert private.StudyInstanceUID != named.StudyInstanceUID
    assert private.PatientIdentityRemoved == "YES"
