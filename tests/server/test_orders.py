from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest

from scanserve.server.orders import Orders

ORDERS = Orders(
    command=("tritonserver", "--key=open-sesame"),
    environment={"PATH": "/bin", "TOKEN": "hidden"},
    log_path=Path("/log"),
    private_folder=Path("/private"),
    shm_prefix="prefix",
    grace_s=1.5,
    secrets=("open-sesame",),
)


def test_json_is_one_line_and_gives_the_same_orders():
    text = ORDERS.to_json()
    assert "\n" not in text
    assert Orders.from_json(text) == ORDERS


def test_orders_are_frozen_and_show_no_secret():
    assert "open-sesame" not in repr(ORDERS)
    assert "hidden" not in repr(ORDERS)
    with pytest.raises(dataclasses.FrozenInstanceError):
        ORDERS.grace_s = 2.0


@pytest.mark.parametrize("change", [{"grace_s": None}, {"surprise": 1}])
def test_orders_with_other_names_are_refused(change):
    content = {**json.loads(ORDERS.to_json()), **change}
    content = {name: value for name, value in content.items() if value is not None}
    with pytest.raises(ValueError, match="log_path, private_folder"):
        Orders.from_json(json.dumps(content))


@pytest.mark.parametrize("text", ["", "[]", "{"])
def test_what_is_no_object_is_refused(text):
    with pytest.raises(ValueError, match=r"JSON object|Expecting"):
        Orders.from_json(text)
