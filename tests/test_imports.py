"""Imports point one way, and the client stays light."""

import ast
import subprocess
import sys
from fnmatch import fnmatch

import pytest

from tests.support.sources import ROOT, SOURCE_ROOTS, module_of, source_files

#: Package -> the packages it may import (``*``: of any application); a package may always import itself.
ALLOWED = {
    "contracts": set(),
    "geometry": {"contracts"},
    "preprocessing": {"contracts", "geometry"},
    "client": {"contracts", "geometry", "preprocessing"},
    "evaluation": {"contracts", "geometry", "client.*.result", "client.*.style"},
    "phantoms": {"contracts", "geometry", "preprocessing"},
    "server": {"contracts"},
    "networks": {"contracts"},
    "training": {"contracts", "geometry", "networks", "preprocessing", "phantoms"},
    "export": {"contracts", "networks"},
    "perf": {"contracts", "geometry", "preprocessing", "client", "evaluation", "server", "phantoms"},
}
#: Frameworks that no module of the client imports, and what only drawing a figure does.
FRAMEWORKS = ("torch", "onnxruntime", "onnx", "openvino", "monai", "pandas", "pytriton")
HEAVY = (*FRAMEWORKS, "matplotlib")


def imported(tree, module, is_package):
    """Modules of scanserve that the tree imports, without the leading ``scanserve.``."""
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level:
            own = f"scanserve.{module}".split(".")
            base = own[: len(own) - node.level + is_package]
            names = [".".join([*base, *filter(None, [node.module])])]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module]
            if node.module == "scanserve":
                names = [f"scanserve.{alias.name}" for alias in node.names]
        elif isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in (
            "import_module",
            "__import__",
        ):
            names = [arg.value for arg in node.args[:1] if isinstance(arg, ast.Constant)]
        yield from (name.removeprefix("scanserve.") for name in names if name.startswith("scanserve."))


def is_composition_root(file):
    """Whether the file puts packages together: a sub-command, what it runs, or the command itself."""
    return file.name in ("command.py", "run.py", "connection.py") or module_of(file) == "client.cli"


def may_import(importer, wanted):
    package = importer.split(".")[0]
    if wanted.split(".")[0] == package:
        return True
    return any(fnmatch(wanted, allowed) or fnmatch(wanted, f"{allowed}.*") for allowed in ALLOWED[package])


def violations(file):
    """Imports against the direction; a composition root may do it, but only inside its functions."""
    module = module_of(file)
    tree = ast.parse(file.read_text(encoding="utf-8"), str(file))
    if is_composition_root(file):
        tree = without_functions(tree)
    found = imported(tree, module, file.name == "__init__.py")
    return [f"{module} imports {wanted}" for wanted in found if not may_import(module, wanted)]


def without_functions(tree):
    """The module without the bodies of its functions and of ``if TYPE_CHECKING``."""

    class Cut(ast.NodeTransformer):
        def visit_FunctionDef(self, node):
            return None

        visit_AsyncFunctionDef = visit_FunctionDef  # noqa: N815

        def visit_If(self, node):
            return None if "TYPE_CHECKING" in ast.unparse(node.test) else self.generic_visit(node)

    return Cut().visit(tree)


@pytest.mark.parametrize("root", SOURCE_ROOTS)
def test_imports_point_one_way(root):
    assert [text for file in source_files(root) for text in violations(file)] == []


def test_composition_roots_are_held_to_it_outside_their_functions():
    lazy = "def run():\n    import scanserve.server\nif TYPE_CHECKING:\n    import scanserve.perf\n"
    assert list(imported(without_functions(ast.parse(lazy)), "client.x", False)) == []
    eager = ast.parse("import scanserve.server\n" + lazy)
    assert list(imported(without_functions(eager), "client.x", False)) == ["server"]


def test_every_package_has_its_rule():
    assert {module_of(file).split(".")[0] for file in source_files()} <= set(ALLOWED)


def test_namespace_has_no_init_of_its_own():
    assert [root for root in SOURCE_ROOTS if (ROOT / root / "scanserve" / "__init__.py").exists()] == []


def test_rules_are_consistent():
    assert may_import("training.ccta", "geometry.frames")
    assert not may_import("training.ccta", "client.transport")
    assert not may_import("contracts.model", "preprocessing")
    assert not may_import("server.embedded", "client")


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("import scanserve.server.embedded", "server.embedded"),
        ("from scanserve.server import Embedded", "server"),
        ("from scanserve import server", "server"),
        ("from ..server import x", "server"),
        ("def f():\n    from scanserve.server import x", "server"),
        ("importlib.import_module('scanserve.server')", "server"),
    ],
)
def test_every_way_to_import_is_seen(line, found):
    assert list(imported(ast.parse(line), "contracts.model", False)) == [found]


def loaded(statement):
    """The heavy modules that are loaded after ``statement`` in a fresh process."""
    script = f"import sys\n{statement}\nprint(*sorted(set({HEAVY!r}) & set(sys.modules)))"
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    return done.stdout.split()


@pytest.mark.parametrize(
    "module",
    ["scanserve.client", "scanserve.client.transport", "scanserve.geometry", "scanserve.client.cli",
     "scanserve.contracts", "scanserve.preprocessing"],
)  # fmt: skip
def test_importing_the_client_loads_no_framework(module):
    assert loaded(f"import {module}") == []


def test_importing_every_module_of_the_client_loads_no_framework():
    modules = [f"scanserve.{module_of(file)}" for file in (ROOT / "client" / "scanserve").rglob("*.py")]
    assert set(loaded("import " + ", ".join(sorted(modules)))) <= {"matplotlib"}


def test_starting_a_command_of_the_client_loads_no_framework():
    start = "from scanserve.client import cli; cli.main(['ccta', '--help'])"
    assert [name for name in loaded(start) if name in HEAVY] == []


def test_framework_would_be_seen():
    assert loaded("import sys; sys.modules['torch'] = sys") == ["torch"]
