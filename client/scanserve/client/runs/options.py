"""Options that the command of every application has: which server, over what, and what is printed."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Optional

import typer

__all__ = [
    "Force",
    "Json",
    "ModelRepository",
    "Server",
    "Study",
    "Timeout",
    "Tls",
    "TlsCa",
    "TlsCert",
    "TlsKey",
]

Study = Annotated[Path, typer.Argument(help="Folder with the study's DICOM files, of any shape.")]
Server = Annotated[
    Optional[str],  # noqa: UP045
    typer.Option(help="HOST:PORT (gRPC) of a running server; without it one is started."),
]
ModelRepository = Annotated[
    Optional[Path],  # noqa: UP045
    typer.Option(help="Models to serve; with --server, only to name their hashes."),
]
Force = Annotated[bool, typer.Option("--force", help="Overwrite an earlier result in --out.")]
Tls = Annotated[bool, typer.Option("--tls", help="Use TLS; implied by the other TLS options.")]
TlsCa = Annotated[Optional[Path], typer.Option(help="PEM of the authority to trust.")]  # noqa: UP045
TlsCert = Annotated[Optional[Path], typer.Option(help="PEM of this client's certificate (mTLS).")]  # noqa: UP045
TlsKey = Annotated[Optional[Path], typer.Option(help="PEM of this client's key (mTLS).")]  # noqa: UP045
Timeout = Annotated[float, typer.Option(help="Seconds that one request may take.")]
Json = Annotated[bool, typer.Option("--json", help="Print the result as JSON, and nothing else.")]
