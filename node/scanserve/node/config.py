"""The configuration of a node: ``node.toml``, checked before anything starts."""

from __future__ import annotations

import re
import sys
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError, model_validator

from scanserve.contracts import InputError, find_application

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

__all__ = [
    "Analysis",
    "Caller",
    "Dicom",
    "DicomPeer",
    "Disk",
    "Metrics",
    "NodeConfig",
    "Page",
    "Peer",
    "Pull",
    "Retention",
    "Rule",
    "Study",
    "Tls",
    "WebPeer",
    "read_config",
]

_LOOPBACK = ("127.0.0.1", "::1", "localhost")
#: An application entity's title: 1 to 16 characters of the default repertoire (PS3.5, 6.2).
AeTitle = Annotated[str, Field(pattern=r"^[ -\[\]-~]{1,16}$")]
Port = Annotated[int, Field(ge=0, le=65535)]
Seconds = Annotated[float, Field(ge=0, allow_inf_nan=False)]
Address = Annotated[str, Field(pattern=r"^[^\s:]+:\d{1,5}$")]


def _regular(text: str) -> str:
    try:
        re.compile(text)
    except re.error as error:
        raise ValueError(f"must be a regular expression ({error})") from error
    return text


def _registered(name: str) -> str:
    try:
        return find_application(name).name
    except InputError as error:
        raise ValueError(error.message) from error


class Part(BaseModel):
    """A table of the file: frozen, and without unknown keys."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Tls(Part):
    """PEM files of one side of a TLS connection; the peer must show a certificate of ``authority``."""

    certificate: Path
    key: Path
    authority: Path


class Caller(Part):
    """Who may send: the calling AE title, and the address that it must come from where one is given."""

    ae_title: AeTitle
    host: str | None = None


class Dicom(Part):
    """How studies are received; without ``callers`` nobody may send, and ``any_caller`` lets everybody.

    ``associations`` are served at a time; more are turned away for the moment.
    """

    ae_title: AeTitle = "SCANSERVE"
    host: str = "127.0.0.1"
    port: Port = 11112
    callers: tuple[Caller, ...] = ()
    any_caller: bool = False
    associations: Annotated[int, Field(ge=1, le=200)] = 10
    tls: Tls | None = None


class Study(Part):
    """When a study is complete: after ``quiet_s`` without a new instance, or with ``instances`` of them."""

    quiet_s: Seconds = 60.0
    instances: Annotated[int, Field(ge=1)] | None = None


class Disk(Part):
    """What received images may take, and what is left free for results and everything else."""

    quota_gib: Annotated[float, Field(gt=0)] = 200.0
    reserve_gib: Annotated[float, Field(ge=0)] = 5.0


class Analysis(Part):
    """How studies are analysed.

    ``server``: ``own`` (one that the node starts), ``each`` (every analysis starts its own) or HOST:PORT.
    ``tries`` of a study that fails, ``interruptions`` by an end of the node, and seconds that one try may take.
    ``program`` replaces ``scanserve``; ``arguments`` are added to every command.
    """

    server: Literal["own", "each"] | Address = "own"
    model_repository: Path | None = None
    workers: Annotated[int, Field(ge=1, le=64)] = 1
    tries: Annotated[int, Field(ge=1)] = 3
    interruptions: Annotated[int, Field(ge=1)] = 20
    limit_s: Annotated[float, Field(gt=0)] = 7200.0
    retry_s: Seconds = 30.0
    drain_s: Seconds = 60.0
    program: tuple[str, ...] = ()
    arguments: tuple[str, ...] = ()


class Rule(Part):
    """Series that an application gets: all conditions that are given must hold.

    ``description`` is a regular expression that is searched, without regard to case, in the descriptions of study,
    series and protocol.
    """

    application: Annotated[str, AfterValidator(_registered)]
    modality: str | None = None
    description: Annotated[str, AfterValidator(_regular)] | None = None
    caller: AeTitle | None = None


class DicomPeer(Part):
    """A peer that takes results by C-STORE; ``commitment`` asks it to confirm that it keeps them."""

    kind: Literal["dicom"]
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    ae_title: AeTitle
    host: str
    port: Annotated[int, Field(ge=1, le=65535)]
    commitment: bool = False
    commitment_s: Annotated[float, Field(gt=0)] = 600.0
    tls: Tls | None = None


class WebPeer(Part):
    """A peer that takes results by STOW-RS; ``token_file`` holds what follows ``Authorization:``."""

    kind: Literal["web"]
    name: Annotated[str, Field(pattern=r"^[a-z0-9-]{1,32}$")]
    url: Annotated[str, Field(pattern=r"^https?://")]
    token_file: Path | None = None
    authority: Path | None = None
    certificate: Path | None = None
    key: Path | None = None


Peer = Annotated[DicomPeer | WebPeer, Field(discriminator="kind")]


class Pull(Part):
    """A QIDO-RS query whose studies are fetched by WADO-RS; again every ``every_s``, or once without."""

    query: Annotated[str, Field(pattern=r"^https?://[^?#]+/studies(\?[^#]*)?$")]
    every_s: Annotated[float, Field(gt=0)] | None = None
    token_file: Path | None = None
    authority: Path | None = None


class Retention(Part):
    """Days after which the images of a finished study are deleted; results are kept."""

    images_days: Annotated[float, Field(gt=0)] = 7.0


class Page(Part):
    """The page: where it listens, under which names it may be asked for, and whether it shows patients' names.

    Beyond loopback it needs a ``certificate`` and its ``key``, because a token is sent to it.
    """

    host: str = "127.0.0.1"
    port: Port = 8090
    hosts: tuple[str, ...] = ("127.0.0.1", "localhost")
    token_file: Path | None = None
    show_names: bool = False
    certificate: Path | None = None
    key: Path | None = None

    @model_validator(mode="after")
    def _secret(self) -> Page:
        if (self.certificate is None) != (self.key is None):
            raise ValueError("certificate and key go together")
        if self.certificate is None and self.host not in _LOOPBACK:
            raise ValueError("host must be loopback unless a certificate and its key are given")
        return self


class Metrics(Part):
    """Where the metrics are, on loopback."""

    port: Port = 9090


class NodeConfig(Part):
    """Everything about a node.  ``folder`` holds its queue, the images and the results."""

    folder: Path
    dicom: Dicom = Dicom()
    study: Study = Study()
    disk: Disk = Disk()
    analysis: Analysis = Analysis()
    rules: Annotated[tuple[Rule, ...], Field(min_length=1)]
    peers: tuple[Peer, ...] = ()
    pulls: tuple[Pull, ...] = ()
    retention: Retention = Retention()
    page: Page = Page()
    metrics: Metrics = Metrics()

    @model_validator(mode="after")
    def _distinct(self) -> NodeConfig:
        names = [peer.name for peer in self.peers]
        if len(names) != len(set(names)):
            raise ValueError("peers must have different names")
        return self


def read_config(path: Path) -> NodeConfig:
    """Read ``node.toml``; relative paths in it are relative to its folder.

    Raises:
        InputError: code ``config-unreadable`` or ``config-invalid``.
    """
    try:
        data = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise InputError("config-unreadable", f"{path.name} cannot be read as TOML: {error}.") from error
    try:
        return NodeConfig.model_validate(_absolute(data, path.resolve().parent))
    except ValidationError as error:
        raise InputError("config-invalid", f"{path.name}: {_first(error)}.") from error


#: Keys whose values are paths.
_PATHS = frozenset({"folder", "certificate", "key", "authority", "token_file", "model_repository"})


def _absolute(value: Any, folder: Path, key: str = "") -> Any:
    if isinstance(value, dict):
        return {name: _absolute(item, folder, name) for name, item in value.items()}
    if isinstance(value, list):
        return [_absolute(item, folder) for item in value]
    return str(folder / value) if key in _PATHS and isinstance(value, str) else value


def _first(error: ValidationError) -> str:
    """The first problem, with its place; the value is not repeated: it may be a secret."""
    problem = error.errors(include_url=False, include_input=False)[0]
    place = ".".join(str(part) for part in problem["loc"]) or "the file"
    return f"{place}: {problem['msg'][:1].lower()}{problem['msg'][1:].rstrip('.')}"
