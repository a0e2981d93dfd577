"""ImageCAS: 1,000 coronary CT angiographies with masks of the arteries, as NIfTI.

    FOLDER/**/N.img.nii.gz      the CT, HU
    FOLDER/**/N.label.nii.gz    its mask: 0 background, 1 coronary arteries

N is the number of the case, 1 to 1000.  Zeng et al., Comput Med Imaging Graph 109 (2023) 102287 describe the data;
the layout is that of the archives as unpacked (folders ``1-200`` to ``801-1000``), as public readers of the set state
it.  Cases may lie in any sub-folder.  An older release holds some twice, in folders ending in ``(1)``: of files
of one name the first by path counts.

Assumed: the headers of image and mask agree and state the patient's axes.  The first is checked for every case; where
the second fails, the arteries have no plausible course and the case is left out.
"""

from __future__ import annotations

import re
from pathlib import Path

from scanserve.training.ccta.datasets.case import Case, Drawing
from scanserve.training.ccta.datasets.masktree import draw_masked

__all__ = ["TITLE", "cases", "draw"]

TITLE = "ImageCAS (Zeng et al. 2023)"
IMAGE, LABEL = ".img.nii.gz", ".label.nii.gz"
NUMBERED = re.compile(rf"(\d+){re.escape(IMAGE)}")


def cases(folder: Path) -> list[Case]:
    """Every image that is named as one of the set, by number."""
    found: dict[int, Case] = {}
    for image in sorted(folder.rglob(f"*{IMAGE}")):
        named = NUMBERED.fullmatch(image.name)
        if named is not None:
            label = image.with_name(image.name.replace(IMAGE, LABEL))
            found.setdefault(int(named[1]), Case(int(named[1]), named[1], image, (label,)))
    return [found[number] for number in sorted(found)]


def draw(case: Case) -> Drawing:
    """The arteries of the mask.

    Raises:
        InputError: codes of :func:`~scanserve.training.ccta.datasets.masktree.draw_masked`.
    """
    return draw_masked(case)
