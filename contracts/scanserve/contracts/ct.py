"""Hounsfield units of computed tomography, for every application that reads it."""

from __future__ import annotations

__all__ = ["AIR_HU", "MAX_HU"]

#: Air: the least value of a 12-bit CT.  It also fills whatever lies outside an image.
AIR_HU = -1024
#: The greatest value of a 12-bit CT.
MAX_HU = 3071
