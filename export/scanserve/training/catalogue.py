"""Lookup of recipes, which each application defines in ``scanserve.training.<application>``."""

from __future__ import annotations

from scanserve.contracts import InputError, owner_of, part
from scanserve.training.recipe import Recipe

__all__ = ["find_recipe"]


def find_recipe(model: str) -> Recipe:
    """The recipe of the served model ``model``.

    Raises:
        InputError: code ``unknown-model``, ``application-part-missing`` or ``not-trainable``.
    """
    recipes = part("training", owner_of(model).name).RECIPES
    if model not in recipes:
        known = ", ".join(recipes)
        raise InputError(
            "not-trainable", f"model {model!r} has no weights to train; expected one of {known}."
        )
    return recipes[model]
