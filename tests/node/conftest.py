"""Shared by the tests of the node: certificates, and a disk that can be filled."""

from __future__ import annotations

import pytest

from tests.support.node_peers import called, need
from tests.support.small_disk import mounted


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Certificates of one authority, and one of another."""
    folder = tmp_path_factory.mktemp("tls")
    openssl = need("openssl")
    for name in ("ca", "other"):
        called(
            openssl,
            "req",
            "-x509",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-days",
            2,
            "-subj",
            f"/CN={name}",
            "-keyout",
            folder / f"{name}.key",
            "-out",
            folder / f"{name}.pem",
        )
    (folder / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1")
    for name in ("node", "peer"):
        called(
            openssl,
            "req",
            "-newkey",
            "rsa:2048",
            "-nodes",
            "-subj",
            f"/CN={name}",
            "-keyout",
            folder / f"{name}.key",
            "-out",
            folder / f"{name}.csr",
        )
        called(
            openssl,
            "x509",
            "-req",
            "-days",
            2,
            "-in",
            folder / f"{name}.csr",
            "-CA",
            folder / "ca.pem",
            "-CAkey",
            folder / "ca.key",
            "-CAcreateserial",
            "-extfile",
            folder / "names",
            "-out",
            folder / f"{name}.pem",
        )
    return folder


@pytest.fixture
def small_disk(tmp_path):
    """A folder on a disk of its own of two megabytes."""
    with mounted(tmp_path / "disk") as disk:
        yield disk
