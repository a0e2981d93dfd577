"""Finds the recipe of a network: every application keeps its own in ``scanserve.training.<application>``."""

from __future__ import annotations

from importlib import import_module

from scanserve.contracts import InputError, owner_of
from scanserve.training.recipe import Recipe

__all__ = ["find_recipe"]


def find_recipe(model: str) -> Recipe:
    """The recipe of the served model ``model``.

    Raises:
        InputError: code ``unknown-model`` or ``not-trainable``.
    """
    recipes = import_module(f"scanserve.training.{owner_of(model).name}").RECIPES
    if model not in recipes:
        known = ", ".join(recipes)
        raise InputError(
            "not-trainable", f"model {model!r} has no weights to train; expected one of {known}."
        )
    return recipes[model]
