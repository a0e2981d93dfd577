"""A beating-heart phantom for coronary CT angiography, with exact truth."""

from scanserve.phantoms.grid import Grid
from scanserve.phantoms.heart.acquisition import Acquisition
from scanserve.phantoms.heart.anatomy import Anatomy, blur_mm, blur_profile
from scanserve.phantoms.heart.coronaries import Branch, Vessel
from scanserve.phantoms.heart.heatmap import heatmap_around, heatmaps
from scanserve.phantoms.heart.noise import add_noise
from scanserve.phantoms.heart.ranges import Ranges
from scanserve.phantoms.heart.render import render, render_points
from scanserve.phantoms.heart.study import write_study

__all__ = [
    "Acquisition",
    "Anatomy",
    "Branch",
    "Grid",
    "Ranges",
    "Vessel",
    "add_noise",
    "blur_mm",
    "blur_profile",
    "heatmap_around",
    "heatmaps",
    "render",
    "render_points",
    "write_study",
]
