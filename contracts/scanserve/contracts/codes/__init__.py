"""The catalogue of codes: everything that an error, a finding or a skipped file can be called.

Every code of an error belongs to one class of :mod:`scanserve.contracts.errors`, hence to one exit status.  A code
that means the same in several places has one name: a finding that keeps a study from being read is an error of that
name too.  ``scanserve export docs`` writes ``docs/errors.md`` from this catalogue.

New codes follow these patterns: ``x-missing`` for what should be there and is not, ``unknown-x`` for a name that
nothing has, ``x-invalid`` for what breaks its layout, ``out-...`` for the output folder, ``no-x`` for what was looked
for in vain.

A test, and not the errors' constructor, holds the sources to the catalogue (``tests/contracts/test_codes.py``): a
wrong code must not hide the error that carries it, and a sub-command from elsewhere may have codes of its own.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from scanserve.contracts.codes.arrays import ARRAYS
from scanserve.contracts.codes.entry import Entry
from scanserve.contracts.codes.files import FILES
from scanserve.contracts.codes.findings import FINDINGS
from scanserve.contracts.codes.misses import MISSES
from scanserve.contracts.codes.options import OPTIONS
from scanserve.contracts.codes.result import RESULT
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

__all__ = ["ERRORS", "FINDINGS", "MISSES", "SKIPPED", "UNSEEN", "Entry", "ErrorSection"]


@dataclass(frozen=True)
class ErrorSection:
    """Codes about one subject, all of one class."""

    title: str
    error: type[ScanserveError]
    entries: Mapping[str, Entry]


#: Every code of an error, by subject.
ERRORS: tuple[ErrorSection, ...] = (
    ErrorSection("Options, names and places", InputError, OPTIONS),
    ErrorSection("Files", InputError, FILES),
    ErrorSection("Arrays and numbers", InputError, ARRAYS),
    ErrorSection("DICOM studies", StudyError, STUDY),
    ErrorSection("Eligibility", EligibilityError, ELIGIBILITY),
    ErrorSection("The server", ServerError, SERVER),
    ErrorSection("The server's answers", InferenceError, INFERENCE),
    ErrorSection("Nothing to report", ResultError, RESULT),
    ErrorSection("The installation", SetupError, SETUP),
    ErrorSection("Unexpected", ScanserveError, UNEXPECTED),
)
