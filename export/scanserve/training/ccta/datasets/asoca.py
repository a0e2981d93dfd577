"""ASOCA: 40 coronary CT angiographies with masks of the lumen, as NRRD.

    FOLDER/Normal/CTCA/Normal_N.nrrd            the CT, HU; N from 1 to 20
    FOLDER/Normal/Annotations/Normal_N.nrrd     its mask: 0 background, else coronary lumen
    FOLDER/Diseased/CTCA/Diseased_N.nrrd        the same of patients with disease
    FOLDER/Diseased/Annotations/Diseased_N.nrrd

Gharleghi et al., Sci Data 10 (2023) 128 describe the data; the folders are those that public readers of the set
state.  Any folder ``CTCA`` with ``Annotations`` beside it is taken.  The images of the test sets have no masks
and lie elsewhere, so they are no cases.

The set also has centerlines and surfaces.  They are not read: they were made from these masks, and public readers
disagree about the frame of the centerlines (with the origin of the image, without it, or with its opposite).
"""

from __future__ import annotations

import re
from pathlib import Path

from scanserve.training.ccta.datasets.case import Case, Drawing
from scanserve.training.ccta.datasets.masktree import draw_masked

__all__ = ["TITLE", "cases", "draw"]

TITLE = "ASOCA (Gharleghi et al. 2023)"
IMAGES, MASKS = "CTCA", "Annotations"
NUMBERED = re.compile(r"(?:Normal|Diseased)_(\d+)\.nrrd")


def cases(folder: Path) -> list[Case]:
    """Every image that is named as one of the set, by number; the normal one of a number after the diseased one."""
    found = []
    for image in sorted(folder.rglob(f"{IMAGES}/*.nrrd")):
        named = NUMBERED.fullmatch(image.name)
        if named is not None:
            mask = image.parent.with_name(MASKS) / image.name
            found.append(Case(int(named[1]), image.stem, image, (mask,)))
    return sorted(found, key=lambda case: (case.number, case.name))


def draw(case: Case) -> Drawing:
    """The arteries of the mask.

    Raises:
        InputError: codes of :func:`~scanserve.training.ccta.datasets.masktree.draw_masked`.
    """
    return draw_masked(case)
