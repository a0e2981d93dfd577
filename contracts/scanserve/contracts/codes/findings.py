"""Codes of findings about a study, a phase or a vessel, which the result reports."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry
from scanserve.contracts.codes.films import FILM_FINDINGS
from scanserve.contracts.codes.left_out import LEFT_OUT
from scanserve.contracts.codes.result import RESULT
from scanserve.contracts.codes.study import STUDY
from scanserve.contracts.codes.unseen import UNSEEN

__all__ = ["FINDINGS"]

#: Findings are warnings; those about eligibility also stop a run, with ``ineligible``.
FINDINGS: Mapping[str, Entry] = {
    "best-phase-at-gap": Entry(
        "The best phase of a vessel is at an end of the part of the beat that the study covers, or beside a gap.",
        "Reconstruct the phases beyond it, or compare by eye.",
    ),
    "counts-moved": Entry(
        "The restored head holds more or fewer counts than the source.",
        "Compare the restored slices with the source before using them.",
    ),
    "coverage-too-small": Entry(
        "The slices do not cover a whole heart.",
        "Not eligible: use a study that does.",
    ),
    "contrast-faint": Entry(
        "A phase shows too little contrast medium by itself, but another phase of the same scan shows enough.",
        "Read the phase with care: its contrast may be faint.",
    ),
    "curve-turned": Entry(
        "A main path was drawn toward the ostium and is taken the other way.",
        "Nothing, if it was.",
    ),
    "curve-unnamed": Entry(
        "A curve is called as no artery and is left out; training takes its vessel for background.",
        "Call it RCA, LAD or LCX, or as one of their side branches.",
    ),
    "duration-unknown": Entry(
        "The header does not state the acquisition time.",
        "Make sure that it equals that of the networks' training data.",
    ),
    "ineligible-overridden": Entry(
        "The study is not eligible but was analysed because of an override.",
        "Read the result with the listed reasons in mind.",
    ),
    "negative-counts-zeroed": Entry(
        "A filter left small negative values in a tomogram; they are taken to be 0.",
        "Nothing.",
    ),
    "no-contrast": Entry(
        "The heart region holds too little contrast medium.",
        "Not eligible: use a contrast-enhanced study.",
    ),
    "no-frame-of-reference": Entry(
        "Slices do not name a frame of reference; the phases are assumed to share one.",
        "Make sure that the phases are of one acquisition.",
    ),
    "not-a-chest": Entry(
        "Too little aerated lung was found for a chest.",
        "Not eligible: use a cardiac CT.",
    ),
    "one-phase": Entry(
        "The study has one phase, so there is nothing to rank.",
        "Name a study with several phases.",
    ),
    "orientation-assumed": Entry(
        "Slices do not state their orientation, which is assumed to be axial.",
        "Make sure that they are axial.",
    ),
    "other-duration": Entry(
        "The acquisition time differs from that of the networks' training data.",
        "Judge the restored slices with care.",
    ),
    "overall-best-not-best-for-vessel": Entry(
        "In the phase that is best overall, a vessel has a lower quality class than in its own best phase.",
        "Read that vessel in its own best phase.",
    ),
    "padding-doubtful": Entry(
        "The padding value that slices name could be tissue; it is padding only where it reaches a corner.",
        "Look at the slices: no tissue should be missing.",
    ),
    "phase-left-out": Entry(
        "A phase of the study is not analysed; the message names the reason and its code.",
        "Follow that reason; `--strict` refuses such a study.",
    ),
    "phase-varies": Entry(
        "The slices of a phase state different phases; their median is used.",
        "Check the reconstruction.",
    ),
    "phases-by-order": Entry(
        "Phases of one series are told apart by the order of their instances alone.",
        "Make sure that each phase is of one heart phase, or export the series with its phase tags.",
    ),
    "phases-unknown": Entry(
        "No slice states its cardiac phase.",
        "Export the series with its phase tags.",
    ),
    "pieces-left-out": Entry(
        "Pieces of a mask that belong to no artery are left out; training takes them for background.",
        "Nothing, unless they are long.",
    ),
    "pixels-too-large": Entry(
        "The pixels are wider than can be analysed.",
        "Not eligible: reconstruct a smaller field.",
    ),
    "place-unknown": Entry(
        "The header does not say where the slices lie, so that restored ones are written without a place.",
        "Do not relate restored slices to other series.",
    ),
    "position-z-only": Entry(
        "Slices state only their z position; x and y are assumed to be centred on 0 mm.",
        "Do not relate positions of the result to other series.",
    ),
    "rescale-type-unspecified": Entry(
        "Slices say that the unit of their values is not specified; it is taken to be HU.",
        "Nothing, if they are plain CT; check what maps and other derived series are.",
    ),
    "rescale-varies": Entry(
        "Stored values become HU in another way from slice to slice.",
        "Nothing; each slice is read by its own.",
    ),
    "shorter-phase": Entry(
        "A phase covers less than the study.",
        "Check whether a vessel is cut off in it.",
    ),
    "slice-gaps": Entry(
        "The slices are thinner than their spacing, so the tissue between them is not imaged.",
        "Prefer a reconstruction without gaps.",
    ),
    "slice-spacing-assumed": Entry(
        "The header does not say how far slices are apart; their thickness is taken for it.",
        "Do not measure across slices before you know better.",
    ),
    "slices-too-thick": Entry(
        "The slices are thicker or further apart than can be analysed.",
        "Not eligible: use a thinner reconstruction.",
    ),
    "slightly-uneven-spacing": Entry(
        "The slices are slightly uneven in spacing; a regular grid is used.",
        "Nothing.",
    ),
    "stray-slices": Entry(
        "A few slices of a series differ in geometry and are left out.",
        "Nothing, unless slices of the heart are among them.",
    ),
    "tube-current-too-low": Entry(
        "The tube current is lower than the analysis requires.",
        "Not eligible: use a study with less noise.",
    ),
    "two-scales": Entry(
        "The header states counts in two ways; those of the rescale are used.",
        "Compare counts within the study only.",
    ),
    "values-not-counts": Entry(
        "The values of a tomogram are not counts but in another unit.",
        "Judge the restored slices with care.",
    ),
    "vessel-missing-in-phase": Entry(
        "A vessel was not found in some phases, which rank last for it.",
        "Look at those phases if they matter.",
    ),
    "vessel-short-in-phase": Entry(
        (
            "In some phases a vessel could be followed over a part of its usual length only; that part was "
            "scored."
        ),
        "Compare those phases by eye.",
    ),
    # Why a stack of slices is not analysed.
    **LEFT_OUT,
    # Also raised as errors, where they keep a study from being read.
    **{
        code: STUDY[code]
        for code in (
            "duplicate-slices",
            "missing-slices",
            "mixed-geometry",
            "rescale-invalid",
            "rescale-missing",
            "shifted-slices",
            "tilted",
            "too-few-slices",
            "truncated-file",
            "uneven-spacing",
        )
    },
    # Also counted among the skipped files.
    **UNSEEN,
    # Also raised as errors inside the analysis; in a result they are why a vessel has no tree in a phase.
    **{code: RESULT[code] for code in ("no-vessel", "vessel-too-short")},
    # Of plain films.
    **FILM_FINDINGS,
}
