"""Which models the command of an application needs."""

import pytest

from scanserve.contracts import Application, ModelSpec

FIRST, SECOND, THIRD = (ModelSpec(name, "", "network", (), ()) for name in ("toy_a", "toy_b", "toy_c"))
ALL = (FIRST, SECOND, THIRD)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), (SECOND,)),
        (("--strict",), (SECOND,)),
        (("--network", "toy_a"), (FIRST,)),
        (("--network=toy_c", "--network", "toy_a"), (FIRST, THIRD)),
        (("--network", "bilateral"), (SECOND,)),
    ],
)
def test_named_models_are_needed_else_the_usual(arguments, expected):
    assert Application("toy", "Toy", ALL, usual=("toy_b",)).models_for(arguments) == expected


def test_without_usual_models_all_are_needed():
    assert Application("toy", "Toy", ALL).models_for(()) == ALL
