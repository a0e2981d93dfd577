"""What a browser sends: checked before anything is done with it."""

from __future__ import annotations

from typing import Annotated, TypeVar

import numpy as np
from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from scanserve.client.spine.hints import Hint
from scanserve.client.spine.placement import Points
from scanserve.client.spine.result import Correction, Place
from scanserve.contracts import InputError
from scanserve.contracts.printable import printable
from scanserve.contracts.spine import POINTS

__all__ = ["MOST_BYTES", "Measure", "Message", "Save", "SentHint", "Settle", "parse"]

#: Bytes of a message at most: a thousand corrections have fewer.
MOST_BYTES = 1 << 20
#: Letters of a reader's name, and corrections of a film, at most.
_MOST_NAME, _MOST_CORRECTIONS = 64, 5000

M = TypeVar("M", bound="Message")


def _finite(place: Place) -> Place:
    if not np.isfinite(place).all():
        raise ValueError("must be finite")
    return place


_Place = Annotated[Place, AfterValidator(_finite)]


class Message(BaseModel):
    """What every message has: the hash of the film that it is about."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    film: str


class SentHint(BaseModel):
    """One fixed corner."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    point: int
    place: Place
    previous: _Place | None = None

    def to_hint(self) -> Hint:
        """The same as the reader takes it."""
        return Hint(self.point, self.place, self.previous)


class Settle(Message):
    """Find the other corners again, given some."""

    box: Annotated[tuple[float, float, float, float], AfterValidator(_finite)]  # type: ignore[arg-type]
    hints: list[SentHint] = Field(max_length=4 * POINTS)


class Measure(Message):
    """Measure the curves of corners."""

    points: list[_Place] = Field(min_length=POINTS, max_length=POINTS)

    def array(self) -> Points:
        """The corners (68, 2)."""
        return np.array(self.points, np.float64)


class Save(Settle):
    """Write corners and corrections to the result."""

    version: int
    points: list[_Place] = Field(min_length=POINTS, max_length=POINTS)
    peaks: list[float] = Field(min_length=POINTS, max_length=POINTS)
    corrections: list[Correction] = Field(max_length=_MOST_CORRECTIONS)

    def clean_corrections(self) -> tuple[Correction, ...]:
        """The corrections, with names of readers that can be printed."""
        return tuple(
            item.model_copy(update={"who": printable(item.who, _MOST_NAME), "name": printable(item.name, 64)})
            for item in self.corrections
        )


def parse(kind: type[M], body: bytes) -> M:
    """A message of ``kind``.

    Raises:
        InputError: code ``corrections-invalid``.
    """
    if len(body) > MOST_BYTES:
        raise InputError("corrections-invalid", f"a message must have at most {MOST_BYTES} bytes.")
    try:
        return kind.model_validate_json(body)
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(str(part) for part in first["loc"]) or "the message"
        raise InputError("corrections-invalid", f"{where}: {first['msg']}.") from error
