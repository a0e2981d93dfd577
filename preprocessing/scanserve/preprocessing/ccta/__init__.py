"""What coronary CT angiography demands of a phase, and the study read by it."""

from scanserve.preprocessing.ccta.acceptance import check_study
from scanserve.preprocessing.ccta.bolus import Bolus, was_excused
from scanserve.preprocessing.ccta.eligibility import check_eligibility
from scanserve.preprocessing.ccta.fitness import CoronaryFitness
from scanserve.preprocessing.ccta.reading import read_study

__all__ = ["Bolus", "CoronaryFitness", "check_eligibility", "check_study", "read_study", "was_excused"]
