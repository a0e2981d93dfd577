"""From corners to vertebrae and curves, as a result and a page show them."""

from __future__ import annotations

from scanserve.client.spine import result as schema
from scanserve.client.spine.doubts import doubts_of
from scanserve.client.spine.placement import Points
from scanserve.client.spine.reader import Reading
from scanserve.contracts.spine import VERTEBRAE
from scanserve.geometry.curvature import Curve, find_curves, main_curve
from scanserve.preprocessing.spine import sides_of
from scanserve.preprocessing.spine.selection import Sides

__all__ = ["curves_of", "largest_degrees", "sides_of", "vertebrae_of"]

#: Digits of places in pixels, and of angles in degrees, that are written.
_PLACE, _ANGLE, _PEAK = 2, 2, 4
_OTHER = {"left": "right", "right": "left"}


def curves_of(points: Points, pixel: tuple[float, float], sides: Sides) -> list[schema.CurveInfo]:
    """Every curve, from the top down.

    Args:
        points: (68, 2) in pixels of the film.
        pixel: distance between rows, between columns.
        sides: which side of the patient the right side of the film is.
    """
    corners = points.reshape(-1, 4, 2)
    return [_curve(curve, corners, sides) for curve in find_curves(corners, pixel)]


def largest_degrees(points: Points, pixel: tuple[float, float]) -> float:
    """The greatest angle between any two vertebrae, degrees."""
    return round(main_curve(points.reshape(-1, 4, 2), pixel).degrees, _ANGLE)


def vertebrae_of(reading: Reading, shape: tuple[int, int]) -> list[schema.Vertebra]:
    """Every vertebra with what is doubtful about it; ``shape`` is rows, columns of the film."""
    doubts = doubts_of(reading.points, reading.peaks, reading.fixed, shape)
    parts = (values.reshape(-1, 4) for values in (reading.peaks, reading.fixed))
    rows = zip(VERTEBRAE, reading.points.reshape(-1, 4, 2), *parts, doubts, strict=True)
    return [
        schema.Vertebra.model_validate(
            {
                "name": name,
                "corners": [_place(corner) for corner in corners],
                "peaks": [round(float(peak), _PEAK) for peak in peaks],
                "fixed": [bool(value) for value in fixed],
                "doubts": found,
            }
        )
        for name, corners, peaks, fixed, found in rows
    ]


def _curve(curve: Curve, corners: Points, sides: Sides) -> schema.CurveInfo:
    upper, lower = corners[curve.upper], corners[curve.lower]
    patient = None
    if sides != "unknown":
        patient = _OTHER[curve.side] if sides == "patient's left" else curve.side
    return schema.CurveInfo(
        upper=VERTEBRAE[curve.upper],
        lower=VERTEBRAE[curve.lower],
        apex=VERTEBRAE[curve.apex],
        side=curve.side,
        patient_side=patient,  # type: ignore[arg-type]
        degrees=round(curve.degrees, _ANGLE),
        upper_edge=(_place(upper[0]), _place(upper[1])),
        lower_edge=(_place(lower[2]), _place(lower[3])),
    )


def _place(point: Points) -> schema.Place:
    return round(float(point[0]), _PLACE), round(float(point[1]), _PLACE)
