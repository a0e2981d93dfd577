"""The analysis of a study while the server is there: every phase, then the quality of what was found.

    phases.py     read, serve, find: the centerlines and straightened vessels of one phase after the other
    scoring.py    the common length, and the quality of every vessel on it

What follows needs no server: ``decision.py`` finds the best phases, ``describe.py`` writes them down as the result.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice

from scanserve.client.ccta.phases import FoundPhase, PhasePipeline
from scanserve.client.ccta.scoring import PhaseScorer, ScoredVessel
from scanserve.client.runs.progress import Progress, silent
from scanserve.client.runs.resilience import Infer
from scanserve.client.runs.timing import Stopwatch
from scanserve.contracts import ResultError
from scanserve.preprocessing import Reconstruction, Study
from scanserve.preprocessing.acceptance import Judgement
from scanserve.preprocessing.ccta.acceptance import judge

__all__ = ["Analysis", "analyze"]


@dataclass(frozen=True)
class Analysis:
    """All phases of a study, and the scores of each vessel that was found, by its abbreviation.

    ``override`` is the reason for which an ineligible study may be analysed, if one was given; ``left_out`` is what
    of the study was found and not analysed; ``judgements`` is what became of the acceptance rules.
    """

    study: Study
    override: str | None
    phases: tuple[FoundPhase, ...]
    scores: Mapping[str, ScoredVessel]
    left_out: tuple[Reconstruction, ...] = ()
    judgements: tuple[Judgement, ...] = ()

    @property
    def labels(self) -> list[str]:
        """The phases' names, in the study's order."""
        return [found.label for found in self.phases]


def analyze(
    study: Study,
    infer: Infer,
    *,
    override: str | None = None,
    strict: bool = False,
    stopwatch: Stopwatch | None = None,
    progress: Progress = silent,
) -> Analysis:
    """Analyse every phase of a study.

    Args:
        study: as ``read_study`` gives it; its phases have passed :func:`~scanserve.client.ccta.phases.check_phases`.
        infer: runs the application's models.
        override: the reason for analysing a study that is not eligible; without one it is refused.
        strict: whether a phase that cannot be analysed costs the others.
        stopwatch: records where the time goes.
        progress: is told how far each phase is.

    Raises:
        StudyError: no phase can be loaded; with ``strict``: one cannot be.
        EligibilityError: code ``ineligible``, with the reasons of every phase: none may be analysed; with ``strict``:
            one may not be.
        ServerError: the server is absent, or died twice.
        ResultError: code ``no-vessels`` when no vessel was found in any phase (not with ``override``, whose
            giver wants to see why).
    """
    stopwatch = stopwatch or Stopwatch()
    pipeline = PhasePipeline(infer, stopwatch, progress, override, strict)
    phases = tuple(pipeline.run(study.phases))
    if override is None:
        _refuse_nothing(phases)
    scores = PhaseScorer(infer, stopwatch, progress).score(phases)
    left_out = (*study.left_out, *pipeline.left_out)
    judgements = judge(study, pipeline.evidence[0], left_out)
    return Analysis(study, override, phases, scores, left_out, judgements)


def _refuse_nothing(phases: Sequence[FoundPhase]) -> None:
    found = [vessel for phase in phases for vessel in phase.vessels.values()]
    if any(vessel.image is not None for vessel in found):
        return
    reasons = dict.fromkeys(vessel.reason.message.rstrip(".") for vessel in found if vessel.reason)
    raise ResultError(
        "no-vessels",
        f"no coronary artery was found in any of {len(phases)} phases: {'; '.join(islice(reasons, 3))}.",
    )
