"""Several peers beside ours, a row for each; one that is not installed, or fails, is named in its row."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from scanserve.perf.bench import BenchmarkRow, in_turns

__all__ = ["Peer", "beside"]

#: What a peer says when it cannot do its work here: no module, no program, no codec, no compiler.
_UNABLE = (ImportError, OSError, RuntimeError, ValueError, TypeError, AttributeError, KeyError)


@dataclass(frozen=True)
class Peer:
    """A library that does the same work: its name, and a function that imports it and returns the work."""

    title: str
    prepare: Callable[[], Callable[[], Any]]


def beside(
    name: str,
    ours: Callable[[], Any],
    peers: Sequence[Peer],
    agreement: Callable[[Any, Any], str],
    *,
    repeat: int = 5,
    aim: str = "",
) -> Iterator[BenchmarkRow]:
    """A row per peer.

    Args:
        name: what is measured.
        ours: our work.
        peers: those who do the same.
        agreement: says how far our result and a peer's agree.
        repeat: turns after a warm-up.
        aim: our aim against every peer.
    """
    own = ours()
    for peer in peers:
        try:
            call = peer.prepare()
            said = agreement(own, call())
        except _UNABLE as error:
            yield _without(name, ours, peer, error, aim)
            continue
        turns = in_turns(ours, call, repeat=repeat)
        yield BenchmarkRow(name, turns.ours, turns.peer, "s", peer.title, said, aim, turns.noise)


def _without(name: str, ours: Callable[[], Any], peer: Peer, error: Exception, aim: str) -> BenchmarkRow:
    """Our figure alone, with the reason why the peer has none."""
    reason = (str(error).strip().splitlines() or [type(error).__name__])[-1][:120]
    alone = in_turns(ours, lambda: None, repeat=1).ours
    return BenchmarkRow(
        name, alone, None, "s", f"{peer.title}: not here ({reason})", "nothing to compare", aim
    )
