"""Validation on phantom films that were not used for training: read twice, then corrected by clicks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from scanserve.contracts.spine import POINTS
from scanserve.geometry.keypoints import level_shift, radial_errors
from scanserve.networks.spine import Prepare, ServedSpine
from scanserve.phantoms.spine import make_film

__all__ = ["Case", "make_case", "validate_cases"]

#: Rows of a validation film, and of the films in whose pixels errors are stated.
ROWS, STATED_ROWS = 1200, 2400
#: Room around the spine in the second reading, as shares of its height: at the sides, and above and below.
_ROOM = (0.13, 0.05)


@dataclass(frozen=True, eq=False)
class Case:
    """A film with its truth: grey values 0..1 ``[row, column]``, points (68, 2), and which of them it shows."""

    film: npt.NDArray[np.float32]
    points: npt.NDArray[np.float64]
    seen: npt.NDArray[np.bool_]


def make_case(seed: int) -> Case:
    """The film of a seed of the test population."""
    film = make_film(seed, "test", ROWS)
    return Case(film.grey, film.points, ~film.outside)


@dataclass(frozen=True, eq=False)
class _Read:
    """Mean errors before the first click and after each, in pixels of a film of ``STATED_ROWS``.

    ``model``: the network finds the other points again; ``manual``: no other point moves.  ``shifted`` says whether the
    first reading is a level off.
    """

    model: npt.NDArray[np.floating]
    manual: npt.NDArray[np.floating]
    shifted: bool


@torch.no_grad()
def validate_cases(network: nn.Module, cases: Sequence[Case], clicks: int = 2) -> dict[str, float]:
    """Mean errors after 0 to ``clicks`` clicks in pixels of a film of 2,400 rows, and the share of shifted levels."""
    served = ServedSpine(network).eval()
    read = [_read(served, case, clicks) for case in cases]
    model = np.mean([found.model for found in read], axis=0)
    manual = np.mean([found.manual for found in read], axis=0)
    return {
        **{f"mre_{number}_clicks_px": float(error) for number, error in enumerate(model)},
        **{f"manual_mre_{number}_clicks_px": float(error) for number, error in enumerate(manual) if number},
        "median_0_clicks_px": float(np.median([found.model[0] for found in read])),
        "level_shift_share": float(np.mean([found.shifted for found in read])),
    }


def _read(served: nn.Module, case: Case, clicks: int) -> _Read:
    device = next(served.parameters()).device
    points = _first_reading(served, case, device)
    image, placement = _prepared(case.film, _box(points), device)
    hints, previous = np.zeros((POINTS, 3), np.float32), np.zeros((POINTS, 3), np.float32)
    places, errors = [], []
    for _ in range(clicks + 1):
        found = _found(served, image, hints, previous)
        places.append((found - placement[1:]) / placement[0])
        errors.append(np.where(hints[:, 2] > 0, 0.0, radial_errors(places[-1], case.points)) * case.seen)
        worst = int(errors[-1].argmax())
        hints[worst] = (*np.clip(case.points[worst] * placement[0] + placement[1:], 0, (255, 511)), 1)
        previous[worst] = (*found[worst], 1)
    smallest_first = np.sort(errors[0])
    manual = [smallest_first[: POINTS - number].sum() for number in range(clicks + 1)]
    scale = STATED_ROWS / ROWS / case.seen.sum()
    shifted = level_shift(places[0], case.points) != 0
    return _Read(scale * np.sum(errors, axis=1), scale * np.array(manual), shifted)


def _first_reading(served: nn.Module, case: Case, device: torch.device) -> npt.NDArray[np.floating]:
    rows, columns = case.film.shape
    image, placement = _prepared(case.film, (0, 0, columns, rows), device)
    nothing = np.zeros((POINTS, 3), np.float32)
    return (_found(served, image, nothing, nothing) - placement[1:]) / placement[0]


def _box(points: npt.NDArray[np.floating]) -> tuple[float, ...]:
    """Around the middle nine tenths of the points, with room on every side."""
    low, high = np.quantile(points, 0.02, axis=0), np.quantile(points, 0.98, axis=0)
    room = np.array(_ROOM) * max(high[1] - low[1], 1.0)
    return (*(low - room), *(high + room))


def _prepared(
    film: npt.NDArray[np.float32], box: Sequence[float], device: torch.device
) -> tuple[Tensor, npt.NDArray[np.floating]]:
    image, placement = Prepare()(torch.from_numpy(film)[None, None], torch.tensor([list(map(float, box))]))
    return image.to(device), placement[0].numpy()


def _found(
    served: nn.Module, image: Tensor, hints: npt.NDArray[np.float32], previous: npt.NDArray[np.float32]
) -> npt.NDArray[np.floating]:
    fixed = (torch.from_numpy(array)[None].to(image.device) for array in (hints, previous))
    return served(image, *fixed)[0][0, :, :2].cpu().numpy()
