"""What the slices of a series are: slices of a volume, or something made from them, or something beside them.

Words of the image type and the unit of the values say so for certain; words of a description, and weaker ones of
the image type, only suggest it, and count where the study holds something else as well.  Words are compared whole
and without case, wherever they stand: ``CT_SOM5 MIP`` holds the word ``MIP``, and so does ``ThinMIP8``.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache

from scanserve.preprocessing.ct.rescale import in_hounsfield
from scanserve.preprocessing.ct.slices import Slice

__all__ = ["Kind", "Nature", "nature_of", "stated_kind"]


class Kind(Enum):
    """What slices are; the value is its name in sentences."""

    VOLUME = "volume"
    ANGIOGRAPHY = "angiography"
    MONOENERGETIC = "monoenergetic"
    CALCIUM_SCORING = "calcium scoring"
    CONTRAST_TIMING = "contrast timing"
    PROJECTION = "projection or rendering"
    MATERIAL_MAP = "material map"
    NOT_HU = "values not in HU"
    LOCALIZER = "localizer"


@dataclass(frozen=True)
class Nature:
    """What slices are.

    Attributes:
        kind: what they are.
        certain: whether the image type or the unit of the values says so, rather than a description.
        original: whether they were reconstructed from the scan, rather than from other slices.
    """

    kind: Kind
    certain: bool
    original: bool


def _words(listed: str) -> tuple[str, ...]:
    return tuple(" ".join(word.split()) for word in listed.split(","))


#: Words of an image type that say for certain what an image is.
_CERTAIN = {
    Kind.LOCALIZER: _words("LOCALIZER, SCOUT, TOPOGRAM"),
    Kind.PROJECTION: _words("MIP, MINIP, MIN IP, MAXIP, VRT, SSD, CPR, CURVED, RENDERING, PROJECTION"),
    Kind.MATERIAL_MAP: _words(
        """MAT SPECIFIC, MAT REMOVED, MAT FRACTIONAL, MAT MODIFIED, MAT VALUE BASED, MATERIAL DENSITY,
        EFF ATOMIC NUM, EFF ATOMIC NUMBER, ELECTRON DENSITY, IODINE, VNC, VIRTUAL NON CONTRAST"""
    ),
    Kind.MONOENERGETIC: _words("VMI, MONOENERGETIC, MONOENERGY"),
}
#: Words of a description or an image type that suggest it; the first kind that has one wins.
_SUGGESTED = {
    Kind.LOCALIZER: _words("LOCALIZER, LOCALISER, SCOUT, TOPOGRAM, TOPO, SURVIEW, SCANOGRAM"),
    Kind.CONTRAST_TIMING: _words(
        """PREMONITORING, MONITORING, TESTBOLUS, TEST BOLUS, TIMING BOLUS, BOLUS TRACKING, BOLUSTRACKING,
        SMARTPREP, SMART PREP, SURESTART, SURE START, LOCATOR, TRACKER"""
    ),
    Kind.PROJECTION: _words("MIP, MIPS, MINIP, MIN IP, MAXIP, VRT, SSD, CPR, CURVED, RENDERING, RENDERED"),
    Kind.MATERIAL_MAP: _words(
        """IODINE, IODIN, JOD, VNC, VNI, VUE, VIRTUAL NON CONTRAST, VIRTUAL NONCONTRAST, VIRTUAL UNENHANCED,
        VIRTUAL NATIVE, ZEFF, Z EFF, Z EFFECTIVE, EFFECTIVE Z, EFFECTIVE ATOMIC, ELECTRON DENSITY, RHO Z,
        MATERIAL DENSITY, PBV, PERFUSED BLOOD VOLUME, BLOOD FLOW, BLOOD VOLUME, PERFUSION, FFR, FFRCT,
        PURECALCIUM, PURELUMEN, CALCIUM SUPPRESSED, SUBTRACTION, FUSION, OVERLAY, UPTAKE,
        ヨード, 碘, 요오드, ЙОД"""
    ),
    Kind.CALCIUM_SCORING: _words(
        """CASC, CA SC, CACS, CAC, CASCORE, CA SCORE, CA SCORING, CALCIUM, CALCIUMSCORE, CALCIUMSCORING,
        SMARTSCORE, SMART SCORE, AGATSTON, KALK, KALKSCORE, KALZIUM, SCORE CALCIQUE, CALCIO, КАЛЬЦИЙ,
        石灰化, 钙化, 鈣化, 칼슘"""
    ),
    Kind.MONOENERGETIC: _words("VMI, MONOENERGETIC, MONOENERGY, MONO E, MONOE, KEV"),
    Kind.ANGIOGRAPHY: _words(
        """CTA, CCTA, CORCTA, CTCA, CORONARY, CORONARIES, COR, ANGIO, ANGIOGRAPHY, CARDIAC, HEART, KORONAR,
        КОРОНАР, 冠脉, 冠動脈, コロナリー, 관상동맥"""
    ),
}
_NO_WORD = re.compile(r"[\W_]+")
#: Where words are written together: MIP8, 70keV; ThinMIP.
_DIGITS = re.compile(r"(?<=[^\W\d])(?=\d)|(?<=\d)(?=[^\W\d])")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")


def nature_of(image: Slice) -> Nature:
    """What a slice is, from its header."""
    return _nature(image.image_type, image.phase_tags.series_description, image.rescale_type)


@lru_cache(maxsize=4096)
def stated_kind(image_type: tuple[str, ...]) -> Kind | None:
    """What the values of an image type, in capitals, say that an image is; ``None`` for slices of a volume.

    Example:
        >>> stated_kind(("DERIVED", "SECONDARY", "AXIAL", "CT_SOM5 MIP")).name
        'PROJECTION'
    """
    return _first(_CERTAIN, " ".join(image_type))


@lru_cache(maxsize=4096)
def _nature(image_type: tuple[str, ...], description: str, unit: str) -> Nature:
    original = image_type[:1] == ("ORIGINAL",)
    stated = stated_kind(image_type)
    if not in_hounsfield(unit):
        return Nature(stated if stated is Kind.LOCALIZER else Kind.NOT_HU, True, original)
    if stated is not None:
        return Nature(stated, True, original)
    return Nature(_first(_SUGGESTED, " ".join([description, *image_type])) or Kind.VOLUME, False, original)


def _first(kinds: Mapping[Kind, Sequence[str]], text: str) -> Kind | None:
    """The first kind of which ``text`` holds a word."""
    apart = _DIGITS.sub(" ", text)
    ways = " | ".join([text, apart, _HUMP.sub(" ", apart)])
    words = f" {_NO_WORD.sub(' ', ways.upper())} "
    for kind, known in kinds.items():
        if any(f" {word} " in words or (not word.isascii() and word in words) for word in known):
            return kind
    return None
