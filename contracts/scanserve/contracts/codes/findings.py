"""Codes of what is noticed about a study, a phase or a vessel, and reported in the result."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry
from scanserve.contracts.codes.left_out import LEFT_OUT
from scanserve.contracts.codes.result import RESULT
from scanserve.contracts.codes.study import STUDY
from scanserve.contracts.codes.unseen import UNSEEN

__all__ = ["FINDINGS"]

#: They warn; together with ``ineligible`` those about eligibility also stop a run.
FINDINGS: Mapping[str, Entry] = {
    "counts-moved": Entry(
        "The restored head holds more or fewer counts than the source.",
        "Compare the restored slices with the source before using them.",
    ),
    "coverage-too-small": Entry(
        "The slices do not cover a whole heart.",
        "Not eligible: use a study that does.",
    ),
    "duration-unknown": Entry(
        "The header does not say how long counts were gathered.",
        "Make sure that it is the duration the networks learned from.",
    ),
    "ineligible-overridden": Entry(
        "The study is not eligible and was analysed all the same.",
        "Judge the result with the reasons in mind that follow.",
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
        "Slices do not name a frame of reference; all phases are taken to share one.",
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
        "Slices do not state their orientation, which is taken to be axial.",
        "Make sure that they are axial.",
    ),
    "other-duration": Entry(
        "Counts were gathered for longer or shorter than the networks learned from.",
        "Judge the restored slices with care.",
    ),
    "overall-best-not-best-for-vessel": Entry(
        "In the phase that is best overall, a vessel is of a lower class than in its own best phase.",
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
        "The slices of a phase name different phases; their median is used.",
        "Check the reconstruction.",
    ),
    "phases-by-order": Entry(
        "Phases of one series are told apart by the order of their instances alone.",
        "Make sure that each phase is of one heart phase, or export the series with its phase tags.",
    ),
    "phases-unknown": Entry(
        "No slice says its cardiac phase.",
        "Export the series with its phase tags.",
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
        "Slices state only their z position; x and y are taken as centred on 0 mm.",
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
        "The slices are thinner than their distance, so tissue between them is unseen.",
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
        "The slices are unevenly spaced, by so little that a regular grid is used.",
        "Nothing.",
    ),
    "stray-slices": Entry(
        "A few slices of a series have another geometry and are left out.",
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
        "A vessel was not found in some phases; there it ranks last.",
        "Look at those phases if they matter.",
    ),
    "vessel-short-in-phase": Entry(
        (
            "A vessel could be followed over a part of its usual length in some phases; only that part was "
            "scored there."
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
}
