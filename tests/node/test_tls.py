"""Whom the node trusts."""

from __future__ import annotations

import pytest

from scanserve.node.tls import web_context


def names(context):
    return {dict(field[0] for field in found["subject"])["commonName"] for found in context.get_ca_certs()}


def test_a_web_peer_is_trusted_by_its_authority_alone(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "other.pem"))
    assert names(web_context(authority / "ca.pem", None, None)) == {"ca"}


def test_without_an_authority_those_of_the_machine_are_trusted(authority, monkeypatch):
    monkeypatch.setenv("SSL_CERT_FILE", str(authority / "other.pem"))
    assert names(web_context(None, None, None)) == {"other"}


def test_a_key_that_asks_for_a_password_is_refused_and_nobody_is_asked(authority, tmp_path):
    from scanserve.contracts import InputError
    from tests.support.node_peers import called, need

    key = tmp_path / "locked.key"
    called(
        need("openssl"),
        "rsa",
        "-aes128",
        "-passout",
        "pass:secret",
        "-in",
        authority / "node.key",
        "-out",
        key,
    )
    with pytest.raises(InputError) as caught:
        web_context(None, authority / "node.pem", key)
    assert caught.value.code == "tls-file"
