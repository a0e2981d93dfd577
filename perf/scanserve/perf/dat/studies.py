"""The phantom studies for the accuracy of DaTSCAN denoising: making, analysis and targets.

Every method restores every study, so that methods are compared on the same noise.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scanserve.contracts.dat import TEST_SEED
from scanserve.perf.accuracy import Studies
from scanserve.perf.accuracyreport import Target

if TYPE_CHECKING:
    from scanserve.server import Embedded

__all__ = ["STUDIES"]

_TIMEOUT_S = 300.0


def write(seed: int, folder: Path) -> None:
    """Write a phantom study with its ``truth.json`` into ``folder``."""
    from scanserve.phantoms.dat import write_study

    write_study(folder, seed)


def analyse(study: Path, result: Path, server: Embedded) -> None:
    """Restore with every method on ``server`` and store the ``result.json`` as the file ``result``."""
    from scanserve.client.dat.methods import METHODS
    from scanserve.client.dat.run import Options, restore
    from scanserve.client.runs.connection import connected_to

    with tempfile.TemporaryDirectory(prefix="scanserve-dat-") as folder:
        options = Options(study, Path(folder), METHODS)
        found = restore(options, lambda: connected_to(server, _TIMEOUT_S), Path(folder))
    result.write_text(found.to_json(), encoding="utf-8")


STUDIES = Studies(
    write=write,
    analyse=analyse,
    first_seed=TEST_SEED,
    described="5 minutes of ioflupane SPECT beside 25 of the same, five slices of 64 x 64 pixels of 3.29 mm",
    targets=(
        Target("dat_denoise", "psnr_gain_db", 1.84),
        Target("dat_denoise", "sbr_moved_share", 0.2, at_most=True),
        Target("dat_denoise", "grade_kappa", 0.8),
    ),
)
