"""Populations of patients and films: how often and how far each thing varies."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["POPULATIONS", "Population"]


@dataclass(frozen=True)
class Population:
    """Ranges and shares of a population.

    Attributes:
        cobb_deg: greatest Cobb angle that is drawn; small angles are the most frequent.
        wedge_deg: standard deviation of the angle between two endplates of a vertebra, degrees.
        count_share: share of patients with 4 or 6 lumbar vertebrae, and again with 11 or 13 pairs of ribs.
        twins: whether two adjacent levels have the same size and shape.
        metal_share: share of films with rods and screws, and again with clips, buckles and wires.
        flat_share: share of films of flat contrast; ``saturated_share`` of saturated ones, ``inverted_share`` of
            films whose bone is dark.
        truncated_share: share of films that end below T3 or above L3.
        bone: range of the contrast of bone relative to soft tissue.
        noise: range of the noise relative to the contrast of bone.
    """

    cobb_deg: float
    wedge_deg: float
    count_share: float
    twins: bool
    metal_share: float
    flat_share: float
    saturated_share: float
    inverted_share: float
    truncated_share: float
    bone: tuple[float, float]
    noise: tuple[float, float]


#: The population to train on, and a wider one to test on.
POPULATIONS: Mapping[str, Population] = {
    "training": Population(
        cobb_deg=90,
        wedge_deg=4.0,
        count_share=0.12,
        twins=False,
        metal_share=0.08,
        flat_share=0.25,
        saturated_share=0.3,
        inverted_share=0.0,
        truncated_share=0.08,
        bone=(0.35, 1.2),
        noise=(0.02, 0.16),
    ),
    "test": Population(
        cobb_deg=95,
        wedge_deg=5.0,
        count_share=0.08,
        twins=True,
        metal_share=0.1,
        flat_share=0.3,
        saturated_share=0.35,
        inverted_share=0.0,
        truncated_share=0.0,
        bone=(0.3, 1.25),
        noise=(0.02, 0.18),
    ),
}
