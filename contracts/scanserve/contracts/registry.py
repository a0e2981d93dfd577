"""The applications this server carries, and where each keeps what it brings.  Adding one is one line here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

from scanserve.contracts.application import Application
from scanserve.contracts.ccta import CCTA
from scanserve.contracts.dat import DAT
from scanserve.contracts.errors import InputError
from scanserve.contracts.model import ModelSpec

__all__ = ["APPLICATIONS", "all_models", "find_application", "find_model", "owner_of", "part", "parts"]

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


def part(room: str, application: str, *names: str) -> ModuleType:
    """What an application brings to a room: the module ``scanserve.<room>.<application>``.

    This is the only way from the shared code of a room to an application.  ``docs/architecture.md`` lists the names
    that each room expects in the module.  An error inside the module is passed on as it is.

    Args:
        room: a package of ``scanserve``, such as ``training``.
        application: the name of a registered application, such as ``ccta``.
        names: names that the caller needs and that an application may leave out.

    Raises:
        InputError: code ``unknown-application``; ``application-part-missing`` where there is no such module, or one
            of ``names`` is not in it.
    """
    known = find_application(application).name
    module = _find(room, known)
    if module is None:
        raise _missing(known, room, f"there is no module scanserve.{room}.{known}")
    for name in names:
        if not hasattr(module, name):
            raise _missing(known, name, f"the module {module.__name__} does not define it")
    return module


def parts(room: str) -> Mapping[str, ModuleType]:
    """What every application brings to a room, by the application's name; one that brings nothing is left out."""
    found = {application.name: _find(room, application.name) for application in APPLICATIONS}
    return {name: module for name, module in found.items() if module is not None}


def _find(room: str, application: str) -> ModuleType | None:
    """The module, or None where there is none; a module that is missing *inside* it is an error."""
    name = f"scanserve.{room}.{application}"
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


def _missing(application: str, what: str, why: str) -> InputError:
    return InputError("application-part-missing", f"application {application!r} has no {what}: {why}.")
