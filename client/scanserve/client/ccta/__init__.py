"""Coronary CT angiography: a study's phases in, the best phase per vessel and overall out.

Importing this package is cheap; the modules import what they need.
"""

__all__: list[str] = []
