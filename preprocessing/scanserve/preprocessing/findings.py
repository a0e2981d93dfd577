"""What was noticed about a study: coded, one sentence each, and files that were not used."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Finding", "Skipped", "plural"]


@dataclass(frozen=True)
class Finding:
    """One thing noticed about a study, a phase or a volume.

    ``code`` is stable kebab-case; ``message`` one sentence with the measured value, free of patient data.
    """

    code: str
    message: str

    def __str__(self) -> str:
        return f"{self.message} [{self.code}]"


@dataclass(frozen=True)
class Skipped:
    """A group of files that were not used, all for the same reason: counted, never named."""

    code: str
    message: str
    files: int


def plural(count: int, noun: str, *, verb: bool = True) -> str:
    """``"1 slice is"`` or ``"3 slices are"``; without the verb, ``"1 slice"`` or ``"3 slices"``.

    Of a noun of several words the first is counted: ``"3 links to a folder"``.
    """
    first, gap, rest = noun.partition(" ")
    words = f"1 {noun}" if count == 1 else f"{count} {first}s{gap}{rest}"
    return f"{words} {'is' if count == 1 else 'are'}" if verb else words
