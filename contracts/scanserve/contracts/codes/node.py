"""Codes of the node: its configuration and queue, its studies, and its peers."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry

__all__ = ["NODE", "NODE_ANALYSES", "NODE_PEERS"]

#: All are an :class:`~scanserve.contracts.errors.InputError`.
NODE: Mapping[str, Entry] = {
    "cancelled": Entry(
        "Somebody cancelled the analysis of the study on the page.",
        "Retry it on the page if it is wanted after all.",
    ),
    "config-invalid": Entry(
        "A value in the configuration of the node is missing, unknown or not allowed.",
        "Correct the key that the message names; `scanserve node --check` checks the file.",
    ),
    "config-unreadable": Entry(
        "The configuration of the node cannot be read, or is not TOML.",
        "Name a readable TOML file with `--config`.",
    ),
    "disk-quota": Entry(
        "Received images take all the room that the configuration gives them, or the disk is nearly full.",
        "Senders try again. Give more room, or keep images for fewer days.",
    ),
    "no-rule": Entry(
        "No rule of the configuration gives any series of the study to an application.",
        "If it should have been analysed, add a rule that its modality and descriptions match.",
    ),
    "queue-in-use": Entry(
        "Another node works in the same folder.",
        "End it first, or give each node a folder of its own.",
    ),
    "queue-invalid": Entry(
        "The queue of the node is damaged, or was written by a later version.",
        "Restore it from a backup, or use the version that wrote it.",
    ),
}

#: All are a :class:`~scanserve.contracts.errors.ResultError`.
NODE_ANALYSES: Mapping[str, Entry] = {
    "analysis-crashed": Entry(
        "The analysis ended without a result and without a reason.",
        "Retry it; if it happens again, analyse the study by the command line and report what it prints.",
    ),
    "analysis-timeout": Entry(
        "The analysis took longer than the configuration allows.",
        "Look at the load of the machine; allow more time.",
    ),
    "interrupted-too-often": Entry(
        "The node ended several times while it analysed the study.",
        "Look for the reason in the system's log, such as too little memory; then retry the study.",
    ),
}

#: All are a :class:`~scanserve.contracts.errors.ServerError`.
NODE_PEERS: Mapping[str, Entry] = {
    "commitment-missing": Entry(
        "A peer was asked several times whether it keeps the results, and never answered.",
        "Check that the peer knows the address of the node; or ask it for no commitment.",
    ),
    "commitment-refused": Entry(
        "A peer says that it has not kept a result that it was sent.",
        "Look into the peer's log, and retry the study.",
    ),
    "peer-absent": Entry(
        "A peer cannot be reached, or has no room at the moment.",
        "Check its address and that it runs; the node goes on trying.",
    ),
    "peer-refused": Entry(
        "A peer does not take an object.",
        "Allow the object's class at the peer, look into its log, and retry the study.",
    ),
}
