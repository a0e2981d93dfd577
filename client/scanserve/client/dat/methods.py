"""Choosing denoisers by name."""

from __future__ import annotations

from collections.abc import Sequence

from scanserve.client.dat.denoiser import Denoiser
from scanserve.client.dat.filters import FILTERS
from scanserve.client.dat.network import Network
from scanserve.client.runs.resilience import Infer
from scanserve.contracts import InputError, ModelSpec
from scanserve.contracts.dat import DAT, DENOISE, NETWORKS

__all__ = ["DEFAULT", "METHODS", "check_methods", "denoiser_named", "models_of"]

#: Every method by name, in the order in which they are compared.
METHODS = (*FILTERS, *NETWORKS)
#: What is used where none is asked for.
DEFAULT = DENOISE


def check_methods(names: Sequence[str]) -> None:
    """Refuse unknown and repeated names.

    Raises:
        InputError: code ``unknown-method`` or ``repeated-method``.
    """
    for name in names:
        if name not in METHODS:
            raise InputError(
                "unknown-method", f"--network must be one of {', '.join(METHODS)} but is {name!r}."
            )
    if not names or len(set(names)) < len(names):
        raise InputError("repeated-method", "--network must name at least one method, and each only once.")


def models_of(names: Sequence[str]) -> tuple[ModelSpec, ...]:
    """The served models that the methods need."""
    return tuple(DAT.model(name) for name in names if name in NETWORKS)


def denoiser_named(name: str, infer: Infer) -> Denoiser:
    """The denoiser called ``name`` (one of METHODS); a network sends its slices with ``infer``."""
    return FILTERS[name] if name in FILTERS else Network(DAT.model(name), infer)
