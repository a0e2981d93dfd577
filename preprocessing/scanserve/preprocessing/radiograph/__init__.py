"""Plain films (CR, DX, secondary captures, pictures): one reader for every application of radiographs."""

from scanserve.preprocessing.radiograph.film import Film, FilmImage
from scanserve.preprocessing.radiograph.polarity import Polarity, polarity_of
from scanserve.preprocessing.radiograph.reading import Films, read_films
from scanserve.preprocessing.radiograph.scale import Scale

__all__ = ["Film", "FilmImage", "Films", "Polarity", "Scale", "polarity_of", "read_films"]
