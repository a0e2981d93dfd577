"""An application: its name and its served models."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from scanserve.contracts.model import ModelSpec

__all__ = ["Application"]


@dataclass(frozen=True)
class Application:
    """One application on the server.

    ``name`` is also the name of the application's module in every room that it contributes to
    (``scanserve.client.<name>``, ``scanserve.training.<name>``, ``scanserve.export.<name>`` ...).  The registry finds
    these modules by name (:func:`scanserve.contracts.registry.part`), so its registration is the only shared line.
    ``absent`` is the code with which it refuses a folder that holds none of its images.  ``usual`` names the models
    that its command needs where its arguments name none; without names all of them.
    """

    name: str
    title: str
    models: tuple[ModelSpec, ...]
    absent: str = ""
    usual: tuple[str, ...] = ()

    @property
    def result_kind(self) -> str:
        """The ``kind`` in every ``result.json`` that the application writes."""
        return f"scanserve.{self.name}.result"

    def model(self, name: str) -> ModelSpec:
        """The model called ``name``; raises ``KeyError``."""
        return {spec.name: spec for spec in self.models}[name]

    def models_for(self, arguments: Iterable[str]) -> tuple[ModelSpec, ...]:
        """The models that its command needs with these arguments: those that they name, else the usual ones.

        Example:
            >>> from scanserve.contracts.dat import DAT
            >>> [model.name for model in DAT.models_for(["--network", "dat_unet1", "--network=gaussian"])]
            ['dat_unet1']
        """
        said = {word for argument in arguments for word in argument.split("=", 1)}
        named = tuple(model for model in self.models if model.name in said)
        return named or tuple(model for model in self.models if not self.usual or model.name in self.usual)
