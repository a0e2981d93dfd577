"""Codes of the inference server: its failures and its error responses."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry

__all__ = ["INFERENCE", "SERVER"]

#: All are a :class:`~scanserve.contracts.errors.ServerError`.
SERVER: Mapping[str, Entry] = {
    "canary-failed": Entry(
        "A model gave no answer to its canary input.",
        "Look into the server's log; do not use the model.",
    ),
    "canary-mismatch": Entry(
        "The answer of a model differs from its stored answer, so it computes something else.",
        "Do not use the model. Reinstall the models; if the error persists, report it.",
    ),
    "deadline-exceeded": Entry(
        "The server did not answer in time.",
        "Give a longer timeout, or lower the load.",
    ),
    "machine-too-small": Entry(
        "This machine, or a limit set on it, leaves too little for a server.",
        "Give it what the message names: memory in `/dev/shm`, room for temporary files, or a higher `ulimit`.",
    ),
    "model-not-found": Entry(
        "The server does not carry the model.",
        "Serve that model, or ask another server.",
    ),
    "not-supported": Entry(
        "The server does not implement a call that the client needs.",
        "Use the Triton version that docs/grpc.md names.",
    ),
    "permission-denied": Entry(
        "The server rejects this client or this call.",
        "Check certificates and keys.",
    ),
    "server-exhausted": Entry(
        "The server has no resources left for the request.",
        "Send fewer requests at a time, or give it more memory.",
    ),
    "server-failed-twice": Entry(
        "The server failed on a request, and on the same request again after it had said that it was ready.",
        "Look into the server's log; the study may need more memory than there is.",
    ),
    "server-gave-up": Entry(
        "The server died again after several restarts in a row.",
        "Look into its log, which the message names.",
    ),
    "server-not-back": Entry(
        "The server died on a request and did not come back.",
        "Look into its log, and start it again.",
    ),
    "server-not-running": Entry(
        "The embedded server was used before it started or after it stopped.",
        "Use it inside its `with` block.",
    ),
    "server-start-failed": Entry(
        "The server ended while it was starting.",
        "The message gives the reason and names the log.",
    ),
    "server-start-timeout": Entry(
        "The server was not ready in time.",
        "Look into its log; allow more time on a busy machine.",
    ),
    "server-unavailable": Entry(
        "The server cannot be reached.",
        "Check that it runs, and its address.",
    ),
    "shared-memory-refused": Entry(
        "Shared memory is required but cannot be used.",
        "Use a server on the same machine with the same key, or the mode `auto`.",
    ),
}

#: All are an :class:`~scanserve.contracts.errors.InferenceError`.
INFERENCE: Mapping[str, Entry] = {
    "inference-failed": Entry(
        "The server failed on the request.",
        "Try again; if the error persists, look into the server's log.",
    ),
    "request-cancelled": Entry(
        "The request was cancelled before it was answered.",
        "Send it again.",
    ),
    "request-refused": Entry(
        "The server refused the request as invalid.",
        "Use a server with the models of this version.",
    ),
    "response-mismatch": Entry(
        "The answer of a model violates its contract.",
        "Use a server with the models of this version.",
    ),
}
