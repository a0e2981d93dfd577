"""The objects of a patient that are dense enough to cause streaks."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import numpy.typing as npt

from scanserve.phantoms.ccta.anatomy import Anatomy
from scanserve.phantoms.ccta.chambers import upper_cava
from scanserve.phantoms.ccta.coronaries import Artery
from scanserve.phantoms.ccta.hardening import Streak

__all__ = ["streaks_of"]

#: Thresholds for streaks: HU of the vena cava; HU times radius (mm) of a calcification.
CAVA_HU, CALCIUM_HU_MM = 350.0, 600.0
#: Depth of a streak per HU of the cava above CAVA_HU, per HU mm of calcium, per HU mm of a stent; and HU for a lead.
CAVA_SHARE, CALCIUM_PER, STENT_PER, LEAD_DEPTH = 0.35, 0.07, 0.08, 220.0
MOST_DEPTH = 220.0
#: Spacing of the points that represent a stent or lead, mm.
ALONG_MM = 5.0
CAVA_RADIUS_MM, CAVA_HALF_MM = 9.0, 30.0


def streaks_of(anatomy: Anatomy, percent: float) -> tuple[Streak, ...]:
    """The streaks at a phase; none if the patient's ``hardening`` is 0."""
    if not anatomy.hardening:
        return ()
    made = [*_cava(anatomy, percent), *_lead(anatomy, percent)]
    for vessel in anatomy.vessels:
        made += _calcium(vessel, percent, anatomy.hardening) + _stents(vessel, percent, anatomy.hardening)
    return tuple(made)


def _angle(place: npt.NDArray) -> float:
    """The direction of a streak: roughly along x, between spine and sternum, the long axis of the chest."""
    return 0.7 * float(np.sin(place @ [0.31, 0.17, 0.23]))


def _streak(place: npt.NDArray, radius: float, half: float, depth: float) -> Streak:
    x, y, z = map(float, place)
    return Streak((x, y, z), radius, half, min(depth, MOST_DEPTH), _angle(place))


def _cava(anatomy: Anatomy, percent: float) -> list[Streak]:
    excess = anatomy.contrast.vena_cava - CAVA_HU
    if excess <= 0:
        return []
    place = upper_cava(anatomy.chambers(percent).atria[1])[1] + np.array([0, 0, CAVA_HALF_MM - 14])
    streak = _streak(place, CAVA_RADIUS_MM, CAVA_HALF_MM, anatomy.hardening * CAVA_SHARE * excess)
    return [streak, replace(streak, depth=0.7 * streak.depth, angle=streak.angle + 0.9)]


def _lead(anatomy: Anatomy, percent: float) -> list[Streak]:
    depth = anatomy.hardening * LEAD_DEPTH
    return [
        _streak(place, float(rider.radii[0]) + 1.0, ALONG_MM / 2, depth)
        for rider in anatomy.riders
        if rider.name == "lead"
        for place in rider.positions(anatomy.vessels, percent)[0][:: int(ALONG_MM * 2)]
    ]


def _calcium(vessel: Artery, percent: float, hardening: float) -> list[Streak]:
    points = vessel.positions(0, percent)[0]
    dense = [c for c in vessel.calcifications if c.hu * c.radius > CALCIUM_HU_MM]
    return [
        _streak(points[c.index], c.radius + 0.6, c.radius, hardening * CALCIUM_PER * c.hu * c.radius)
        for c in dense
    ]


def _stents(vessel: Artery, percent: float, hardening: float) -> list[Streak]:
    points = vessel.positions(0, percent)[0]
    radii = vessel.branches[0].radii
    return [
        _streak(points[i], float(radii[i]) + 0.5, ALONG_MM / 2, hardening * STENT_PER * stent.strength)
        for stent in vessel.stents
        for i in range(stent.first, min(stent.first + stent.count, len(points)), int(ALONG_MM * 2))
    ]
