import numpy as np

from scanserve.client.dicom.sources import of_phases
from tests.support.dicom_content import SHAPE, write_study


def test_every_slice_is_an_image_with_its_place(tmp_path):
    study = write_study(tmp_path)
    sources = of_phases(study.phases)
    (images,) = sources.series.values()
    assert len(images) == SHAPE[0]
    assert [float(image.ImagePositionPatient[2]) for image in images] == list(np.arange(SHAPE[0]) * 0.5)
    assert {(image.Rows, image.Columns) for image in images} == {SHAPE[1:]}
    assert sources.patient.PatientName == "SECRET^NAME"


def test_one_uid_in_all_files_becomes_one_for_each(tmp_path):
    study = write_study(tmp_path)
    (phase,) = study.phases
    from dataclasses import replace

    stack = phase.stack
    same = [replace(image, frame=replace(image.frame, sop_uid="1.2.3")) for image in stack.slices]
    sources = of_phases([replace(phase, stack=replace(stack, slices=tuple(same)))])
    assert len(sources.images) == SHAPE[0]
    assert all(image.SOPInstanceUID.is_valid for image in sources.images)


def test_what_is_no_sex_is_left_out(tmp_path):
    assert of_phases(write_study(tmp_path, PatientSex="W").phases).patient.PatientSex == ""


def test_a_missing_frame_of_reference_is_named_after_the_study(tmp_path):
    study = write_study(tmp_path, FrameOfReferenceUID=None)
    first, again = of_phases(study.phases).patient, of_phases(study.phases).patient
    assert first.FrameOfReferenceUID == again.FrameOfReferenceUID
    assert first.FrameOfReferenceUID.is_valid
