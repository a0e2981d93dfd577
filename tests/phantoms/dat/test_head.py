import numpy as np

from scanserve.phantoms.dat.head import STRUCTURES, Head


def test_the_same_seed_gives_the_same_head():
    head, other = Head.sample(3), Head.sample(3)
    assert (head.grade, head.uptake, head.sides) == (other.grade, other.uptake, other.sides)
    assert np.array_equal(head.centre, other.centre)
    assert Head.sample(4).uptake != head.uptake


def test_structures_lie_on_their_side_inside_the_brain_and_apart():
    for seed in range(20):
        head = Head.sample(seed)
        for name in STRUCTURES:
            body = head.structure(name)
            own = (body.centre - head.centre) @ head.axes.T
            assert (own[0] > 0) == name.endswith("left")
            assert head.brain.level(*body.centre) < 0.6
        caudate, putamen = head.structure("caudate_left"), head.structure("putamen_left")
        assert caudate.level(*putamen.centre) > 1
        assert putamen.level(*caudate.centre) > 1


def test_the_back_of_the_putamen_points_outward():
    head = Head.sample(0)
    for side, sign in (("left", 1), ("right", -1)):
        long_axis = head.structure(f"putamen_{side}").axes[1] @ head.axes.T
        assert long_axis[1] > 0.9
        assert sign * long_axis[0] > 0.2


def test_all_grades_are_drawn():
    assert {Head.sample(seed).grade for seed in range(60)} == {0, 1, 2, 3}
