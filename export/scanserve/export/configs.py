"""From the contracts and the weights' manifests to Triton's model configurations, in Triton's own protobuf.

A model has one configuration per entry of :data:`scanserve.contracts.CONFIGURATIONS`: ``default`` is
``config.pbtxt``, the others are ``configs/<name>.pbtxt``, selected by ``tritonserver --model-config-name``.
There is one setter per section.  The files are committed; :func:`check_configs` fails when they are out of date.

Reasons for some choices (details in ``docs/tensorrt.md`` and ``docs/deployment.md``):

- text-format protobuf drops zeros, and Triton's ONNX Runtime backend replaces a missing batch size by 4, so
  ``max_batch_size: 0`` is written explicitly;
- instance counts and versions are always given, because the server runs with
  ``--disable-auto-complete-config``;
- steps of an ensemble name version -1, the newest;
- a network's configuration says what it was trained on, because clients of any server have to be able to say it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

from google.protobuf import text_format
from tritonclient.grpc import model_config_pb2 as triton

from scanserve.contracts import (
    CONFIGURATIONS,
    TRAINED_ON,
    Deployment,
    InputError,
    ModelSpec,
    SetupError,
    TensorSpec,
    all_models,
    trained_on_text,
)
from scanserve.networks.manifest import MANIFEST_FILE, read_manifest

__all__ = [
    "HEADER",
    "build_config",
    "check_configs",
    "config_files",
    "render_config",
    "sources_of",
    "write_configs",
]

HEADER = "# Generated from contracts and weights by `scanserve export configs`; do not edit.\n"

#: Additional parameters of a backend on a kind of device.
#: ONNX Runtime searches its convolution algorithm exhaustively (0) for every new shape unless it is set to the
#: heuristic (1); volumes have arbitrary shapes, so the search would be repeated all the time.
_BACKEND_PARAMETERS: dict[tuple[str, str], dict[str, str]] = {
    ("onnxruntime", "KIND_GPU"): {"cudnn_conv_algo_search": "1"},
}
_ENSEMBLE_KEEP = ".gitkeep"


def build_config(spec: ModelSpec, configuration: str, trained_on: Sequence[str] = ()) -> triton.ModelConfig:
    """The Triton configuration of one model.

    Args:
        spec: of the model.
        configuration: ``default``, ``cpu``, ``t4`` or ``a100``.
        trained_on: the sources of its training data; nothing is said where there are none.
    """
    config = triton.ModelConfig(name=spec.name, max_batch_size=spec.max_batch_size)
    config.version_policy.latest.num_versions = 1
    _set_tensors(config, spec)
    if spec.kind == "ensemble":
        _set_ensemble(config, spec)
    else:
        _set_deployment(config, _deployment(spec, configuration))
        _set_batching(config, spec)
    if trained_on:
        config.parameters[TRAINED_ON].string_value = trained_on_text(trained_on)
    return config


def render_config(spec: ModelSpec, configuration: str, trained_on: Sequence[str] = ()) -> str:
    """The text of one configuration file; it takes what :func:`build_config` takes."""
    text = text_format.MessageToString(build_config(spec, configuration, trained_on))
    if not spec.batched:
        name, rest = text.split("\n", 1)
        text = f"{name}\nmax_batch_size: 0\n{rest}"
    return HEADER + text


def sources_of(spec: ModelSpec, weights: Path) -> tuple[str, ...]:
    """What a network was trained on, by the manifest of its ``weights``; nothing without one, or for other models.

    Raises:
        SetupError: code ``weights-manifest``.
    """
    folder = Path(weights) / spec.name
    if spec.kind != "network" or not (folder / MANIFEST_FILE).is_file():
        return ()
    return read_manifest(folder).trained_on


def config_files(spec: ModelSpec, trained_on: Sequence[str] = ()) -> dict[Path, str]:
    """All generated files of a model: path below the model's folder -> text."""
    files = {_file(name): render_config(spec, name, trained_on) for name in CONFIGURATIONS}
    if spec.kind == "ensemble":
        files[Path("1") / _ENSEMBLE_KEEP] = ""
    return files


def write_configs(repository: Path, weights: Path, check: bool = False) -> tuple[Path, ...]:
    """Write every model's configuration files below ``repository``; with ``check`` only compare them.

    Args:
        repository: the model repository.
        weights: the folder of trained weights, whose manifests say what the networks were trained on.
        check: whether nothing is written.

    Returns:
        The files that were written or, with ``check``, found correct.

    Raises:
        SetupError: code ``generated-files-drift``, with ``check`` only; ``weights-manifest``.
    """
    if check:
        return check_configs(repository, weights)
    generated = dict(_generated(repository, weights))
    for path, text in generated.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return tuple(generated)


def check_configs(repository: Path, weights: Path) -> tuple[Path, ...]:
    """Compare the committed files with contracts and manifests; raises like :func:`write_configs`."""
    generated = dict(_generated(repository, weights))
    drifted = [path for path, text in generated.items() if _read(path) != text]
    if drifted:
        names = ", ".join(str(path.relative_to(repository)) for path in drifted)
        raise SetupError(
            "generated-files-drift",
            f"{len(drifted)} model configuration(s) differ from contracts and weights ({names}); "
            "write them again with `scanserve export configs`.",
        )
    return tuple(generated)


def _generated(repository: Path, weights: Path) -> Iterator[tuple[Path, str]]:
    for spec in all_models():
        for path, text in config_files(spec, sources_of(spec, weights)).items():
            yield Path(repository) / spec.name / path, text


def _file(configuration: str) -> Path:
    return Path("config.pbtxt") if configuration == "default" else Path("configs") / f"{configuration}.pbtxt"


def _read(path: Path) -> str | None:
    return path.read_text(encoding="utf-8") if path.is_file() else None


def _deployment(spec: ModelSpec, configuration: str) -> Deployment:
    try:
        return spec.deployments[configuration]
    except KeyError:
        raise InputError(
            "unknown-configuration",
            f"model {spec.name!r} has no configuration {configuration!r}; "
            f"expected one of {', '.join(spec.deployments)}.",
        ) from None


def _set_tensors(config: triton.ModelConfig, spec: ModelSpec) -> None:
    for tensor in spec.inputs:
        config.input.add(name=tensor.name, data_type=_data_type(tensor), dims=tensor.shape)
    for tensor in spec.outputs:
        config.output.add(name=tensor.name, data_type=_data_type(tensor), dims=tensor.shape)


def _data_type(tensor: TensorSpec) -> int:
    return triton.DataType.Value(f"TYPE_{tensor.dtype}")


def _set_ensemble(config: triton.ModelConfig, spec: ModelSpec) -> None:
    config.platform = "ensemble"
    for step in spec.steps:
        config.ensemble_scheduling.step.add(
            model_name=step.model, model_version=-1, input_map=step.inputs, output_map=step.outputs
        )


def _set_deployment(config: triton.ModelConfig, deployment: Deployment) -> None:
    config.backend = deployment.backend
    config.default_model_filename = deployment.file
    for capability, file in sorted(deployment.capability_files.items()):
        config.cc_model_filenames[capability] = file
    config.instance_group.add(
        count=deployment.instances, kind=triton.ModelInstanceGroup.Kind.Value(deployment.kind)
    )
    _set_parameters(config, deployment)


def _set_parameters(config: triton.ModelConfig, deployment: Deployment) -> None:
    defaults = _BACKEND_PARAMETERS.get((deployment.backend, deployment.kind), {})
    for key, value in sorted({**defaults, **deployment.parameters}.items()):
        config.parameters[key].string_value = value


def _set_batching(config: triton.ModelConfig, spec: ModelSpec) -> None:
    if spec.batched:
        config.dynamic_batching.max_queue_delay_microseconds = spec.queue_delay_us
