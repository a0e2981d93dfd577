"""The tables of ``docs/architecture.md`` say what is so."""

import importlib
import re
from pathlib import Path

import pytest

from scanserve.contracts import APPLICATIONS, parts
from tests.test_imports import ALLOWED, OPTIONAL

TEXT = (Path(__file__).resolve().parents[2] / "docs" / "architecture.md").read_text(encoding="utf-8")
NEEDS_TORCH = {"networks", "training", "export"}


def table(*head):
    """The rows of the table whose first columns are ``head``: a mapping from column to cell each."""
    lines = TEXT.splitlines()
    start = next(number for number, line in enumerate(lines) if line.startswith(f"| {' | '.join(head)} |"))
    columns = cells(lines[start])
    rows = []
    for line in lines[start + 2 :]:
        if not line.startswith("|"):
            return rows
        rows.append(dict(zip(columns, cells(line), strict=True)))
    raise AssertionError("the table does not end")


def cells(line):
    return [cell.strip() for cell in line.strip("|").split(" | ")]


def code(cell):
    """The names in backquotes."""
    return re.findall(r"`([^`]+)`", cell)


ROOMS = table("room", "source root")
NAMES = table("room", "name")


def rows_by_room():
    rooms = dict.fromkeys(code(row["room"])[0] for row in NAMES)
    marks = {room: pytest.mark.torch if room in NEEDS_TORCH else () for room in rooms}
    return [pytest.param(room, marks=marks[room]) for room in rooms]


def brings(room, application, name):
    """Whether the application's part of a room has ``name``: of its module, or ``module.name`` below it."""
    module, _, attribute = name.replace("<APP>", application.upper()).rpartition(".")
    full = ".".join(filter(None, ["scanserve", room, application, module]))
    return hasattr(importlib.import_module(full), attribute)


def test_the_rooms_import_what_their_row_says():
    told = {}
    for row in ROOMS:
        always, _, optional = row["imports"].partition("optionally")
        told[code(row["room"])[0]] = (set(code(always)), set(code(optional)))
    rooms = [key for key in ALLOWED if "." not in key]
    assert told == {room: (ALLOWED[room], OPTIONAL.get(room, set())) for room in rooms}


def test_every_room_lies_where_its_row_says(root):
    for row in ROOMS:
        (room,), (source,) = code(row["room"]), code(row["source root"])
        assert (root / source / "scanserve" / room).is_dir()


@pytest.mark.parametrize("room", rows_by_room())
def test_applications_bring_what_their_column_says(room):
    for row in NAMES:
        if code(row["room"]) == [room]:
            (name,) = code(row["name"])
            found = {app.name: brings(room, app.name, name) for app in APPLICATIONS}
            assert {app: row[f"`{app}`"] == "yes" for app in found} == found, name


@pytest.mark.torch
def test_what_the_registry_finds_is_in_the_table():
    by_registry = [row for row in NAMES if row["found by"] == "the registry"]
    for room in {code(row["room"])[0] for row in by_registry}:
        for application, module in parts(room).items():
            told = {code(row["name"])[0] for row in by_registry if code(row["room"]) == [room]}
            assert set(module.__all__) <= told, f"{room} of {application}"


def test_results_have_the_kind_of_their_application():
    for application in APPLICATIONS:
        result = importlib.import_module(f"scanserve.client.{application.name}.result")
        assert application.result_kind == result.KIND


@pytest.mark.torch
def test_names_mirror_each_other():
    for row in table("room", "the same in every application that has the part"):
        (room,) = code(row["room"])
        for name in code(row["the same in every application that has the part"]):
            found = {app.name: brings(room, app.name, name) for app in APPLICATIONS}
            assert all(found.values()), (room, name, found)
