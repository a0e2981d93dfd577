from tests.support.ct_slices import frame


def test_a_frame_names_its_file():
    assert str(frame("IM1")) == "the file 'IM1' (1.2.3.IM1)"
    assert str(frame("IM1", sop_uid="")) == "the file 'IM1' (no instance UID)"


def test_frames_of_a_multi_frame_file_are_counted_from_one():
    assert str(frame("IM1", index=1, count=3)) == "the file 'IM1' (1.2.3.IM1, frame 2)"
