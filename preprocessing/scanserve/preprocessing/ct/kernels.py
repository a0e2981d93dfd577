"""How sharp a convolution kernel is, from its name."""

from __future__ import annotations

import re

__all__ = ["kernel_sharpness", "known_kernel"]

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
#: Names of kernels as vendors form them: ``B26f``, ``Bv40d``, ``FC03``, ``XCB``, ``IMR1``, ``HD STND``.
_NAMES = re.compile(
    r"[A-Z]{0,3}\d{1,3}[a-z]{0,2}|[XY]?[A-Z]{1,2}[A-E]|[A-E]|HD [A-Z]{3,6}|C_[A-Z]{3,6}_[A-Z]{1,2}", re.I
)
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


def known_kernel(kernel: str) -> str:
    """``kernel`` where it is named as vendors name them, else ``"other"``: the attribute may hold any text.

    Example:
        >>> known_kernel("B26f"), known_kernel("STANDARD"), known_kernel("of J. Doe"), known_kernel("")
        ('B26f', 'STANDARD', 'other', '')
    """
    name = kernel.strip()
    known = not name or name.upper() in _WORDS or _NAMES.fullmatch(name)
    return name if known else "other"
