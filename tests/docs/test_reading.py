"""The page on reading names every reason for which something is left out, and every source of phases."""

import re

import pytest

from scanserve.contracts.codes.left_out import LEFT_OUT
from scanserve.preprocessing.ccta import eligibility
from scanserve.preprocessing.ct.decision.sources import SOURCES
from scanserve.preprocessing.ct.reconstruction import UNLOADABLE
from tests.support.sources import ROOT

TEXT = (ROOT / "docs" / "reading.md").read_text(encoding="utf-8")
NAMED = set(re.findall(r"`([^`\n]+)`", TEXT))
#: Codes that the docstring of the eligibility check lists.
INELIGIBLE = set(re.findall(r"``([a-z]+(?:-[a-z]+)+)``", eligibility.check_eligibility.__doc__ or ""))


@pytest.mark.parametrize("code", sorted({*LEFT_OUT, *UNLOADABLE, *INELIGIBLE}))
def test_every_reason_is_named(code):
    assert code in NAMED


@pytest.mark.parametrize("source", [source.name for source in SOURCES])
def test_every_source_is_named(source):
    assert source.split(" ")[0] in NAMED


def test_the_eligibility_check_lists_its_codes():
    assert len(INELIGIBLE) == 7
