from tests.support.ct_slices import frame


def test_a_frame_names_its_file():
    assert str(frame("IM1")) == "the file 'IM1' (1.2.3.IM1)"
    assert str(frame("IM1", sop_uid="")) == "the file 'IM1' (no instance UID)"


def test_frames_of_a_multi_frame_file_are_counted_from_one():
    assert str(frame("IM1", index=1, count=3)) == "the file 'IM1' (1.2.3.IM1, frame 2)"


def test_several_frames_are_told_apart_by_name():
    assert frame("IM1").name == "'IM1'"
    assert frame("IM1", index=1, count=3).name == "'IM1', frame 2"


def test_what_comes_from_a_file_is_escaped_and_shortened():
    shown = str(frame("IM\x1b[2J", sop_uid="1.2.\x1b[31m" + "9" * 10_000))
    assert shown.isprintable()
    assert len(shown) < 200
