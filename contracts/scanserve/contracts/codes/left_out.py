"""Codes of stacks of slices that were found in a study and are not analysed, and of their files."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry
from scanserve.contracts.codes.study import STUDY

__all__ = ["LEFT_OUT"]

#: Reasons that concern a whole series or phase; where slices themselves are at fault, the finding about them is it.
LEFT_OUT: Mapping[str, Entry] = {
    "calcium-scoring": Entry(
        "Slices for calcium scoring, beside other stacks.",
        "Nothing.",
    ),
    "contrast-timing": Entry(
        "Slices that time the contrast medium, beside other stacks.",
        "Nothing.",
    ),
    "derived": Entry(
        "The only slices that say their phase were made from original ones, which do not.",
        "Export the original series with its phase tags, or name the derived one with `--series`.",
    ),
    "localizer": Entry(
        "Localizer images (topograms).",
        "Nothing.",
    ),
    "material-map": Entry(
        "Maps of a material (iodine, virtual non-contrast ...) or of something else that was computed.",
        "Nothing, unless the study is missing: export the reconstruction that shows the vessels.",
    ),
    "no-phase-tag": Entry(
        "Slices without the cardiac phase by which the other slices are sorted.",
        "Export the series with its phase tags, or name it with `--series`.",
    ),
    "not-selected": Entry(
        "Series that the user did not ask for.",
        "Nothing; `--series` and `--without-series` choose.",
    ),
    "other-reconstruction": Entry(
        "Other reconstructions of a phase that is used.",
        "Nothing; fit comes before unfit, original before derived, thin before long, smooth before sharp.",
    ),
    "preview": Entry(
        "Stacks of a few slices beside a whole one.",
        "Nothing.",
    ),
    "projection": Entry(
        "Projections or renderings made from other slices.",
        "Nothing.",
    ),
    **{code: STUDY[code] for code in ("mixed-frames-of-reference", "not-hu", "oblique")},
}
