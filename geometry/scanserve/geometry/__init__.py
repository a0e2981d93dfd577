"""Grids, images, curves and trees in patient space: the numeric core that every other package may use.

Contents: voxel grids and interpolation; polylines, their frames and straightened vessels; the steps from a heat map
through skeleton and graph to a rooted tree; lumen and radii in the CT.  Whatever depends on the kind of vessel is a
field of an options object, which the application provides.

Depends on numpy, scipy and scikit-image only.  Images are always ``[z, y, x]``, points ``(x, y, z)`` in mm, LPS.
"""

from scanserve.geometry.curve import CurveOptions
from scanserve.geometry.frames import Frames, rotation_minimizing_frames
from scanserve.geometry.gaps import GapOptions, bridge_gaps
from scanserve.geometry.graph import SkeletonGraph, build_graph, spanning_tree
from scanserve.geometry.grid import Grid
from scanserve.geometry.heatmap import HeatMap
from scanserve.geometry.image import GridImage
from scanserve.geometry.lumen import Lumen, LumenBox, LumenOptions
from scanserve.geometry.mainpath import ForkOptions
from scanserve.geometry.path import (
    arc_length,
    mean_step,
    path_length,
    resample_path,
    sample_path,
    smooth_path,
    tangents,
)
from scanserve.geometry.radius import RadiusOptions, estimate_radii
from scanserve.geometry.ridge import refine_to_ridge
from scanserve.geometry.sampling import resample, sample, trilinear
from scanserve.geometry.skeleton import SkeletonOptions, skeletonize_heatmap
from scanserve.geometry.spurs import prune_spurs
from scanserve.geometry.straighten import Straightened, straighten, straightened_points
from scanserve.geometry.tree import SideBranch, TreeOptions, VesselTree, build_tree

__all__ = [
    "CurveOptions",
    "ForkOptions",
    "Frames",
    "GapOptions",
    "Grid",
    "GridImage",
    "HeatMap",
    "Lumen",
    "LumenBox",
    "LumenOptions",
    "RadiusOptions",
    "SideBranch",
    "SkeletonGraph",
    "SkeletonOptions",
    "Straightened",
    "TreeOptions",
    "VesselTree",
    "arc_length",
    "bridge_gaps",
    "build_graph",
    "build_tree",
    "estimate_radii",
    "mean_step",
    "path_length",
    "prune_spurs",
    "refine_to_ridge",
    "resample",
    "resample_path",
    "rotation_minimizing_frames",
    "sample",
    "sample_path",
    "skeletonize_heatmap",
    "smooth_path",
    "spanning_tree",
    "straighten",
    "straightened_points",
    "tangents",
    "trilinear",
]
