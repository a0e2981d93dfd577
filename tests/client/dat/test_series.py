from datetime import datetime, timezone

import pydicom
import pytest

from scanserve.client.dat.series import SERIES, Restored, write_series
from scanserve.client.dat.taken import take

NOW = datetime(2026, 1, 2, 3, 4, 5, tzinfo=timezone.utc)


@pytest.fixture
def written(study, tmp_path):
    taken = take(study, None)
    restored = [
        Restored("gaussian", "Gaussian filter", taken.slices),
        Restored("dat_vnet", "V-Net", taken.slices),
    ]
    return write_series(taken, restored, tmp_path, NOW, "Not for diagnosis."), taken, tmp_path


def test_each_method_has_a_file_of_its_own(written):
    objects, _, folder = written
    assert [item.file for item in objects] == ["series/gaussian.dcm", "series/dat_vnet.dcm"]
    assert {path.name for path in (folder / SERIES).iterdir()} == {"gaussian.dcm", "dat_vnet.dcm"}


def test_each_method_is_a_series_of_its_own_after_the_source(written):
    objects, taken, folder = written
    headers = [pydicom.dcmread(folder / item.file) for item in objects]
    assert [ds.SeriesInstanceUID for ds in headers] == [item.series_uid for item in objects]
    assert [ds.SOPInstanceUID for ds in headers] == [item.sop_uid for item in objects]
    assert len({ds.SeriesInstanceUID for ds in headers}) == 2
    assert headers[1].SeriesNumber == headers[0].SeriesNumber + 1
    assert {ds.StudyInstanceUID for ds in headers} == {taken.study_uid}
    assert {ds.SeriesDate for ds in headers} == {"20260102"}


def test_frames_are_stepped_through_by_their_slice(written):
    objects, _, folder = written
    ds = pydicom.dcmread(folder / objects[0].file)
    assert pydicom.datadict.keyword_for_tag(ds.FrameIncrementPointer) == "SliceVector"


def test_a_gaussian_filter_is_coded_as_a_blur(written):
    objects, _, folder = written
    codes = [pydicom.dcmread(folder / item.file).DerivationCodeSequence[0].CodeMeaning for item in objects]
    assert codes[0] != codes[1]
