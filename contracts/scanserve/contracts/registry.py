"""The registered applications and the lookup of their parts.  Adding an application takes one line here."""

from __future__ import annotations

from collections.abc import Mapping
from importlib import import_module
from types import ModuleType

from scanserve.contracts.application import Application
from scanserve.contracts.ccta import CCTA
from scanserve.contracts.dat import DAT
from scanserve.contracts.errors import InputError
from scanserve.contracts.model import ModelSpec
from scanserve.contracts.spine import SPINE

__all__ = ["APPLICATIONS", "all_models", "find_application", "find_model", "owner_of", "part", "parts"]

APPLICATIONS: tuple[Application, ...] = (CCTA, DAT, SPINE)


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
    """The part of an application in a room: the module ``scanserve.<room>.<application>``.

    Shared code reaches an application only through this function.  ``docs/architecture.md`` lists the names that each
    room expects in the module.  An error inside the module is passed on unchanged.

    Args:
        room: a package of ``scanserve``, such as ``training``.
        application: the name of a registered application, such as ``ccta``.
        names: optional names of the module that the caller needs.

    Raises:
        InputError: code ``unknown-application``; ``application-part-missing`` if there is no such module or it lacks
            one of ``names``.
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
    """The parts of all applications in a room, by application; an application without such a part is left out."""
    found = {application.name: _find(room, application.name) for application in APPLICATIONS}
    return {name: module for name, module in found.items() if module is not None}


def _find(room: str, application: str) -> ModuleType | None:
    """The module, or None if it does not exist; a missing module that it imports is an error."""
    name = f"scanserve.{room}.{application}"
    try:
        return import_module(name)
    except ModuleNotFoundError as error:
        if error.name != name:
            raise
        return None


def _missing(application: str, what: str, why: str) -> InputError:
    return InputError("application-part-missing", f"application {application!r} has no {what}: {why}.")
