import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom.charset import convert_encodings, encode_string

from scanserve.preprocessing.dicom.charset import decoded

SETS = [
    (["ISO_IR 192"], "冠脉 75%"),
    (["GB18030"], "冠脉 75%"),
    (["GBK"], "舒张期\\收缩期"),
    (["ISO_IR 100"], "früh"),
    (["ISO_IR 144"], "фаза 75 %"),
    (["ISO_IR 13"], "ｶﾝｼﾞｮｳ"),
    (["", "ISO 2022 IR 87"], "コロナリー CTA\\拡張期 75%"),
    (["ISO 2022 IR 13", "ISO 2022 IR 87"], "拡張期 75%"),
    (["ISO 2022 IR 6", "ISO 2022 IR 149"], "심장 75%"),
    (["ISO 2022 IR 100", "ISO 2022 IR 144"], "früh фаза\\75 %"),
]


@pytest.mark.parametrize(("sets", "text"), SETS)
def test_text_is_read_by_the_declared_set(sets, text):
    written = encode_string(text, convert_encodings(list(sets)))
    assert decoded(written, sets) == text


@pytest.mark.parametrize("sets", [[], [""], ["ISO_IR 6"], ["unheard of"]])
def test_without_a_set_utf8_is_seen_and_anything_else_is_latin(sets):
    assert decoded("früh 75 %".encode(), sets) == "früh 75 %"
    assert decoded("früh 75 %".encode("latin-1"), sets) == "früh 75 %"


def test_an_escape_sequence_names_its_set_without_a_declaration():
    assert decoded(b"\x1b$B%3%m%J%j!<\x1b(B CTA", []) == "コロナリー CTA"


def test_bytes_that_contradict_the_declared_set_are_tried_as_utf8():
    assert decoded("früh".encode(), ["ISO_IR 138"]) == "früh"
    assert decoded(b"fr\xfch", ["ISO_IR 192"]) == "früh"


def test_an_unknown_escape_sequence_loses_nothing():
    assert decoded(b"a\x1b(Zb", ["", "ISO 2022 IR 87"]) == "a\x1b(Zb"


@settings(deadline=None, max_examples=300)
@given(
    st.binary(max_size=24)
    | st.lists(st.sampled_from([b"\x1b", b"$B", b"(B", b"%3", b"\\", b"\xff"])).map(b"".join),
    st.sampled_from([[], ["ISO_IR 192"], ["", "ISO 2022 IR 87"], ["ISO_IR 13"], ["x", "y"]]),
)
def test_no_bytes_raise_or_warn(value, sets):
    assert isinstance(decoded(value, sets), str)
