"""The node's own server carries what the rules and the arguments ask for, and nothing else."""

import pytest

from scanserve.client.dat.methods import DEFAULT
from scanserve.contracts.ccta import CCTA
from scanserve.contracts.dat import DAT
from scanserve.node.config import Analysis
from scanserve.node.serving import Server, Serving


def names(*applications, arguments=()):
    return [model.name for model in Serving(Analysis(arguments=arguments), applications).models]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [((), [DEFAULT]), (("--network", "dat_unet1", "--network=dat_vnet"), ["dat_unet1", "dat_vnet"])],
)
def test_one_network_is_loaded_where_one_is_used(arguments, expected):
    assert names("dat", "dat", arguments=arguments) == expected


def test_every_application_of_the_rules_is_served():
    assert names("ccta", "dat") == [*(model.name for model in CCTA.models), DEFAULT]
    assert DAT.usual == (DEFAULT,)


def test_a_server_elsewhere_is_named():
    assert Serving(Analysis(server="gpu:8001"), ["dat"]).server() == Server(("--server", "gpu:8001"))
    assert Serving(Analysis(server="each"), ["dat"]).server() == Server()


@pytest.mark.parametrize(("server", "said"), [("each", ()), ("gpu:8001", ("--server", "gpu:8001"))])
def test_every_analysis_is_told_of_configured_models(server, said, tmp_path):
    """It serves them, or names their hashes, from which the UIDs of its objects follow."""
    settings = Analysis(server=server, model_repository=tmp_path)
    found = Serving(settings, ["dat"]).server()
    assert found == Server((*said, "--model-repository", str(tmp_path)))
