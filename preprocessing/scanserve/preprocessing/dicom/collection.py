"""The images found in a folder: each once, and all of one study."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import Protocol, TypeVar

from scanserve.contracts import StudyError
from scanserve.preprocessing.dicom.rejects import Rejects

__all__ = ["files_of", "one_study", "without_copies"]


class FoundImage(Protocol):
    """An image as a reader describes it."""

    @property
    def file(self) -> str:
        """Path relative to the folder that was read."""

    @property
    def study_uid(self) -> str:
        """Study Instance UID."""


Image = TypeVar("Image", bound=FoundImage)


def files_of(images: Iterable[FoundImage]) -> list[str]:
    """Files that hold ``images``, each once."""
    return list(dict.fromkeys(image.file for image in images))


def without_copies(
    images: Iterable[Image], identity: Callable[[Image], Hashable], rejects: Rejects
) -> list[Image]:
    """The images of the first file of each identity; files with another file's images go to ``rejects``.

    Args:
        images: in the order of preference.
        identity: equal for images that are copies of each other.
        rejects: where the files of copies are noted.
    """
    owners: dict[Hashable, str] = {}
    kept: list[Image] = []
    copies: list[Image] = []
    for image in images:
        owner = owners.setdefault(identity(image), image.file)
        (kept if owner == image.file else copies).append(image)
    rejects.add("copy", "are copies of other files (same SOP instance UID)", files_of(copies))
    return kept


def one_study(images: Sequence[FoundImage], noun: str) -> str:
    """The Study Instance UID that all ``images`` share; ``noun`` names them in the message.

    Raises:
        StudyError: code ``mixed-studies``.
    """
    counts = Counter(image.study_uid for image in images)
    if len(counts) > 1:
        sizes = ", ".join(str(count) for count in sorted(counts.values(), reverse=True))
        raise StudyError(
            "mixed-studies",
            f"the folder must hold the {noun} of one study but holds {len(counts)} studies ({sizes} {noun}).",
        )
    return next(iter(counts))
