"""Exports of vertebra keypoints."""

from scanserve.export.spine.builders import BUILDERS, samples

__all__ = ["BUILDERS", "samples"]
