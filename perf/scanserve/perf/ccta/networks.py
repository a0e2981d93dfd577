"""The heat-map networks of CCTA alone: stage 1, stage 2 with the true prior, and their chain, on single volumes."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scanserve.contracts import InputError
from scanserve.contracts.ccta import COARSE_BLANK, STAGE2, TEST_SEED, VESSELS
from scanserve.contracts.ct import AIR_HU, MAX_HU
from scanserve.evaluation.application import Table
from scanserve.evaluation.bootstrap import LEVEL, Interval, bootstrap, ratio, summed
from scanserve.perf.ccta.hearts import MATRIX, Hearts
from scanserve.perf.ccta.outcomes import (
    NEAR_MM,
    Graphs,
    Outcome,
    Subject,
    measure,
    prepare,
    with_true_prior,
)
from scanserve.perf.networks import Variant
from scanserve.perf.selection import Selection
from scanserve.preprocessing import Volume

__all__ = ["FIGURES", "Found", "NetworksReport", "measure_networks", "subject_of"]

#: A vessel is found if more than this share of its tree is.
FOUND = 0.3
#: Decides the phase of a seed.
PHASE_STREAM = 0x0E7
ALL = "all vessels"
#: How the vessels are drawn.
MARKS = dict(zip((vessel.abbreviation for vessel in VESSELS), ("^", "s", "v"), strict=True))


@dataclass(frozen=True)
class Figure:
    """A figure: the two ``summands`` of an outcome, whose sums give a mean or a share."""

    name: str
    label: str
    summands: Callable[[Outcome], tuple[float, float]]
    digits: int = 2


FIGURES = (
    Figure("presence", "stage 1: presence", lambda o: (o.presence, 1)),
    Figure("heat", "stage 1: mean heat on true lines", lambda o: (o.heat, 1)),
    Figure("frame_mm", "stage 1: error of the frame, mm", lambda o: (o.frame_mm, 1), 1),
    Figure(
        "given_found",
        "stage 2 with the true prior: true tree found",
        lambda o: (o.given.covered_mm, o.given.true_mm),
    ),
    Figure(
        "given_right",
        "stage 2 with the true prior: found tree that is true",
        lambda o: (o.given.right_mm, o.given.found_mm),
    ),
    Figure("vessels", "chain: vessels found", lambda o: (o.chain.covered_mm > FOUND * o.chain.true_mm, 1)),
    Figure("chain_found", "chain: true tree found", lambda o: (o.chain.covered_mm, o.chain.true_mm)),
    Figure("chain_right", "chain: found tree that is true", lambda o: (o.chain.right_mm, o.chain.found_mm)),
)


@dataclass(frozen=True)
class Found:
    """The outcomes of one volume by variant."""

    seed: int
    heart: str
    outcomes: Mapping[str, tuple[Outcome, ...]]


@dataclass(frozen=True)
class NetworksReport:
    """The outcomes of all volumes, ``described``."""

    described: str
    volumes: tuple[Found, ...]

    @property
    def variants(self) -> tuple[str, ...]:
        """The names of the variants."""
        return tuple(self.volumes[0].outcomes)

    @property
    def hearts(self) -> int:
        """The number of hearts, over which intervals are."""
        return len({volume.heart for volume in self.volumes})

    def figure(self, figure: Figure, variant: str, vessel: str = ALL) -> Interval:
        """A figure of a variant with its interval over hearts."""
        rows = [
            (volume.heart, figure.summands(outcome))
            for volume in self.volumes
            for outcome in volume.outcomes[variant]
            if vessel in (ALL, outcome.vessel)
        ]
        return bootstrap(summed([values for _, values in rows], [heart for heart, _ in rows]), ratio)

    def as_dict(self) -> dict[str, Any]:
        """Figures by variant, vessel and name, and the outcomes of every volume."""
        return {
            "settings": {"near_mm": NEAR_MM, "found": FOUND, "interval": LEVEL},
            "hearts": self.hearts,
            "figures": {
                variant: {
                    vessel: {f.name: asdict(self.figure(f, variant, vessel)) for f in FIGURES}
                    for vessel in _groups()
                }
                for variant in self.variants
            },
            "outcomes": [asdict(volume) for volume in self.volumes],
        }

    def tables(self) -> Sequence[Table]:
        """All vessels of every variant, and every vessel of the first."""
        first = self.variants[0]
        return (
            _table(ALL, self.variants, lambda figure, variant: self.figure(figure, variant)),
            _table(first, _groups()[1:], lambda figure, vessel: self.figure(figure, first, vessel)),
        )

    def notes(self) -> Sequence[str]:
        """The meaning of the figures and intervals."""
        meaning = f"A line is found where the other lies within {NEAR_MM:g} mm; a vessel, where more than {FOUND:g} is."
        count = len(self.volumes)
        if self.hearts == 1:
            return [meaning, f"{count} volumes of one heart: no intervals."]
        return [
            meaning,
            f"In brackets: {LEVEL:.0%} percentile bootstrap over the {self.hearts} hearts of {count} volumes.",
        ]

    def draw(self, path: Path) -> None:
        """Draw a panel per figure, a row per variant: a dot with its interval for all vessels, a mark for each."""
        from matplotlib.backends.backend_agg import FigureCanvasAgg
        from matplotlib.figure import Figure as Canvas

        canvas = Canvas(figsize=(11, 2.4 + 0.8 * len(self.variants)), layout="constrained")
        FigureCanvasAgg(canvas)
        axes = canvas.subplots(2, 4, sharey=True).ravel()
        for axis, figure in zip(axes, FIGURES, strict=True):
            self._draw_figure(axis, figure)
        marks = dict(zip(*reversed(axes[0].get_legend_handles_labels()), strict=True))
        canvas.legend(marks.values(), marks.keys(), loc="outside lower center", ncols=len(marks), fontsize=7)
        canvas.suptitle(self.described, fontsize=9)
        canvas.savefig(path, dpi=110)

    def _draw_figure(self, axis: Any, figure: Figure) -> None:
        for row, variant in enumerate(self.variants):
            found = self.figure(figure, variant)
            if found.low is not None:
                axis.plot([found.low, found.high], [row, row], color="tab:blue", linewidth=3, alpha=0.4)
            if found.value is not None:
                axis.plot(found.value, row, "o", color="tab:blue")
            for vessel, mark in MARKS.items():
                value = self.figure(figure, variant, vessel).value
                if value is not None:
                    axis.plot(value, row + 0.25, mark, color="tab:gray", markersize=4, label=vessel)
        axis.set_yticks(range(len(self.variants)), self.variants, fontsize=7)
        axis.set_ylim(len(self.variants) - 0.5, -0.5)
        axis.set_xlim(0, None if figure.name.endswith("_mm") else 1.05)
        axis.set_title(figure.label.replace(": ", ":\n"), loc="left", fontsize=7)
        axis.tick_params(axis="x", labelsize=7)


def measure_networks(
    selection: Selection,
    hearts: int,
    variants: Sequence[Variant],
    *,
    first_seed: int | None = None,
    note: Callable[[str], None] = lambda line: None,
) -> NetworksReport:
    """Measure the variants on single volumes; see :class:`~scanserve.perf.networks.MeasureNetworks`."""
    for variant in variants:
        _check_channel(variant.without)
    source, first = Hearts.of(selection), TEST_SEED if first_seed is None else first_seed
    sessions: dict[Path, Any] = {}
    graphs = {variant.name: Graphs(variant.repository, sessions) for variant in variants}
    volumes = []
    for seed in range(first, first + selection.count(hearts)):
        subject = subject_of(source, seed)
        outcomes = _outcomes(subject, variants, graphs)
        volumes.append(Found(seed, subject.heart, outcomes))
        note(_line(seed, outcomes[variants[0].name]))
    return NetworksReport(f"Single volumes of {source.described}", tuple(volumes))


def _outcomes(
    subject: Subject, variants: Sequence[Variant], graphs: Mapping[str, Graphs]
) -> dict[str, tuple[Outcome, ...]]:
    """The outcomes by variant; those with the same stage 2 share what it makes of the true priors."""
    prepared = prepare(subject, graphs[variants[0].name])
    outcomes, known = {}, {}
    for variant in variants:
        run = graphs[variant.name]
        stage2 = run.file(STAGE2).resolve()
        if stage2 not in known:
            known[stage2] = with_true_prior(prepared, run)
        outcomes[variant.name] = measure(prepared, run, known[stage2], variant.without)
    return outcomes


def subject_of(hearts: Hearts, seed: int) -> Subject:
    """The patient of ``seed``, scanned once at a random phase."""
    from scanserve.phantoms.ccta import Acquisition
    from scanserve.phantoms.ccta.study import grid_of, scanned

    patient = hearts.anatomy(seed)
    scan = Acquisition.sample(seed, patient.ranges).with_matrix(MATRIX)
    percent = float(np.random.default_rng([seed, PHASE_STREAM]).uniform(0, 100))
    grid = grid_of(patient, scan)
    hu = np.clip(np.rint(scanned(patient, scan, percent, grid)), AIR_HU, MAX_HU).astype(np.int16)
    branches = [[branch.points for branch in vessel.at(percent)] for vessel in patient.vessels]
    return Subject(patient.heart, Volume(hu, grid), branches)


def _check_channel(name: str | None) -> None:
    if name is not None and name not in COARSE_BLANK:
        raise InputError(
            "unknown-channel", f"--without must be one of {', '.join(COARSE_BLANK)} but is {name!r}."
        )


def _groups() -> list[str]:
    return [ALL, *(vessel.abbreviation for vessel in VESSELS)]


def _line(seed: int, outcomes: Sequence[Outcome]) -> str:
    shares = [f"{o.vessel} {o.chain.covered_mm / o.chain.true_mm:.2f}" for o in outcomes]
    return f"volume {seed}: found {', '.join(shares)}"


def _table(title: str, columns: Sequence[str], of: Callable[[Figure, str], Interval]) -> Table:
    rows = [
        (figure.label, *(of(figure, column).text(figure.digits) for column in columns)) for figure in FIGURES
    ]
    return Table(title, ("", *columns), tuple(rows))
