"""The phantom studies on which the accuracy of CCTA is measured, how one is analysed, and what is aimed at."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

from scanserve.perf.accuracy import Studies
from scanserve.perf.accuracyreport import Target

if TYPE_CHECKING:
    from scanserve.server import Embedded

__all__ = ["STUDIES"]

#: Of the test seeds: no network was trained or tuned on them.
FIRST_SEED = 300_000
#: Ten phases at a clinical resolution: a field of view of 200 mm.
PHASES, SHAPE, SPACING = 10, (192, 384, 384), (0.52, 0.52, 0.65)
_TIMEOUT_S = 300.0


def write(seed: int, folder: Path, phases: int = PHASES) -> None:
    """A phantom study with its ``truth.json`` in ``folder``."""
    from scanserve.phantoms.heart import write_study

    write_study(folder, seed, phases, shape=SHAPE, spacing=SPACING)


def analyse(study: Path, result: Path, server: Embedded) -> None:
    """Run the whole pipeline against ``server`` and keep its ``result.json`` as the file ``result``."""
    from scanserve.client.ccta.run import Options, run
    from scanserve.client.runs.connection import connected_to

    out = study.with_name(f"{study.name}-result")
    try:
        run(Options(study, out), lambda: connected_to(server, _TIMEOUT_S))
        shutil.move(out / "result.json", result)
    finally:
        shutil.rmtree(out, ignore_errors=True)


STUDIES = Studies(
    write=write,
    analyse=analyse,
    first_seed=FIRST_SEED,
    described=f"{PHASES} phases of {SHAPE[2]} x {SHAPE[1]} x {SHAPE[0]} voxels, "
    f"{SPACING[0]} x {SPACING[1]} x {SPACING[2]} mm",
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
)
