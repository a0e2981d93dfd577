"""From attenuation to grey values: scatter, noise, the window of a film with its faults."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter, zoom

from scanserve.phantoms.spine.population import Population

__all__ = ["Exposure", "expose"]

Float = npt.NDArray[np.float32]


@dataclass(frozen=True)
class Exposure:
    """How a film is exposed and printed.

    Attributes:
        low, high: percentiles of the attenuation that become black and white.
        gamma: exponent of the grey values; ``floor`` and ``ceiling`` are the darkest and the brightest that is used.
        slope: change of brightness from the head to the feet.
        local: how much of the coarse brightness is levelled out, as modern processing does.
        noise: standard deviation of the noise.
        inverted: whether bone is dark.
    """

    low: float
    high: float
    gamma: float
    floor: float
    ceiling: float
    slope: float
    local: float
    noise: float
    inverted: bool

    @classmethod
    def sample(cls, rng: np.random.Generator, population: Population) -> Exposure:
        """A random exposure of a population."""
        kind = rng.random()
        flat = kind < population.flat_share
        saturated = not flat and kind < population.flat_share + population.saturated_share
        floor = float(rng.uniform(0.1, 0.35)) if flat else 0.0
        return cls(
            low=float(rng.uniform(15, 55)) if saturated else float(rng.uniform(0, 12)),
            high=float(rng.uniform(88, 98)) if saturated else float(rng.uniform(98.5, 100)),
            gamma=float(rng.uniform(0.7, 1.7)),
            floor=floor,
            ceiling=floor + float(rng.uniform(0.25, 0.45)) if flat else float(rng.uniform(0.75, 1)),
            slope=float(rng.normal(0, 0.25)),
            local=float(rng.uniform(0, 0.75)) if rng.random() < 0.6 else 0.0,
            noise=float(rng.uniform(*population.noise)),
            inverted=bool(rng.random() < population.inverted_share),
        )


def expose(
    attenuation: Float,
    exposure: Exposure,
    scale: float,
    rng: np.random.Generator,
    inside: Float | None = None,
) -> Float:
    """Grey values 0..1 of an attenuation ``[row, column]``.

    Args:
        attenuation: what the body attenuates.
        exposure: how it is seen.
        scale: pixels per length of the spine.
        rng: draws the noise.
        inside: where the window is measured; by default everywhere.
    """
    rows = len(attenuation)
    values = _softened(attenuation, scale, exposure.local)
    values = values + exposure.slope * np.linspace(-0.5, 0.5, rows, dtype=np.float32)[:, None]
    values += np.float32(exposure.noise * 0.1) * _grain(values.shape, scale, rng)
    sample = values[::5, ::5]
    low, high = np.percentile(sample, [exposure.low, exposure.high])
    grey = np.clip((values - low) / max(high - low, 1e-3), 0, 1) ** np.float32(exposure.gamma)
    grey = exposure.floor + (exposure.ceiling - exposure.floor) * grey
    return (1 - grey if exposure.inverted else grey).astype(np.float32)


def _softened(values: Float, scale: float, local: float) -> Float:
    """Blurred by the focal spot, and levelled: a part of the coarse brightness taken away."""
    sharp = gaussian_filter(values, 0.0012 * scale)
    if not local:
        return sharp
    step = max(1, int(0.02 * scale))
    coarse = gaussian_filter(values[::step, ::step], 0.09 * scale / step)
    factors = [size / part for size, part in zip(values.shape, coarse.shape, strict=True)]
    return sharp - np.float32(local) * zoom(coarse, factors, order=1)[: values.shape[0], : values.shape[1]]


def _grain(shape: tuple[int, ...], scale: float, rng: np.random.Generator) -> Float:
    """Noise of standard deviation about 1: fine and coarser grain."""
    fine = rng.standard_normal(shape, dtype=np.float32)
    coarse = gaussian_filter(rng.standard_normal(shape, dtype=np.float32), 0.0035 * scale) * np.float32(
        0.012 * scale
    )
    return np.float32(0.5) * gaussian_filter(fine, 0.6) * 2 + np.float32(0.5) * coarse
