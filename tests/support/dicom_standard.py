"""The DICOM standard's tables for ``dicom-validator``, which would otherwise fetch the standard's text from outside.

The package ``dicom-standard`` (Innolitics) brings PS3.3 of April 2020 as tables: a row for each attribute of a module,
with its type and its text.  Conditions and enumerated values are read from that text; conditions by the validator.
What the tables leave out is stated here: which content of a report goes with which value type, and that its items nest.
"""

from __future__ import annotations

import html
import json
import re
import sys
from collections.abc import Callable, Iterator, Mapping, Set
from functools import cache
from pathlib import Path
from typing import Any

from dicom_validator.spec_reader.condition import ConditionType
from dicom_validator.spec_reader.condition_parser import ConditionParser
from dicom_validator.validator.dicom_info import DicomInfo
from dicom_validator.validator.error_handler import NullValidationResultHandler
from dicom_validator.validator.iod_validator import IODValidator
from pydicom import Dataset
from pydicom.datadict import DicomDictionary
from pydicom.tag import Tag

__all__ = ["errors_of"]

#: Where the wheel of ``dicom-standard`` puts its tables.
_TABLES = Path(sys.prefix, "standard")
#: Sequences whose items hold functional groups.
_FUNCTIONAL_GROUPS = ("(5200,9229)", "(5200,9230)")
#: Of PS3.3 table C.17-5: the macro that each type of content item includes.
_CONTENT, _ITEMS = "sr-document-content", "(0040,A730)"
_VALUE_TYPES = {
    "NUM": "numeric-measurement",
    "CODE": "code",
    "COMPOSITE": "composite-object-reference",
    "IMAGE": "image-reference",
    "WAVEFORM": "waveform-reference",
    "SCOORD": "spatial-coordinates",
    "SCOORD3D": "3d-spatial-coordinates",
    "TCOORD": "temporal-coordinates",
    "CONTAINER": "container",
}
_WHOLE_NUMBERS = ("US", "SS", "UL", "SL", "IS")
_ENUMERATION = re.compile(r"Enumerated Values(?: for Value (\d+))?:(.*?)</dl>", re.DOTALL)
_TERM = re.compile(r"<dt>(.*?)</dt>", re.DOTALL)
_MARKUP = re.compile(r"<[^>]+>")


def errors_of(ds: Dataset) -> list[str]:
    """What dicom-validator finds wrong in a dataset, a line each; a class that it does not know is an error too."""
    info = DicomInfo(_dictionary(), _iods(ds.SOPClassUID), _modules(ds.SOPClassUID))
    validator = IODValidator(ds, info, error_handler=NullValidationResultHandler())
    result = validator.validate()
    if result.errors and not result.module_errors:
        return [result.status.name]
    return sorted(
        f"{module}: {tag} {error.code.name} {error.context or ''}".strip()
        for module, errors in result.module_errors.items()
        for tag, error in errors.items()
    )


@cache
def _dictionary() -> dict[str, dict[str, str]]:
    return {
        _tag(number): {"name": name, "vr": vr, "vm": vm, "prop": retired}
        for number, (vr, vm, name, retired, _) in DicomDictionary.items()
    }


@cache
def _conditions() -> ConditionParser:
    return ConditionParser(_dictionary())


def _iods(sop_class: str) -> dict[str, dict[str, Any]]:
    """The modules and functional groups of one class, by its UID; empty where the tables lack it."""
    iod = _iod_of(sop_class)
    if not iod:
        return {}
    modules = _uses("ciod_to_modules", "moduleId", "modules", iod)
    groups = _uses("ciod_to_fg_macros", "macroId", "macros", iod)
    return {sop_class: {"title": iod, "modules": modules, "group_macros": groups}}


def _uses(table: str, key: str, names: str, iod: str) -> dict[str, dict[str, Any]]:
    titles = {row["id"]: row["name"] for row in _table(names)}
    used = {}
    for row in _table(table):
        if row["ciodId"] == iod:
            text = row["conditionalStatement"]
            use = {"ref": row[key], "use": f"{row['usage']} - {text}" if text else row["usage"]}
            used[titles[row[key]]] = use | _condition(text or "")
    return used


@cache
def _modules(sop_class: str) -> dict[str, dict[str, Any]]:
    """The attributes of each module and functional group of a class, nested as its sequences are."""
    iod = _iod_of(sop_class)
    found: dict[str, dict[str, Any]] = {}
    for uses, table, key in (
        ("ciod_to_modules", "module_to_attributes", "moduleId"),
        ("ciod_to_fg_macros", "macro_to_attributes", "macroId"),
    ):
        found |= _attributes(table, key, {row[key] for row in _table(uses) if row["ciodId"] == iod})
    if _CONTENT in found:
        found |= _attributes("macro_to_attributes", "macroId", set(_VALUE_TYPES.values()))
        _nest(found[_CONTENT], found)
    return found


def _attributes(table: str, key: str, wanted: Set[str]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {name: {} for name in wanted}
    for row in _table(table):
        if row[key] in wanted and "xx" not in row["path"]:
            _add(found[row[key]], row)
    return found


def _nest(content: dict[str, Any], modules: Mapping[str, Mapping[str, Any]]) -> None:
    """Make what goes with a value type conditional, and let the items of a report hold items."""
    items = content[_ITEMS]["items"]
    conditional = {tag for macro in _VALUE_TYPES.values() for tag in modules[macro]}
    for place in (content, items):
        for tag in conditional & set(place):
            del place[tag]
        place["include"] = [
            {"ref": macro, **_condition(f"Required if Value Type (0040,A040) is {value_type}.")}
            for value_type, macro in _VALUE_TYPES.items()
        ]
    items[_ITEMS] = content[_ITEMS]


def _add(module: dict[str, Any], row: Mapping[str, Any]) -> None:
    """Put one attribute at its place in the sequences of ``module``."""
    place = module
    *parents, own = row["path"].split(":")[1:]
    for parent in parents:
        place = place[_tag(parent)].setdefault("items", {})
    entry = {"name": "", "type": row["type"], **_enumerated(row["description"], _tag(own))}
    if row["type"] in ("1C", "2C", "3"):
        entry |= _condition(_text(row["description"]))
    place[_tag(own)] = entry
    if _tag(own) in _FUNCTIONAL_GROUPS:
        entry["items"] = {"include": [{"ref": "FuncGroup"}]}


def _condition(text: str) -> dict[str, Any]:
    condition = _conditions().parse(text)
    return {} if condition.type == ConditionType.UserDefined else {"cond": condition.result_dict()}


def _enumerated(description: str, tag: str) -> dict[str, Any]:
    whole = _dictionary().get(tag, {}).get("vr") in _WHOLE_NUMBERS
    found = list(_enumerations(description, _number if whole else str))
    return {"enums": found} if found else {}


def _enumerations(description: str, read: Callable[[str], str | int]) -> Iterator[dict[str, Any]]:
    """Enumerated values that hold without a condition: the text names one list, or one for each value."""
    matches = _ENUMERATION.findall(description)
    if len({index for index, _ in matches}) < len(matches):
        return
    for index, terms in matches:
        values = [read(_text(term)) for term in _TERM.findall(terms)]
        yield {"val": values, "index": int(index)} if index else {"val": values}


def _number(text: str) -> int:
    return int(text[:-1], 16) if text.endswith("H") else int(text)


def _text(markup: str) -> str:
    return " ".join(html.unescape(_MARKUP.sub(" ", markup)).split())


def _iod_of(sop_class: str) -> str:
    names = {row["id"]: row["ciod"] for row in _table("sops")}
    ids = {row["name"]: row["id"] for row in _table("ciods")}
    return ids.get(names.get(sop_class, ""), "")


def _tag(text: str | int) -> str:
    tag = Tag(text)
    return f"({tag.group:04X},{tag.element:04X})"


@cache
def _table(name: str) -> list[dict[str, Any]]:
    return json.loads((_TABLES / f"{name}.json").read_text(encoding="utf-8"))
