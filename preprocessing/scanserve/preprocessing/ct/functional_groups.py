"""Attributes of one frame, wherever a classic or a multi-frame file keeps them."""

from __future__ import annotations

from scanserve.preprocessing.dicom import Header

__all__ = ["FunctionalGroups"]


class FunctionalGroups:
    """Attributes of one frame: its own functional groups first, then the shared ones, then the file's.

    A classic file has no functional groups, so that all comes from its header.

    Args:
        header: the file's.
        shared: item of SharedFunctionalGroupsSequence, if there is one.
        own: item of PerFrameFunctionalGroupsSequence, if there is one.
    """

    def __init__(self, header: Header, shared: Header | None = None, own: Header | None = None) -> None:
        self.header = header
        self._sources = tuple(item for item in (own, shared) if item is not None)

    def text(self, group: int, tag: int) -> str:
        """As :meth:`~scanserve.preprocessing.dicom.Header.text`, from the ``group`` or the header."""
        return self._holder(group, tag).text(tag)

    def numbers(self, group: int, tag: int) -> tuple[float | None, ...]:
        """As :meth:`~scanserve.preprocessing.dicom.Header.numbers`, from the ``group`` or the header."""
        return self._holder(group, tag).numbers(tag)

    def number(self, group: int, tag: int) -> float | None:
        """The first of :meth:`numbers`, or ``None``."""
        return next(iter(self.numbers(group, tag)), None)

    def integer(self, group: int, tag: int) -> int | None:
        """As :meth:`number`, rounded."""
        value = self.number(group, tag)
        return None if value is None else round(value)

    def _holder(self, group: int, tag: int) -> Header:
        for source in self._sources:
            item = source.item(group)
            if item is not None and tag in item:
                return item
        return self.header
