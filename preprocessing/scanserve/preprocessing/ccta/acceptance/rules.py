"""The rules and what follows from the evidence for each.

What the analysis cannot do without refuses a study, as it always did (:func:`~scanserve.preprocessing.ccta.
check_eligibility`, and phases that cannot be loaded); what is published beyond that, or is known to mislead, warns.
"""

from __future__ import annotations

from collections.abc import Iterator

from scanserve.preprocessing.acceptance import Judgement, Outcome
from scanserve.preprocessing.ccta.acceptance.evidence import Evidence, Image
from scanserve.preprocessing.ccta.acceptance.metal import METAL_HU
from scanserve.preprocessing.ccta.acceptance.questions import QUESTIONS
from scanserve.preprocessing.ccta.eligibility import (
    MAX_PIXEL_MM,
    MIN_CONTRAST_ML,
    MIN_COVERAGE_MM,
    MIN_LUNG_ML,
    MIN_SLICES,
    MIN_TUBE_CURRENT_MA,
)
from scanserve.preprocessing.ct import Reconstruction, Study
from scanserve.preprocessing.ct.decision.kinds import Kind
from scanserve.preprocessing.findings import plural

__all__ = ["judge"]

#: The published limits.
MATRIX = 512
FIELD_MM, SLICE_MM = 220.0, 1.0
CALCIUM_FIELD_MM, CALCIUM_SLICE_MM = 250.0, 3.0
SCANNER_SLICES = 128
AORTA_HU = 250.0
#: Slices of a calcium scan are 2.5 or 3 mm thick; thinner ones are of an angiography.
CALCIUM_LEAST_MM = 2.0
#: A heart whose lowest layer shows more blood than this is cut: the apex ends in muscle and fat.
CUT_CM2 = 6.0
#: Rounding of lengths as files write them, mm.
SLACK_MM = 0.01

_SPACING = ("SliceThickness", "ImagePositionPatient")
_FIELD = ("Rows", "Columns", "PixelSpacing")


def judge(
    study: Study, evidence: Evidence, left_out: tuple[Reconstruction, ...] = ()
) -> tuple[Judgement, ...]:
    """Every rule on a study.

    Args:
        study: as it was read.
        evidence: of the phase that the rules are judged on.
        left_out: stacks of the study that are not analysed.
    """
    return (
        *_kind(evidence, left_out),
        _original(evidence),
        _phases(study, evidence, left_out),
        _matrix(evidence),
        _field(evidence),
        _slices(evidence),
        *_coverage(evidence),
        _scanner(evidence),
        _current(evidence),
        *(_of_image(evidence, evidence.image) if evidence.image is not None else ()),
        *_history(evidence),
        *QUESTIONS,
    )


# --- what it is ---------------------------------------------------------------------------------------------


def _kind(evidence: Evidence, left_out: tuple[Reconstruction, ...]) -> Iterator[Judgement]:
    limit, tags = "an angiography of the heart", ("SeriesDescription", "ImageType", *_SPACING)
    stated = evidence.stated.kind is Kind.CALCIUM_SCORING
    enhanced = evidence.image is not None and evidence.reason("no-contrast") is None
    thick = CALCIUM_LEAST_MM <= evidence.slice_mm <= CALCIUM_SLICE_MM + SLACK_MM
    if not enhanced and (stated or (thick and evidence.image is not None)):
        message = "This is a scan for calcium scoring, which is another examination and is not analysed."
        yield Judgement("scan-kind", "refused", message, "calcium scoring", limit=limit, tags=tags)
        yield from _calcium(evidence)
    elif stated:
        message = "The description says calcium scoring, but the slices show contrast medium as an angiography does."
        yield Judgement("scan-kind", "warning", message, "angiography", limit=limit, tags=tags)
    elif not enhanced:
        message = "Nothing shows that this is an angiography."
        yield Judgement("scan-kind", "warning", message, "not known", limit=limit, tags=tags)
    else:
        message = "This is an angiography, not a scan for calcium scoring."
        yield Judgement("scan-kind", "met", message, "angiography", limit=limit, tags=tags)
    for other in (found for found in left_out if found.kind == Kind.CALCIUM_SCORING.value):
        message = (
            f"A scan for calcium scoring lies beside it ({other.series}) and is not taken for an angiography."
        )
        thickness = max(other.step_mm, other.thickness_mm or 0.0)
        yield Judgement("calcium-scan", "met", message, round(thickness, 2), "mm", "left out", tags)


def _calcium(evidence: Evidence) -> Iterator[Judgement]:
    """The rules of a calcium scan itself, so that its own fitness can be read off."""
    wide = evidence.field_mm > CALCIUM_FIELD_MM + SLACK_MM
    yield _of_number(
        "calcium-field",
        "warning" if wide else "met",
        f"As a calcium scan, its field is {evidence.field_mm:.1f} mm wide",
        evidence.field_mm,
        f"at most {CALCIUM_FIELD_MM:g} mm",
        _FIELD,
    )
    thick = evidence.slice_mm > CALCIUM_SLICE_MM + SLACK_MM
    yield _of_number(
        "calcium-slices",
        "warning" if thick else "met",
        f"As a calcium scan, its slices are {evidence.slice_mm:.2f} mm thick or apart",
        evidence.slice_mm,
        f"at most {CALCIUM_SLICE_MM:g} mm",
        _SPACING,
    )


def _original(evidence: Evidence) -> Judgement:
    original = evidence.stated.original
    value = {True: "original", False: "derived", None: "not stated"}[original]
    said = {True: "were reconstructed from the scan", False: "say that they are derived from others"}
    message = f"The slices {said.get(original, 'do not say whether they are original')}."  # type: ignore[arg-type]
    outcome: Outcome = "met" if original else "warning"
    return Judgement("original-ct", outcome, message, value, limit="original", tags=("ImageType",))


def _phases(study: Study, evidence: Evidence, left_out: tuple[Reconstruction, ...]) -> Judgement:
    lost = sum(found.phase_lost for found in left_out)
    count = len(study.phases)
    tags = (
        "NominalPercentageOfCardiacPhase",
        "ScanOptions",
        "TriggerTime",
        "SeriesDescription",
        "ImageComments",
    )
    blocking = evidence.phase.blocking
    if blocking or evidence.image is None:
        reason = (blocking or evidence.unfit)[0]
        message = (
            f"Phase {evidence.phase.label} cannot be read: {reason.message.rstrip('.')} [{reason.code}]."
        )
        return Judgement("phases", "refused", message, 0, "phases", "two or more", tags)
    outcome: Outcome = "met" if count > 1 and not lost else "warning"
    message = f"{plural(count, 'phase')} found" + (f", and {lost} that cannot be analysed." if lost else ".")
    return Judgement("phases", outcome, message, count, "phases", "two or more, none lost", tags)


# --- what the header says -----------------------------------------------------------------------------------


def _matrix(evidence: Evidence) -> Judgement:
    frame = evidence.phase.stack.slices[0].frame
    outcome: Outcome = "met" if (frame.rows, frame.columns) == (MATRIX, MATRIX) else "warning"
    return Judgement(
        "matrix",
        outcome,
        f"The slices have {frame.rows} x {frame.columns} pixels.",
        f"{frame.rows} x {frame.columns}",
        "pixels",
        f"{MATRIX} x {MATRIX}",
        ("Rows", "Columns"),
    )


def _field(evidence: Evidence) -> Judgement:
    """The field of view; pixels too wide, and a field that cuts the heart, refuse."""
    field = evidence.field_mm
    outcome: Outcome = "warning" if field > FIELD_MM + SLACK_MM else "met"
    refusal = evidence.reason("pixels-too-large")
    message = f"The field of view is {field:.1f} mm wide"
    if refusal:
        outcome, message = "refused", f"{message}, and {refusal.message.rstrip('.')}"
    limit = f"at most {FIELD_MM:g} mm; pixels of at most {MAX_PIXEL_MM:g} mm"
    return _of_number("field-of-view", outcome, message, field, limit, _FIELD)


def _slices(evidence: Evidence) -> Judgement:
    thickness = evidence.slice_mm
    outcome: Outcome = "warning" if thickness >= SLICE_MM else "met"
    if evidence.reason("slices-too-thick"):
        outcome = "refused"
    message = f"The slices are {thickness:.2f} mm thick or apart"
    return _of_number("slice-thickness", outcome, message, thickness, f"below {SLICE_MM:g} mm", _SPACING)


def _coverage(evidence: Evidence) -> Iterator[Judgement]:
    refusal = evidence.reason("coverage-too-small", "too-few-slices")
    count, cut = len(evidence.phase.stack.slices), evidence.image.lowest_cm2 if evidence.image else 0.0
    outcome: Outcome = "refused" if refusal else "met"
    message = f"{plural(count, 'slice', verb=False)} cover {evidence.coverage_mm:.1f} mm"
    if refusal:
        message += f": {refusal.message.rstrip('.')}"
    limit = f"at least {MIN_COVERAGE_MM:g} mm and {MIN_SLICES} slices"
    yield _of_number("coverage", outcome, message, evidence.coverage_mm, limit, ("ImagePositionPatient",))
    if evidence.image is not None and not evidence.reason("no-contrast"):
        yield Judgement(
            "heart-cut",
            "warning" if cut > CUT_CM2 else "met",
            f"The lowest slices show {cut:.1f} cm2 of blood with contrast in front of the spine.",
            cut,
            "cm2",
            f"at most {CUT_CM2:g} cm2, or the heart goes on below",
            where="lowest slices",
        )


def _scanner(evidence: Evidence) -> Judgement:
    limit, tags = f"at least {SCANNER_SLICES} slices in a rotation", ("ManufacturerModelName",)
    scanner = evidence.stated.scanner
    if scanner is None:
        known = "is not in the table" if evidence.stated.model_stated else "is not stated"
        message = f"The scanner's model {known}, so that its number of slices is not known."
        return Judgement("scanner", "warning", message, None, "slices", limit, tags)
    outcome: Outcome = "met" if scanner.slices >= SCANNER_SLICES else "warning"
    message = f"The scanner ({scanner.model}) takes {scanner.slices} slices in a rotation."
    return Judgement("scanner", outcome, message, scanner.slices, "slices", limit, tags)


def _current(evidence: Evidence) -> Judgement:
    current, refusal = evidence.phase.tube_current_ma, evidence.reason("tube-current-too-low")
    limit, tags = f"at least {MIN_TUBE_CURRENT_MA:g} mA", ("XRayTubeCurrent", "XRayTubeCurrentInmA")
    if current is None:
        return Judgement("tube-current", "met", "The tube current is not stated.", None, "mA", limit, tags)
    outcome: Outcome = "refused" if refusal else "met"
    message = f"The mean tube current is {current:.0f} mA."
    return Judgement("tube-current", outcome, message, round(current, 1), "mA", limit, tags)


def _history(evidence: Evidence) -> Iterator[Judgement]:
    limit = "no previous surgery, device or congenital disease"
    for mention in evidence.stated.mentions:
        message = f"The header mentions {mention.subject}."
        if mention.confidence == "low":
            message = f"The header mentions {mention.subject}, perhaps to deny it."
        tags = (mention.attribute,)
        yield Judgement(
            "history", "warning", message, mention.subject, "", limit, tags, confidence=mention.confidence
        )
    if not evidence.stated.mentions:
        message = "No surgery, device or congenital disease is mentioned in the header's text."
        yield Judgement(
            "history", "met", message, "none", "", limit, ("StudyDescription", "AdditionalPatientHistory")
        )


# --- what the image shows -----------------------------------------------------------------------------------


def _of_image(evidence: Evidence, image: Image) -> Iterator[Judgement]:
    where = f"phase {evidence.phase.label}"
    yield _contrast(evidence, image, where)
    yield _chest(evidence, image, where)
    if evidence.reason("no-contrast") is None:
        yield _aorta(image, where)
    yield from _metal(image, where)


def _contrast(evidence: Evidence, image: Image, where: str) -> Judgement:
    outcome: Outcome = "refused" if evidence.reason("no-contrast") else "met"
    named = "names" if evidence.stated.agent else "does not name"
    message = (
        f"{image.contrast_ml:.0f} ml of blood with contrast were found in the heart region; the header {named} "
        "an agent."
    )
    limit, tags = f"at least {MIN_CONTRAST_ML:g} ml", ("ContrastBolusAgent",)
    return Judgement("contrast", outcome, message, image.contrast_ml, "ml", limit, tags, where)


def _chest(evidence: Evidence, image: Image, where: str) -> Judgement:
    outcome: Outcome = "refused" if evidence.reason("not-a-chest") else "met"
    message = f"{image.lung_ml:.0f} ml of aerated lung were found."
    return Judgement(
        "chest", outcome, message, image.lung_ml, "ml", f"at least {MIN_LUNG_ML:g} ml", where=where
    )


def _aorta(image: Image, where: str) -> Judgement:
    limit, aorta = f"at least {AORTA_HU:g} HU", image.aorta
    if aorta is None:
        message = "No aorta was found in the image, so that its enhancement is not known."
        return Judgement("aortic-enhancement", "warning", message, None, "HU", limit, where=where)
    x, y, z = aorta.center_mm
    return Judgement(
        "aortic-enhancement",
        "met" if aorta.hu >= AORTA_HU else "warning",
        f"The {aorta.name} holds {aorta.hu:.0f} HU (standard deviation {aorta.spread_hu:.0f}) in {aorta.voxels} "
        "voxels.",
        aorta.hu,
        "HU",
        limit,
        where=f"{where}, {aorta.name}, {aorta.length_mm:g} mm of it around ({x:g}, {y:g}, {z:g}) mm",
        voxels=aorta.voxels,
    )


def _metal(image: Image, where: str) -> Iterator[Judgement]:
    limit = f"nothing of {METAL_HU} HU and more inside the chest"
    for metal in image.metal:
        x, y, z = metal.center_mm
        yield Judgement(
            "metal",
            "warning",
            f"{plural(metal.pieces, 'piece')} as dense as metal: {metal.what}.",
            metal.what,
            "",
            limit,
            where=f"{where}, the largest at ({x:g}, {y:g}, {z:g}) mm",
            voxels=metal.voxels,
            confidence=metal.confidence,
        )
    if not image.metal:
        message = "Nothing inside the chest is as dense as metal."
        yield Judgement("metal", "met", message, "none", "", limit, where=where, voxels=0)


def _of_number(
    code: str, outcome: Outcome, message: str, mm: float, limit: str, tags: tuple[str, ...]
) -> Judgement:
    return Judgement(code, outcome, f"{message}.", round(mm, 3), "mm", limit, tags)
