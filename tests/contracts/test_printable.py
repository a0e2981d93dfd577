import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanserve.contracts.printable import MOST, printable


@pytest.mark.parametrize("plain", ["1.2.840.10008", "Hirn früh 5 Min", "コロナリー CTA", "a\\b", ""])
def test_plain_text_is_left_alone(plain):
    assert printable(plain) == plain


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("\x1b[31mred", r"\x1b[31mred"),
        ("two\nlines\r", r"two\nlines\r"),
        ("\x9b2J", r"\x9b2J"),
        ("\u202egnp.exe", r"\u202egnp.exe"),
        ("zero\u200bwidth", r"zero\u200bwidth"),
        ("bad\udc80name", r"bad\udc80name"),
        (ValueError("odd\x07"), r"odd\x07"),
    ],
)
def test_what_a_terminal_would_obey_is_written_out(value, shown):
    assert printable(value) == shown


def test_long_text_keeps_its_start_and_its_end():
    shown = printable("start" + "-" * 10_000 + "end")
    assert len(shown) == MOST
    assert shown.startswith("start")
    assert "..." in shown
    assert shown.endswith("end")


@given(st.text(max_size=300), st.integers(10, 200))
def test_it_is_one_visible_line_of_bounded_length(text, most):
    shown = printable(text, most)
    assert shown.isprintable()
    assert len(shown) <= most


@given(st.text(alphabet="abc é", max_size=MOST))
def test_nothing_is_lost_of_short_visible_text(text):
    assert printable(text) == text
