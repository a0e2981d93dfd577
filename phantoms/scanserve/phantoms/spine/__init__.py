"""Frontal spine films of synthetic patients, with the exact places of the corners of 17 vertebrae."""

from scanserve.phantoms.spine.film import Film, make_film, training_film
from scanserve.phantoms.spine.population import POPULATIONS, Population
from scanserve.phantoms.spine.study import write_study

__all__ = ["POPULATIONS", "Film", "Population", "make_film", "training_film", "write_study"]
