"""A beating-heart phantom for coronary CT angiography, with exact truth."""

from scanserve.geometry.grid import Grid
from scanserve.phantoms.ccta.acquisition import Acquisition
from scanserve.phantoms.ccta.anatomy import Anatomy, blur_mm, blur_profile
from scanserve.phantoms.ccta.coronaries import Artery, ArteryBranch
from scanserve.phantoms.ccta.heatmap import heatmap_around, heatmaps
from scanserve.phantoms.ccta.noise import add_noise
from scanserve.phantoms.ccta.ranges import Ranges
from scanserve.phantoms.ccta.render import render, render_points
from scanserve.phantoms.ccta.study import write_study

__all__ = [
    "Acquisition",
    "Anatomy",
    "Artery",
    "ArteryBranch",
    "Grid",
    "Ranges",
    "add_noise",
    "blur_mm",
    "blur_profile",
    "heatmap_around",
    "heatmaps",
    "render",
    "render_points",
    "write_study",
]
