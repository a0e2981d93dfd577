"""The numeric core: heat map to skeleton, graph, tree, radii; curves, frames, straightened vessels.

numpy, scipy and scikit-image only.  Volumes are ``[z, y, x]``, points ``(x, y, z)`` mm LPS, everywhere.
"""

from scanserve.geometry.frames import Frames, rotation_minimizing_frames
from scanserve.geometry.graph import (
    SkeletonGraph,
    bridge_gaps,
    build_graph,
    prune_spurs,
    spanning_tree,
)
from scanserve.geometry.heatmap import HeatMap
from scanserve.geometry.path import (
    arc_length,
    path_length,
    resample_path,
    sample_path,
    smooth_path,
    tangents,
)
from scanserve.geometry.radius import RadiusOptions, estimate_radii
from scanserve.geometry.ridge import refine_to_ridge
from scanserve.geometry.skeleton import SkeletonOptions, skeletonize_heatmap
from scanserve.geometry.straighten import Straightened, straighten, straightened_grid
from scanserve.geometry.tree import Branch, VesselTree, build_tree

__all__ = [
    "Branch",
    "Frames",
    "HeatMap",
    "RadiusOptions",
    "SkeletonGraph",
    "SkeletonOptions",
    "Straightened",
    "VesselTree",
    "arc_length",
    "bridge_gaps",
    "build_graph",
    "build_tree",
    "estimate_radii",
    "path_length",
    "prune_spurs",
    "refine_to_ridge",
    "resample_path",
    "rotation_minimizing_frames",
    "sample_path",
    "skeletonize_heatmap",
    "smooth_path",
    "spanning_tree",
    "straighten",
    "straightened_grid",
    "tangents",
]
