"""The networks of an application alone, without a server, on volumes with a known truth; ``scanserve perf networks``.

The application defines the measurement: ``scanserve.perf.<application>`` may have ``NETWORKS``.  All variants see the
same volumes, so that they can be compared.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Protocol

from scanserve.contracts import find_application, part
from scanserve.evaluation.application import Report
from scanserve.perf.results import machine, model_facts
from scanserve.perf.selection import Selection

__all__ = ["MeasureNetworks", "NetworksReport", "Variant", "find_networks", "write_networks"]


@dataclass(frozen=True)
class Variant:
    """A set of networks: its ``name``, the model ``repository`` that it is in, and the input channel taken from it."""

    name: str
    repository: Path
    without: str | None = None


class NetworksReport(Report, Protocol):
    """The outcome of a measurement."""

    @property
    def described(self) -> str:
        """The volumes, in words."""

    def draw(self, path: Path) -> None:
        """Draw the figures of all variants into the PNG ``path``."""


class MeasureNetworks(Protocol):
    """The function that measures the networks of one application."""

    def __call__(
        self,
        selection: Selection,
        hearts: int,
        variants: Sequence[Variant],
        *,
        first_seed: int | None = None,
        note: Callable[[str], None] = lambda line: None,
    ) -> NetworksReport:
        """Measure the ``variants`` on so many hearts, or so many patients in each CT; ``note`` gets a line for each.

        Raises:
            InputError: code ``unknown-channel``, or as the selection's patients raise it.
        """


def find_networks(application: str) -> MeasureNetworks:
    """The measurement of the application called ``application``.

    Raises:
        InputError: code ``unknown-application``; ``application-part-missing`` if it has none.
    """
    return part("perf", application, "NETWORKS").NETWORKS


def write_networks(
    out: Path, application: str, command: str, variants: Sequence[Variant], report: NetworksReport
) -> None:
    """Write ``networks.json``, ``networks.md`` and ``networks.png`` into ``out``."""
    out.mkdir(parents=True, exist_ok=True)
    content = _content(application, command, variants, report)
    (out / "networks.json").write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    (out / "networks.md").write_text(_text(application, content, report), encoding="utf-8")
    report.draw(out / "networks.png")


def _content(
    application: str, command: str, variants: Sequence[Variant], report: NetworksReport
) -> dict[str, Any]:
    from scanserve.server.repository import notice_on

    return {
        "notice": notice_on(variants[0].repository, find_application(application).models),
        "measured_at": datetime.now(timezone.utc).isoformat(timespec="seconds"),
        "machine": machine(),
        "application": application,
        "command": command,
        "volumes": report.described,
        "variants": [_facts(application, variant) for variant in variants],
        **report.as_dict(),
    }


def _facts(application: str, variant: Variant) -> dict[str, Any]:
    """A variant with the sha256 of its networks; without the place of its repository."""
    names = [model.name for model in find_application(application).models if model.kind == "network"]
    facts = {name: known.get("sha256") for name, known in model_facts(variant.repository, names).items()}
    return {
        **{name: value for name, value in asdict(variant).items() if name != "repository"},
        "models": facts,
    }


def _text(application: str, content: dict[str, Any], report: NetworksReport) -> str:
    lines = [
        f"# The networks of {application} alone",
        "",
        f"{report.described}; measured {content['measured_at']} by `{content['command']}` on "
        f"{content['machine']['processor']}.",
    ]
    for table in report.tables():
        lines += ["", *table.markdown()]
    return "\n".join([*lines, "", *report.notes(), "", content["notice"]]) + "\n"
