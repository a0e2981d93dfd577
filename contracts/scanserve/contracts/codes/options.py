"""Codes of options, names and places that the user gave to a command or a client."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry

__all__ = ["OPTIONS"]

#: All are an :class:`~scanserve.contracts.errors.InputError`.
OPTIONS: Mapping[str, Entry] = {
    "at-without-into": Entry(
        "`--at` was given without the CT that it is a place in.",
        "Add `--into`, or leave `--at` out.",
    ),
    "disk-full": Entry(
        "The disk is full.",
        "Free space, or write to another disk; a started output folder holds no whole result.",
    ),
    "json-not-writable": Entry(
        "`--json` does not name a file in an existing folder.",
        "Create the folder, or name another file.",
    ),
    "no-evaluation": Entry(
        "The results are of an application that has no evaluation.",
        "Evaluate the results of another application.",
    ),
    "no-heart": Entry(
        "The CT that a phantom is laid into does not show a contrast-filled heart where one is expected.",
        "Use a contrast-enhanced chest CT of one phase, or name the heart's place with `--at`.",
    ),
    "not-trainable": Entry(
        "The model has no weights that could be trained.",
        "Choose one of the models that the message lists.",
    ),
    "out-exists": Entry(
        "The output folder holds an earlier result.",
        "Add `--force` to replace it, or name another folder.",
    ),
    "out-in-use": Entry(
        "Another run is writing to the output folder.",
        "Wait for it, or name another folder.",
    ),
    "out-not-empty": Entry(
        "The output folder holds files that this command did not write, or that were changed since.",
        "Name a new or empty folder.",
    ),
    "out-not-folder": Entry(
        "The output folder is a file.",
        "Name a folder.",
    ),
    "out-not-replaceable": Entry(
        "The output folder is a mount point, the current folder or one above it, or a link to nothing.",
        "Name a new folder, for example one inside it.",
    ),
    "out-not-writable": Entry(
        "The output folder cannot be written.",
        "Change its permissions, or name another folder.",
    ),
    "override-reason": Entry(
        "`--override-eligibility` gives no reason.",
        "Say in words why the study is to be analysed all the same.",
    ),
    "phantoms-only": Entry(
        "`--data` was given for a network that learns from phantoms alone.",
        "Leave `--data` out.",
    ),
    "phases-invalid": Entry(
        "The number of phases of a phantom is not from 1 to 50.",
        "Give a number in that range.",
    ),
    "place-outside": Entry(
        "The middle of the heart named with `--at` lies outside the CT.",
        "Give a place inside the CT, in LPS millimetres.",
    ),
    "port-in-use": Entry(
        "A port that was asked for is taken or not allowed.",
        "Choose another port, or 0 for a free one.",
    ),
    "precision-kind": Entry(
        "Only networks have a reduced precision, and the model is not one.",
        "Name a network.",
    ),
    "precision-unbuildable": Entry(
        "There is no way to build a network in the precision asked for.",
        "Choose `half` or `bf16`.",
    ),
    "repeated-method": Entry(
        "`--network` names no method, or one of them twice.",
        "Name every method once.",
    ),
    "result-missing": Entry(
        "`scanserve evaluate` was given a truth without a result.",
        "Name the result, or its folder, after the truth.",
    ),
    "retry-policy": Entry(
        "A number of the client's retry policy is negative.",
        "Give numbers of at least 0.",
    ),
    "server-address": Entry(
        "The address of the server is not HOST:PORT.",
        "Give the host and the port of the server's gRPC endpoint.",
    ),
    "shared-memory-key": Entry(
        "The shared-memory key in the environment is not 16 to 128 letters, digits, `_` or `-`.",
        "Set `SCANSERVE_SHM_KEY` to such a key, or unset it.",
    ),
    "shared-memory-mode": Entry(
        "There is no such mode of shared memory.",
        "Choose `auto`, `always` or `never`.",
    ),
    "start-config": Entry(
        "The weights to start training from are of another network size.",
        "Start from weights of the same configuration, or give the same size.",
    ),
    "start-overwritten": Entry(
        "The weights to start training from would be overwritten by the trained ones.",
        "Write the trained weights to another folder.",
    ),
    "timeout": Entry(
        "A time limit of the client is not positive.",
        "Give positive seconds; the keep-alive may be 0.",
    ),
    "tls-file": Entry(
        "A certificate or key for TLS cannot be read.",
        "Name a readable PEM file.",
    ),
    "tls-pair": Entry(
        "TLS was given a certificate without a key, or a key without a certificate.",
        "Give both, or neither.",
    ),
    "unknown-application": Entry(
        "There is no application of that name.",
        "Choose one that the message lists.",
    ),
    "unknown-benchmark": Entry(
        "There is no benchmark of that name.",
        "Choose one that the message lists.",
    ),
    "unknown-configuration": Entry(
        "There is no configuration of that name, or nothing runs on TensorRT in it.",
        "Choose one that the message names.",
    ),
    "unknown-method": Entry(
        "There is no denoising method of that name.",
        "Choose one that the message lists.",
    ),
    "unknown-model": Entry(
        "A name, or a folder of the model repository, is not that of a model with a contract.",
        "Choose a model that the message lists; remove a foreign folder from the repository.",
    ),
    "unknown-precision": Entry(
        "There is no precision of that name.",
        "Choose one that the message lists.",
    ),
    "unknown-profile": Entry(
        "There is no load profile of that name.",
        "Choose one that the message lists.",
    ),
    "unknown-ranges": Entry(
        "There is no phantom population of that name.",
        "Choose one that the message lists.",
    ),
    "unknown-vessel": Entry(
        "A phantom has no vessel of that name.",
        "Choose one that the message lists.",
    ),
}
