"""The exact truth of a film, as JSON."""

from __future__ import annotations

from typing import Any

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.contracts.spine import TRUTH_KIND, TRUTH_VERSION, VERTEBRAE
from scanserve.phantoms.spine.film import Film

__all__ = ["study_truth"]


def study_truth(film: Film, seed: int, pixel_mm: float) -> dict[str, Any]:
    """The truth of the film of ``seed``.

    ``points`` are ``(x, y)`` of the 68 corners in pixels of the stored film, T1 to L5, per vertebra top-left,
    top-right, bottom-left, bottom-right as seen; ``outside`` says which of them the film does not show.
    """
    rows, columns = film.grey.shape
    return {
        "kind": TRUTH_KIND,
        "version": TRUTH_VERSION,
        "notice": NOT_FOR_DIAGNOSIS,
        "seed": seed,
        "rows": rows,
        "columns": columns,
        "pixel_mm": pixel_mm,
        "vertebrae": list(VERTEBRAE),
        "points": [[round(x, 3), round(y, 3)] for x, y in film.points.tolist()],
        "outside": film.outside.tolist(),
        "lumbar": film.patient.lumbar,
        "rib_pairs": film.patient.ribs,
    }
