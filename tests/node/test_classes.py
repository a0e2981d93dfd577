"""A node takes what the readers read, and nothing else."""

from scanserve.node.classes import STORAGE_CLASSES
from scanserve.preprocessing.ct import slicefile
from scanserve.preprocessing.nm import tomogramfile
from scanserve.preprocessing.radiograph import filmfile


def test_the_classes_are_those_of_the_readers():
    volumes = slicefile._CT_CLASSES | tomogramfile._NM_CLASSES
    assert set(STORAGE_CLASSES) == volumes | set(filmfile._KINDS)
