"""A head phantom for I-123 ioflupane SPECT, with exact truth."""

from scanserve.phantoms.brain.grades import GRADES
from scanserve.phantoms.brain.head import Head
from scanserve.phantoms.brain.scan import Protocol, Scan
from scanserve.phantoms.brain.slices import make_slices
from scanserve.phantoms.brain.study import write_study

__all__ = ["GRADES", "Head", "Protocol", "Scan", "make_slices", "write_study"]
