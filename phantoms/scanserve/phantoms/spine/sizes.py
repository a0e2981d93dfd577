"""Mean sizes of the vertebrae, and how much patients and levels differ.

The unit is the length of the spine from the top of T1 to the bottom of L5, along its midline.  The means are medians
over 458 films of a published landmark table (Wu et al. 2017); only these summaries of it are used.
"""

from __future__ import annotations

import numpy as np

__all__ = ["GAPS", "HEIGHTS", "LEVEL_SD", "WIDTHS", "WIDTH_SD"]

#: Height of each vertebra at its middle, T1 to L5.
HEIGHTS = np.loadtxt(
    """
    0.0281 0.0314 0.0347 0.0373 0.0395 0.0399 0.0406 0.0414 0.0430 0.0451 0.0469 0.0491
    0.0506 0.0511 0.0530 0.0553 0.0518
    """.split()
)
#: Distance from each vertebra to the next.
GAPS = np.loadtxt(
    """
    0.0119 0.0125 0.0133 0.0132 0.0127 0.0130 0.0133 0.0139 0.0148 0.0164 0.0183 0.0206
    0.0221 0.0236 0.0239 0.0236
    """.split()
)
#: Width of the upper and of the lower endplate of each vertebra, (2, 17).
WIDTHS = np.loadtxt(
    """
    0.0728 0.0668 0.0630 0.0607 0.0616 0.0627 0.0655 0.0679 0.0695 0.0715 0.0775 0.0819
    0.0859 0.0873 0.0908 0.0973 0.1015
    0.0696 0.0651 0.0616 0.0626 0.0629 0.0650 0.0689 0.0709 0.0735 0.0782 0.0824 0.0857
    0.0872 0.0892 0.0937 0.0996 0.1070
    """.split()
).reshape(2, 17)
#: Standard deviation of the width of all vertebrae of a patient, and of the size of one level, as shares.
WIDTH_SD, LEVEL_SD = 0.14, 0.06
