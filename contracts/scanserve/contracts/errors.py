"""The exception tree of scanserve.

    ScanserveError
    ├── InputError            the caller's data or arguments are not usable
    │   ├── StudyError        a DICOM study cannot become phases
    │   └── EligibilityError  a study is readable, but must not be analysed without an override
    ├── ServerError           the inference server is absent, died, or refused
    │   └── InferenceError    the server answered, and the answer is an error
    ├── ResultError           an analysis ran and found nothing that may be reported
    └── SetupError            an extra, a file or a tool of the installation is missing

Every error carries a stable ``code`` (kebab-case, never renamed after a release) and one sentence.  Library code
raises; only the command line prints and exits, with ``exit_status``.  :mod:`scanserve.contracts.codes` explains every
code; each belongs to one class, and so to one exit status.
"""

from __future__ import annotations

__all__ = [
    "EligibilityError",
    "InferenceError",
    "InputError",
    "ResultError",
    "ScanserveError",
    "ServerError",
    "SetupError",
    "StudyError",
]


class ScanserveError(Exception):
    """Base of all errors: a stable ``code`` and a sentence that states the expected and the actual value."""

    exit_status = 1

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message

    def __reduce__(self) -> tuple[type, tuple[str, str]]:
        """Rebuild with both arguments, so that errors survive pickling between processes."""
        return type(self), (self.code, self.message)


class InputError(ScanserveError):
    """The caller's data or arguments are not usable."""

    exit_status = 2


class StudyError(InputError):
    """A DICOM study cannot become phases."""


class EligibilityError(InputError):
    """The study can be read, but must not be analysed without an explicit override."""

    exit_status = 3


class ServerError(ScanserveError):
    """The inference server is absent, died, or refused."""

    exit_status = 4


class InferenceError(ServerError):
    """The server answered, and the answer is an error."""


class ResultError(ScanserveError):
    """An analysis ran and found nothing that may be reported."""

    exit_status = 5


class SetupError(ScanserveError):
    """An extra, a file or a tool of the installation is missing."""

    exit_status = 6
