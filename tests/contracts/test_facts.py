"""Facts that several packages need stand in the contracts alone: no other source repeats their value."""

import ast
from pathlib import Path

import pytest

from scanserve.contracts import APPLICATIONS, ccta, ct, dat, layouts, sharedmemory, spine
from tests.support.sources import ROOT, SOURCE_ROOTS, parsed_sources

FACTS = {
    "air": ct.AIR_HU,
    "highest HU": ct.MAX_HU,
    "shared-memory variable": sharedmemory.SHM_KEY_VARIABLE,
    "shared-memory HTTP header": sharedmemory.SHM_KEY_HTTP_HEADER,
    "shared-memory gRPC header": sharedmemory.SHM_KEY_HEADER,
    "kind of an evaluation": layouts.EVALUATION_KIND,
    "kind of a CCTA result": ccta.RESULT_KIND,
    "kind of a DAT result": dat.RESULT_KIND,
    "kind of a DAT truth": dat.TRUTH_KIND,
    "CCTA training seed": ccta.TRAINING_SEED,
    "CCTA training seed of stage 2": ccta.STAGE2_TRAINING_SEED,
    "CCTA validation seed": ccta.VALIDATION_SEED,
    "CCTA test seed": ccta.TEST_SEED,
    "DAT training seed": dat.TRAINING_SEED,
    "DAT validation seed": dat.VALIDATION_SEED,
    "DAT test seed": dat.TEST_SEED,
    "kind of a spine result": spine.RESULT_KIND,
    "kind of a spine truth": spine.TRUTH_KIND,
    "spine training seed": spine.TRAINING_SEED,
    "spine validation seed": spine.VALIDATION_SEED,
    "spine test seed": spine.TEST_SEED,
}

SEEDS = {value for name, value in FACTS.items() if "seed" in name}


def literals(tree):
    """Every literal of a module: numbers with their sign, and texts."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant):
            yield node.value
        elif isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
            operand = node.operand
            if isinstance(operand, ast.Constant) and isinstance(operand.value, int | float):
                yield -operand.value


@pytest.fixture(scope="module")
def repeated():
    """Literal -> the files outside the contracts that hold it; a seed is never written as a float."""
    found: dict[object, set[Path]] = {}
    for file, tree in parsed_sources(root for root in SOURCE_ROOTS if root != "contracts"):
        for value in literals(tree):
            if not (isinstance(value, float) and value in SEEDS):
                found.setdefault(value, set()).add(file.relative_to(ROOT))
    return found


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_is_stated_once(name, repeated):
    assert repeated.get(FACTS[name], set()) == set()


def test_literals_are_seen_with_their_sign():
    assert list(literals(ast.parse("x = -1024"))) == [-1024, 1024]
    assert "a" in set(literals(ast.parse("f('a')")))


def test_kinds_begin_with_their_application():
    kinds = (ccta.RESULT_KIND, dat.RESULT_KIND, dat.TRUTH_KIND, spine.RESULT_KIND, spine.TRUTH_KIND)
    assert {kind.split(".")[1] for kind in kinds} == {application.name for application in APPLICATIONS}


def test_a_12_bit_ct_reaches_from_air_to_the_greatest_value():
    assert ct.MAX_HU - ct.AIR_HU == 2**12 - 1


def test_splits_do_not_share_a_first_seed():
    seeds = [value for name, value in FACTS.items() if "seed" in name]
    assert len(set(seeds)) == len(seeds)
