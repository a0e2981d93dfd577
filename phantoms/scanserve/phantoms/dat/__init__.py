"""A head phantom for I-123 ioflupane SPECT, with exact truth."""

from scanserve.phantoms.dat.grades import GRADES
from scanserve.phantoms.dat.head import Head
from scanserve.phantoms.dat.scan import Protocol, Scan
from scanserve.phantoms.dat.slices import make_slices
from scanserve.phantoms.dat.study import write_study

__all__ = ["GRADES", "Head", "Protocol", "Scan", "make_slices", "write_study"]
