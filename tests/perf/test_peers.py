import pytest

from scanserve.perf.peers import Peer, beside


def agreement(own, other):
    return f"{own} and {other}"


def rows(*peers):
    return list(beside("adding", lambda: 3, peers, agreement, repeat=3, aim="1"))


def test_every_peer_has_a_row_with_its_agreement():
    found = rows(Peer("first", lambda: lambda: 3), Peer("second", lambda: lambda: 4))
    assert [(row.against, row.accuracy, row.aim) for row in found] == [
        ("first", "3 and 3", "1"),
        ("second", "3 and 4", "1"),
    ]
    assert all(row.ratio > 0 and row.noise is not None for row in found)


@pytest.mark.parametrize(
    "error", [ImportError("No module named 'x'"), OSError("no codec"), TypeError("uint32")]
)
@pytest.mark.parametrize("when", ["prepared", "run"])
def test_a_peer_that_cannot_is_named(error, when):
    def fail(*_):
        raise error

    (row,) = rows(Peer("absent", fail if when == "prepared" else lambda: fail))
    assert row.peer is None
    assert row.ratio is None
    assert row.against == f"absent: not here ({error})"
    assert row.accuracy == "nothing to compare"


def test_a_mistake_of_ours_is_not_hidden():
    with pytest.raises(ZeroDivisionError):
        list(beside("adding", lambda: 1 / 0, [Peer("first", lambda: lambda: 3)], agreement))
