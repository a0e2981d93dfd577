"""Nuclear medicine: from a folder to the emission tomograms of a study, and from a tomogram to its counts."""

from scanserve.preprocessing.nm.reading import Tomograms, read_tomograms
from scanserve.preprocessing.nm.tomogram import Tomogram

__all__ = ["Tomogram", "Tomograms", "read_tomograms"]
