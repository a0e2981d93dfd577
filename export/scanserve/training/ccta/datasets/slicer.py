"""3D Slicer: centerlines drawn as markups curves beside a volume.

    FOLDER/CASE/*.mrk.json                     curves, any number in each file
    FOLDER/CASE/VOLUME.nrrd, .nii, .nii.gz, .mha or .mhd      one CT, HU

The format of ``.mrk.json`` is Slicer's own (developer guide, "Markups json file format", with its JSON schema
1.0.3): ``markups`` of ``type`` ``Curve`` (or ``Line``), with ``controlPoints`` in the ``coordinateSystem`` LPS (if
absent) or RAS, in ``coordinateUnits`` mm (if absent) or um.  Points whose ``positionStatus`` is not ``defined`` do
not count.  Between control points a curve is a spline through them, as Slicer shows it.

That a case is a folder, and the names, are ours, because Slicer leaves both to its user.  A curve is called by its
``name``, else by its file: ``RCA``, ``LAD`` or ``LCX`` (also ``CX`` and ``Cx``) is a main path, drawn from the ostium
on, so that LAD and LCX both hold the left main; what begins so and goes on (``LAD-D1``, ``LCX OM``) is a side branch.
Segmentations (``.seg.nrrd``) are not read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal, cast

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field, ValidationError
from scipy.interpolate import CubicSpline

from scanserve.contracts import InputError
from scanserve.geometry import arc_length, resample_path
from scanserve.preprocessing.findings import Finding
from scanserve.training.ccta.annotation import AnnotatedVessel, as_line
from scanserve.training.ccta.datasets.case import Case, Drawing, require
from scanserve.training.ccta.imagefile import ras_to_lps

__all__ = ["TITLE", "cases", "draw"]

Points = npt.NDArray[np.float64]
Name = Literal["RCA", "LAD", "LCX"]

TITLE = "centerlines drawn in 3D Slicer"
CURVES = ".mrk.json"
VOLUMES = (".nrrd", ".nhdr", ".nii", ".nii.gz", ".mha", ".mhd")
SEGMENTATION = ".seg.nrrd"
#: The artery that a name begins with, and whatever follows it.
NAMED = re.compile(r"(RCA|LAD|L?CX)(?![a-z])(.*)", re.IGNORECASE | re.DOTALL)
#: What may follow the name of a main path.
NOTHING = " _-."
LINES = ("Curve", "Line")
#: Units of length in mm.
MILLIMETRES = {"mm": 1.0, "um": 1e-3}
STEP_MM = 0.5
#: A main path that ends so far above its beginning was drawn toward the ostium: all three arteries run down.
TURNED_MM = 10.0


class _ControlPoint(BaseModel):
    position: tuple[float, float, float] | None = None
    status: str = Field("defined", alias="positionStatus")


class _Markup(BaseModel):
    model_config = ConfigDict(allow_inf_nan=False)
    type: str
    name: str = ""
    system: Literal["LPS", "RAS"] = Field("LPS", alias="coordinateSystem")
    units: str | list[str] = Field("mm", alias="coordinateUnits")
    points: list[_ControlPoint] = Field([], alias="controlPoints")


class _File(BaseModel):
    markups: list[_Markup]


def cases(folder: Path) -> list[Case]:
    """Every folder with curves, by the number that its name ends with; by name where not all have one of their own."""
    places = sorted({file.parent for file in folder.glob(f"*/*{CURVES}")})
    found = [
        Case(number, place.name, _volumes(place)[0], tuple(sorted(place.glob(f"*{CURVES}"))))
        for number, place in zip(_numbers(places), places, strict=True)
    ]
    return sorted(found, key=lambda case: case.number)


def draw(case: Case) -> Drawing:
    """The curves that are called as an artery.

    Raises:
        InputError: codes ``file-missing``, ``image-invalid`` where there are several volumes, ``markups-invalid``.
    """
    require(case.image, *case.drawn)
    volumes = len(_volumes(case.image.parent))
    if volumes > 1:
        raise InputError(
            "image-invalid", f"{case.name} must hold one volume beside its curves but holds {volumes}."
        )
    findings = list[Finding]()
    mains, sides = dict[Name, Points](), dict[Name, list[Points]]()
    for name, points in (curve for file in case.drawn for curve in _curves(file)):
        vessel, rest = _artery(name)
        if vessel is None:
            findings.append(
                Finding("curve-unnamed", f"the curve {name!r} is called as no artery and left out.")
            )
        elif rest:
            sides.setdefault(vessel, []).append(points)
        elif vessel in mains:
            raise InputError("markups-invalid", f"one curve must be called {vessel} but two are.")
        else:
            mains[vessel] = _from_ostium(vessel, points, findings)
    return Drawing(_drawn(mains, sides), tuple(findings))


def _volumes(place: Path) -> list[Path]:
    """The volumes of a case; the name of one that is not there where it has none."""
    files = sorted(place.iterdir())
    found = [file for file in files if file.name.endswith(VOLUMES) and not file.name.endswith(SEGMENTATION)]
    return found or [place / "volume.nrrd"]


def _numbers(places: Sequence[Path]) -> list[int]:
    """The number that each name ends with, where every one has its own; else 1, 2, 3 in order."""
    ends = [re.search(r"\d+$", place.name) for place in places]
    numbers = [int(end[0]) for end in ends if end is not None]
    distinct = len(set(numbers)) == len(places)
    return numbers if distinct else list(range(1, len(places) + 1))


def _curves(file: Path) -> Iterator[tuple[str, Points]]:
    """Name and points (N, 3) mm LPS of every curve in a file."""
    try:
        markups = _File.model_validate_json(file.read_bytes()).markups
    except ValidationError as error:
        first = error.errors()[0]
        where = ".".join(map(str, first["loc"])) or "its beginning"
        raise InputError(
            "markups-invalid", f"{file.name} is not valid at {where}: {first['msg']}."
        ) from error
    for markup in markups:
        if markup.type in LINES:
            yield markup.name or file.name.removesuffix(CURVES), _points(markup, file)


def _points(markup: _Markup, file: Path) -> Points:
    """A curve at equal steps, mm LPS."""
    unit = markup.units if isinstance(markup.units, str) else markup.units[0]
    defined = [point.position for point in markup.points if point.status == "defined" and point.position]
    control = np.array(defined, dtype=np.float64).reshape(-1, 3) * MILLIMETRES.get(unit, np.nan)
    if len(control) > 1:
        control = control[np.append(True, np.linalg.norm(np.diff(control, axis=0), axis=1) > 0)]
    if len(control) < 2 or not np.isfinite(control).all():
        raise InputError(
            "markups-invalid",
            f"the curve {markup.name!r} of {file.name} must have two points or more in mm or um but has "
            f"{len(control)} in {unit}.",
        )
    spline = CubicSpline(arc_length(control), control, bc_type="natural")
    fine = spline(np.linspace(0.0, spline.x[-1], max(2, round(4 * spline.x[-1] / STEP_MM))))
    line = resample_path(fine, STEP_MM)
    return ras_to_lps(line) if markup.system == "RAS" else line


def _artery(name: str) -> tuple[Name | None, str]:
    """The artery that a curve is called as, and what follows in its name; None where it is called otherwise."""
    named = NAMED.match(name.strip())
    if named is None:
        return None, name
    called = named[1].upper()
    return cast(Name, "LCX" if called == "CX" else called), named[2].strip(NOTHING)


def _from_ostium(vessel: Name, line: Points, findings: list[Finding]) -> Points:
    """A main path from its upper end, with a word where it was drawn the other way."""
    climbs = float(line[-1, 2] - line[0, 2])
    if climbs <= TURNED_MM:
        return line
    findings.append(
        Finding(
            "curve-turned", f"the {vessel} was drawn {climbs:.0f} mm upward and is taken to begin at its end."
        )
    )
    return line[::-1]


def _drawn(mains: dict[Name, Points], sides: dict[Name, list[Points]]) -> tuple[AnnotatedVessel, ...]:
    """The vessels of a case.

    Raises:
        InputError: code ``markups-invalid``.
    """
    alone = ", ".join(vessel for vessel in sides if vessel not in mains)
    if alone or not mains:
        raise InputError(
            "markups-invalid",
            f"a curve must be called {alone or 'RCA, LAD or LCX'}, a main path, but none is.",
        )
    return tuple(
        AnnotatedVessel(
            vessel=vessel,
            main_path_mm=as_line(line),
            side_branches_mm=[as_line(side) for side in sides.get(vessel, [])],
        )
        for vessel, line in mains.items()
    )
