"""The applications this server carries.  Adding one is one line here."""

from __future__ import annotations

from scanserve.contracts.application import Application
from scanserve.contracts.ccta import CCTA
from scanserve.contracts.dat import DAT
from scanserve.contracts.errors import InputError
from scanserve.contracts.model import ModelSpec

__all__ = ["APPLICATIONS", "all_models", "find_application", "find_model", "owner_of"]

APPLICATIONS: tuple[Application, ...] = (CCTA, DAT)


def all_models() -> tuple[ModelSpec, ...]:
    """Every served model of every application, in order."""
    return tuple(model for application in APPLICATIONS for model in application.models)


def find_application(name: str) -> Application:
    """The application called ``name``.

    Raises:
        InputError: code ``unknown-application``.
    """
    for application in APPLICATIONS:
        if application.name == name:
            return application
    known = " or ".join(application.name for application in APPLICATIONS)
    raise InputError("unknown-application", f"application must be {known} but is {name!r}.")


def owner_of(name: str) -> Application:
    """The application that owns the model ``name``.

    Raises:
        InputError: code ``unknown-model``.
    """
    for application in APPLICATIONS:
        if any(model.name == name for model in application.models):
            return application
    known = ", ".join(model.name for model in all_models())
    raise InputError("unknown-model", f"there is no model {name!r}; expected one of {known}.")


def find_model(name: str) -> ModelSpec:
    """The contract of the model ``name``; raises like :func:`owner_of`."""
    return owner_of(name).model(name)
