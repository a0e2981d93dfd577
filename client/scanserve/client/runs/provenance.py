"""Which server and which models gave a result, and what these were trained on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

from scanserve.client.runs.records import Model, Server, Timing
from scanserve.contracts import TRAINED_ON, ModelSpec, ScanserveError, notice_of
from scanserve.contracts.notice import MOST_OF_ONE
from scanserve.contracts.printable import printable

if TYPE_CHECKING:
    from scanserve.client.runs.connection import Connection
    from scanserve.client.transport import ModelMetadata, ServerInfo

__all__ = [
    "Circumstances",
    "MetadataClient",
    "Provenance",
    "describe_models",
    "describe_server",
    "provenance_of",
]


@dataclass(frozen=True)
class Provenance:
    """The server that answered, None where none was needed, and the models that were used."""

    server: Server | None = None
    models: tuple[Model, ...] = ()

    @property
    def notice(self) -> str:
        """The notice on everything that was made with these models."""
        return notice_of(model.trained_on for model in self.models if model.kind == "network")


@dataclass(frozen=True)
class Circumstances:
    """By whom and when a result was made, and where the time went."""

    provenance: Provenance
    created: datetime
    timing: Timing


class MetadataClient(Protocol):
    """The part of the transport's client that knows about the server."""

    def server_info(self) -> ServerInfo:
        """Name and version of the server."""

    def metadata(self, model: str) -> ModelMetadata:
        """Versions of a model."""

    def parameters(self, model: str) -> dict[str, str]:
        """Parameters of a model's configuration."""


def provenance_of(connection: Connection, specs: Iterable[ModelSpec]) -> Provenance:
    """Server and models of a connection; raises what the client raises, at once where the server is absent."""
    server = describe_server(connection.client, embedded=connection.embedded)
    return Provenance(server, tuple(describe_models(connection.client, specs, connection.repository)))


def describe_server(client: MetadataClient, *, embedded: bool) -> Server:
    """The server as it names itself; raises what the client raises, at once where it is absent."""
    info = client.server_info()
    return Server(name=info.name, version=info.version, embedded=embedded)


def describe_models(
    client: MetadataClient, specs: Iterable[ModelSpec], repository: Path | None
) -> list[Model]:
    """The served models ``specs``: version and training data from the server, hash from ``repository`` if any."""
    return [_describe(client, spec, repository) for spec in specs]


def _describe(client: MetadataClient, spec: ModelSpec, repository: Path | None) -> Model:
    version = _newest(client.metadata(spec.name).versions)
    sha256 = None if repository is None else _sha256(repository / spec.name / version / "model.onnx")
    return Model(
        name=spec.name,
        kind=spec.kind,
        version=version,
        sha256=sha256,
        source="server" if sha256 is None else "repository",
        trained_on=_trained_on(client, spec) if spec.kind == "network" else None,
    )


def _trained_on(client: MetadataClient, spec: ModelSpec) -> str | None:
    """What the server says that a network was trained on, fit to be printed; it need not offer this."""
    try:
        return printable(client.parameters(spec.name)[TRAINED_ON], MOST_OF_ONE)
    except (ScanserveError, KeyError):
        return None


def _newest(versions: tuple[str, ...]) -> str:
    return max(versions, key=int, default="1")


def _sha256(path: Path) -> str | None:
    if not path.is_file():
        return None
    with path.open("rb") as file:
        digest = hashlib.sha256()
        for chunk in iter(lambda: file.read(1 << 20), b""):
            digest.update(chunk)
    return digest.hexdigest()
