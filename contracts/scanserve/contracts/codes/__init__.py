"""The catalogue of all codes of errors, findings and skipped files.

Every error code belongs to one class of :mod:`scanserve.contracts.errors`, and so to one exit status.  One meaning has
one code: a finding that makes a study unreadable is an error of the same name.  ``scanserve export docs`` generates
``docs/errors.md`` from this catalogue.

New codes follow these patterns: ``x-missing`` for something required that is absent, ``unknown-x`` for an undefined
name, ``x-invalid`` for content that violates its layout, ``out-...`` for the output folder, ``no-x`` for an empty
search.

The sources are checked against the catalogue by a test (``tests/contracts/test_codes.py``) and not by the constructor
of the errors: a wrong code must not hide its error, and third-party sub-commands may define their own codes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanserve.contracts.codes.arrays import ARRAYS
from scanserve.contracts.codes.entry import Entry
from scanserve.contracts.codes.files import FILES
from scanserve.contracts.codes.films import CORRECTIONS, FILMS
from scanserve.contracts.codes.findings import FINDINGS
from scanserve.contracts.codes.misses import MISSES
from scanserve.contracts.codes.node import NODE, NODE_ANALYSES, NODE_PEERS
from scanserve.contracts.codes.options import OPTIONS
from scanserve.contracts.codes.result import RESULT
from scanserve.contracts.codes.rules import RULES
from scanserve.contracts.codes.server import INFERENCE, SERVER
from scanserve.contracts.codes.setup import SETUP
from scanserve.contracts.codes.skipped import SKIPPED
from scanserve.contracts.codes.study import ELIGIBILITY, STUDY
from scanserve.contracts.codes.unexpected import UNEXPECTED
from scanserve.contracts.codes.unseen import UNSEEN
from scanserve.contracts.errors import (
    EligibilityError,
    InferenceError,
    InputError,
    ResultError,
    ScanserveError,
    ServerError,
    SetupError,
    StudyError,
)

__all__ = ["ERRORS", "FINDINGS", "MISSES", "RULES", "SKIPPED", "UNSEEN", "Entry", "ErrorSection"]


@dataclass(frozen=True)
class ErrorSection:
    """The codes of one subject, all of one error class."""

    title: str
    error: type[ScanserveError]
    entries: Mapping[str, Entry]


#: Every error code, by subject.
ERRORS: tuple[ErrorSection, ...] = (
    ErrorSection("Options, names and places", InputError, OPTIONS),
    ErrorSection("Files", InputError, FILES),
    ErrorSection("Arrays and numbers", InputError, ARRAYS),
    ErrorSection("DICOM studies", StudyError, STUDY),
    ErrorSection("Plain films", StudyError, FILMS),
    ErrorSection("Corrections of a film", InputError, CORRECTIONS),
    ErrorSection("Eligibility", EligibilityError, ELIGIBILITY),
    ErrorSection("The server", ServerError, SERVER),
    ErrorSection("The server's answers", InferenceError, INFERENCE),
    ErrorSection("Nothing to report", ResultError, RESULT),
    ErrorSection("The node", InputError, NODE),
    ErrorSection("Analyses of the node", ResultError, NODE_ANALYSES),
    ErrorSection("Peers of the node", ServerError, NODE_PEERS),
    ErrorSection("The installation", SetupError, SETUP),
    ErrorSection("Unexpected", ScanserveError, UNEXPECTED),
)
