"""A film on disk and a made-up server that knows where the corners are, for tests of the spine client."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
from scipy.ndimage import map_coordinates

from scanserve.contracts.spine import IMAGE_SHAPE, MAP_SHAPE, POINTS, VERTEBRAE
from tests.support import film_factory
from tests.support.connections import connecting, no_connection  # noqa: F401

SHAPE = (900, 400)


def corners(degrees=30.0, shape=SHAPE):
    """(68, 2): a spine that bulges to the right by an arc of ``degrees``, in the middle of a film."""
    rows, columns = shape
    count = len(VERTEBRAE)
    tilts = np.radians(np.linspace(-degrees / 2, degrees / 2, count))
    down = np.stack([-np.sin(tilts), np.cos(tilts)], axis=1)
    right = np.stack([np.cos(tilts), np.sin(tilts)], axis=1)
    step = 0.7 * rows / count
    centres = np.cumsum(down * step, axis=0)
    centres += (columns / 2, rows / 2) - (centres.min(axis=0) + centres.max(axis=0)) / 2
    sizes = np.linspace(0.8, 1.2, count)[:, None]
    signs = [(-0.6, -0.4), (0.6, -0.4), (-0.6, 0.4), (0.6, 0.4)]
    quads = [centres + step * sizes * x * right + step * y * down for x, y in signs]
    return np.stack(quads, axis=1).reshape(-1, 2)


def shown(points=None, shape=SHAPE):
    """What a film with these corners shows."""
    points = corners(shape=shape) if points is None else points
    values = film_factory.shown(shape) * 0.3
    rows, columns = np.indices(shape)
    for quad in points.reshape(-1, 4, 2):
        inside = np.ones(shape, bool)
        ring = quad[[0, 1, 3, 2]]
        for start, end in zip(ring, np.roll(ring, -1, axis=0), strict=True):
            way = end - start
            inside &= (columns - start[0]) * way[1] - (rows - start[1]) * way[0] <= 0
        values[inside] = 0.85
    return values


def write_study(folder, points=None, shape=SHAPE, **changes):
    """A film with these corners."""
    return film_factory.write(folder, values=shown(points, shape), **changes)


class FakeClient:
    """Places films, and finds corners ``off`` pixels to the side of ``points``; a hint mends its own vertebra.

    ``down`` makes it fail; ``sent`` holds the names and the hints of its requests.
    """

    def __init__(self, points=None, off=12.0, peaks=None):
        self.points = corners() if points is None else points
        self.off, self.down, self.sent = off, False, []
        self.peaks = np.full(POINTS, 0.9) if peaks is None else peaks

    def infer(self, spec, inputs):
        if self.down:
            from scanserve.contracts import ServerError

            raise ServerError("server-unavailable", "the server is gone.")
        for tensor in spec.inputs:
            tensor.validate(inputs[tensor.name], batched=True)
        if spec.name == "spine_prepare":
            self.sent.append((spec.name, inputs["box"]))
            return self._place(inputs["film"][0, 0], inputs["box"][0])
        hints, previous = inputs["hints"][0], inputs["previous"][0]
        self.sent.append((spec.name, hints, previous))
        return {
            "points": self._found(hints)[None].astype(np.float32),
            "heatmaps": np.zeros((1, POINTS, *MAP_SHAPE), np.uint8),
        }

    def _place(self, film, box):
        left, top, right, bottom = (float(value) for value in box)
        scale = min(IMAGE_SHAPE[0] / (bottom - top), IMAGE_SHAPE[1] / (right - left))
        x = (IMAGE_SHAPE[1] - 1) / 2 - scale * ((left + right - 1) / 2)
        y = (IMAGE_SHAPE[0] - 1) / 2 - scale * ((top + bottom - 1) / 2)
        self.scale, self.offset = scale, np.array([x, y])
        rows, columns = np.indices(IMAGE_SHAPE)
        image = map_coordinates(film, [(rows - y) / scale, (columns - x) / scale], order=1, cval=0.0)
        return {
            "image": image[None, None].astype(np.float32),
            "placement": np.array([[scale, x, y]], np.float32),
        }

    def _found(self, hints):
        shift = np.tile([self.off, 0.0], (POINTS, 1))
        for point in np.flatnonzero(hints[:, 2]):
            near = np.abs(np.arange(POINTS) // 4 - point // 4)
            shift[near == 0] = 0
            shift[near == 1] *= 0.5
        found = np.concatenate(
            [(self.points + shift) * self.scale + self.offset, self.peaks[:, None]], axis=1
        )
        fixed = hints[:, 2] > 0
        found[fixed, :2], found[fixed, 2] = hints[fixed, :2], 1
        return found

    def is_ready(self, model=None):
        return not self.down

    def server_info(self):
        return SimpleNamespace(name="triton", version="2.51.0")

    def metadata(self, model):
        return SimpleNamespace(versions=("1",))

    def parameters(self, model):
        return {"trained_on": "annotated images"}
