"""What DaTSCAN denoising takes from a study: which tomogram, which slices, which pixels."""

from scanserve.preprocessing.dat.acceptance import check_study
from scanserve.preprocessing.dat.acquisition import check_acquisition, choose_short, notes_on
from scanserve.preprocessing.dat.selection import Selection, select_slices

__all__ = ["Selection", "check_acquisition", "check_study", "choose_short", "notes_on", "select_slices"]
