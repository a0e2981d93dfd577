"""Where the model repository is, and which of its models a server carries."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path

from scanserve.contracts import TRAINED_ON, InputError, ModelSpec, SetupError, all_models, notice_of

__all__ = [
    "REPOSITORY_VARIABLE",
    "chosen_models",
    "find_model_repository",
    "known_models",
    "link_models",
    "model_names",
    "notice_on",
]

#: Names the model repository; it comes before the checked-out and the installed one.
REPOSITORY_VARIABLE = "SCANSERVE_MODEL_REPOSITORY"


def find_model_repository(path: str | os.PathLike[str] | None = None) -> Path:
    """The folder with the models: ``path``, else the variable, else the checkout's, else installed.

    The checkout comes first because an editable install leaves a copy that later exports do not change.

    Args:
        path: a folder that is taken as it is.

    Raises:
        SetupError: code ``model-repository-missing`` when none of them is a folder holding a model.
    """
    candidates = [Path(path)] if path is not None else _candidates()
    for candidate in candidates:
        if candidate.is_dir() and model_names(candidate):
            return candidate.resolve()
    looked = ", ".join(map(str, candidates))
    raise SetupError(
        "model-repository-missing",
        f"no model repository (a folder of models, each with a config.pbtxt) was found; looked in {looked}.",
    )


def model_names(repository: Path) -> tuple[str, ...]:
    """The names of the models in ``repository``, sorted: its folders that hold a configuration."""
    folders = (entry for entry in repository.iterdir() if entry.is_dir())
    return tuple(sorted(folder.name for folder in folders if _is_model(folder)))


def known_models(repository: Path) -> tuple[ModelSpec, ...]:
    """The contracts of the models in ``repository``, in the order of the contracts.

    Raises:
        InputError: code ``unknown-model`` when a model has no contract.
    """
    names = set(model_names(repository))
    specs = tuple(spec for spec in all_models() if spec.name in names)
    unknown = sorted(names - {spec.name for spec in specs})
    if unknown:
        raise InputError(
            "unknown-model",
            f"the model repository holds {', '.join(unknown)}, of which scanserve knows no contract.",
        )
    return specs


def chosen_models(repository: Path, models: Sequence[ModelSpec] | None) -> tuple[ModelSpec, ...]:
    """The contracts of the models to serve: ``models``, or without, all of ``repository``.

    Raises:
        SetupError: code ``model-missing`` when one is not in ``repository``.
        InputError: as :func:`known_models`.
    """
    if models is None:
        return known_models(repository)
    missing = sorted({spec.name for spec in models} - set(model_names(repository)))
    if missing:
        raise SetupError(
            "model-missing", f"the model repository {repository} does not hold {', '.join(missing)}."
        )
    return tuple(models)


def link_models(repository: Path, names: Sequence[str], folder: Path) -> Path:
    """Make ``folder`` a model repository of the models ``names`` alone, links into ``repository``; return it.

    A server carries what its repository holds.  To choose models by name Triton wants another control mode than
    none, in which clients may load models too.
    """
    folder.mkdir()
    for name in names:
        (folder / name).symlink_to(repository / name, target_is_directory=True)
    return folder


def notice_on(repository: Path, models: Iterable[ModelSpec]) -> str:
    """The notice on what is made with ``models`` of ``repository``, whose configurations say what they learned from."""
    return notice_of(_trained_on(repository / spec.name) for spec in models if spec.kind == "network")


def _trained_on(model: Path) -> str | None:
    """What a configuration states; None where it states nothing or cannot be read, which is no error here."""
    from google.protobuf import text_format
    from tritonclient.grpc import model_config_pb2 as triton

    try:
        text = (model / "config.pbtxt").read_text(encoding="utf-8")
        parameters = text_format.Parse(text, triton.ModelConfig()).parameters
    except (OSError, ValueError, text_format.ParseError):
        return None
    return parameters[TRAINED_ON].string_value if TRAINED_ON in parameters else None


def _is_model(folder: Path) -> bool:
    return (folder / "config.pbtxt").is_file() or any((folder / "configs").glob("*.pbtxt"))


def _candidates() -> list[Path]:
    named = os.environ.get(REPOSITORY_VARIABLE)
    if named:
        return [Path(named)]
    installed = Path(sys.prefix, "share", "scanserve", "model_repository")
    return [Path(__file__).resolve().parents[3] / "model_repository", installed]
