"""The Rotterdam set (CAT08, MICCAI 2008): CT angiographies as MetaImage with reference centerlines.

    FOLDER/datasetNN/imageNN.mhd, .raw           the CT, values 1024 above HU
    FOLDER/datasetNN/vesselV/reference.txt       a line: x y z radius observers' variability, mm, a point each line

Schaap et al., Med Image Anal 13 (2009) 701-714 describe the data: of 32 CTs the first 8 have references, of four
vessels each (RCA, LAD, LCX and one large side branch), from the aorta to the distal end.  The layout and what follows
are as public readers of the set state them:

- positions count from the centre of the first voxel, along the axes of the image;
- values begin at 0, hence the 1024; a volume whose values go below 0 is taken to be in HU.

Assumed: the three main vessels have the lower numbers, the side branch the highest.  Which is which is told by their
course.  Only the four vessels are drawn, so all other side branches are taught as background.
"""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import numpy.typing as npt

from scanserve.contracts import InputError
from scanserve.contracts.ct import AIR_HU
from scanserve.training.ccta.datasets.case import Case, Drawing, require
from scanserve.training.ccta.datasets.lines import draw_lines
from scanserve.training.ccta.imagefile import from_first_voxel, least_value

__all__ = ["TITLE", "cases", "draw", "read_reference"]

TITLE = "the Rotterdam coronary artery set (Schaap et al. 2009)"
DATASET = re.compile(r"dataset(\d+)")
VESSEL = re.compile(r"vessel(\d+)")
REFERENCE = "reference.txt"


def cases(folder: Path) -> list[Case]:
    """Every folder of the set that has references, by number."""
    found = []
    for place in sorted(folder.glob("dataset*")):
        named = DATASET.fullmatch(place.name)
        references = sorted(place.glob(f"vessel*/{REFERENCE}"), key=_vessel)
        if named is not None and references:
            image = place / f"image{named[1]}.mhd"
            found.append(Case(int(named[1]), place.name, image, tuple(references)))
    return sorted(found, key=lambda case: case.number)


def draw(case: Case) -> Drawing:
    """The references, named by their course.

    Raises:
        InputError: codes ``file-missing``, ``image-invalid``, ``reference-invalid`` and ``course-unclear``.
        SetupError: code ``extra-missing``.
    """
    require(case.image, *case.drawn)
    lines = [from_first_voxel(case.image, read_reference(file)) for file in case.drawn]
    shift = AIR_HU if least_value(case.image) >= 0 else 0
    return Drawing(draw_lines(lines), image_shift_hu=shift)


def read_reference(file: Path) -> npt.NDArray[np.float64]:
    """The positions (N, 3) mm of a reference, along the axes of the image from its first voxel's centre.

    Raises:
        InputError: code ``reference-invalid``.
    """
    lines = [line for line in file.read_text(encoding="utf-8").splitlines() if line.strip()]
    if len(lines) < 2:
        raise _invalid(file, f"it has {len(lines)}")
    try:
        table = np.loadtxt(lines, ndmin=2)
    except ValueError as error:
        raise _invalid(file, str(error)) from error
    if table.shape[1] < 3 or not np.isfinite(table).all():
        raise _invalid(file, f"it has {table.shape[1]} columns, or numbers that are not finite")
    return table[:, :3]


def _invalid(file: Path, what: str) -> InputError:
    where = f"{file.parent.name}/{file.name}"
    return InputError(
        "reference-invalid", f"{where} must hold two points x y z radius or more, one a line, but {what}."
    )


def _vessel(reference: Path) -> int:
    named = VESSEL.fullmatch(reference.parent.name)
    return int(named[1]) if named is not None else 0
