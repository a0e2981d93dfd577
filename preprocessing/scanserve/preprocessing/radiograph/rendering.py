"""From stored values to what a film shows: 0 to 1, dense tissue bright.

The order is that of the standard (PS3.4 N.2): modality LUT, VOI LUT or window, and only then the inversion of
MONOCHROME1.  MONOCHROME1 together with the shape INVERSE is one inversion and not two.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt

from scanserve.preprocessing.dicom import FileRejectedError, Header
from scanserve.preprocessing.dicom import tags as image_tags
from scanserve.preprocessing.findings import Finding
from scanserve.preprocessing.radiograph import tags
from scanserve.preprocessing.radiograph.lut import Lut, read_lut

__all__ = ["Rendering", "Window", "read_rendering"]

Values = npt.NDArray[np.float32]

#: Without a window values from this to that percentile are shown; a few pixels are markers or dead.
PERCENTILES = (0.5, 99.5)
#: Slopes and intercepts are at most so large.
MOST = 1e9

Function = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]
_FUNCTIONS: dict[str, Function] = {
    "": "LINEAR",
    "LINEAR": "LINEAR",
    "LINEAR_EXACT": "LINEAR_EXACT",
    "SIGMOID": "SIGMOID",
}


@dataclass(frozen=True)
class Window:
    """A window (PS3.3 C.11.2.1.2, C.11.2.1.3)."""

    centre: float
    width: float
    function: Function = "LINEAR"

    def apply(self, values: Values) -> Values:
        """Values of any shape to 0..1."""
        if self.function == "SIGMOID":
            return 1 / (1 + np.exp(-4 * (values - self.centre) / self.width))
        if self.function == "LINEAR_EXACT":
            return np.clip((values - self.centre) / self.width + 0.5, 0, 1)
        width = max(self.width - 1, 1e-3)
        return np.clip((values - (self.centre - 0.5)) / width + 0.5, 0, 1)


@dataclass(frozen=True, eq=False)
class Rendering:
    """How a film's stored values become what is shown.

    Attributes:
        slope, intercept: of the modality LUT where it is a line; ``table`` where it is a table.
        voi: the table or the window; None where the range of the values is shown.
        logarithm: whether values are proportional to the intensity of X-rays, so that their logarithm is shown.
        inverted: whether the least value is white (MONOCHROME1).
        contradictory: whether the header says both that it is and that it is not.
    """

    slope: float = 1.0
    intercept: float = 0.0
    table: Lut | None = None
    voi: Lut | Window | None = None
    logarithm: bool = False
    inverted: bool = False
    contradictory: bool = False

    def apply(self, stored: npt.NDArray) -> Values:
        """Stored values of any shape to 0..1."""
        values = self._modality(stored)
        if self.logarithm:
            values = np.log(np.maximum(values, 1))
        shown = _shown(values, self.voi)
        return np.ascontiguousarray(1 - shown if self.inverted else shown, np.float32)

    def _modality(self, stored: npt.NDArray) -> Values:
        if self.table is not None:
            return self.table.apply(stored)
        return stored.astype(np.float32) * np.float32(self.slope) + np.float32(self.intercept)


def _shown(values: Values, voi: Lut | Window | None) -> Values:
    if isinstance(voi, Lut):
        return voi.apply(values) / ((1 << voi.bits) - 1)
    if voi is not None:
        return voi.apply(values)
    low, high = np.percentile(values, PERCENTILES)
    return np.clip((values - low) / max(float(high - low), 1e-6), 0, 1)


def read_rendering(header: Header) -> tuple[Rendering, tuple[Finding, ...]]:
    """The rendering that a header states, and what is to be said about it.

    Raises:
        FileRejectedError: code ``rescale-invalid`` or ``colour``.
    """
    signed = header.integer(image_tags.PIXEL_REPRESENTATION) == 1
    slope, intercept = _line(header)
    table = _table(header, tags.MODALITY_LUT_SEQUENCE, signed=signed)
    logarithm = _is_linear(header)
    voi, notes = (None, []) if logarithm else _voi(header, signed=signed or intercept < 0)
    inverted = _is_inverted(header)
    shape = header.text(tags.PRESENTATION_LUT_SHAPE).upper()
    contradictory = (shape == "IDENTITY" and inverted) or (shape == "INVERSE" and not inverted)
    if logarithm:
        notes.append(
            Finding("log-applied", "values are proportional to the intensity; their logarithm is shown.")
        )
    elif voi is None:
        notes.append(
            Finding("no-window", "the header states no usable window; the range of values is shown.")
        )
    return Rendering(slope, intercept, table, voi, logarithm, inverted, contradictory), tuple(notes)


def _line(header: Header) -> tuple[float, float]:
    if not header.text(image_tags.RESCALE_SLOPE) and not header.text(image_tags.RESCALE_INTERCEPT):
        return 1.0, 0.0
    slope, intercept = header.number(image_tags.RESCALE_SLOPE), header.number(image_tags.RESCALE_INTERCEPT)
    if not slope or intercept is None or max(abs(slope), abs(intercept)) > MOST:
        reason = "state a slope and an intercept of their values that are no such numbers"
        raise FileRejectedError("rescale-invalid", reason)
    return slope, intercept


def _table(header: Header, attribute: int, *, signed: bool) -> Lut | None:
    item = header.item(attribute)
    return None if item is None else read_lut(item, signed=signed)


def _voi(header: Header, *, signed: bool) -> tuple[Lut | Window | None, list[Finding]]:
    """The first table, else the first window that is one; a table replaces windows (PS3.3 C.11.2.1)."""
    table = _table(header, tags.VOI_LUT_SEQUENCE, signed=signed)
    if table is not None:
        return table, []
    return next(_windows(header), None), []


def _windows(header: Header) -> Iterator[Window]:
    function = _FUNCTIONS.get(header.text(tags.VOI_LUT_FUNCTION).upper(), "LINEAR")
    least = 1.0 if function == "LINEAR" else 0.0
    centres, widths = header.numbers(tags.WINDOW_CENTER), header.numbers(tags.WINDOW_WIDTH)
    for centre, width in zip(centres, widths, strict=False):
        if centre is not None and width is not None and width > least:
            yield Window(centre, width, function)


def _is_linear(header: Header) -> bool:
    """Whether values are proportional to the intensity; films for presentation are rendered already."""
    return (
        header.text(tags.PIXEL_INTENSITY_RELATIONSHIP).upper() == "LIN"
        and header.text(tags.PRESENTATION_INTENT_TYPE).upper() == "FOR PROCESSING"
    )


def _is_inverted(header: Header) -> bool:
    stated = header.text(tags.PHOTOMETRIC_INTERPRETATION).upper()
    if stated not in ("MONOCHROME1", "MONOCHROME2", ""):
        raise FileRejectedError("colour", "are colour images")
    return stated == "MONOCHROME1"
