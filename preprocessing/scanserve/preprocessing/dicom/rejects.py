"""Files that are not used, and why: every file of a folder is accounted for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from scanserve.contracts.codes import UNSEEN
from scanserve.preprocessing.findings import Finding, Skipped, plural

__all__ = ["FileRejectedError", "Rejects"]

#: The verbs that reasons begin with and that differ in the singular by more than an "s".
_SINGULAR = {"are": "is", "do": "does", "could": "could"}


class FileRejectedError(Exception):
    """A file that holds no usable image; ``code`` and ``reason`` are as in :meth:`Rejects.add`."""

    def __init__(self, code: str, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


@dataclass
class Rejects:
    """Files that are not used, gathered by reason."""

    _files: dict[tuple[str, str, str], list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, code: str, reason: str, files: Iterable[str], *, noun: str = "file") -> None:
        """Add ``files`` (relative paths), each a ``noun``; ``reason`` completes the sentence "N files ..."."""
        self._files[code, reason, noun].extend(files)

    def groups(self) -> tuple[Skipped, ...]:
        """One group per reason, the largest first."""
        groups = [_group(*key, files) for key, files in self._files.items() if files]
        return tuple(sorted(groups, key=lambda group: (-group.files, group.code, group.message)))

    def unseen(self) -> tuple[Finding, ...]:
        """What may belong to the study and was not seen, as far as anybody can know: worth a warning."""
        return tuple(Finding(group.code, group.message) for group in self.groups() if group.code in UNSEEN)

    def summary(self, most: int = 5) -> str:
        """The sentences of the ``most`` largest groups, as one text without its last full stop."""
        return " ".join(group.message for group in self.groups()[:most]).rstrip(".")


def _group(code: str, reason: str, noun: str, files: list[str]) -> Skipped:
    count = len(files)
    message = f"{plural(count, noun, verb=False)} {_agree(reason, count)}."
    return Skipped(code, message, count)


def _agree(reason: str, count: int) -> str:
    """The reason with its verb in the singular for one file."""
    if count != 1:
        return reason
    verb, _, rest = reason.partition(" ")
    return f"{_SINGULAR.get(verb, f'{verb}s')} {rest}"
