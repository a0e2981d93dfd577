import pytest
from hypothesis import given
from hypothesis import strategies as st

from scanserve.contracts import NOT_FOR_DIAGNOSIS, notice_of, trained_on_text


def after(networks):
    """What follows the constant part of a notice."""
    said = notice_of(networks)
    assert said.startswith(NOT_FOR_DIAGNOSIS)
    return said.removeprefix(NOT_FOR_DIAGNOSIS).strip()


@pytest.mark.parametrize(
    ("networks", "said"),
    [
        ([], ""),
        (["a"], "The networks were trained on a."),
        (["a", "a; b", "c"], "The networks were trained on a, b and c."),
        (
            ["a.", "b", None],
            "The networks were trained on a and b; what others were trained on is not known.",
        ),
        ([None, ""], "What the networks were trained on is not known."),
    ],
)
def test_every_source_is_named_once_and_what_is_not_known_is_said(networks, said):
    assert after(networks) == said


def test_sources_come_back_as_they_were_stated():
    text = trained_on_text(["annotated CT; two readers", "synthetic phantoms"])
    assert after([text]) == "The networks were trained on annotated CT, two readers and synthetic phantoms."


@given(st.lists(st.none() | st.text(), max_size=5))
def test_whatever_a_server_states_the_notice_is_one_short_printable_line(networks):
    said = notice_of(networks)
    assert said.startswith(NOT_FOR_DIAGNOSIS)
    assert said.isprintable()
    assert len(said) <= 300


def test_long_statements_are_cut():
    said = notice_of(["x" * 10_000, "y" * 10_000])
    assert "..." in said
    assert len(said) <= 300
