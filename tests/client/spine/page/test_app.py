"""The addresses of the page, who may use them, and what they refuse."""

import httpx
import numpy as np
import pytest

from tests.support import spine_samples
from tests.support.spine_page import TOKEN, bench, page_of

HEADERS = {"X-Scanserve": "page"}


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    """(workbench, address, made-up server)."""
    client = spine_samples.FakeClient()
    with bench(tmp_path_factory.mktemp("page"), client) as opened, page_of(opened) as url:
        yield opened, url.split("?")[0], client


@pytest.fixture
def member(page):
    with httpx.Client(base_url=page[1], headers=HEADERS) as found:
        assert found.get(f"/?token={TOKEN}").status_code == 303
        yield found


@pytest.fixture
def film(member):
    return member.get("/state").json()


def settle(member, film, hints, **changes):
    message = {"film": film["film"], "box": film["box"], "hints": hints, **changes}
    return member.post("/settle", json=message)


def test_strangers_get_nothing(page):
    with httpx.Client(base_url=page[1], headers=HEADERS) as guest:
        for place in ("/", "/state", "/pixels", "/static/spine.js", "/?token=wrong"):
            assert guest.get(place).status_code == 401
        assert guest.post("/settle", json={}).status_code == 401


def test_another_host_s_name_is_not_answered(member):
    assert member.get("/state", headers={"Host": "evil.example"}).status_code == 400


def test_orders_of_another_page_are_not_taken(page, member, film):
    with httpx.Client(base_url=page[1], cookies=member.cookies) as other:
        assert other.post("/settle", json={}).status_code == 403


def test_answers_bring_a_policy(member):
    for place in ("/", "/state", "/static/spine.js", "/nowhere"):
        policy = member.get(place).headers["content-security-policy"]
        assert "default-src 'none'" in policy
        assert "unsafe" not in policy


def test_the_film_arrives_as_it_is_shown(member, film):
    values = np.frombuffer(member.get("/pixels").content, "<u2").reshape(film["rows"], film["columns"])
    np.testing.assert_allclose(values / 65535, spine_samples.shown(), atol=2e-3)


def test_corners_settle_around_a_hint(member, film):
    place = film["points"][33]
    answer = settle(member, film, [{"point": 33, "place": [place[0] - 12, place[1]], "previous": place}])
    found = answer.json()
    assert answer.status_code == 200
    assert found["points"][33] == pytest.approx([place[0] - 12, place[1]])
    assert found["points"][32][0] == pytest.approx(film["points"][32][0] - 12, abs=0.01)
    assert found["ms"] >= 0


@pytest.mark.parametrize(
    ("hints", "code"),
    [
        ([{"point": 3, "place": [-20, 5]}], "hint-outside-image"),
        ([{"point": 3, "place": [5, 5000]}], "hint-outside-image"),
        ([{"point": 3, "place": [50, 50]}, {"point": 3, "place": [60, 60]}], "hint-repeated"),
        ([{"point": 68, "place": [50, 50]}], "hint-unknown-point"),
        ([{"point": -1, "place": [50, 50]}], "hint-unknown-point"),
        ([{"point": 1.5, "place": [50, 50]}], "corrections-invalid"),
    ],
)
def test_wrong_hints_are_refused_with_their_code(member, film, hints, code):
    answer = settle(member, film, hints)
    assert (answer.status_code, answer.json()["code"]) == (422, code)


def test_hints_of_another_film_are_refused(member, film):
    for order in ("settle", "measure", "save"):
        message = {
            "settle": {"box": film["box"], "hints": []},
            "measure": {"points": film["points"]},
            "save": {
                "box": film["box"],
                "hints": [],
                "version": 1,
                "points": film["points"],
                "peaks": film["peaks"],
                "corrections": [],
            },
        }[order]
        answer = member.post(f"/{order}", json={"film": "0" * 64, **message})
        assert answer.json()["code"] == "hints-of-another-film"


@pytest.mark.parametrize(
    "box", [[0, 0, 0, 0], [-1e9, -1e9, 1e9, 1e9], [5, 5, 4, 4], [1e30, 1e30, 1e31, 1e31]]
)
def test_strange_parts_of_the_film_do_no_harm(member, film, box):
    assert settle(member, film, [], box=box).status_code == 200


def test_a_server_that_is_away_is_told_apart(page, member, film):
    page[2].down = True
    answer = settle(member, film, [])
    page[2].down = False
    assert (answer.status_code, answer.json()["code"]) == (503, "server-unavailable")


def test_the_curves_of_other_corners_are_measured(member, film):
    message = {"film": film["film"], "points": spine_samples.corners(50).tolist()}
    assert member.post("/measure", json=message).json()["largest"] == pytest.approx(50, abs=0.1)


def test_a_long_message_is_refused(member):
    answer = member.post("/settle", content=b" " * (2 << 20))
    assert (answer.status_code, answer.json()["code"]) == (422, "corrections-invalid")


def test_corners_far_from_the_film_are_not_saved(member, film):
    message = {"film": film["film"], "box": film["box"], "hints": [], "version": 1, "peaks": film["peaks"]}
    message |= {"points": [[1e300, 0], *film["points"][1:]], "corrections": []}
    assert member.post("/save", json=message).json()["code"] == "hint-outside-image"


def test_a_result_that_was_saved_elsewhere_is_not_overwritten(member, film):
    message = {"film": film["film"], "box": film["box"], "hints": [], "version": 99, "peaks": film["peaks"]}
    answer = member.post("/save", json={**message, "points": film["points"], "corrections": []})
    assert (answer.status_code, answer.json()["code"]) == (409, "corrections-conflict")


def test_corners_that_coincide_are_measured(member, film):
    answer = member.post("/measure", json={"film": film["film"], "points": [[5, 5]] * 68})
    assert answer.json() == {"curves": [], "largest": 0.0}
