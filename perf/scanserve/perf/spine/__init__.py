"""Measurements of vertebra keypoints: accuracy on phantoms (``STUDIES``)."""

from scanserve.perf.spine.studies import STUDIES

__all__ = ["STUDIES"]
