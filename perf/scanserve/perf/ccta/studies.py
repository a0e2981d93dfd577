"""The phantom studies for the accuracy of CCTA: making, analysis and targets."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from scanserve.contracts.ccta import TEST_SEED
from scanserve.perf.accuracy import Studies
from scanserve.perf.accuracyreport import Target

if TYPE_CHECKING:
    from scanserve.evaluation.ccta.report import CctaReport
    from scanserve.evaluation.studies import Pair
    from scanserve.server import Embedded

__all__ = ["STUDIES"]

#: Number of phases, and pixels along each side of a slice: 512 would give 1.8 times as many voxels.
PHASES, MATRIX = 10, 384
_TIMEOUT_S = 300.0


def write(seed: int, folder: Path, phases: int = PHASES, ranges: str = "test") -> None:
    """Write a phantom study of a population with its ``truth.json`` into ``folder``."""
    from scanserve.phantoms.ccta import write_study
    from scanserve.phantoms.ccta.ranges import ranges_named

    write_study(folder, seed, phases, matrix=MATRIX, ranges=ranges_named(ranges))


def analyse(study: Path, result: Path, server: Embedded) -> None:
    """Run the whole pipeline with ``server`` and store its ``result.json`` as the file ``result``."""
    from scanserve.client.ccta.run import Options, run
    from scanserve.client.runs.connection import connected_to

    out = study.with_name(f"{study.name}-result")
    try:
        run(Options(study, out), lambda: connected_to(server, _TIMEOUT_S))
        shutil.move(out / "result.json", result)
    finally:
        shutil.rmtree(out, ignore_errors=True)


def draw(report: CctaReport, pairs: Sequence[Pair], out: Path) -> None:
    """Draw the errors: ``errors.png`` and ``worst.png``."""
    from scanserve.evaluation.ccta.figures import draw_errors, draw_worst

    draw_errors(report.studies, pairs, out / "errors.png")
    draw_worst(report.studies, pairs, out / "worst.png")


STUDIES = Studies(
    write=write,
    analyse=analyse,
    first_seed=TEST_SEED,
    described=f"{PHASES} phases of the test population (docs/phantom.md), {MATRIX} x {MATRIX} pixels",
    targets=(
        Target("all", "detected", 0.99),
        Target("all", "ov", 0.95),
        Target("all", "of_beyond_5mm", 0.85),
        Target("all", "ot", 0.97),
        Target("all", "ai_mm", 0.30, at_most=True),
        Target("all", "false_share", 0.05, at_most=True),
        Target("all", "top1", 0.85),
        Target("all", "top2", 0.97),
        Target("all", "spearman", 0.9),
        Target("all", "section_correlation", 0.8),
    ),
    draw=draw,
)
