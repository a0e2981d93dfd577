"""Imports point one way: between rooms, between applications, and from a command to everything; the client stays light.

A *room* is a package of the namespace ``scanserve``; it has shared code and a part for each application that brings it
something (``scanserve.<room>.<application>``).  A rule is about rooms, or about a role that a module has by its name.
"""

import ast
import subprocess
import sys
from graphlib import TopologicalSorter

import pytest

from scanserve.contracts import APPLICATIONS
from tests.support.sources import ROOT, SOURCE_ROOTS, module_of, source_files

#: Room, or a part of one with a rule of its own -> what it may import; a room may always import itself.
ALLOWED = {
    "contracts": set(),
    "geometry": {"contracts"},
    "preprocessing": {"contracts", "geometry"},
    "client": {"contracts", "geometry", "preprocessing"},
    "client.transport": {"contracts"},
    "node": {"contracts", "preprocessing", "client"},
    "evaluation": {"contracts", "geometry"},
    "phantoms": {"contracts", "geometry", "preprocessing"},
    "server": {"contracts"},
    "networks": {"contracts"},
    "training": {"contracts", "geometry", "networks", "preprocessing", "phantoms"},
    "export": {"contracts", "networks"},
    "perf": {"contracts", "geometry", "preprocessing", "client", "evaluation", "phantoms"},
}
#: Room -> rooms that need an extra: imported inside functions only, so that the room loads without them.
OPTIONAL = {"client": {"server"}, "node": {"server"}, "perf": {"server", "networks"}}
#: Roles: what a module is by its name, in every application alike.
#: A command puts rooms together: inside its functions it may import any room.
COMMAND = "command"
#: What a result looks like: the layout of its file and the style of its figures.  Rooms that read results import
#: these from the client, and nothing else of it.
LOOKS = ("result", "style")
RESULT_READERS = {"evaluation"}

NAMES = frozenset(application.name for application in APPLICATIONS)
#: The room whose registry names every application; elsewhere shared code finds them through it.
REGISTRY_ROOM = "contracts"

#: Frameworks that no module of the client imports, and what only drawing a figure does.
FRAMEWORKS = ("torch", "onnxruntime", "onnx", "openvino", "monai", "pandas", "pytriton")
HEAVY = (*FRAMEWORKS, "matplotlib")
#: What talks to a server.
TRANSPORT = ("grpc", "tritonclient")


MODULES = frozenset(map(module_of, source_files()))


def imported(tree, module, is_package):
    """Modules of scanserve that the tree imports, without the leading ``scanserve.``."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = _base(node, module, is_package)
            names = [_or_submodule(base, alias.name) for alias in node.names]
        elif isinstance(node, ast.Call) and _is_import_call(node):
            names = [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
        found = (name.removeprefix("scanserve.") for name in names if name.startswith("scanserve."))
        yield from dict.fromkeys(found)


def _base(node, module, is_package):
    """What stands between ``from`` and ``import``, with the dots of a relative import resolved."""
    if not node.level:
        return node.module
    own = f"scanserve.{module}".split(".")
    return ".".join([*own[: len(own) - node.level + is_package], *filter(None, [node.module])])


def _or_submodule(base, name):
    """``base.name`` where that is a module or a room, else ``base``."""
    submodule = f"{base}.{name}"
    return submodule if base == "scanserve" or submodule.removeprefix("scanserve.") in MODULES else base


def _is_import_call(node):
    return getattr(node.func, "attr", getattr(node.func, "id", "")) in ("import_module", "__import__")


def without_functions(tree):
    """The module without the bodies of its functions and of ``if TYPE_CHECKING``."""

    class Cut(ast.NodeTransformer):
        def visit_FunctionDef(self, node):
            return None

        visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

        def visit_If(self, node):
            return None if "TYPE_CHECKING" in ast.unparse(node.test) else self.generic_visit(node)

    return Cut().visit(tree)


def room_of(module):
    return module.split(".")[0]


def role_of(module):
    return module.rsplit(".", 1)[-1]


def is_facade(file):
    """Whether the file is a room's ``__init__``, which gives out the room's public names."""
    return file.name == "__init__.py" and "." not in module_of(file)


def application_of(module):
    """The application whose part of a room the module belongs to; None for shared code."""
    parts = module.split(".")
    return parts[1] if len(parts) > 1 and parts[1] in NAMES else None


def rule_of(module):
    """The key of the longest rule that covers the module."""
    keys = [key for key in ALLOWED if f"{module}.".startswith(f"{key}.")]
    return max(keys, key=len)


def may_import(importer, wanted, *, in_function=False):
    room, key = room_of(wanted), rule_of(importer)
    if f"{wanted}.".startswith(f"{key}.") or room in ALLOWED[key]:
        return True
    if room_of(importer) in RESULT_READERS and room == "client" and role_of(wanted) in LOOKS:
        return True
    optional = OPTIONAL.get(room_of(importer), set())
    return in_function and (role_of(importer) == COMMAND or room in optional)


def imports_of(file):
    """(module, wanted, whether it is imported inside functions only) of every import in a file."""
    module, is_package = module_of(file), file.name == "__init__.py"
    text = file.read_text(encoding="utf-8")
    eager = set(imported(without_functions(ast.parse(text)), module, is_package))
    for wanted in imported(ast.parse(text), module, is_package):
        yield module, wanted, wanted not in eager


@pytest.mark.parametrize("root", SOURCE_ROOTS)
def test_imports_point_one_way(root):
    found = [edge for file in source_files(root) for edge in imports_of(file)]
    assert [edge for edge in found if not may_import(edge[0], edge[1], in_function=edge[2])] == []


def test_no_rooms_import_each_other():
    readers = {room: {"client"} for room in RESULT_READERS}
    rooms = {room_of(key): set() for key in ALLOWED}
    for key, wanted in (*ALLOWED.items(), *OPTIONAL.items(), *readers.items()):
        rooms[room_of(key)] |= {room_of(room) for room in wanted}
    assert set(TopologicalSorter(rooms).static_order()) == set(rooms)


def test_applications_do_not_import_each_other():
    edges = [edge for file in source_files() for edge in imports_of(file) if application_of(edge[0])]
    assert [edge for edge in edges if application_of(edge[1]) not in (None, application_of(edge[0]))] == []


def test_shared_code_names_no_application():
    shared = [file for file in source_files() if not application_of(module_of(file))]
    elsewhere = [file for file in shared if room_of(module_of(file)) != REGISTRY_ROOM]
    edges = [edge for file in elsewhere if not is_facade(file) for edge in imports_of(file)]
    assert [edge for edge in edges if application_of(edge[1])] == []


def test_applications_are_found_through_the_registry_alone():
    """A name of a module that is put together at run time is looked up in the registry's room only."""
    found = {
        module_of(file)
        for file in source_files()
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Call) and _is_import_call(node) and "__name__" not in ast.unparse(node)
    }
    assert {room_of(module) for module in found} <= {REGISTRY_ROOM}


def test_every_room_has_its_rule():
    assert {room_of(module) for module in MODULES} <= set(ALLOWED)
    assert {room for rooms in (*ALLOWED.values(), *OPTIONAL.values()) for room in rooms} <= set(ALLOWED)


def test_namespace_has_no_init_of_its_own():
    assert [root for root in SOURCE_ROOTS if (ROOT / root / "scanserve" / "__init__.py").exists()] == []


def test_rules_of_rooms():
    assert may_import("training.ccta.bank", "geometry.frames")
    assert not may_import("training.ccta.bank", "client.transport")
    assert not may_import("contracts.model", "preprocessing")
    assert not may_import("server.embedded", "client")
    assert not may_import("evaluation.command", "perf")
    assert may_import("client.runs.pipeline", "client.transport.sync")
    assert not may_import("client.transport.sync", "client.runs")


def test_an_optional_room_is_imported_in_functions_only():
    assert may_import("client.runs.connection", "server", in_function=True)
    assert not may_import("client.runs.connection", "server")
    assert not may_import("geometry.tree", "server", in_function=True)


def test_a_command_puts_rooms_together_in_its_functions_only():
    assert may_import("export.command", "perf.accuracy", in_function=True)
    assert not may_import("export.command", "perf.accuracy")
    assert not may_import("export.cards", "perf.accuracy", in_function=True)


def test_a_reader_of_results_sees_what_they_look_like_and_nothing_else_of_the_client():
    assert may_import("evaluation.ccta.study", "client.ccta.result")
    assert may_import("evaluation.ccta.figures", "client.ccta.style")
    assert not may_import("evaluation.ccta.study", "client.ccta.run")
    assert not may_import("phantoms.ccta.truth", "client.ccta.result")


def test_what_stands_inside_functions_is_told_from_what_does_not():
    lazy = "def run():\n    import scanserve.server\nif TYPE_CHECKING:\n    import scanserve.perf\n"
    assert list(imported(without_functions(ast.parse(lazy)), "client.x", False)) == []
    eager = ast.parse("import scanserve.server\n" + lazy)
    assert list(imported(without_functions(eager), "client.x", False)) == ["server"]


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import scanserve.server.embedded", "server.embedded"),
        ("from scanserve.server import Embedded", "server"),
        ("from scanserve.server import embedded", "server.embedded"),
        ("from scanserve import server", "server"),
        ("from ..server import x", "server"),
        ("from .. import server", "server"),
        ("def f():\n    from scanserve.server import x", "server"),
        ("importlib.import_module('scanserve.server')", "server"),
    ],
)
def test_every_way_to_import_is_seen(line, found):
    assert list(imported(ast.parse(line), "contracts.model", False)) == [found]


def loaded(statement, heavy=HEAVY):
    """The ``heavy`` modules that are loaded after ``statement`` in a fresh process."""
    script = f"import sys\n{statement}\nprint(*sorted(set({heavy!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


def import_all(room):
    """The statement that imports every module of a room."""
    return "import " + ", ".join(
        f"scanserve.{module}" for module in sorted(MODULES) if room_of(module) == room
    )


@pytest.mark.parametrize(
    "module",
    [
        "scanserve.client",
        "scanserve.client.transport",
        "scanserve.geometry",
        "scanserve.client.cli",
        "scanserve.contracts",
        "scanserve.preprocessing",
    ],
)
def test_importing_the_client_loads_no_framework(module):
    assert loaded(f"import {module}") == []


def test_importing_every_module_of_the_client_loads_no_framework():
    assert set(loaded(import_all("client"))) <= {"matplotlib"}


def test_reading_results_loads_nothing_that_talks_to_a_server():
    assert set(loaded(import_all("evaluation"), (*HEAVY, *TRANSPORT))) <= {"matplotlib"}


def test_starting_a_command_of_the_client_loads_no_framework():
    start = "from scanserve.client import cli; cli.main(['ccta', '--help'])"
    assert [name for name in loaded(start) if name in HEAVY] == []


def test_a_coronary_run_starts_its_server_before_it_loads_its_libraries():
    libraries = ("pydantic", "pydicom", "scipy", "skimage")
    start = """
from pathlib import Path
from scanserve.client.ccta.run import Options, run
def connect():
    raise SystemExit(print(*sorted(set(%r) & set(sys.modules))))
run(Options(Path('none'), Path('none-either')), connect)
"""
    assert loaded(start % (libraries,), libraries) == []
    assert loaded("import scanserve.preprocessing", libraries) == ["pydicom", "scipy", "skimage"]


def test_framework_would_be_seen():
    assert loaded("import sys; sys.modules['torch'] = sys") == ["torch"]
