"""Codes of the acceptance rules: what ``scanserve check`` judges, and what every result begins with."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry
from scanserve.contracts.codes.films import FILM_RULES

__all__ = ["RULES"]

#: Each rule is met, warns, refuses, or is a question to whoever requests the analysis.
RULES: Mapping[str, Entry] = {
    "aortic-enhancement": Entry(
        "The mean HU in the aorta, measured in the image.",
        "Below the limit, or without an aorta in the image: read the centerlines with care.",
    ),
    "calcium-field": Entry(
        "The field of view of a scan for calcium scoring.",
        "Nothing: such a scan is not analysed.",
    ),
    "calcium-scan": Entry(
        "A scan for calcium scoring lies beside the angiography.",
        "Nothing: it is left out.",
    ),
    "calcium-slices": Entry(
        "The slice thickness of a scan for calcium scoring.",
        "Nothing: such a scan is not analysed.",
    ),
    "chest": Entry(
        "The volume of aerated lung in the image.",
        "Below the limit: use a CT of the chest.",
    ),
    "contrast": Entry(
        "The volume of blood with contrast in the heart region.",
        "Below the limit: use a contrast-enhanced study.",
    ),
    "counts": Entry(
        "The counts of a tomogram around the striatum.",
        "Follow the code in the message.",
    ),
    "coverage": Entry(
        "How much of the organ the slices cover.",
        "Below the limit: use a series that covers all of it.",
    ),
    "duration": Entry(
        "How long counts were gathered.",
        "Beyond the limit: judge the restored slices with care.",
    ),
    "field-of-view": Entry(
        "The width of the slices, and of their pixels.",
        "Beyond the limit: reconstruct a smaller field around the heart.",
    ),
    "heart-cut": Entry(
        "How much blood with contrast the lowest slices show, which ends above them in a whole heart.",
        "Beyond the limit: check that the apex is not cut off.",
    ),
    "history": Entry(
        "Surgery, devices and congenital disease of which the header's text tells.",
        "Ask whoever requests the analysis; the networks know no such hearts.",
    ),
    "matrix": Entry(
        "Rows and columns of the slices.",
        "Otherwise than the limit: reconstruct with that matrix.",
    ),
    "metal": Entry(
        "What is as dense as metal inside the chest: leads, wires, clips.",
        "Look at the place that the finding names; near metal the results are not to be trusted.",
    ),
    "motion": Entry(
        "Vessels that the quality model grades as non-diagnostic even in their best phase.",
        "Do not use what was found of those vessels.",
    ),
    "original-ct": Entry(
        "Whether the slices were reconstructed from the scan, not derived from other slices.",
        "Use the original reconstruction.",
    ),
    "phases": Entry(
        "The phases that were found and can be analysed.",
        "Follow the code in the message; with one phase there is nothing to rank.",
    ),
    "pixel-size": Entry(
        "How far pixels and slices of a tomogram are apart.",
        "Beyond the limit: reconstruct with that size.",
    ),
    "place": Entry(
        "Whether the header says where the slices lie.",
        "Where it does not, do not relate the result to other series.",
    ),
    "plane": Entry(
        "How far slices are turned from transaxial.",
        "Beyond the limit: reconstruct transaxial slices.",
    ),
    "question-congenital": Entry(
        "Congenital heart disease need not show in a header.",
        "Answer the question before relying on the result.",
    ),
    "question-device": Entry(
        "A device may lie outside the field.",
        "Answer the question before relying on the result.",
    ),
    "question-head-motion": Entry(
        "Motion of the head need not show in the counts.",
        "Answer the question before relying on the result.",
    ),
    "question-medication": Entry(
        "Some medicines displace the tracer.",
        "Answer the question before relying on the result.",
    ),
    "question-rhythm": Entry(
        "The rhythm of the heart during the scan is not in the images.",
        "Answer the question before relying on the result.",
    ),
    "question-surgery": Entry(
        "Surgery and stents need not show in a header.",
        "Answer the question before relying on the result.",
    ),
    "question-uptake-time": Entry(
        "The time from injection to scan is often not in the header.",
        "Answer the question before relying on the result.",
    ),
    "scan-kind": Entry(
        "What kind of scan it is; scans for calcium scoring are recognised by description, thickness and contrast.",
        "Use the angiography.",
    ),
    "scanner": Entry(
        "The slices that the scanner takes in one rotation, by its model's name.",
        "Below the limit, or unknown: expect steps between heart beats, and check the model.",
    ),
    "slice-thickness": Entry(
        "The thickness or spacing of the slices.",
        "Beyond the limit: use a thinner reconstruction.",
    ),
    "tube-current": Entry(
        "The mean tube current.",
        "Below the limit: use a study with less noise.",
    ),
    # Of plain films.
    **FILM_RULES,
}
