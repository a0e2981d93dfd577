"""From a folder to a study: scan the headers, decide, describe."""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from functools import partial
from os import PathLike
from pathlib import Path

from scanserve.contracts import StudyError
from scanserve.preprocessing.ct.decision import Fitness, Wishes, decide
from scanserve.preprocessing.ct.decision.kinds import Kind, nature_of
from scanserve.preprocessing.ct.pixels import same_image
from scanserve.preprocessing.ct.slicefile import read_slices
from scanserve.preprocessing.ct.slices import Slice
from scanserve.preprocessing.ct.study import Study
from scanserve.preprocessing.ct.study_findings import study_findings
from scanserve.preprocessing.dicom import Progress, one_study, scan_folder, without_copies

__all__ = ["read_study"]


def read_study(
    path: str | PathLike[str],
    *,
    progress: Progress | None = None,
    fitness: Fitness | None = None,
    wishes: Wishes | None = None,
) -> Study:
    """Read the headers below ``path`` and find the phases of the one study in it.

    Pixels are read where headers leave the decision open, and then those of a few slices.

    Args:
        path: a folder of any shape (nested, any names, other objects among the slices), or one file.
        progress: called now and then with the number of files read and the number of files.
        fitness: what the application demands of a phase; without it every stack is fit.
        wishes: what the user asks for.

    Raises:
        StudyError: code ``study-missing``, ``empty-folder``, ``no-ct``, ``mixed-studies``, ``unknown-series``,
            ``mixed-frames-of-reference`` or ``oblique``.  What concerns one phase alone (missing slices, a
            truncated file ...) leaves that phase out; where nothing else remains, it is in the phase's findings,
            and its ``load`` refuses.
    """
    root, slices, rejects = scan_folder(Path(path), read_slices, progress)
    if not slices:
        raise StudyError("no-ct", f"the study folder holds no CT slices: {rejects.summary()}.")
    slices = without_copies(_whole_files_first(slices), _identity, rejects)
    study_uid = one_study(_of_volumes(slices) or slices, "CT slices")
    wishes = wishes or Wishes()
    same = partial(same_image, root)
    decision = decide(slices, root, same, rejects=rejects, fitness=fitness, wishes=wishes)
    return Study(
        study_instance_uid=study_uid,
        phases=decision.phases,
        skipped=rejects.groups(),
        warnings=(*study_findings(decision.phases, decision.findings), *rejects.unseen()),
        found=decision.found,
        only_series=wishes.series,
        without_series=wishes.without_series,
    )


def _whole_files_first(slices: Iterable[Slice]) -> list[Slice]:
    return sorted(slices, key=lambda image: image.frame.pixel_format.truncated)


def _identity(image: Slice) -> Hashable:
    """What copies of a slice share: instance UID, place and tags.

    The UID alone does not do, because some anonymisers write one UID into all files.
    """
    frame = image.frame
    if not frame.sop_uid:
        return image.file
    own = image.instance, image.position, image.phase_tags
    return frame.sop_uid, frame.index, image.series_uid, own


def _of_volumes(slices: Iterable[Slice]) -> list[Slice]:
    """The slices without localizers and projections, which may be of another study."""
    return [image for image in slices if nature_of(image).kind not in (Kind.LOCALIZER, Kind.PROJECTION)]
