from __future__ import annotations

from scanserve.contracts import all_models
from scanserve.server.gate.limits import Limits
from scanserve.server.gate.orders import GateOrders


def test_orders_arrive_as_they_were_given():
    orders = GateOrders(
        upstream="unix:grpc:1",
        models=all_models(),
        grpc="127.0.0.1:1",
        http="127.0.0.1:2",
        metrics="127.0.0.1:3",
        metrics_socket="metrics",
        upstream_header=("header", "secret"),
        shared_memory_key="key",
        shm_prefix="prefix",
        configuration="a100",
        devices=4,
        limits=Limits(3, 0, 100),
    )
    text = orders.to_json()
    assert "\n" not in text
    assert GateOrders.from_json(text) == orders


def test_what_is_not_given_stays_away():
    orders = GateOrders("host:1", (), "127.0.0.1:1")
    assert GateOrders.from_json(orders.to_json()) == orders


def test_secrets_are_not_shown():
    orders = GateOrders("host:1", (), "a:1", upstream_header=("h", "open-sesame"), shared_memory_key="hush")
    assert "sesame" not in repr(orders)
    assert "hush" not in repr(orders)
