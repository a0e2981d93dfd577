"""Codes of the installation: extras, tools, models, weights and generated files."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry

__all__ = ["SETUP"]

#: All are a :class:`~scanserve.contracts.errors.SetupError`.
SETUP: Mapping[str, Entry] = {
    "broken-command": Entry(
        "A sub-command cannot be loaded.",
        "Reinstall the package that brings it.",
    ),
    "canary-missing": Entry(
        "A model has no stored answer.",
        "Reinstall the models, or write it with `scanserve serve --write-canaries`.",
    ),
    "canary-unreadable": Entry(
        "The stored answer of a model is not usable.",
        "Reinstall the models, or write it again with `scanserve serve --write-canaries`.",
    ),
    "checkpoint-missing": Entry(
        "The run folder of a training holds no checkpoint.",
        "Train first.",
    ),
    "compute-capability": Entry(
        "The plan is for another kind of GPU than the one in this machine.",
        "Build the plan on the GPU that will serve it.",
    ),
    "export-contract": Entry(
        "The ONNX graph of a model does not have the tensors of its contract.",
        "Make the network and the contract agree, then export again.",
    ),
    "export-ensemble": Entry(
        "An ensemble has a configuration and no ONNX graph.",
        "Export its members.",
    ),
    "export-parity": Entry(
        "The outputs of an exported graph differ from those of its network.",
        "Do not serve it; find the operator that causes the difference.",
    ),
    "extra-missing": Entry(
        "A package of an optional extra is not installed.",
        "Install the extra that the message names.",
    ),
    "generated-files-drift": Entry(
        "Committed files are out of date with what they are generated from.",
        "Write them again with the command in the message.",
    ),
    "gpu-missing": Entry(
        "No GPU was found.",
        "Build the plan on the GPU that will serve it.",
    ),
    "libb64-missing": Entry(
        "`perf_analyzer` needs the library libb64.",
        "Install it with the command in the message.",
    ),
    "libcudart-missing": Entry(
        "`perf_analyzer` needs the CUDA runtime library.",
        "Install the extra `server`, which carries it.",
    ),
    "maker-ended": Entry(
        "A process that makes training samples has ended.",
        "Its own message stands above. The next call goes on from the last checkpoint.",
    ),
    "model-missing": Entry(
        "The model repository lacks a model that is to be served.",
        "Export it with `scanserve export onnx`, or name another repository.",
    ),
    "model-repository-missing": Entry(
        "No model repository was found.",
        "Name it with `--model-repository` or `SCANSERVE_MODEL_REPOSITORY`.",
    ),
    "module-missing": Entry(
        "A Python module is not installed, and no extra provides it.",
        "Reinstall `scanserve`.",
    ),
    "onnx-missing": Entry(
        "The ONNX graph from which a plan is built is missing.",
        "Write it with `scanserve export onnx`.",
    ),
    "perf-analyzer-broken": Entry(
        "`perf_analyzer` does not start.",
        "The message quotes its output; install what is missing.",
    ),
    "perf-analyzer-missing": Entry(
        "`perf_analyzer` was not found.",
        "Install it with the command in the message, or set the variable that it names.",
    ),
    "precision-refused": Entry(
        "A network loses accuracy in reduced precision and must not be served in it.",
        "Serve it in FP32.",
    ),
    "precision-unproven": Entry(
        "A network is to be served in a precision in which its accuracy was not measured.",
        "Measure it with `scanserve export precision`.",
    ),
    "tensorrt-operator": Entry(
        "A graph that is meant for TensorRT holds an operator that TensorRT does not document.",
        "Rewrite that part of the network.",
    ),
    "training-diverged": Entry(
        "The gradients of a training are not finite, again and again.",
        "Look for values that are not finite in its data, or lower the learning rate; then train anew.",
    ),
    "trtexec-failed": Entry(
        "`trtexec` could not build a plan.",
        "The message quotes its last lines.",
    ),
    "trtexec-missing": Entry(
        "`trtexec` is not installed.",
        "Run the printed commands in the serving image, on the GPU that will serve.",
    ),
    "trtexec-version": Entry(
        "`trtexec` does not report its TensorRT version.",
        "Use the serving image.",
    ),
    "weights-manifest": Entry(
        "The manifest of trained weights is not valid.",
        "Restore it, or train again.",
    ),
    "weights-missing": Entry(
        "There are no trained weights of the network.",
        "Name the folder of weights, or train.",
    ),
    "weights-sha256": Entry(
        "Trained weights do not match their manifest.",
        "Restore both, or train again.",
    ),
}
