"""The phantom studies for the accuracy of CCTA: making, analysis and targets."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from scanserve.contracts.ccta import TEST_SEED
from scanserve.perf.accuracy import Studies
from scanserve.perf.accuracyreport import Target
from scanserve.perf.ccta.hearts import MATRIX, Hearts
from scanserve.perf.selection import Selection

if TYPE_CHECKING:
    from scanserve.evaluation.ccta.report import CctaReport
    from scanserve.evaluation.studies import Pair
    from scanserve.server import Embedded

__all__ = ["STUDIES"]

PHASES = 10
_TIMEOUT_S = 300.0
_TARGETS = (
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
)
#: Two phases of nearly equal blur that change places move a share of vessels by a third of a study, so that a small
#: margin of it takes hundreds of studies to show.  What such a change costs is the blur of the phase that is now first.
_COMPARED = (
    *(target for target in _TARGETS if target.figure not in ("top1", "top2")),
    Target("all", "excess_blur_mm", 0.1, at_most=True),
)
#: Vessels in a real CT.
_HOST_TARGETS = (
    Target("all", "detected", 0.90),
    Target("all", "ov", 0.75),
    Target("all", "of_beyond_5mm", 0.55),
    Target("all", "ai_mm", 0.45, at_most=True),
    Target("all", "false_share", 0.15, at_most=True),
    Target("all", "top1", 0.75),
)


def write(seed: int, folder: Path, phases: int | str = PHASES, hearts: Hearts | None = None) -> None:
    """Write the study of a patient with its ``truth.json`` into ``folder``."""
    from scanserve.phantoms.ccta import write_study

    patient = (hearts or Hearts()).anatomy(seed)
    write_study(folder, patient, phases, matrix=MATRIX)


def analyse(study: Path, result: Path, server: Embedded, override: str | None = None) -> None:
    """Run the whole pipeline with ``server`` and store its ``result.json`` as the file ``result``."""
    from scanserve.client.ccta.run import Options, run
    from scanserve.client.runs.connection import connected_to

    out = study.with_name(f"{study.name}-result")
    try:
        run(Options(study, out, override=override), lambda: connected_to(server, _TIMEOUT_S))
        shutil.move(out / "result.json", result)
    finally:
        shutil.rmtree(out, ignore_errors=True)


def draw(report: CctaReport, pairs: Sequence[Pair], out: Path) -> None:
    """Draw the errors: ``errors.png`` and ``worst.png``."""
    from scanserve.evaluation.ccta.figures import draw_errors, draw_worst

    draw_errors(report.studies, pairs, out / "errors.png")
    draw_worst(report.studies, pairs, out / "worst.png")


def select(selection: Selection) -> Studies:
    """The studies of a selection.

    Raises:
        InputError: codes ``unknown-ranges`` and ``phases-invalid``.
    """
    from scanserve.phantoms.ccta.study import phases_in_words

    hearts, phases = Hearts.of(selection), selection.phases or PHASES
    return Studies(
        write=partial(write, phases=phases, hearts=hearts),
        analyse=partial(analyse, override=selection.override),
        first_seed=TEST_SEED,
        described=f"{phases_in_words(phases)} of {hearts.described}",
        targets=_HOST_TARGETS if hearts.into else _TARGETS,
        draw=draw,
        select=select,
        compared=_COMPARED,
    )


STUDIES = select(Selection())
