"""Whether a restoration keeps the counts of the head."""

from __future__ import annotations

from scipy.ndimage import gaussian_filter

from scanserve.client.dat.denoiser import Slices
from scanserve.preprocessing import Finding

__all__ = ["BOUND", "counts_change", "counts_findings"]

#: A restoration redistributes counts; more than this share of them must not come or go.
BOUND = 0.05
#: The head is where the smoothed input exceeds this share of its own greatest value ...
HEAD_LEVEL = 0.1
#: ... smoothed by a Gaussian of this standard deviation, pixels.
HEAD_SIGMA = 2.0


def counts_change(before: Slices, after: Slices) -> float:
    """Relative change of the sum over the head, all slices (N, 64, 64) together; 0 is none."""
    smooth = gaussian_filter(before, (0, HEAD_SIGMA, HEAD_SIGMA))
    head = smooth > HEAD_LEVEL * smooth.max()
    return float(after[head].sum() / before[head].sum() - 1)


def counts_findings(title: str, change: float) -> list[Finding]:
    """A finding where the counts moved by more than BOUND."""
    if abs(change) <= BOUND:
        return []
    word = "more" if change > 0 else "fewer"
    message = (
        f"{title}: the restored head holds {abs(change):.0%} {word} counts than the source; at most {BOUND:.0%} is "
        "expected."
    )
    return [Finding("counts-moved", message)]
