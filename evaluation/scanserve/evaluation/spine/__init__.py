"""Vertebra keypoints: points, corrections and curves against the phantom's truth."""

from scanserve.evaluation.spine.evaluate import evaluate

__all__ = ["evaluate"]
