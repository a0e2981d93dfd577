"""Made-up truths and results of DaTSCAN studies with known figures."""

import base64
import json
from datetime import datetime, timezone

import numpy as np

from scanserve.client.dat import result as schema
from scanserve.client.runs.records import Timing

SHAPE = (9, 128, 128)
NAMES = ("caudate_right", "putamen_right", "caudate_left", "putamen_left")
#: Of each structure and of the background: rows and columns in the crop.
PLACES = {
    "caudate_right": np.s_[:, 20:24, 24:28],
    "putamen_right": np.s_[:, 26:32, 18:22],
    "caudate_left": np.s_[:, 20:24, 36:40],
    "putamen_left": np.s_[:, 26:32, 42:46],
    "background": np.s_[:, 50:58, 26:38],
}
BACKGROUND = 0.2
SCALES = (100.0, 120.0, 150.0, 120.0, 100.0)


def image(ratios=(3.0, 3.0, 3.0, 3.0), noise=0.0, seed=0):
    """(5, 64, 64) on the scale of each slice, with these ratios of structure to background."""
    counts = np.zeros((5, 64, 64))
    counts[:, 5:60, 10:54] = BACKGROUND
    for name, ratio in zip(NAMES, ratios, strict=True):
        counts[PLACES[name]] = BACKGROUND * ratio
    counts += noise * np.random.default_rng(seed).standard_normal(counts.shape)
    return (100 * counts / np.array(SCALES)[:, None, None]).astype(np.float32)


def voxels(name):
    whole = np.zeros(SHAPE, bool)
    whole[2:7, 32:96, 32:96][PLACES[name]] = True
    return np.flatnonzero(whole).tolist()


def encoded(values):
    data = np.ascontiguousarray(values, "<f4").tobytes()
    return {"shape": list(values.shape), "float32": base64.b64encode(data).decode()}


def truth(reference=None, grade=0):
    """The content of a ``truth.json``."""
    reference = image() if reference is None else reference
    return {
        "kind": "scanserve.dat.truth",
        "version": 1,
        "grade": grade,
        "shape_zyx": SHAPE,
        "structures": {name: {"ratio": 3.0, "voxels": voxels(name)} for name in NAMES},
        "background": voxels("background"),
        "selection": {"first": 2, "row": 32, "column": 32},
        "reference": encoded(reference),
        "expected": encoded(reference),
    }


def result(before, **made):
    """A result with the image of every method ``made``."""
    return schema.Result(
        notice="not for diagnosis",
        scanserve_version="0",
        created=datetime.now(timezone.utc),
        study=_study(),
        selected=schema.Selected(frames=[3, 4, 5, 6, 7], row=32, column=32, scales=list(SCALES)),
        input=schema.Image.from_array(before),
        restorations=[_restoration(name, values) for name, values in made.items()],
        warnings=[],
        server=None,
        models=[],
        timing=Timing(total_s=1, spans=[]),
    )


def _study():
    return schema.StudyInfo(
        study_instance_uid="1",
        series_instance_uid="2",
        sop_instance_uid="3",
        series_number=1,
        shape=SHAPE,
        pixel_mm=(3.29, 3.29),
        slice_mm=3.29,
        orientation=None,
        minutes=5,
        files=1,
        skipped=[],
    )


def _restoration(name, values):
    return schema.Restoration(
        method=name,
        title=name.title(),
        image=schema.Image.from_array(values),
        counts_change=0,
        warnings=[],
        file=f"series/{name}.dcm",
        series_instance_uid="4",
        sop_instance_uid="5",
    )


def write(folder, true, found):
    """A truth and a result (or None) as files in one folder."""
    folder.mkdir(parents=True)
    (folder / "truth.json").write_text(json.dumps(true))
    if found is not None:
        (folder / "result.json").write_text(found.to_json())
    return folder
