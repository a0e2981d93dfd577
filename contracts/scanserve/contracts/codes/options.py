"""Codes of options, names and places given to a command or a client."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry

__all__ = ["OPTIONS"]

#: All are an :class:`~scanserve.contracts.errors.InputError`.
OPTIONS: Mapping[str, Entry] = {
    "application-part-missing": Entry(
        "The application lacks a part that the command needs, such as an evaluation.",
        "Choose another application, or add the part that the message names.",
    ),
    "aspect-invalid": Entry(
        "`--pixel-aspect` is no ratio of height to width that a pixel can have.",
        "Give a number from 0.1 to 10; 1 stands for square pixels.",
    ),
    "at-without-into": Entry(
        "`--at` or `--unenhanced` was given without `--into`, which names the CT.",
        "Add `--into`, or omit the other option.",
    ),
    "budget-alone": Entry(
        "`--budget` was given with an option that a run within a budget does not use.",
        "Omit the options that the message names, or omit `--budget`.",
    ),
    "budget-invalid": Entry(
        "`--budget` is not a duration.",
        "Write a number and a unit, such as `90s`, `25m` or `2h`.",
    ),
    "budget-unused": Entry(
        "`--budget` was given for one network; an application trains its networks together within it.",
        "Name the application instead of the network, or use `--steps`.",
    ),
    "capacity-impossible": Entry(
        "No number of server instances serves the studies as asked.",
        "Ask for fewer studies, more time, or a utilisation between 0 and 1.",
    ),
    "capacity-load": Entry(
        "`--load` does not say how often a study asks for a load.",
        "Write `--load NAME=N` with a load of the profile and a number above 0.",
    ),
    "device-unusable": Entry(
        "`--device` is neither `cpu` nor `cuda`, or PyTorch finds no CUDA device here.",
        "Use `--device cpu`, or install PyTorch with CUDA and NVIDIA's driver.",
    ),
    "disk-full": Entry(
        "The disk is full.",
        "Free space, or write to another disk; an unfinished output folder holds no complete result.",
    ),
    "gate-limits": Entry(
        "A limit of the gate in front of a server is out of its range.",
        "Let at least one request run and none or more wait, and allow at least one byte.",
    ),
    "hosts-unused": Entry(
        "`--hosts` was given for a network that uses no real volumes as backgrounds, or with `--data`.",
        "Omit `--hosts`.",
    ),
    "json-not-writable": Entry(
        "`--json` does not name a file in an existing folder.",
        "Create the folder, or name another file.",
    ),
    "keep-invalid": Entry(
        "`--keep-initial` is not a share.",
        "Give a number between 0 and 1.",
    ),
    "keep-without-start": Entry(
        "`--keep-initial` was given without `--start-from`, which names the initial weights.",
        "Add `--start-from`, or omit `--keep-initial`.",
    ),
    "no-heart": Entry(
        "The CT that a phantom is laid into does not show a contrast-filled heart where one is expected.",
        "Use a contrast-enhanced chest CT of one phase, or name the heart's place with `--at`.",
    ),
    "not-trainable": Entry(
        "The model has no trainable weights.",
        "Choose one of the models that the message lists.",
    ),
    "one-population": Entry(
        "Another population, or CTs, were named for an application that is measured on one population.",
        "Omit the options that the message names.",
    ),
    "out-exists": Entry(
        "The output folder holds an earlier result.",
        "Add `--force` to replace it, or name another folder.",
    ),
    "out-in-use": Entry(
        "Another run is writing to the output folder.",
        "Wait for it, or name another folder.",
    ),
    "out-missing": Entry(
        "A command that writes a result was not told where.",
        "Name a folder with `--out`.",
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
        "State why the study is to be analysed nevertheless.",
    ),
    "perf-result-unreadable": Entry(
        "A file is not the result of a benchmark or of a load profile.",
        "Name `bench.json` or `result.json`, or the folder that holds it.",
    ),
    "phantoms-only": Entry(
        "`--data` was given for a network that is trained on phantoms only.",
        "Omit `--data`.",
    ),
    "phases-invalid": Entry(
        "The phases of a phantom are neither a number from 1 to 50 nor a part of the beat.",
        "Give a number in that range, or a part such as `30-80/5`.",
    ),
    "place-outside": Entry(
        "The middle of the heart named with `--at` lies outside the CT.",
        "Give a place inside the CT, in LPS millimetres.",
    ),
    "port-in-use": Entry(
        "A requested port is in use or not allowed.",
        "Choose another port, or 0 for a free one.",
    ),
    "precision-kind": Entry(
        "Only networks have a reduced precision, and the model is not one.",
        "Name a network.",
    ),
    "precision-unbuildable": Entry(
        "The network cannot be built in the requested precision.",
        "Choose `half` or `bf16`.",
    ),
    "repeated-method": Entry(
        "`--network` names no method, or one of them twice.",
        "Name every method once.",
    ),
    "retry-policy": Entry(
        "A value of the client's retry policy is negative.",
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
        "The initial weights belong to a network of another size.",
        "Start from weights of the same size, or train at the size of the weights.",
    ),
    "start-overwritten": Entry(
        "Training would overwrite the weights that it starts from.",
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
    "unknown-channel": Entry(
        "`--without` names no input channel of a network.",
        "Choose one that the message lists.",
    ),
    "unknown-configuration": Entry(
        "There is no configuration of that name, or it uses no TensorRT.",
        "Choose one that the message names.",
    ),
    "unknown-load": Entry(
        "The load profile has no load of that name.",
        "Choose one that the message lists.",
    ),
    "unknown-method": Entry(
        "There is no method or network of that name.",
        "Choose one that the message lists.",
    ),
    "unknown-model": Entry(
        "A name, or a folder of the model repository, matches no model with a contract.",
        "Choose a model that the message lists; remove other folders from the repository.",
    ),
    "unknown-photometry": Entry(
        "`--photometry` is none of its values.",
        "Give `auto`, `stated` or `reversed`.",
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
    "unknown-variant": Entry(
        "An ablation has no variant of that name.",
        "Choose one that the message lists.",
    ),
    "unknown-vessel": Entry(
        "A phantom has no vessel of that name.",
        "Choose one that the message lists.",
    ),
}
