"""Mean sizes of the vertebrae, and how much patients and levels differ.

The unit is the length of the spine from the top of T1 to the bottom of L5, along its midline.  The means are medians
over 458 films of a published landmark table (Wu et al. 2017); only these summaries of it are used.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

__all__ = ["GAPS", "HEIGHTS", "LEVEL_SD", "WIDTHS", "WIDTH_SD"]


def _levels(*values: int) -> npt.NDArray[np.float64]:
    """Sizes of the levels from T1 down, given in ten-thousandths."""
    return np.array(values) / 10_000


#: Height of each vertebra at its middle, T1 to L5.
HEIGHTS = _levels(281, 314, 347, 373, 395, 399, 406, 414, 430, 451, 469, 491, 506, 511, 530, 553, 518)
#: Distance from each vertebra to the next.
GAPS = _levels(119, 125, 133, 132, 127, 130, 133, 139, 148, 164, 183, 206, 221, 236, 239, 236)
#: Width of the upper and of the lower endplate of each vertebra, (2, 17).
WIDTHS = np.stack(
    [
        _levels(728, 668, 630, 607, 616, 627, 655, 679, 695, 715, 775, 819, 859, 873, 908, 973, 1015),
        _levels(696, 651, 616, 626, 629, 650, 689, 709, 735, 782, 824, 857, 872, 892, 937, 996, 1070),
    ]
)
#: Standard deviation of the width of all vertebrae of a patient, and of the size of one level, as shares.
WIDTH_SD, LEVEL_SD = 0.14, 0.06
