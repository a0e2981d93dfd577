"""What an ablation of the vertebra networks shows."""

from __future__ import annotations

from scanserve.perf.ablation import Columns

__all__ = ["ABLATION"]

ABLATION = Columns(
    {
        "mre_0_clicks_px": "0 clicks",
        "mre_1_clicks_px": "1 click",
        "mre_3_clicks_px": "3 clicks",
        "manual_mre_1_clicks_px": "1, manual",
        "manual_mre_3_clicks_px": "3, manual",
        "median_0_clicks_px": "median film, 0 clicks",
    },
    "Mean errors are in pixels of films of 2,400 rows.",
)
