"""Which application gets which series."""

import pytest

from scanserve.node.config import Rule
from scanserve.node.route import Facts, routes

HEART = Facts("heart", "CT", ("Chest", "CorCTA 0.6 B26f"), "CT1")
PLAN = Facts("plan", "CT", ("Chest", "Topogram"), "CT1")
BRAIN = Facts("brain", "NM", ("DaTSCAN",), "GAMMA")


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ({}, ["heart", "plan", "brain"]),
        ({"modality": "CT"}, ["heart", "plan"]),
        ({"modality": "CT", "description": "corcta|coronary"}, ["heart"]),
        ({"description": "^dat"}, ["brain"]),
        ({"caller": "GAMMA"}, ["brain"]),
        ({"caller": "GAMMA", "modality": "CT"}, None),
    ],
)
def test_all_conditions_of_a_rule_must_hold(rule, expected):
    found = routes([Rule(application="ccta", **rule)], [HEART, PLAN, BRAIN])
    assert found.get("ccta") == expected


def test_several_rules_and_applications_share_a_study():
    rules = [
        Rule(application="ccta", description="corcta"),
        Rule(application="dat", modality="NM"),
        Rule(application="ccta", description="topogram"),
    ]
    assert routes(rules, iter([HEART, PLAN, BRAIN])) == {"ccta": ["heart", "plan"], "dat": ["brain"]}
