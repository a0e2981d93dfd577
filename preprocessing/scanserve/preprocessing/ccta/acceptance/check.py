"""All rules on a study, without a server."""

from __future__ import annotations

from collections.abc import Sequence
from os import PathLike

from scanserve.contracts import StudyError
from scanserve.preprocessing.acceptance import Judgement
from scanserve.preprocessing.ccta.acceptance.evidence import Evidence
from scanserve.preprocessing.ccta.acceptance.rules import judge
from scanserve.preprocessing.ccta.eligibility import check_eligibility
from scanserve.preprocessing.ccta.reading import read_study
from scanserve.preprocessing.ct import Phase
from scanserve.preprocessing.dicom import Progress
from scanserve.preprocessing.findings import Finding

__all__ = ["check_study"]


def check_study(path: str | PathLike[str], *, progress: Progress | None = None) -> tuple[Judgement, ...]:
    """Judge a study by its headers and by the volume of the first phase that may be analysed.

    Args:
        path: a folder of any shape, or one file.
        progress: called now and then with the number of files read and the number of files.

    Raises:
        StudyError: the study cannot be read.
    """
    study = read_study(path, progress=progress)
    return judge(study, _evidence(study.phases), study.left_out)


def _evidence(phases: Sequence[Phase]) -> Evidence:
    """Of the first reconstruction that is fit, as the analysis would take it; of the first of all where none is."""
    first: Evidence | None = None
    for phase in phases:
        for candidate in (phase, *phase.alternatives):
            evidence = _of(candidate)
            if not evidence.unfit:
                return evidence
            first = first or evidence
    assert first is not None, "a study has a phase"
    return first


def _of(phase: Phase) -> Evidence:
    try:
        volume = phase.load()
    except StudyError as error:
        return Evidence.unread(phase, (Finding(error.code, error.message),))
    return Evidence.of(phase, volume, check_eligibility(phase, volume))
