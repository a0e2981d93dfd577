"""The layout of ``readings.json``: what every network found after each click of a simulated reader.

It lies beside ``result.json`` where a measurement of accuracy has written it.
"""

from __future__ import annotations

import json
from pathlib import Path
from typing import Literal

import numpy as np
from pydantic import Field

from scanserve.contracts.spine import POINTS
from scanserve.evaluation.records import TruthRecord, validated
from scanserve.evaluation.studies import read_object
from scanserve.geometry.types import Array

__all__ = ["FILE", "NetworkReading", "Readings", "read_readings", "write_readings"]

#: The name of the file.
FILE = "readings.json"

_Points = list[tuple[float, float]]


class NetworkReading(TruthRecord):
    """The clicks on one film.

    Attributes:
        fixed: the corners that the reader has fixed, in the order of the clicks.
        points: the 68 points in pixels of the stored film before the first click and after each.
    """

    fixed: list[int]
    points: list[_Points] = Field(min_length=1)

    @property
    def places(self) -> Array:
        """The points (clicks + 1, 68, 2)."""
        return np.array(self.points).reshape(-1, POINTS, 2)


class Readings(TruthRecord):
    """The readings of one film by network."""

    kind: Literal["scanserve.spine.readings"] = "scanserve.spine.readings"
    version: Literal[1] = 1
    networks: dict[str, NetworkReading]


def read_readings(path: Path) -> Readings | None:
    """The readings in a file; None if there is none.

    Raises:
        InputError: code ``not-a-result`` if the file holds something else.
    """
    if not path.is_file():
        return None
    return validated(read_object(path, "not-a-result"), Readings, path, "reading", "not-a-result")


def write_readings(path: Path, readings: Readings) -> None:
    """Write readings as a file."""
    path.write_text(json.dumps(readings.model_dump(), separators=(",", ":")), encoding="utf-8")
