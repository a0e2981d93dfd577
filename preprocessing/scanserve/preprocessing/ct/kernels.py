"""How sharp a convolution kernel is, from its name."""

from __future__ import annotations

import re

__all__ = ["kernel_sharpness"]

#: Kernels named in words (GE, Philips, Canon), from smooth to sharp, on the scale of Siemens' numbers.
_WORDS = {
    "SOFT": 20,
    "STANDARD": 30,
    "STND": 30,
    "CHEST": 35,
    "DETAIL": 45,
    "LUNG": 60,
    "BONE": 60,
    "BONEPLUS": 65,
    "EDGE": 70,
}
#: Kernels named by a letter (Philips), on the same scale.
_LETTERS = {"A": 20, "B": 30, "C": 40, "D": 50, "E": 60}
#: Unknown kernels rank in the middle.
_UNKNOWN = 40


def kernel_sharpness(kernel: str) -> float:
    """How sharp a convolution kernel is, from its name: the number in ``B26f``, or by known words.

    Smoother kernels carry less noise, which the analysis prefers.

    Example:
        >>> kernel_sharpness("B26f"), kernel_sharpness("STANDARD"), kernel_sharpness("")
        (26.0, 30.0, 40.0)
    """
    digits = re.search(r"\d+", kernel)
    if digits:
        return float(digits[0])
    name = kernel.strip().upper()
    return float(_WORDS.get(name, _LETTERS.get(name, _UNKNOWN)))
