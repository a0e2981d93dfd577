"""Which slices of a study are analysed: one decision, with a reason for everything that is left out.

``docs/reading.md`` draws it.
"""

from scanserve.preprocessing.ct.decision.decide import Decision, decide
from scanserve.preprocessing.ct.decision.fitness import Fitness
from scanserve.preprocessing.ct.decision.wishes import Wishes

__all__ = ["Decision", "Fitness", "Wishes", "decide"]
