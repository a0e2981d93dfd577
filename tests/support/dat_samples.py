"""A study on disk and a server that only blurs, for tests of the DaTSCAN client."""

from types import SimpleNamespace

import numpy as np

from scanserve.geometry.grid import Grid
from scanserve.phantoms.dat.dicom import NmSeries, nm_dataset
from tests.support.connections import connecting, no_connection  # noqa: F401

SHAPE = (9, 128, 128)


def counts(scale=100.0):
    """uint16 ``[z, y, x]``: a head of a fifth of the greatest count, and two hot spots in the middle slices."""
    z, y, x = np.indices(SHAPE) - np.array(SHAPE).reshape(3, 1, 1, 1) // 2
    head = np.hypot(x / 24, y / 29) < 1
    hot = sum(np.exp(-((x - c) ** 2 + (y + 4) ** 2 + 4 * z**2) / 18) for c in (-7, 7))
    rng = np.random.default_rng(0)
    return rng.poisson(scale * (0.2 * head + hot)).astype(np.uint16)


def write_study(folder, values=None, minutes=(5.0,)):
    """A study with a series per duration."""
    folder.mkdir(parents=True, exist_ok=True)
    values = counts() if values is None else values
    for number, duration in enumerate(minutes, start=1):
        series = NmSeries(
            1, number, f"DaTSCAN {duration:g} min", duration, 1000, Grid.centred(values.shape, 3.29)
        )
        nm_dataset(series, values).save_as(folder / f"{number}.dcm", enforce_file_format=True)
    return folder


class FakeClient:
    """Answers with its input, times ``gain``; raises ``errors`` first."""

    def __init__(self, gain=1.0, errors=()):
        self.gain, self.errors, self.sent = gain, list(errors), []

    def infer(self, spec, inputs):
        self.sent.append((spec.name, inputs["slices"]))
        if self.errors:
            raise self.errors.pop(0)
        spec.inputs[0].validate(inputs["slices"], batched=True)
        return {"restored": inputs["slices"] * np.float32(self.gain)}

    def is_ready(self, model=None):
        return True

    def server_info(self):
        return SimpleNamespace(name="triton", version="2.51.0")

    def metadata(self, model):
        return SimpleNamespace(versions=("1",))

    def parameters(self, model):
        return {"trained_on": "annotated images"}
