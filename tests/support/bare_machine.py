"""Scripts run as on a machine that holds a few packages, what these need, scanserve's own code, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from importlib.metadata import PackageNotFoundError, packages_distributions, requires
from pathlib import Path

from packaging.requirements import Requirement

__all__ = ["modules_of", "run_bare"]

#: The folder whose ``sitecustomize`` refuses what is missing.
SITE = Path(__file__).with_name("bare")


def run_bare(script: str, *held: str, also: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    """Run ``script`` in a process, whose children are alike, with the distributions ``held`` only.

    scanserve itself may import their modules and ``also``, but nothing else of what they need.
    """
    ours = {"scanserve", *also, *modules_of(set(held))}
    environment = {
        **os.environ,
        "PYTHONPATH": str(SITE),
        "BARE_OURS": " ".join(ours),
        "BARE_HELD": " ".join(ours | modules_of(_needed(held))),
    }
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env=environment, timeout=900
    )


def modules_of(distributions: set[str]) -> set[str]:
    """The top-level modules that distributions bring."""
    return {
        module
        for module, bringing in packages_distributions().items()
        if any(_canonical(name) in distributions for name in bringing)
    }


def _needed(names: tuple[str, ...]) -> set[str]:
    """Distributions and, without extras, all that they need and that is installed."""
    found: set[str] = set()
    waiting = list(names)
    while waiting:
        name = _canonical(waiting.pop())
        if name not in found:
            found.add(name)
            waiting += _requirements(name)
    return found


def _requirements(name: str) -> list[str]:
    try:
        needs = map(Requirement, requires(name) or ())
    except PackageNotFoundError:  # for another system
        return []
    return [need.name for need in needs if need.marker is None or need.marker.evaluate({"extra": ""})]


def _canonical(name: str) -> str:
    return name.lower().replace("_", "-")
