"""Whether a phase may be analysed: fine enough, large enough, contrast-enhanced, and a chest."""

from __future__ import annotations

from collections.abc import Iterator

from scanserve.geometry import Grid
from scanserve.preprocessing.ccta.anatomy import (
    CONTRAST_HU,
    CoarseVolume,
    contrast_ml,
    faint_contrast_ml,
    lung_ml,
)
from scanserve.preprocessing.ct import Phase, Volume
from scanserve.preprocessing.findings import Finding, plural

__all__ = ["check_eligibility", "check_header", "check_sample"]

#: Limits of a study fit for coronary arteries of 2 to 4 mm.
MAX_SLICE_MM = 1.0
MAX_PIXEL_MM = 1.0
MIN_SLICES = 40
#: The heart is 100 to 140 mm long; less than this cuts off an ostium or a distal vessel.
MIN_COVERAGE_MM = 90.0
#: A field narrower than this does not hold the heart from side to side.
MIN_FIELD_MM = 120.0
#: Rounding of spacings as written in files.
SLACK_MM = 0.01
#: Below this tube current ECG-pulsed modulation has left a phase too noisy to read.
MIN_TUBE_CURRENT_MA = 50.0
#: The chambers and great vessels hold 400 ml and more; but with the right heart washed out, what a small left
#: ventricle keeps at end systole after the opening may be all that counts.  Without contrast there is none.
MIN_CONTRAST_ML = 25.0
#: Contrast that another phase of the scan may vouch for, in compartments that may be cut up.
MIN_FAINT_ML = 10.0
#: A cardiac field shows a litre of lung and more; bowel gas and mastoid cells do not come near.
MIN_LUNG_ML = 100.0
#: What a few slices must show of the last two limits.
SAMPLE_FRACTION = 0.5


def check_eligibility(phase: Phase, volume: Volume) -> tuple[Finding, ...]:
    """The reasons for which this phase must not be analysed; empty where it may be.

    Args:
        phase: header facts (thickness, tube current).
        volume: its pixels.

    Returns:
        Findings with codes ``slices-too-thick``, ``pixels-too-large``, ``too-few-slices``,
        ``coverage-too-small``, ``tube-current-too-low``, ``no-contrast``, ``not-a-chest``.
    """
    return (*_header(phase, volume.grid), *_anatomy(CoarseVolume.from_volume(volume)))


def check_header(phase: Phase) -> tuple[Finding, ...]:
    """As :func:`check_eligibility`, as far as the headers say."""
    return _header(phase, Grid(phase.shape, phase.origin, phase.spacing))


def check_sample(volume: Volume) -> tuple[Finding, ...]:
    """As :func:`check_eligibility`, of a volume that holds a few slices of a phase, far apart.

    Volumes of what is bright and of what is air are estimates then, so that only half of them is demanded, and faint
    contrast is no reason: whether another phase vouches for it is seen when all is read.
    """
    coarse = CoarseVolume.from_volume(volume)
    reasons = tuple(_anatomy(coarse, SAMPLE_FRACTION))
    if faint_contrast_ml(coarse) < SAMPLE_FRACTION * MIN_FAINT_ML:
        return reasons
    return tuple(finding for finding in reasons if finding.code != "no-contrast")


def _header(phase: Phase, grid: Grid) -> tuple[Finding, ...]:
    return (*_resolution(phase, grid), *_coverage(grid), *_current(phase))


def _resolution(phase: Phase, grid: Grid) -> Iterator[Finding]:
    x, y, z = grid.spacing
    thickness = max(z, phase.thickness_mm or 0.0)
    if thickness > MAX_SLICE_MM + SLACK_MM:
        yield Finding(
            "slices-too-thick",
            f"slices are {thickness:.2f} mm thick or apart; at most {MAX_SLICE_MM:g} mm can be analysed.",
        )
    if max(x, y) > MAX_PIXEL_MM + SLACK_MM:
        yield Finding(
            "pixels-too-large",
            f"pixels are {max(x, y):.2f} mm wide; at most {MAX_PIXEL_MM:g} mm can be analysed.",
        )


def _coverage(grid: Grid) -> Iterator[Finding]:
    width, depth, height = grid.size_mm
    if grid.shape[0] < MIN_SLICES:
        yield Finding(
            "too-few-slices",
            f"only {plural(grid.shape[0], 'slice', verb=False)}; at least {MIN_SLICES} are needed.",
        )
    if height < MIN_COVERAGE_MM:
        yield Finding(
            "coverage-too-small",
            f"the slices cover {height:.1f} mm; at least {MIN_COVERAGE_MM:g} mm are needed for a whole heart.",
        )
    if min(width, depth) < MIN_FIELD_MM:
        yield Finding(
            "coverage-too-small",
            f"the field is {width:.1f} x {depth:.1f} mm; at least {MIN_FIELD_MM:g} mm each way are needed.",
        )


def _current(phase: Phase) -> Iterator[Finding]:
    current = phase.tube_current_ma
    if current is not None and current < MIN_TUBE_CURRENT_MA:
        yield Finding(
            "tube-current-too-low",
            f"the mean tube current is {current:.0f} mA; at least {MIN_TUBE_CURRENT_MA:g} mA are needed.",
        )


def _anatomy(coarse: CoarseVolume, fraction: float = 1.0) -> Iterator[Finding]:
    """What the volume does not show; ``fraction`` of the limits is demanded."""
    bright = contrast_ml(coarse)
    if bright < fraction * MIN_CONTRAST_ML:
        low, high = CONTRAST_HU
        yield Finding(
            "no-contrast",
            f"only {bright:.0f} ml in the heart region lie between {low:g} and {high:g} "
            f"HU in wide compartments; a contrast-enhanced heart has at least {MIN_CONTRAST_ML:g} ml.",
        )
    lung = lung_ml(coarse)
    if lung < fraction * MIN_LUNG_ML:
        yield Finding(
            "not-a-chest",
            f"only {lung:.0f} ml of aerated lung were found; a chest shows at least {MIN_LUNG_ML:g} ml.",
        )
