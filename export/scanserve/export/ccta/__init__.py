"""Exports of coronary CT angiography."""

from scanserve.export.ccta.builders import BUILDERS, samples

__all__ = ["BUILDERS", "samples"]
