import json

import pytest

from scanserve.contracts import NOT_FOR_DIAGNOSIS, InputError
from scanserve.evaluation.application import Table
from scanserve.perf.ccta.networks import measure_networks
from scanserve.perf.networks import Variant, find_networks, write_networks


class Report:
    """A report with one figure."""

    described = "volumes of nobody"

    def as_dict(self):
        return {"figures": {"served": 0.9}}

    def tables(self):
        return [Table("All", ("", "served"), (("found", "0.90"),))]

    def notes(self):
        return ["One heart."]

    def draw(self, path):
        path.write_bytes(b"drawn")


def test_an_application_brings_its_measurement():
    assert find_networks("ccta") is measure_networks
    with pytest.raises(InputError) as caught:
        find_networks("dat")
    assert caught.value.code == "application-part-missing"


def test_files_say_which_networks_were_measured(tmp_path, root):
    variants = [Variant("served", root / "model_repository", "mean"), Variant("other", tmp_path / "none")]
    write_networks(tmp_path / "out", "ccta", "scanserve perf networks ccta", variants, Report())
    content = json.loads((tmp_path / "out" / "networks.json").read_text())
    served, other = content["variants"]
    assert (served["name"], served["without"], other["without"]) == ("served", "mean", None)
    assert len(served["models"]["ccta_stage1"]) == 64
    assert other["models"]["ccta_stage1"] is None
    assert content["figures"] == {"served": 0.9}
    text = (tmp_path / "out" / "networks.md").read_text()
    for expected in (
        "volumes of nobody",
        "`scanserve perf networks ccta`",
        "| found | 0.90 |",
        "One heart.",
        NOT_FOR_DIAGNOSIS,
    ):
        assert expected in text
    assert str(tmp_path) not in text + json.dumps(content)
    assert (tmp_path / "out" / "networks.png").read_bytes() == b"drawn"
