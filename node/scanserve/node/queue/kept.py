"""Small things that the queue keeps: the node's clock, and counts that only grow."""

from __future__ import annotations

import sqlite3

from scanserve.node.clock import Moment
from scanserve.node.queue.database import Database

__all__ = ["Kept", "grow"]


def grow(connection: sqlite3.Connection, name: str, value: float = 1) -> None:
    """Let a count grow, within a transaction."""
    connection.execute(
        "INSERT INTO counts VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = value + excluded.value",
        (name, value),
    )


class Kept:
    """The tables ``clock`` and ``counts``."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def moment(self) -> Moment | None:
        """The moment that was kept last."""
        row = self._database.row("SELECT seconds, wall FROM clock")
        return None if row is None else Moment(row["seconds"], row["wall"])

    def keep(self, moment: Moment) -> None:
        """Keep a moment."""
        with self._database.transaction(durable=False) as connection:
            connection.execute("INSERT OR REPLACE INTO clock VALUES (1, ?, ?)", (moment.seconds, moment.wall))

    def count(self, name: str, value: float = 1) -> None:
        """Let a count grow."""
        with self._database.transaction(durable=False) as connection:
            grow(connection, name, value)

    def counts(self) -> dict[str, float]:
        """All counts."""
        return {row["name"]: row["value"] for row in self._database.rows("SELECT name, value FROM counts")}
