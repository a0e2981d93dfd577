"""Records read from JSON: frozen dataclasses whose fields are checked against their annotations.

A field is a ``str``, an ``int``, a ``float`` (which may be written as an integer), a record, ``X | None``, a tuple of
any or of a fixed length, ``dict[str, X]`` or ``Any``.  Nothing else is converted.  What a type cannot say, such as a
range, a record checks in ``__post_init__``.  No package beside the standard library is needed.
"""

from __future__ import annotations

import json
import reprlib
import sys
from dataclasses import MISSING, fields, is_dataclass
from types import NoneType
from typing import Any, NoReturn, TypeVar, cast, get_args, get_origin, get_type_hints

__all__ = ["RecordError", "read_record"]

Record = TypeVar("Record")

#: What a text of JSON calls the types of Python.
NAMES = {str: "a string", int: "an integer", float: "a finite number", list: "a list", dict: "an object"}


class RecordError(ValueError):
    """Content that is not the record that was expected.

    Attributes:
        reason: what must be there and what was found.
        where: the names and positions that lead to it; none for the whole content.

    Example:
        >>> str(RecordError("must be positive but is 0", "hosts", 1, "weight"))
        'hosts.1.weight must be positive but is 0'
    """

    def __init__(self, reason: str, *where: str | int) -> None:
        self.reason, self.where = reason, where
        super().__init__(f"{self.place or 'its content'} {reason}")

    @property
    def place(self) -> str:
        """``where`` as one text."""
        return ".".join(map(str, self.where))


def read_record(kind: type[Record], content: bytes) -> Record:
    """The record of type ``kind`` that ``content``, JSON in UTF-8, holds.

    Raises:
        RecordError: at the first place where it does not.
    """
    try:
        found = json.loads(content.decode("utf-8"), parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise RecordError(f"must be JSON but is not ({error})") from error
    return cast(Record, _value(kind, found))


def _value(kind: Any, found: Any) -> Any:
    """``found`` as a value of type ``kind``."""
    origin, arguments = get_origin(kind), get_args(kind)
    if kind is Any or (NoneType in arguments and found is None):
        return found
    if is_dataclass(kind):
        return _record(kind, _plain(dict, found))
    if origin is tuple:
        return _items(arguments, _plain(list, found))
    if origin is dict:
        return {name: _inside(name, arguments[1], value) for name, value in _plain(dict, found).items()}
    if NoneType in arguments:
        return _value(next(each for each in arguments if each is not NoneType), found)
    return _plain(kind, found)


def _record(kind: Any, found: dict[str, Any]) -> Any:
    types = get_type_hints(kind)
    for name in found:
        if name not in types:
            raise RecordError("is not expected", name)
    for field in fields(kind):
        if field.name not in found and field.default is field.default_factory is MISSING:
            raise RecordError("is missing", field.name)
    return kind(**{name: _inside(name, types[name], value) for name, value in found.items()})


def _items(kinds: tuple[Any, ...], found: list[Any]) -> tuple[Any, ...]:
    """``found`` as a tuple of ``kinds``, of which ``...`` repeats the first."""
    wanted = (kinds[0],) * len(found) if kinds[-1] is ... else kinds
    if len(found) != len(wanted):
        raise RecordError(f"must have {len(wanted)} values but has {len(found)}")
    return tuple(
        _inside(number, kind, value) for number, (kind, value) in enumerate(zip(wanted, found, strict=True))
    )


def _inside(name: str | int, kind: Any, found: Any) -> Any:
    """The value at ``name``, which leads to what is wrong in it."""
    try:
        return _value(kind, found)
    except RecordError as error:
        raise RecordError(error.reason, name, *error.where) from error


def _plain(kind: Any, found: Any) -> Any:
    """``found``, which must be of the type ``kind`` of JSON; true and false are no numbers."""
    if kind is float and type(found) in (int, float) and abs(found) <= sys.float_info.max:
        return float(found)
    if type(found) is not kind or kind is float:
        raise RecordError(f"must be {NAMES[kind]} but is {reprlib.repr(found)}")
    return found


def _no_number(name: str) -> NoReturn:
    """``NaN`` and ``Infinity``, which Python reads although JSON has no such numbers."""
    raise ValueError(f"{name} is no number")
