"""CT: from a folder to the cardiac phases of a study, and from a phase to a volume in Hounsfield units."""

from scanserve.preprocessing.ct.decision import Fitness, Wishes
from scanserve.preprocessing.ct.reading import read_study
from scanserve.preprocessing.ct.reconstruction import Reconstruction
from scanserve.preprocessing.ct.study import Phase, Study
from scanserve.preprocessing.ct.volume import Volume

__all__ = ["Fitness", "Phase", "Reconstruction", "Study", "Volume", "Wishes", "read_study"]
