"""The coronary values: every number that says what a coronary artery is, and would be another for another vessel.

The heat maps and the crop grid (voxels of 0.9 mm) are those of the served centerline model.
"""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.geometry import (
    CurveOptions,
    ForkOptions,
    GapOptions,
    LumenOptions,
    RadiusOptions,
    SkeletonOptions,
    TreeOptions,
)

__all__ = ["CORONARY", "OstiumOptions", "RootOptions", "VesselOptions"]


@dataclass(frozen=True)
class RootOptions:
    """How the ostium is told from the other ends.

    Attributes:
        ball_mm: radius of the ball of blood that is looked for.
        ahead_mm: the ball's centre lies this far ahead of the end.
        drop_mm: an end this far below the highest one is worth a whole ball of blood less.
        tie: ends within this fraction of the best are told apart by their radius.
        radius_mm: that radius is the median over this length from the end.
    """

    ball_mm: float
    ahead_mm: float
    drop_mm: float
    tie: float
    radius_mm: float


@dataclass(frozen=True)
class OstiumOptions:
    """When the vessel goes on to the aorta.

    Attributes:
        reach_mm: the longest way through the lumen.
        opening_mm: radius of the ball that fits into an aorta and not into the vessel.
        cosine: the opening lies ahead: least cosine of the angle between the direction in which the vessel
            comes to its root and the straight line to the opening.
    """

    reach_mm: float
    opening_mm: float
    cosine: float


@dataclass(frozen=True)
class VesselOptions:
    """What counts as a vessel, and how it is followed.

    Attributes:
        minimum_mm: main paths shorter than this are not reported.
        spur_mm: side branches shorter than this are spurs of thinning.
        skeleton: thresholds of the heat map.
        gaps: which gaps of the skeleton are bridged.
        tree: forks and curves.
        radius: how radii are measured.
        lumen: what the lumen is told from.
        root: the choice of the ostium's end.
        ostium: how far that end is followed to the aorta.
    """

    minimum_mm: float
    spur_mm: float
    skeleton: SkeletonOptions
    gaps: GapOptions
    tree: TreeOptions
    radius: RadiusOptions
    lumen: LumenOptions
    root: RootOptions
    ostium: OstiumOptions


#: Heat as far as which a vessel extends: on a Gaussian ridge 1.7 sigma from the line, wide enough to stay connected
#: where the ridge falls to a third of its height, narrow enough not to touch neighbours.
_LOW = 0.25

CORONARY = VesselOptions(
    # No coronary to be graded is so short.
    minimum_mm=20.0,
    # About the radius of a ridge at the low threshold (1.7 sigma, sigma about 1.5 mm), plus a voxel.
    spur_mm=4.0,
    skeleton=SkeletonOptions(
        # Half of a centerline's heat, where a network's doubt is even.
        high=0.5,
        low=_LOW,
        # About 2 mm of a ridge on the crop grid.
        minimum_hot_voxels=24,
        # Twice the radius of a ridge on the crop grid.
        lost_voxels=6.0,
        # Ten times the ridges of a coronary tree of 0.6 m at the low threshold: 7 % of a crop.
        most_warm_voxels=140_000,
        # 4.5 m of centerline on the crop grid.
        most_line_voxels=5_000,
    ),
    gaps=GapOptions(
        # A motion artefact or a blooming calcification of one cross-section, and a few millimetres on either side;
        # longer gaps would join strangers.
        near_mm=8.0,
        # The same vessel before and after a stretch that motion took from the heat map.
        far_mm=20.0,
        facing_degrees=40.0,
        # Well above the floor of a map.
        warm=_LOW / 2,
        outward_mm=5.0,
        detour_mm=4.0,
        # A coronary tree breaks into some ten pieces at most.
        most_components=50,
    ),
    tree=TreeOptions(
        fork=ForkOptions(
            look_ahead_mm=15.0,
            direction_mm=8.0,
            turn_penalty=0.5,
            # Main paths of the phantoms are at least 0.8 times as long as the longest path of their tree.
            main_share=0.7,
        ),
        curve=CurveOptions(
            # About half a voxel of the crop grid.
            step_mm=0.5,
            # The staircase of a line of 0.9 mm voxels has a wavelength of 2 to 3 mm, a coronary's bends are 15 mm
            # and more.
            staircase_mm=8.0,
            ripple_mm=6.0,
            extension_mm=4.0,
            end_heat=0.75,
            end_window_mm=10.0,
            end_direction_mm=4.0,
        ),
    ),
    # A coronary lumen on CT: thinner ones are below what a scanner resolves, wider ones aneurysms or errors.
    radius=RadiusOptions(minimum_mm=0.4, maximum_mm=4.0, reach_mm=5.0, window_mm=4.0),
    lumen=LumenOptions(
        # Heart muscle and blood without contrast.
        soft_tissue_hu=50.0,
        minimum_hu=150.0,
    ),
    root=RootOptions(
        # Fits an aortic root, is not filled by a coronary.
        ball_mm=8.0,
        ahead_mm=4.0,
        drop_mm=100.0,
        tie=0.05,
        radius_mm=8.0,
    ),
    ostium=OstiumOptions(reach_mm=15.0, opening_mm=5.5, cosine=0.0),
)
