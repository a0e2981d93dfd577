"""The simulated reader: fixes the worst point again and again, and asks the network for the others each time."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from scanserve.client.spine.hints import Hint
from scanserve.client.spine.reader import FilmReader
from scanserve.evaluation.spine.readings import NetworkReading
from scanserve.geometry.keypoints import radial_errors

__all__ = ["corrected"]


def corrected(
    reader: FilmReader, truth: npt.NDArray[np.floating], seen: npt.NDArray[np.bool_], clicks: int
) -> NetworkReading:
    """What a network finds in a film before the first of ``clicks`` clicks and after each.

    Args:
        reader: reads the film.
        truth: (68, 2) in pixels of the stored film; each click puts a point exactly there.
        seen: (68,), the points that the film shows: only these are fixed.
        clicks: at most as many as there are such points.
    """
    reading = reader.read()
    hints: list[Hint] = []
    found = [reading.points]
    for _ in range(clicks):
        errors = np.where(seen, radial_errors(reading.points, truth), -1.0)
        errors[[hint.point for hint in hints]] = -1.0
        worst = int(errors.argmax())
        before, after = reading.points[worst], truth[worst]
        hints.append(Hint(worst, (float(after[0]), float(after[1])), (float(before[0]), float(before[1]))))
        reading = reader.settle(reading.box, hints)
        found.append(reading.points)
    points = [[(round(float(x), 3), round(float(y), 3)) for x, y in places] for places in found]
    return NetworkReading(fixed=[hint.point for hint in hints], points=points)
