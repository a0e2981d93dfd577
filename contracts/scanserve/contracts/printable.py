"""Text that comes from a file, made fit to be printed.

A header, a file's name or the message of a library may hold anything: sequences that move the cursor of a terminal,
characters that turn the direction of writing, a megabyte of text.  Whatever is shown of them goes through here.
"""

from __future__ import annotations

__all__ = ["printable"]

#: Characters of one value that are shown at most, unless the caller says otherwise.
MOST = 80
#: What stands for the middle of a value that is too long.
_GAP = "..."


def printable(value: object, most: int = MOST) -> str:
    """``value`` as one line without control characters, at most ``most`` characters long (10 at least).

    Control characters, invisible ones and line ends are written as in a Python literal; of a longer text the start
    and the end are kept.

    Example:
        >>> printable("1.2.\\x1b[2J3"), printable("a" * 50 + "z" * 50, most=11)
        ('1.2.\\\\x1b[2J3', 'aaaaaa...zz')
    """
    text = str(value)
    most = max(most, 10)
    # Every character takes at least one place, so that no more of a long text need be looked at.
    start = "".join(map(_visible, text[: most + 1]))
    if len(text) <= most and len(start) <= most:
        return start
    end = "".join(map(_visible, text[-most:]))
    kept = most - len(_GAP)
    tail = kept // 3
    return start[: kept - tail] + _GAP + end[len(end) - tail :]


def _visible(character: str) -> str:
    if character.isprintable():
        return character
    return character.encode("unicode_escape").decode("ascii")
