"""What one application is: a name, its served models and what must be said on every result."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.contracts.model import ModelSpec

__all__ = ["NOT_FOR_DIAGNOSIS", "Application"]

#: Printed on every output: report, figures' captions, result files, the command line.
NOT_FOR_DIAGNOSIS = (
    "Research software. The networks were trained on synthetic phantoms only. Not a medical device; "
    "not for diagnosis."
)


@dataclass(frozen=True)
class Application:
    """One application on the server.

    ``name`` is also the name of its own module in every package that has something to add for it
    (``scanserve.client.<name>``, ``scanserve.training.<name>``, ``scanserve.export.<name>`` ...), so that
    registering an application in :mod:`scanserve.contracts.registry` is the only shared line to write.
    """

    name: str
    title: str
    models: tuple[ModelSpec, ...]

    def model(self, name: str) -> ModelSpec:
        """The model called ``name``; raises ``KeyError``."""
        return {spec.name: spec for spec in self.models}[name]
