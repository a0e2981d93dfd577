"""The exact truth of a study of a head phantom, as JSON."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from scanserve.contracts import NOT_FOR_DIAGNOSIS
from scanserve.contracts.dat import TRUTH_KIND, TRUTH_VERSION
from scanserve.phantoms.dat.activity import activity, masks
from scanserve.phantoms.dat.grades import GRADES
from scanserve.phantoms.dat.head import STRUCTURES
from scanserve.phantoms.dat.scan import Scan
from scanserve.preprocessing.dat import Selection

__all__ = ["study_truth"]


def study_truth(
    scan: Scan, selection: Selection, reference: npt.NDArray, expected: npt.NDArray
) -> dict[str, Any]:
    """The truth of a study.

    Args:
        scan: the head and its acquisition.
        selection: the slices and pixels that the application takes from the short image.
        reference, expected: these slices of the 25-minute image and of the noise-free image, (5, 64, 64) per minute,
            on the scale of the short image.

    ``grade`` is 0 (normal) to 3 (severe).  ``ratio`` is the mean concentration of a structure relative to the cortex;
    ``voxels`` are flat indices ``[z, y, x]`` of the volume.  Images are base64 of little-endian float32.
    """
    found, concentration = masks(scan.head, scan.grid), activity(scan.head, scan.grid)
    return {
        **_about(scan),
        "structures": {name: _structure(found, name, concentration) for name in STRUCTURES},
        "background": _flat(found["occipital"]),
        "selection": {"first": selection.first, "row": selection.row, "column": selection.column},
        "reference": _image(reference),
        "expected": _image(expected),
    }


def _about(scan: Scan) -> dict[str, Any]:
    return {
        "kind": TRUTH_KIND,
        "version": TRUTH_VERSION,
        "notice": NOT_FOR_DIAGNOSIS,
        "seed": scan.head.seed,
        "grade": scan.head.grade,
        "grade_name": GRADES[scan.head.grade],
        "shape_zyx": scan.grid.shape,
        "spacing_xyz_mm": scan.grid.spacing.tolist(),
        "counts": round(scan.protocol.counts),
    }


def _structure(
    found: Mapping[str, npt.NDArray[np.bool_]], name: str, concentration: npt.NDArray
) -> dict[str, Any]:
    return {"ratio": round(float(concentration[found[name]].mean()), 4), "voxels": _flat(found[name])}


def _flat(mask: npt.NDArray[np.bool_]) -> list[int]:
    return np.flatnonzero(mask).tolist()


def _image(values: npt.NDArray) -> dict[str, Any]:
    data = np.ascontiguousarray(values, "<f4").tobytes()
    return {"shape": list(values.shape), "float32": base64.b64encode(data).decode("ascii")}
