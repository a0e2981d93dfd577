"""Hand-drawn skeletons, and Gaussian heat maps of known lines."""

import numpy as np
from scipy.spatial import cKDTree

from scanserve.geometry import HeatMap, build_graph, resample_path


def drawn(text, *, spacing=(1.0, 1.0, 1.0)):
    """A graph from rows of text, one slice: ``#`` is a voxel of heat 1, a digit d one of heat d/10."""
    rows = text.split()
    values = np.array(
        [[255 if c == "#" else round(25.5 * int(c)) if c.isdigit() else 0 for c in row] for row in rows]
    )
    heatmap = HeatMap.at(values[None].astype(np.uint8), np.zeros(3), np.array(spacing))
    return build_graph(np.argwhere(heatmap.values), heatmap)


def ridge(lines, shape=(48, 48, 48), *, spacing=0.9, sigma=1.3, origin=(0.0, 0.0, 0.0)):
    """The heat map ``exp(-d^2 / 2 sigma^2)`` of polylines in mm."""
    points = np.concatenate([resample_path(line, 0.1) for line in lines])
    index = np.moveaxis(np.indices(shape), 0, -1).reshape(-1, 3)
    near = cKDTree(points).query(index[:, ::-1] * spacing + origin, distance_upper_bound=4 * sigma)[0]
    values = np.rint(255 * np.exp(-(near**2) / (2 * sigma**2))).astype(np.uint8)
    return HeatMap.at(values.reshape(shape), np.array(origin), np.full(3, spacing))


def distances(found, truth):
    """Distance of each found point from the true polyline."""
    return cKDTree(resample_path(truth, 0.05)).query(found)[0]
