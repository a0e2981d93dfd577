"""Canary inferences: a model is ready only when a known input gives its stored answer.

Triton calls a model ready even after the process that computes it has died, and loads a wrong file gladly.
So every model keeps ``canary.json`` beside its configuration: a digest of its answer to an input that is
made from the contract alone (seeded, small along dynamic axes).  Processors and precisions differ, so answers
are compared with a tolerance, relative to the range of the stored output.
"""

from __future__ import annotations

import json
import math
import re
import time
import zlib
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from scanserve.contracts import ModelSpec, ServerError, SetupError, TensorSpec
from scanserve.contracts.layouts import CANARY_VERSION
from scanserve.server.canarycall import infer
from scanserve.server.gate.heap import trim
from scanserve.server.needs import CANARY_SIZES, OTHER_SIZE, has_room_for_canaries, shared_memory_bytes
from scanserve.server.proof import proved_by
from scanserve.server.repository import known_models

__all__ = [
    "CANARY_FILE",
    "TOLERANCES",
    "ask_canary",
    "canary_inputs",
    "compare",
    "digest",
    "load_canaries",
    "verify_canaries",
    "write_canaries",
]

CANARY_FILE = "canary.json"
#: Relative to the range of the stored output, by kind of model.  Networks may run in another precision;
#: an ensemble adds up its members' differences.
TOLERANCES = {"graph": 1e-4, "network": 2e-2, "ensemble": 5e-2}
#: A stored output of a smaller range than this is taken to have this one: a sigmoid near 0 differs
#: between processors.  Integers may always differ by one step, where rounding decides.
_LEAST_RANGE = 0.05
_PROBES = 16
#: Values that are added up at once; as doubles they fit a processor's cache.
_PIECE = 1 << 15
#: While one canary is computed, the next one's arrays are made and sent.
_SIDE_BY_SIDE = 2


def canary_inputs(spec: ModelSpec) -> dict[str, npt.NDArray]:
    """The canary input of every input tensor of a model, with a batch axis of 1 where it is batched."""
    arrays = {tensor.name: _tensor(spec.name, tensor) for tensor in spec.inputs}
    return {name: array[None] for name, array in arrays.items()} if spec.batched else arrays


def digest(output: npt.NDArray) -> dict[str, Any]:
    """What is stored of one output: dtype, shape, statistics and probes (flat index, value)."""
    values = output.ravel()
    statistics = _statistics(output)
    places = _places(values, statistics["mean"])
    return {**statistics, "probes": [[place, float(values[place])] for place in places]}


def compare(stored: dict[str, Any], output: npt.NDArray, tolerance: float) -> str:
    """Empty when ``output`` matches its stored digest, else what differs."""
    if not np.isfinite(output).all():
        return "holds values that are not finite"
    found = _statistics(output)
    for what in ("dtype", "shape"):
        if found[what] != stored[what]:
            return f"has {what} {found[what]} where {stored[what]} is stored"
    allowed = _allowed(stored, output, tolerance)
    names = ("mean", "std", "min", "max")
    pairs = [(name, found[name], stored[name]) for name in names]
    values = output.ravel()
    pairs += [(f"value {place}", float(values[place]), known) for place, known in stored["probes"]]
    for name, value, known in pairs:
        if not abs(value - known) <= allowed:
            return f"has {name} {value:.6g} where {known:.6g} is stored"
    return ""


def verify_canaries(
    url: str,
    repository: Path,
    models: Sequence[ModelSpec] | None = None,
    *,
    required: bool = True,
    key: str = "",
) -> dict[str, float]:
    """Have every model proved by its stored answer: its own, or as a network within an ensemble's.

    Ensembles are asked first, with graphs and models of their own beside them.  A network that no right answer of an
    ensemble proves (:func:`~scanserve.server.proof.proved_by`) is asked afterwards, so that a fault is laid at its
    door and not at its ensemble's.

    Args:
        url: the gRPC address, ``host:port``.
        repository: the model repository that holds the stored answers.
        models: the contracts to check; those in the repository without.
        required: whether a model without a stored answer is an error; else its answer must only fit its
            contract, and proves nothing of others.
        key: what opens the server's shared memory, for large tensors; without, or without room for them beside what
            the models need, they go in messages.

    Returns:
        How many seconds each model took, by name; a proved network as many as its ensemble.

    Raises:
        SetupError: code ``canary-missing`` or ``canary-unreadable``.
        InputError: as ``known_models``.
        ServerError: code ``canary-failed`` (no answer) or ``canary-mismatch`` (another answer); of an ensemble only
            where no other model is at fault.
    """
    specs = known_models(repository) if models is None else models
    stored = load_canaries(repository, specs, required=required)
    proofs = {spec.name: proved_by(spec, specs) for spec in specs if stored[spec.name]}
    provable = frozenset[str]().union(*proofs.values())
    key = key if has_room_for_canaries(specs) else ""
    try:
        answers = _ask_all(url, key, [spec for spec in specs if spec.name not in provable], stored)
        for ensemble, names in proofs.items():
            if names and not isinstance(answers[ensemble], ServerError):
                answers |= dict.fromkeys(names, answers[ensemble])
        answers |= _ask_all(url, key, [spec for spec in specs if spec.name not in answers], stored)
    finally:
        trim()  # a client in this process has volumes to hold
    members_first = sorted(specs, key=_is_ensemble)
    return {spec.name: _seconds(answers[spec.name]) for spec in members_first}


def ask_canary(url: str, spec: ModelSpec) -> None:
    """Send a model its canary; what it answers is left to others.

    Raises:
        ServerError: code ``canary-failed``.
    """
    infer(url, spec, canary_inputs(spec))


def load_canaries(
    repository: Path, models: Sequence[ModelSpec], *, required: bool = True
) -> dict[str, dict[str, Any]]:
    """The stored answers by model name; empty for a model without one.

    Raises:
        SetupError: code ``canary-missing`` (when ``required``) or ``canary-unreadable``.
    """
    return {spec.name: _load(repository, spec, required) for spec in models}


def write_canaries(url: str, repository: Path, models: Sequence[ModelSpec] | None = None) -> tuple[Path, ...]:
    """Compute every model's canary on a running server and store it; the files written.

    Raises:
        ServerError: code ``canary-failed``; ``canary-mismatch`` when an answer does not fit its contract.
        InputError: as ``known_models``.
    """
    written = []
    for spec in known_models(repository) if models is None else models:
        outputs = infer(url, spec, canary_inputs(spec))
        _verify(spec, {}, outputs)
        content = {
            "format": CANARY_VERSION,
            "model": spec.name,
            "tolerance": TOLERANCES[spec.kind],
            "outputs": {name: digest(output) for name, output in outputs.items()},
        }
        path = repository / spec.name / CANARY_FILE
        path.write_text(_compact(content))
        written.append(path)
    return tuple(written)


def _ask_all(
    url: str, key: str, specs: Sequence[ModelSpec], stored: Mapping[str, dict[str, Any]]
) -> dict[str, float | ServerError]:
    """The seconds of each model's right answer, or what is wrong with it, by name; some are asked side by side."""

    def ask(spec: ModelSpec) -> float | ServerError:
        start = time.monotonic()
        try:
            _verify(spec, stored[spec.name], infer(url, spec, canary_inputs(spec), key))
        except ServerError as error:
            return error
        return time.monotonic() - start

    ordered = sorted(specs, key=_weight, reverse=True)
    with ThreadPoolExecutor(_SIDE_BY_SIDE, "scanserve-canaries") as pool:
        try:
            return dict(zip((spec.name for spec in ordered), pool.map(ask, ordered), strict=True))
        finally:
            pool.shutdown(cancel_futures=True)


def _seconds(answer: float | ServerError) -> float:
    if isinstance(answer, ServerError):
        raise answer
    return answer


def _weight(spec: ModelSpec) -> tuple[bool, int]:
    """What takes longest comes first: ensembles, and then who has most to pass through memory."""
    return _is_ensemble(spec), shared_memory_bytes([spec], CANARY_SIZES)


def _is_ensemble(spec: ModelSpec) -> bool:
    return spec.kind == "ensemble"


def _statistics(output: npt.NDArray) -> dict[str, Any]:
    values = output.ravel()
    mean, std = _moments(values)
    return {
        "dtype": output.dtype.name,
        "shape": list(output.shape),
        "mean": mean,
        "std": std,
        "min": float(values.min()),
        "max": float(values.max()),
    }


def _places(values: npt.NDArray, mean: float) -> list[int]:
    """Where the probes are: at equal distances, and where each of as many parts is farthest from the mean.

    A heat map is empty nearly everywhere, so that probes at equal distances see nothing of it.
    """
    even = np.linspace(0, values.size - 1, _PROBES).astype(int)
    bounds = np.linspace(0, values.size, min(_PROBES, values.size) + 1).astype(int)
    peaks = [start + _farthest(values[start:end], mean) for start, end in pairwise(bounds)]
    return [int(place) for place in np.unique([*even, *peaks])]


def _farthest(part: npt.NDArray, mean: float) -> int:
    low, high = int(part.argmin()), int(part.argmax())
    return low if mean - float(part[low]) > float(part[high]) - mean else high


def _moments(values: npt.NDArray) -> tuple[float, float]:
    """Mean and standard deviation, piece by piece: in double precision a whole output would fill hundreds of MB."""
    shift = float(values[0])
    total = squares = 0.0
    for start in range(0, values.size, _PIECE):
        piece = values[start : start + _PIECE].astype(np.float64) - shift
        total += float(piece.sum())
        squares += float(piece @ piece)
    mean = total / values.size
    return shift + mean, max(0.0, squares / values.size - mean**2) ** 0.5


def _allowed(stored: dict[str, Any], output: npt.NDArray, tolerance: float) -> float:
    low, high = stored["min"], stored["max"]
    step = 1.0 if np.issubdtype(output.dtype, np.integer) else 0.0
    return max(tolerance * max(high - low, abs(high), abs(low), _LEAST_RANGE), step)


def _compact(content: dict[str, Any]) -> str:
    """JSON with one line per innermost list."""
    text = json.dumps(content, indent=1)
    return re.sub(r"\[\s+([^\[\]]*?)\s+\]", _on_one_line, text) + "\n"


def _on_one_line(match: re.Match[str]) -> str:
    return "[" + " ".join(match[1].split()) + "]"


def _tensor(model: str, spec: TensorSpec) -> npt.NDArray:
    shape = tuple(
        CANARY_SIZES.get(axis.name, OTHER_SIZE) if axis.size is None else axis.size for axis in spec.axes
    )
    generator = np.random.default_rng(zlib.crc32(f"{model}/{spec.name}".encode()))
    low, high = spec.drawn_from
    values = generator.random(shape, dtype=np.float32)
    values += _wave(shape)
    values *= np.float32((high - low) / 2)
    values += np.float32(low)
    return values.clip(low, high, out=values).astype(spec.numpy_dtype)


def _wave(shape: tuple[int, ...]) -> npt.NDArray:
    """A smooth bump in the middle of the array, 0 to 1."""
    wave = np.ones((), np.float32)
    for size in shape:
        wave = np.multiply.outer(wave, np.sin(np.pi * (np.arange(size) + 0.5) / size).astype(np.float32))
    return wave


def _load(repository: Path, spec: ModelSpec, required: bool) -> dict[str, Any]:
    path = repository / spec.name / CANARY_FILE
    if not path.is_file():
        if required:
            raise SetupError(
                "canary-missing", f"model {spec.name!r} has no stored canary answer {path.name}."
            )
        return {}
    try:
        content = json.loads(path.read_text())
        if content["format"] != CANARY_VERSION or set(content["outputs"]) != {
            output.name for output in spec.outputs
        }:
            raise ValueError("another format or other outputs")
        _check_number(content["tolerance"])
        if not 0 < content["tolerance"] <= 1:
            raise ValueError("a tolerance that is no share of the range")
        for stored in content["outputs"].values():
            _check_digest(stored)
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        raise SetupError(
            "canary-unreadable", f"the stored canary answer of model {spec.name!r} is not usable: {error}."
        ) from error
    return content


def _check_digest(stored: dict[str, Any]) -> None:
    """Raise KeyError, TypeError or ValueError unless :func:`compare` can compare what is stored of an output."""
    if not isinstance(stored["dtype"], str):
        raise TypeError("no type of data is named")
    np.dtype(stored["dtype"])
    for name in ("mean", "std", "min", "max"):
        _check_number(stored[name])
    size = math.prod(map(_whole, stored["shape"]))
    for place, value in stored["probes"]:
        _check_number(value)
        if not 0 <= _whole(place) < size:
            raise ValueError(f"probe {place} is beyond the {size} values of its output")


def _check_number(value: Any) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise ValueError(f"{value!r} is no finite number")


def _whole(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int):
        raise TypeError(f"{value!r} is no whole number")
    return value


def _verify(spec: ModelSpec, content: dict[str, Any], outputs: dict[str, npt.NDArray]) -> None:
    for name, output in outputs.items():
        difference = _against_contract(spec, name, output)
        if not difference and content:
            difference = compare(content["outputs"][name], output, float(content["tolerance"]))
        if difference:
            raise ServerError(
                "canary-mismatch",
                f"model {spec.name!r} does not give its stored answer: its output {name!r} {difference}.",
            )


def _against_contract(spec: ModelSpec, name: str, output: npt.NDArray) -> str:
    try:
        spec.output(name).validate(output, batched=spec.batched)
    except Exception as error:
        return f"breaks its contract: {error}"
    return "" if np.isfinite(output).all() else "holds values that are not finite"
