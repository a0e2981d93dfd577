"""An application: its name, its served models, and the notice on every result."""

from __future__ import annotations

from dataclasses import dataclass

from scanserve.contracts.model import ModelSpec

__all__ = ["NOT_FOR_DIAGNOSIS", "Application"]

#: Printed on every output: reports, figure captions, result files and the command line.
NOT_FOR_DIAGNOSIS = (
    "Research software, trained on synthetic phantoms and synthetic vessels in public CTs. Not a medical device; "
    "not for diagnosis."
)


@dataclass(frozen=True)
class Application:
    """One application on the server.

    ``name`` is also the name of the application's module in every room that it contributes to
    (``scanserve.client.<name>``, ``scanserve.training.<name>``, ``scanserve.export.<name>`` ...).  The registry finds
    these modules by name (:func:`scanserve.contracts.registry.part`), so its registration is the only shared line.
    ``absent`` is the code with which it refuses a folder that holds none of its images.
    """

    name: str
    title: str
    models: tuple[ModelSpec, ...]
    absent: str = ""

    @property
    def result_kind(self) -> str:
        """The ``kind`` in every ``result.json`` that the application writes."""
        return f"scanserve.{self.name}.result"

    def model(self, name: str) -> ModelSpec:
        """The model called ``name``; raises ``KeyError``."""
        return {spec.name: spec for spec in self.models}[name]
