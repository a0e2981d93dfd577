"""The phantom studies for the accuracy of vertebra keypoints: making, analysis and targets.

Both networks read every film, and a simulated reader corrects each of them.
"""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from scanserve.contracts.spine import DEFAULT_NETWORK, NETWORKS, SPINE, TEST_SEED
from scanserve.perf.accuracy import Studies
from scanserve.perf.accuracyreport import Target

if TYPE_CHECKING:
    from scanserve.server import Embedded

__all__ = ["STUDIES"]

_TIMEOUT_S = 300.0


def write(seed: int, folder: Path) -> None:
    """Write a phantom study with its ``truth.json`` into ``folder``."""
    from scanserve.phantoms.spine import write_study

    write_study(folder, seed)


def analyse(study: Path, result: Path, server: Embedded) -> None:
    """Read with the default network, store ``result.json`` as ``result``, and the corrected readings beside it."""
    from scanserve.client.runs.connection import connected_to
    from scanserve.client.spine.reader import FilmReader
    from scanserve.client.spine.run import Options, run
    from scanserve.client.spine.taken import take
    from scanserve.evaluation.spine.readings import FILE, Readings, write_readings
    from scanserve.evaluation.spine.study import MOST_CLICKS
    from scanserve.evaluation.spine.truth import read_truth
    from scanserve.perf.spine.reader import corrected

    with tempfile.TemporaryDirectory(prefix="scanserve-spine-") as folder:
        found = run(Options(study, Path(folder, "out")), lambda: connected_to(server, _TIMEOUT_S))
    truth, taken = read_truth(study / "truth.json"), take(study)
    with connected_to(server, _TIMEOUT_S) as connection:
        readers = {
            name: FilmReader(taken.square, taken.film.shape, SPINE.model(name), connection.infer)
            for name in NETWORKS
        }
        networks = {
            name: corrected(reader, truth.places, truth.seen, MOST_CLICKS) for name, reader in readers.items()
        }
    write_readings(result.parent / FILE, Readings(networks=networks))
    result.write_text(found.to_json(), encoding="utf-8")


STUDIES = Studies(
    write=write,
    analyse=analyse,
    first_seed=TEST_SEED,
    described="one frontal spine film of 2,400 rows, curves of 0 to 95 degrees, of a wider population than that of "
    "training",
    targets=(
        Target(DEFAULT_NETWORK, "mre_0_clicks_px", 12, at_most=True),
        Target(DEFAULT_NETWORK, "level_shift_share", 0.05, at_most=True),
        Target(DEFAULT_NETWORK, "model_click_worth", 3),
        Target(DEFAULT_NETWORK, "cobb_mae_degrees", 3, at_most=True),
    ),
)
