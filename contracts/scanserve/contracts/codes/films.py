"""Codes of plain films that cannot be read or measured, and of corrections that do not belong to them."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry

__all__ = ["CORRECTIONS", "FILMS", "FILM_FINDINGS", "FILM_RULES", "FILM_SKIPPED"]

#: All are a :class:`~scanserve.contracts.errors.StudyError`.
FILMS: Mapping[str, Entry] = {
    "blank-film": Entry(
        "A film shows nothing: every pixel has one value.",
        "Export the film again.",
    ),
    "film-too-small": Entry(
        "A film has too few pixels to tell vertebrae apart.",
        "Export the film in full size.",
    ),
    "inconsistent-photometry": Entry(
        "What the header says about black and white contradicts the pixels or itself.",
        "Look at the film; then say `--photometry stated` or `--photometry reversed`.",
    ),
    "no-film": Entry(
        "The study folder holds no plain film (CR, DX, or a secondary capture of one).",
        "Name the folder with the film; PNG and JPEG are read with `--pictures`.",
    ),
    "no-pixel-aspect": Entry(
        "A film does not say, or contradicts itself, whether its pixels are square, so that angles are not known.",
        "Export the film with its pixel spacing; where you know the ratio, say it with `--pixel-aspect`.",
    ),
    "no-spine-film": Entry(
        "No film of the study shows the thoracic and lumbar spine by its header.",
        "Name the folder with the film of the spine, or correct its body part.",
    ),
    "not-frontal": Entry(
        "The film of the spine is not taken from the front or the back.",
        "Use the AP or PA film.",
    ),
    "several-films": Entry(
        "The study holds several frontal films of the spine, and the choice is ambiguous.",
        "Name the series with `--series`, or the file itself.",
    ),
}

#: All are an :class:`~scanserve.contracts.errors.InputError`.
CORRECTIONS: Mapping[str, Entry] = {
    "corrections-conflict": Entry(
        "Corrections were saved elsewhere since the page was opened.",
        "Take over what was saved, or keep your own and save again: the page asks.",
    ),
    "corrections-invalid": Entry(
        "A file or a message of corrections does not have its layout.",
        "Use corrections as the page or an earlier result wrote them.",
    ),
    "hint-outside-image": Entry(
        "A corner was put outside of the film.",
        "Put it inside the film.",
    ),
    "hint-repeated": Entry(
        "A corner is fixed twice.",
        "Fix every corner once at most.",
    ),
    "hint-unknown-point": Entry(
        "A corner of this number does not exist.",
        "Number the corners from 0, as the result does.",
    ),
    "hints-of-another-film": Entry(
        "The corrections were made on another film.",
        "Use the corrections of this film; the page must be opened again after its film has changed.",
    ),
    "no-such-job": Entry(
        "A job of the node does not exist, or has no result whose corners could be corrected.",
        "Open the page from the list of studies.",
    ),
    "page-without-server": Entry(
        "Every analysis of the node starts a server of its own, so that none is there while corners are corrected.",
        "Set `server` under `[analysis]` to `own` or to HOST:PORT.",
    ),
    "picture-no-objects": Entry(
        "DICOM objects refer to DICOM images, and the film is a picture.",
        "Leave `--dicom` out, or use the DICOM film.",
    ),
    "result-being-sent": Entry(
        "The result of a job is being made or sent, so that it cannot be replaced now.",
        "Save again when the job has ended.",
    ),
}

#: Notes on films.
FILM_FINDINGS: Mapping[str, Entry] = {
    "aspect-assumed": Entry(
        "The header states no size of a pixel, and pixels are square by the standard.",
        "Make sure that the film was not squeezed.",
    ),
    "doubtful-vertebrae": Entry(
        "Some vertebrae were found with little certainty.",
        "Look at them first, and correct their corners.",
    ),
    "eight-bit": Entry(
        "The film has 8 bits, so that what its window cut off is lost.",
        "Prefer the original film.",
    ),
    "log-applied": Entry(
        "The values of the film are proportional to the intensity of X-rays; their logarithm is used.",
        "Nothing; prefer the film for presentation.",
    ),
    "no-window": Entry(
        "The header states no usable window; the range of the values is used.",
        "Nothing.",
    ),
    "photometry-doubtful": Entry(
        "The header contradicts itself about black and white, and the pixels decided.",
        "Look at the film: bone must be bright.",
    ),
    "photometry-told": Entry(
        "Black and white are as the caller said.",
        "Look at the film: bone must be bright.",
    ),
    "picture-film": Entry(
        "The film is a PNG or JPEG picture, which states nothing about itself.",
        "Prefer the DICOM film.",
    ),
    "sides-unknown": Entry(
        "The header does not say which side of the film is the patient's left.",
        "Sides of curves are those of the film: look for the marker.",
    ),
    "spine-not-seen": Entry(
        "Most vertebrae were found with little certainty: the film may not show a spine, or not in a usual way.",
        "Do not use the angles before every corner was looked at.",
    ),
    "spine-truncated": Entry(
        "Vertebrae lie at or beyond the border of the film, or were not found.",
        "Curves that end there are not complete.",
    ),
    "view-unknown": Entry(
        "The header does not state the view.",
        "Make sure that the film was taken from the front or the back.",
    ),
}

#: Files that are no film.
FILM_SKIPPED: Mapping[str, Entry] = {
    "not-cr": Entry(
        "Images of another modality than CR.",
        "Nothing.",
    ),
    "not-dx": Entry(
        "Images of another modality than DX.",
        "Nothing.",
    ),
    "not-picture": Entry(
        "Files that are neither DICOM nor PNG nor JPEG.",
        "Nothing.",
    ),
    "several-frames": Entry(
        "Files with several frames, such as fluoroscopy.",
        "Nothing, unless the study is missing: export one film per file.",
    ),
    # Also an error, where it concerns the film that is measured.
    "no-pixel-aspect": FILMS["no-pixel-aspect"],
}

#: Rules on films.
FILM_RULES: Mapping[str, Entry] = {
    "bit-depth": Entry(
        "The bits of a pixel of a film.",
        "With 8: prefer the original film.",
    ),
    "photometry": Entry(
        "Whether the film shows dense tissue bright.",
        "Follow the code in the message.",
    ),
    "pixel-aspect": Entry(
        "Whether the ratio of height to width of a pixel is known.",
        "Not known: export the film with its pixel spacing.",
    ),
    "question-numbering": Entry(
        "The number of ribs and lumbar vertebrae of the patient.",
        "Count vertebrae with earlier images of the patient.",
    ),
    "question-standing": Entry(
        "How the patient stood.",
        "Compare angles only between films that were taken alike.",
    ),
    "sides": Entry(
        "Which side of the film is the patient's left.",
        "Not known: look for the marker on the film.",
    ),
    "view": Entry(
        "The direction from which the film was taken.",
        "Not known: make sure that it is AP or PA.",
    ),
}
