"""Reading ``/proc``: the living descendants of a process.  Standard library only."""

from __future__ import annotations

from pathlib import Path

__all__ = ["descendants", "is_alive"]

PROC = Path("/proc")
_DEAD = frozenset("ZX")


def descendants(pid: int) -> tuple[int, ...]:
    """The living descendants of ``pid``, zombies excluded, each parent before its children."""
    children: dict[int, list[int]] = {}
    for entry in PROC.iterdir():
        if entry.name.isdigit():
            state, parent = _state_and_parent(int(entry.name))
            if state not in _DEAD:
                children.setdefault(parent, []).append(int(entry.name))
    found: list[int] = []
    waiting = [pid]
    while waiting:
        born = children.get(waiting.pop(), [])
        found += born
        waiting += born
    return tuple(found)


def is_alive(pid: int) -> bool:
    """Whether ``pid`` runs: it exists and is no zombie."""
    return _state_and_parent(pid)[0] not in _DEAD


def _state_and_parent(pid: int) -> tuple[str, int]:
    try:
        text = Path(PROC, str(pid), "stat").read_text()
    except OSError:
        return "X", 0
    state, parent = text[text.rindex(")") + 2 :].split()[:2]
    return state, int(parent)
