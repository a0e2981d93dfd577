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

    ``name`` is also the name of its own module in every room that it brings something to
    (``scanserve.client.<name>``, ``scanserve.training.<name>``, ``scanserve.export.<name>`` ...).  The registry finds
    these modules by name (:func:`scanserve.contracts.registry.part`), so that registering the application there is
    the only shared line to write.
    """

    name: str
    title: str
    models: tuple[ModelSpec, ...]

    @property
    def result_kind(self) -> str:
        """The ``kind`` in every ``result.json`` that the application writes."""
        return f"scanserve.{self.name}.result"

    def model(self, name: str) -> ModelSpec:
        """The model called ``name``; raises ``KeyError``."""
        return {spec.name: spec for spec in self.models}[name]
