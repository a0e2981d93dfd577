"""The notice on every output: what the software is not, and what the networks that were used were trained on.

What a network was trained on stands in the manifest of its weights, travels in its configuration on the server, and is
asked for by whoever uses it.  A server may be anybody's, so its words are cut, and made fit to be printed.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from scanserve.contracts.printable import printable

__all__ = ["MOST_OF_ONE", "NOT_FOR_DIAGNOSIS", "TRAINED_ON", "notice_of", "trained_on_text"]

#: On every output of every command, whatever networks were used.
NOT_FOR_DIAGNOSIS = "Research software. Not a medical device; not for diagnosis."
#: The parameter of a served network's configuration that says what it was trained on.
TRAINED_ON = "trained_on"
#: Characters that are taken from one server's answer, and of the sources of all networks together, at most.
MOST_OF_ONE, MOST = 160, 160
_SEPARATOR = ";"


def trained_on_text(sources: Iterable[str]) -> str:
    """The sources of a network's training data as one text, as a server states it.

    Example:
        >>> trained_on_text(["synthetic phantoms", "annotated CTs; two readers"])
        'synthetic phantoms; annotated CTs, two readers'
    """
    return f"{_SEPARATOR} ".join(source.replace(_SEPARATOR, ",") for source in sources)


def notice_of(networks: Iterable[str | None]) -> str:
    """The notice on what was made with networks; :data:`NOT_FOR_DIAGNOSIS` begins it.

    Args:
        networks: for each what it was trained on, as its server states it; None where the server states nothing.

    Example:
        >>> notice_of(["synthetic phantoms; synthetic vessels in 3 CTs", "synthetic phantoms"])[60:]
        'The networks were trained on synthetic phantoms and synthetic vessels in 3 CTs.'
        >>> notice_of([None])[60:]
        'What the networks were trained on is not known.'
        >>> notice_of([]) == NOT_FOR_DIAGNOSIS
        True
    """
    stated = [_sources(text or "") for text in networks]
    if not stated:
        return NOT_FOR_DIAGNOSIS
    known = list(dict.fromkeys(source for sources in stated for source in sources))
    if not known:
        return f"{NOT_FOR_DIAGNOSIS} What the networks were trained on is not known."
    rest = "" if all(stated) else "; what others were trained on is not known"
    return f"{NOT_FOR_DIAGNOSIS} The networks were trained on {printable(_listed(known), MOST)}{rest}."


def _sources(text: str) -> list[str]:
    """The sources that a server states."""
    parts = (part.strip(" .") for part in printable(text, MOST_OF_ONE).split(_SEPARATOR))
    return [part for part in parts if part]


def _listed(sources: Sequence[str]) -> str:
    return " and ".join(filter(None, (", ".join(sources[:-1]), sources[-1])))
