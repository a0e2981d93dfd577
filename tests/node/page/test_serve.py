"""The page's server."""

from __future__ import annotations

import ssl
import types
from pathlib import Path

import httpx
import pytest

from scanserve.contracts import InputError
from scanserve.node import config
from scanserve.node.page.serve import PageServer
from tests.support.node_run import node


def page_of(running, **changed):
    """A stand for the node with another page: the server asks it for nothing else before it is asked."""
    settings = running.config.model_copy(update={"page": config.Page(port=0, **changed)})
    return PageServer(types.SimpleNamespace(config=settings, layout=running.layout))


def test_a_certificate_that_cannot_be_read_is_said_at_once(tmp_path):
    bad = tmp_path / "bad.pem"
    bad.write_text("no certificate")
    with node(tmp_path / "n") as running:
        for certificate in (bad, tmp_path / "absent.pem"):
            with pytest.raises(InputError) as caught:
                page_of(running, certificate=certificate, key=bad)
            assert caught.value.code == "tls-file"


def test_a_page_with_a_certificate_is_served_by_https(tmp_path, authority):
    files = {"certificate": authority / "node.pem", "key": authority / "node.key"}
    trusted = ssl.create_default_context(cafile=str(Path(authority) / "ca.pem"))
    with node(tmp_path / "n") as running, page_of(running, **files) as page:
        assert page.url.startswith("https://")
        assert httpx.get(f"{page.url}login", verify=trusted, trust_env=False).status_code == 200
