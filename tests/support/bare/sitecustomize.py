"""Every Python process with this folder on its path is a bare machine: what that lacks is not found.

``BARE_HELD`` names the modules that the machine holds, ``BARE_OURS`` those of them that scanserve itself may import:
what other packages bring for themselves may be absent in another version of them.
"""

import builtins
import os
import sys

HELD = frozenset(os.environ["BARE_HELD"].split())
OURS = frozenset(os.environ["BARE_OURS"].split())
_import = builtins.__import__


class OfHeld:
    """A finder that finds only what the machine holds."""

    def __init__(self, finder):
        self._finder = finder

    def find_spec(self, name, path=None, target=None):
        return self._finder.find_spec(name, path, target) if _among(name, HELD) else None

    def __getattr__(self, name):
        return getattr(self._finder, name)


def _among(name, held):
    """Whether a module is of ``held`` or of the standard library, of which one has another name on every system."""
    top = name.partition(".")[0]
    return top in held or top in sys.stdlib_module_names or top.startswith("_sysconfigdata_")


def _guarded(name, variables=None, local=None, fromlist=(), level=0):
    importer = (variables or {}).get("__name__") or ""
    if not level and importer.partition(".")[0] == "scanserve" and not _among(name, OURS):
        raise ModuleNotFoundError(f"scanserve may not import {name!r} here", name=name)
    return _import(name, variables, local, fromlist, level)


sys.meta_path[:] = map(OfHeld, sys.meta_path)
builtins.__import__ = _guarded
