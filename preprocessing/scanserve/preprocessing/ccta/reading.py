"""Reading a study for coronary CT angiography."""

from __future__ import annotations

from os import PathLike

from scanserve.preprocessing import ct
from scanserve.preprocessing.ccta.fitness import CoronaryFitness
from scanserve.preprocessing.ct import Study, Wishes
from scanserve.preprocessing.dicom import Progress

__all__ = ["read_study"]


def read_study(
    path: str | PathLike[str], *, progress: Progress | None = None, wishes: Wishes | None = None
) -> Study:
    """As :func:`scanserve.preprocessing.ct.read_study`, by what coronary CT angiography demands.

    What can be analysed comes before what cannot, and what cannot is left out beside what can.

    Args:
        path: a folder of any shape, or one file.
        progress: called now and then with the number of files read and the number of files.
        wishes: what the user asks for.

    Raises:
        StudyError: as there.
    """
    return ct.read_study(path, progress=progress, fitness=CoronaryFitness(), wishes=wishes)
