"""Codes of unused files in a study folder: the reasons why they are skipped."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry
from scanserve.contracts.codes.films import FILM_SKIPPED
from scanserve.contracts.codes.findings import FINDINGS
from scanserve.contracts.codes.left_out import LEFT_OUT
from scanserve.contracts.codes.study import STUDY
from scanserve.contracts.codes.unseen import UNSEEN

__all__ = ["SKIPPED"]

#: They are counted in a result and never stop a run on their own.
SKIPPED: Mapping[str, Entry] = {
    "colour": Entry(
        "Colour images.",
        "Nothing, unless the study is missing: it must be in grey values.",
    ),
    "copy": Entry(
        "Copies of other files, with the same SOP instance UID.",
        "Nothing.",
    ),
    "dicomdir": Entry(
        "Directories of a disc (DICOMDIR).",
        "Nothing.",
    ),
    "no-frame-positions": Entry(
        "Multi-frame files that do not say where each of their frames lies.",
        "Export the series as single slices, or as Enhanced CT.",
    ),
    "no-geometry": Entry(
        "Images that do not state their pixel spacing or position.",
        "Export them as original slices.",
    ),
    "no-pixels": Entry(
        "Files without pixel data.",
        "Nothing, unless the study is missing: export it with images.",
    ),
    "not-ct": Entry(
        "Images of another modality than CT.",
        "Nothing.",
    ),
    "not-dicom": Entry(
        "Files that are not DICOM.",
        "Nothing.",
    ),
    "not-nm": Entry(
        "Images of another modality than NM.",
        "Nothing.",
    ),
    "not-recon-tomo": Entry(
        "NM images that are not a reconstructed tomogram.",
        "Nothing, unless the study is missing: export the reconstruction.",
    ),
    "several-volumes": Entry(
        "NM files with more than one volume (energy windows or gates).",
        "Export one volume per file.",
    ),
    "slice-order": Entry(
        "NM files whose slices are not in the order 1, 2, 3 ...",
        "Export the reconstruction again.",
    ),
    "special-file": Entry(
        "Pipes, sockets and devices among the files.",
        "Nothing.",
    ),
    "unfit": Entry(
        "Slices of phases or series that cannot be analysed; the result names each with its reason.",
        "Follow that reason.",
    ),
    # Also findings: what is left out of a series is counted as skipped files.
    **{code: FINDINGS[code] for code in ("duplicate-slices", "stray-slices")},
    **LEFT_OUT,
    # Also an error, where it concerns slices of a phase.
    **{code: STUDY[code] for code in ("rescale-invalid",)},
    # Also warnings, because images of the study may be among them.
    **UNSEEN,
    # Of plain films.
    **FILM_SKIPPED,
}
