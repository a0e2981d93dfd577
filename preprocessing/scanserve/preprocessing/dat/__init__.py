"""What DaTSCAN denoising takes from a reconstructed volume."""

from scanserve.preprocessing.dat.selection import Selection, select_slices

__all__ = ["Selection", "select_slices"]
