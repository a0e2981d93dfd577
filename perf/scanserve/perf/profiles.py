"""Load profiles, read from JSON: a server configuration and the loads applied to it."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    PositiveFloat,
    PositiveInt,
    ValidationError,
    model_validator,
)

from scanserve.contracts import InputError, ModelSpec, find_model, owner_of

__all__ = ["Limits", "Load", "Profile", "Range", "find_profile", "load_profile", "profile_names"]

_PROFILES = Path(__file__).with_name("load_profiles")


class _Frozen(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Range(_Frozen):
    """``start``, ``end`` (inclusive) and ``step`` of a sweep."""

    start: PositiveFloat
    end: PositiveFloat
    step: PositiveFloat = 1

    def __str__(self) -> str:
        return f"{self.start:g}:{self.end:g}:{self.step:g}"

    @model_validator(mode="after")
    def _ordered(self) -> Range:
        if self.end < self.start:
            raise ValueError(f"end must not be below start, but {self.end:g} < {self.start:g}")
        return self


class Limits(_Frozen):
    """The limits of a load: 95th percentile latency at its lightest point, throughput at its best."""

    p95_ms: PositiveFloat
    inferences_per_s: PositiveFloat


class Load(_Frozen):
    """A model and a kind of load.

    ``shapes`` gives the shapes of inputs with dynamic axes, ``values`` the numbers of small inputs; all other inputs
    are made by :mod:`scanserve.perf.input_data` from the contract.
    """

    name: str = Field(pattern=r"^[a-z0-9][a-z0-9-]*$")
    model: str
    limits: Limits
    concurrency: Range | None = None
    request_rate: Range | None = None
    shared_memory: Literal["none", "system"] = "none"
    protocol: Literal["grpc", "http"] = "grpc"
    window_s: PositiveFloat = 10
    max_trials: PositiveInt = 6
    stability_percent: PositiveFloat = 20
    batch_size: PositiveInt = 1
    shapes: dict[str, tuple[PositiveInt, ...]] = {}
    values: dict[str, tuple[float, ...]] = {}

    @model_validator(mode="after")
    def _consistent(self) -> Load:
        if (self.concurrency is None) == (self.request_rate is None):
            raise ValueError("exactly one of concurrency and request_rate must be given")
        names = {tensor.name for tensor in find_model(self.model).inputs}
        unknown = ({*self.shapes} | {*self.values}) - names
        if unknown:
            raise ValueError(f"{self.model} has no input {sorted(unknown)[0]!r}")
        return self


class Profile(_Frozen):
    """A named set of loads for one configuration of the server, on the machine that ``machine`` describes."""

    name: str
    configuration: Literal["default", "cpu", "t4", "a100"]
    machine: str
    limits_come_from: str
    loads: tuple[Load, ...] = Field(min_length=1)

    @property
    def models(self) -> tuple[ModelSpec, ...]:
        """The models to serve: all models of the applications under load."""
        applications = (owner_of(load.model) for load in self.loads)
        owners = {application.name: application for application in applications}
        return tuple(model for application in owners.values() for model in application.models)

    def with_loads(self, names: Sequence[str]) -> Profile:
        """The profile with only the loads called ``names``; all of them where there are no names.

        Raises:
            InputError: code ``unknown-load``.
        """
        known = {load.name: load for load in self.loads}
        for name in names:
            if name not in known:
                raise InputError(
                    "unknown-load",
                    f"profile {self.name!r} has no load {name!r}; expected one of {', '.join(known)}.",
                )
        return self.model_copy(update={"loads": tuple(known[name] for name in names)}) if names else self


def profile_names() -> tuple[str, ...]:
    """The names of the shipped profiles."""
    return tuple(sorted(path.stem for path in _PROFILES.glob("*.json")))


def find_profile(name: str) -> Profile:
    """The shipped profile called ``name``.

    Raises:
        InputError: code ``unknown-profile`` or ``profile-invalid``.
    """
    path = _PROFILES / f"{name}.json"
    if name not in profile_names():
        known = ", ".join(profile_names())
        raise InputError("unknown-profile", f"there is no profile {name!r}; expected one of {known}.")
    return load_profile(path)


def load_profile(path: Path) -> Profile:
    """Read a profile; raises like :func:`find_profile`."""
    try:
        return Profile.model_validate_json(Path(path).read_text(encoding="utf-8"))
    except (ValidationError, InputError) as error:
        reason = "; ".join(str(error).splitlines())
        raise InputError("profile-invalid", f"profile {Path(path).name} is not valid: {reason}") from error
