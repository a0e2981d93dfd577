import json

import pytest

from scanserve.client.spine.page.messages import MOST_BYTES, Measure, Save, Settle, parse
from scanserve.contracts import InputError

SETTLE = {"film": "a", "box": [0, 0, 10, 10], "hints": [{"point": 3, "place": [1, 2], "previous": None}]}
SAVE = {
    **SETTLE,
    "version": 1,
    "points": [[0, 0]] * 68,
    "peaks": [0.5] * 68,
    "corrections": [
        {
            "action": "moved",
            "who": "Dr\x1b[31m",
            "when": "2026-01-01T00:00:00Z",
            "point": 3,
            "name": "T1",
            "start": [1, 2],
            "end": [3, 4],
        }
    ],
}


def body(message):
    return json.dumps(message).encode()


def test_messages_are_read():
    assert parse(Settle, body(SETTLE)).hints[0].to_hint().place == (1, 2)
    assert parse(Measure, body({"film": "a", "points": [[1, 2]] * 68})).array().shape == (68, 2)
    saved = parse(Save, body(SAVE))
    assert "\x1b" not in saved.clean_corrections()[0].who


@pytest.mark.parametrize(
    "wrong",
    [
        b"",
        b"no json",
        b"[]",
        body({**SETTLE, "more": 1}),
        body({**SETTLE, "hints": [{"point": "x", "place": [1, 2]}]}),
        body({**SETTLE, "box": [0, 0, 10]}),
        body({**SETTLE, "hints": [{"point": 1, "place": [1, 2, 3]}]}),
        b'{"film": "a", "box": [0, 0, NaN, 10], "hints": []}',
        b'{"film": "a", "box": [0, 0, Infinity, 10], "hints": []}',
        b" " * (MOST_BYTES + 1),
    ],
)
def test_what_is_no_message_is_refused(wrong):
    with pytest.raises(InputError) as refused:
        parse(Settle, wrong)
    assert refused.value.code == "corrections-invalid"


@pytest.mark.parametrize(
    "change", [{"points": [[0, 0]] * 67}, {"peaks": [0.5]}, {"corrections": [{"action": "deleted"}]}]
)
def test_what_is_not_whole_is_not_saved(change):
    with pytest.raises(InputError):
        parse(Save, body({**SAVE, **change}))
