"""Codes of DICOM studies that cannot be read or must not be analysed."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry

__all__ = ["ELIGIBILITY", "STUDY"]

#: All are a :class:`~scanserve.contracts.errors.StudyError`.
STUDY: Mapping[str, Entry] = {
    "bits-invalid": Entry(
        "The header does not say, or contradicts itself, where in a pixel the value lies and whether it is signed.",
        "Export the series again.",
    ),
    "blank-slices": Entry(
        "A slice inside a phase, or a whole phase, shows nothing: every pixel has one value.",
        "Export the series again, complete.",
    ),
    "duplicate-slices": Entry(
        (
            "Two slices of a phase lie at the same position and may differ, so it is unclear which belongs to "
            "the phase."
        ),
        "Remove one of the two, or select one reconstruction.",
    ),
    "empty-folder": Entry(
        "The study folder holds no files.",
        "Name the folder with the DICOM files.",
    ),
    "matrix-too-small": Entry(
        "The slices have fewer pixels than the networks need.",
        "Reconstruct with the matrix that docs/dat.md names.",
    ),
    "missing-slices": Entry(
        "Slices are missing inside a phase.",
        "Export the series again, complete.",
    ),
    "mixed-frames-of-reference": Entry(
        "The phases do not share one frame of reference, so positions cannot be compared.",
        "Use phases of one acquisition.",
    ),
    "mixed-geometry": Entry(
        "Slices of one series differ in orientation, matrix or pixel spacing.",
        "Export the series again, or remove the other slices.",
    ),
    "mixed-studies": Entry(
        "The folder holds more than one study.",
        "Name a folder with one study.",
    ),
    "negative-counts": Entry(
        "A tomogram holds negative counts, larger than a filter leaves them.",
        "Check that its values are counts; reconstruct without such a filter.",
    ),
    "no-counts": Entry(
        "A tomogram, or a slice of the striatum, holds no counts.",
        "Check the series: it must be the reconstructed tomogram.",
    ),
    "no-ct": Entry(
        "The study folder holds no CT slices.",
        "Name the folder with the CT; the message says what was found instead.",
    ),
    "no-tomogram": Entry(
        "The study folder holds no reconstructed NM tomogram.",
        "Name the folder with the reconstruction; the message says what was found instead.",
    ),
    "not-hu": Entry(
        "Slices whose values are not in HU, such as maps of iodine or of the effective atomic number.",
        "Nothing, unless the study is missing: export the reconstruction in HU.",
    ),
    "not-one-volume": Entry(
        "The CT into which a phantom is to be laid has several phases.",
        "Name a folder with one phase.",
    ),
    "not-transaxial": Entry(
        "The slices of a tomogram are turned away from transaxial.",
        "Reconstruct transaxial slices.",
    ),
    "oblique": Entry(
        "The slices lie oblique to the patient's axes.",
        "Use an axial, coronal or sagittal reconstruction.",
    ),
    "rescale-invalid": Entry(
        "Images state a slope or an intercept of their values that is no such number, so that values are not known.",
        "Export the series again.",
    ),
    "rescale-missing": Entry(
        "Slices do not state RescaleSlope or RescaleIntercept, without which their HU are not known.",
        "Export the series again; both belong to every CT image.",
    ),
    "several-series": Entry(
        "The study holds several tomograms, and the choice is ambiguous.",
        "Name the series with `--series`.",
    ),
    "shifted-slices": Entry(
        "Slices of a phase are shifted in their plane.",
        "Export the series again.",
    ),
    "striatum-at-edge": Entry(
        "The brightest slice is too close to the end of the tomogram.",
        "Reconstruct with more slices around the striatum.",
    ),
    "study-missing": Entry(
        "The study folder does not exist.",
        "Correct the path.",
    ),
    "tilted": Entry(
        "The slices are tilted: they drift along their normal, as with a tilted gantry.",
        "Use a reconstruction without gantry tilt.",
    ),
    "too-few-slices": Entry(
        "There are fewer slices than the analysis needs.",
        "Use a series that covers the whole organ.",
    ),
    "truncated-file": Entry(
        "The pixel data of a file ends too early.",
        "Copy or export the file again.",
    ),
    "undecodable-pixels": Entry(
        "The pixel data of a file cannot be decoded.",
        "Export the study with another transfer syntax; the message names the present one.",
    ),
    "uneven-spacing": Entry(
        "The slices of a phase are unevenly spaced.",
        "Use a reconstruction with one slice spacing.",
    ),
    "unknown-phase": Entry(
        "The study has no phase of that name.",
        "Choose one that the message lists.",
    ),
    "unknown-series": Entry(
        "The study has no series of that name, or no single one.",
        "Choose one that the message lists.",
    ),
    "unreadable-file": Entry(
        "A file of the study cannot be read from the disk.",
        "Check the file and its permissions.",
    ),
    "wrong-matrix": Entry(
        "The matrix of a tomogram's slices differs from that of the networks' training data.",
        "Reconstruct with the matrix in the message.",
    ),
    "wrong-pixel-size": Entry(
        "The voxel size of a tomogram differs from that of the networks' training data.",
        "Reconstruct with the voxel size in the message.",
    ),
}

#: All are an :class:`~scanserve.contracts.errors.EligibilityError`.
ELIGIBILITY: Mapping[str, Entry] = {
    "ineligible": Entry(
        "The study is readable, but its phases do not meet the requirements of the analysis.",
        (
            "Use a study that does; or, with a reason, `--override-eligibility`. The message lists the unmet "
            "requirements."
        ),
    ),
}
