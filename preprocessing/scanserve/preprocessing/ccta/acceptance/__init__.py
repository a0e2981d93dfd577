"""The acceptance rules of coronary CT angiography: what a study's headers and one of its volumes say about each.

scanners.py   slices of a scanner, by its model's name
history.py    surgery, devices and congenital disease, in the header's text
aorta.py      the enhancement of the aorta
metal.py      leads, wires and clips
evidence.py   what is looked at: headers and measurements of one phase
rules.py      what follows
questions.py  what nothing shows
check.py      all of it, without a server
"""

from scanserve.preprocessing.ccta.acceptance.check import check_study
from scanserve.preprocessing.ccta.acceptance.evidence import Evidence
from scanserve.preprocessing.ccta.acceptance.rules import judge

__all__ = ["Evidence", "check_study", "judge"]
