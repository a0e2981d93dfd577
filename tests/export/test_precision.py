from __future__ import annotations

from pathlib import Path

import pytest

pytest.importorskip("onnx")
import numpy as np
from onnx import ModelProto, TensorProto, helper, numpy_helper

from scanserve.contracts import InputError, SetupError
from scanserve.export.precision import (
    ALLOWED,
    LEAST_STUDIES,
    MARGIN,
    Figure,
    PrecisionVerdict,
    check_precisions,
    precision_named,
    read_verdict,
    reduced_types,
    require_verdict,
    sha256_of_file,
    write_verdict,
)

EQUAL = (0.0,) * LEAST_STUDIES


def _graph(dtype: type, op: str = "Identity", **attributes: int) -> ModelProto:
    weight = numpy_helper.from_array(np.ones(2, dtype), "weight")
    node = helper.make_node(op, ["weight"], ["out"], **attributes)
    out = helper.make_tensor_value_info("out", TensorProto.FLOAT, [2])
    return helper.make_model(helper.make_graph([node], "g", [], [out], [weight]))


def _verdict(sha256: str, reduced: float | None = 0.91) -> PrecisionVerdict:
    figures = (
        Figure(name="ov (all)", full=0.91, reduced=reduced, losses=EQUAL),
        Figure(name="ai_mm (all)", full=0.27, reduced=0.27, at_most=True, losses=EQUAL),
    )
    return PrecisionVerdict(
        model="ccta_stage1", precision="half", sha256=sha256, studies="two", seeds=(1, 2), figures=figures
    )


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        (_graph(np.float32), set()),
        (_graph(np.float16), {"half"}),
        (_graph(np.int8), {"int8"}),
        (_graph(np.float32, "DynamicQuantizeLinear"), {"int8"}),
        (_graph(np.float32, "Cast", to=TensorProto.FLOAT16), {"half"}),
        (_graph(np.float32, "Cast", to=TensorProto.UINT8), set()),
    ],
)
def test_what_a_graph_computes_with_is_seen(model: ModelProto, expected: set[str]) -> None:
    assert reduced_types(model) == expected


@pytest.mark.parametrize(
    ("full", "reduced", "at_most", "kept"),
    [
        (0.9, 0.9 - ALLOWED, False, True),
        (0.9, 0.9 - ALLOWED - 1e-6, False, False),
        (0.9, 0.95, False, True),
        (0.3, 0.3 + ALLOWED + 1e-6, True, False),
        (0.3, 0.2, True, True),
        (None, None, False, True),
        (0.9, None, False, False),
    ],
)
def test_half_a_point_may_be_lost(full: float, reduced: float, at_most: bool, kept: bool) -> None:
    figure = Figure(name="f", full=full, reduced=reduced, at_most=at_most, losses=EQUAL)
    assert figure.kept is kept


@pytest.mark.parametrize(
    ("losses", "kept"),
    [
        (EQUAL, True),
        (EQUAL[1:], False),
        ((), False),
        ((*EQUAL, None), False),
        ((0.004,) * 8, True),
        ((0.05, -0.05) * 4, False),
        ((0.05, -0.05) * 200, True),
        ((-0.02, -0.01) * 4, True),
    ],
)
def test_studies_in_pairs_must_show_that_little_is_lost(losses: tuple[float, ...], kept: bool) -> None:
    figure = Figure(name="f", full=0.9, reduced=0.9, losses=losses)
    assert figure.kept is kept
    assert str(figure).endswith("kept" if kept else "NOT SHOWN TO BE KEPT")


def test_the_interval_is_students_one_sided() -> None:
    """Of 1 to 9 thousandths: mean 5, standard deviation 2.7386, t(0.95, 8) = 1.8595."""
    losses = tuple(number / 1000 for number in range(1, 10))
    expected = 0.005 + 1.859548 * 0.002738613 / 3
    assert Figure(name="f", full=0.9, reduced=0.895, losses=losses).upper == pytest.approx(expected, rel=1e-6)
    assert expected < MARGIN


def test_a_worse_network_hardly_ever_passes() -> None:
    """Networks that lose exactly the margin pass in 5 % of cases at most."""
    rng = np.random.default_rng(3)
    drawn = rng.normal(MARGIN, 0.02, (1000, 24))
    passed = sum(Figure(name="f", full=0.9, reduced=0.9, losses=tuple(row)).kept for row in drawn)
    assert passed <= 70


def test_a_verdict_that_passes_lets_that_very_file_be_served(tmp_path: Path) -> None:
    write_verdict(tmp_path, _verdict("a" * 64))
    assert require_verdict(tmp_path, "ccta_stage1", "half", "a" * 64).seeds == (1, 2)
    with pytest.raises(SetupError, match="another file") as raised:
        require_verdict(tmp_path, "ccta_stage1", "half", "b" * 64)
    assert raised.value.code == "precision-unproven"


def test_the_figure_that_fell_is_named(tmp_path: Path) -> None:
    write_verdict(tmp_path, _verdict("a" * 64, reduced=0.88))
    with pytest.raises(
        SetupError, match=r"but ov \(all\) goes from 0\.9100 to 0\.8800 \(8 studies"
    ) as raised:
        require_verdict(tmp_path, "ccta_stage1", "half", "a" * 64)
    assert raised.value.code == "precision-refused"


def test_without_a_verdict_the_command_that_makes_one_is_named(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match="scanserve export precision ccta_stage1 --to bf16") as raised:
        read_verdict(tmp_path, "ccta_stage1", "bf16")
    assert raised.value.code == "precision-unproven"


def test_a_verdict_that_was_tampered_with_is_none(tmp_path: Path) -> None:
    path = write_verdict(tmp_path, _verdict("a" * 64))
    path.write_text(path.read_text().replace('"seeds"', '"sedes"'))
    with pytest.raises(SetupError, match="not valid at"):
        read_verdict(tmp_path, "ccta_stage1", "half")


def test_a_repository_holds_nothing_reduced_without_a_verdict(tmp_path: Path) -> None:
    repository, weights = tmp_path / "repository", tmp_path / "weights"
    file = repository / "ccta_stage1" / "1" / "model.onnx"
    file.parent.mkdir(parents=True)
    file.write_bytes(_graph(np.float32).SerializeToString())
    assert check_precisions(repository, weights) == ()
    file.write_bytes(_graph(np.float16).SerializeToString())
    with pytest.raises(SetupError, match="ccta_stage1 in half must be measured"):
        check_precisions(repository, weights)
    write_verdict(weights, _verdict(sha256_of_file(file)))
    assert check_precisions(repository, weights) == ("ccta_stage1: half keeps every figure",)


def test_an_unknown_precision_is_named() -> None:
    assert precision_named("bf16") == "bf16"
    with pytest.raises(InputError, match="'fp4'"):
        precision_named("fp4")
