"""Published rows, shown beside ours: real films of AASCE, other networks, other readers.

Kim et al., MICCAI 2022 (Morphology-Aware Interactive Keypoint Estimation); films of Wu et al. 2017, 128 for testing.
"""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["PUBLISHED", "Published"]


@dataclass(frozen=True)
class Published:
    """One published row: mean errors in pixels after 0, 1, 2, 3 and 5 clicks."""

    title: str
    errors: tuple[float, float, float, float, float]


PUBLISHED = (
    Published("Kim et al. 2022, revision by the model", (58.6, 35.4, 29.4, 24.0, 17.7)),
    Published("Kim et al. 2022, manual revision", (58.6, 55.9, 53.3, 50.9, 47.0)),
)
