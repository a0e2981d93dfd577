"""What a node looks at in an object."""

import pytest
from pydicom.dataset import Dataset

from scanserve.node.heads import patient_of, read_head
from scanserve.preprocessing.dicom import FileRejectedError
from tests.support.node_studies import instance_uid, study_uid, write_study


def test_a_head_names_the_object_and_what_it_shows(tmp_path):
    (file,) = write_study(tmp_path, 1)
    head = read_head(file)
    assert (head.study, head.instance) == (study_uid(), instance_uid("a", 0, 0))
    assert head.descriptions == ("Zzqstudy coronary", "Zzqseries heart", "Zzqprotocol")
    assert not head.own
    assert patient_of(file) == "Zzqmark^Wilhelmine"


def test_our_own_objects_are_known_by_their_maker_or_by_who_changed_them(tmp_path):
    equipment = Dataset()
    equipment.Manufacturer = "scanserve"
    for number, changed in enumerate(
        ({"Manufacturer": "scanserve"}, {"ContributingEquipmentSequence": [equipment]})
    ):
        (file,) = write_study(tmp_path / str(number), 1, **changed)
        assert read_head(file).own
    (file,) = write_study(tmp_path / "phantom", 1, Manufacturer="scanserve phantom")
    assert not read_head(file).own


@pytest.mark.parametrize("data", [b"", b"nothing", bytes(5000)])
def test_what_is_no_dicom_is_refused(tmp_path, data):
    (tmp_path / "x").write_bytes(data)
    with pytest.raises(FileRejectedError):
        read_head(tmp_path / "x")


def test_an_object_without_a_study_is_refused(tmp_path):
    (file,) = write_study(tmp_path, 1, StudyInstanceUID="")
    with pytest.raises(FileRejectedError):
        read_head(file)
