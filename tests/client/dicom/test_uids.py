import pytest

from scanserve.client.dicom.uids import is_uid, shown_uid, uid_of, valid_uid


def test_the_same_name_gives_the_same_uid_and_another_another():
    assert uid_of("a", "b") == uid_of("a", "b")
    assert len({uid_of("a", "b"), uid_of("b", "a"), uid_of("ab"), uid_of("a")}) == 4


def test_uids_are_valid_and_below_the_root_of_uuids():
    assert uid_of("a").is_valid
    assert uid_of("a").startswith("2.25.")


@pytest.mark.parametrize(
    ("text", "kept"), [("1.2.3", True), ("", False), ("1.2.x", False), ("1." * 40, False)]
)
def test_what_is_no_uid_is_replaced(text, kept):
    assert is_uid(text) == kept
    assert (valid_uid(text, "name") == text) == kept
    assert valid_uid(text, "name").is_valid


def test_outside_of_dicom_other_text_is_not_repeated():
    assert (shown_uid(""), shown_uid("1.2.3")) == ("", "1.2.3")
    assert "Doe" not in shown_uid("J. Doe")
