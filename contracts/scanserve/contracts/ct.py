"""Hounsfield units shared by all applications that read CT."""

from __future__ import annotations

__all__ = ["AIR_HU", "MAX_HU"]

#: Air: the lowest value of a 12-bit CT.  It also fills the space outside an image.
AIR_HU = -1024
#: The highest value of a 12-bit CT.
MAX_HU = 3071
