"""Options that the command of every application has, and what they mean: which server, over what, what is printed."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Sequence
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Optional, get_type_hints

import typer

if TYPE_CHECKING:
    from scanserve.client.runs.connection import Connect
    from scanserve.contracts import ModelSpec

__all__ = ["CommonOptions", "Study", "with_common_options"]

Study = Annotated[Path, typer.Argument(help="Folder with the study's DICOM files, of any shape.")]


@dataclass(frozen=True)
class CommonOptions:
    """What every command takes besides its own options, in the order of its help."""

    server: Annotated[
        Optional[str],  # noqa: UP045
        typer.Option(help="HOST:PORT (gRPC) of a running server; without it one is started."),
    ] = None
    model_repository: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="Models to serve; with --server, only to name their hashes."),
    ] = None
    force: Annotated[bool, typer.Option("--force", help="Overwrite an earlier result in --out.")] = False
    dicom: Annotated[
        bool, typer.Option("--dicom/--no-dicom", help="Write the result as DICOM objects as well, to dicom/.")
    ] = False
    deidentify: Annotated[
        bool,
        typer.Option("--deidentify", help="Write nothing that names the patient (PS3.15, basic profile)."),
    ] = False
    tls: Annotated[bool, typer.Option("--tls", help="Use TLS; implied by the other TLS options.")] = False
    tls_ca: Annotated[Optional[Path], typer.Option(help="PEM of the authority to trust.")] = None  # noqa: UP045
    tls_cert: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="PEM of this client's certificate (mTLS)."),
    ] = None
    tls_key: Annotated[Optional[Path], typer.Option(help="PEM of this client's key (mTLS).")] = None  # noqa: UP045
    timeout: Annotated[float, typer.Option(help="Seconds that one request may take.")] = 300.0
    json: Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")] = False

    def connect(self, models: Sequence[ModelSpec]) -> Connect:
        """How to connect to a server that carries ``models``.

        Raises:
            InputError: the TLS options do not go together.
        """
        from scanserve.client.runs.connection import connect_to
        from scanserve.client.transport import TLS

        return connect_to(
            self.server,
            models=models,
            repository=self.model_repository,
            tls=TLS.from_options(self.tls, self.tls_ca, self.tls_cert, self.tls_key),
            timeout_s=self.timeout,
        )


def with_common_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the :class:`CommonOptions` after its own; it gets them as its keyword argument ``common``."""
    names = [option.name for option in fields(CommonOptions)]

    @wraps(command)
    def wrapper(**given: Any) -> None:
        common = CommonOptions(**{name: given.pop(name) for name in names})
        command(**given, common=common)

    own = inspect.signature(command, eval_str=True).parameters.values()
    parameters = [*(parameter for parameter in own if parameter.name != "common"), *_common_parameters()]
    wrapper.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    return wrapper


def _common_parameters() -> list[inspect.Parameter]:
    hints = get_type_hints(CommonOptions, include_extras=True)
    return [
        inspect.Parameter(
            option.name, inspect.Parameter.KEYWORD_ONLY, default=option.default, annotation=hints[option.name]
        )
        for option in fields(CommonOptions)
    ]
