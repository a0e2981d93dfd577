"""What the tests of the spine evaluation share."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from scanserve.client.spine.run import Options, run
from scanserve.contracts.spine import TRUTH_KIND, TRUTH_VERSION
from scanserve.evaluation.spine.readings import FILE, NetworkReading, Readings, write_readings
from scanserve.evaluation.spine.truth import Truth
from tests.support import spine_samples


def truth(points=None, shape=spine_samples.SHAPE, **changes):
    points = spine_samples.corners() if points is None else points
    return {
        "kind": TRUTH_KIND,
        "version": TRUTH_VERSION,
        "rows": shape[0],
        "columns": shape[1],
        "pixel_mm": 0.5,
        "points": points.tolist(),
        "outside": [False] * len(points),
        **changes,
    }


def reading(*points, fixed=()):
    return NetworkReading(fixed=list(fixed), points=[each.tolist() for each in points])


def corrected(points, off, clicks):
    """The worst point first; each click halves the error of the others."""
    found, fixed = [points + np.array([off, 0.0])], []
    for click in range(clicks):
        fixed.append(click)
        found.append(points + np.array([off / 2 ** (click + 1), 0.0]))
    return reading(*found, fixed=fixed)


def write(folder, content, result, readings=None):
    folder.mkdir(parents=True)
    (folder / "truth.json").write_text(json.dumps(content))
    if result is not None:
        (folder / "result.json").write_text(result.to_json())
    if readings is not None:
        write_readings(folder / FILE, Readings(networks=readings))
    return folder


@pytest.fixture(scope="session")
def spine(tmp_path_factory):
    """A result of the client of a film whose corners are all found 12 px to the right, and makers of the rest."""
    root = tmp_path_factory.mktemp("spine")
    study = spine_samples.write_study(root / "study")
    client = spine_samples.FakeClient(off=12.0)
    result = run(Options(study, root / "out"), spine_samples.connecting(client))
    return SimpleNamespace(
        result=result,
        corners=spine_samples.corners,
        truth=truth,
        known=lambda **changes: Truth.model_validate(truth(**changes)),
        reading=reading,
        corrected=corrected,
        write=write,
    )
