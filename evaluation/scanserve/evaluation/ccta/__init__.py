"""Coronary CT angiography: centerlines, trees and rankings of results against truths."""

from scanserve.evaluation.ccta.evaluate import evaluate

__all__ = ["evaluate"]
