"""``scanserve train ccta --budget`` on a machine that holds nine packages, what they need, and nothing else."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")
from scanserve.networks.weights import load_weights, save_weights  # noqa: E402
from scanserve.training.ccta import RECIPES  # noqa: E402
from scanserve.training.ccta.hosts import FILE, host_bank  # noqa: E402
from tests.support import ct_factory  # noqa: E402
from tests.support.bare_machine import run_bare  # noqa: E402

pytestmark = pytest.mark.torch

#: What docs/training.md says that the machine holds, beside Python.
HELD = ("torch", "numpy", "scipy", "scikit-image", "onnx", "safetensors", "typer", "rich")
#: The template of a card is rendered by what torch needs for itself.
ALSO = ("jinja2",)
MODELS = ("ccta_stage1", "ccta_stage2")

#: The command with pool and validation as small as they can be and its one world in a host.  Every look at the clock
#: moves it on by a second, so that a slow machine takes as many steps as a fast one: one.
COMMAND = """
import itertools, sys, types
from scanserve.client import cli
from scanserve.training.ccta import heatmaps, live, together
live.PATCHES = heatmaps.HELD_OUT = heatmaps.HELD_OUT_BATCHES = live.IN_HOSTS = 1
together.SIZES["cpu"] = together.Sizes(pool=1, fresh=0, first=1, coarse=1, patches=1, makers=0)
together.time = types.SimpleNamespace(monotonic=itertools.count().__next__)
sys.exit(cli.main({arguments!r}))
"""


def bare(script: str):
    return run_bare(script, *HELD, also=ALSO)


@pytest.fixture
def hosts(tmp_path: Path) -> Path:
    """A list of hosts that were prepared in the cache, without their DICOM."""
    folder = tmp_path / "hosts"
    ct_factory.write_series(folder / "one", ct_factory.pixels(12, 16, 20))
    entry = {"folder": "one", "heart_mm": [0, 0, 0], "title": "A collection, CC BY 3.0"}
    (folder / FILE).write_text(json.dumps({"hosts": [entry]}))
    host_bank(tmp_path / "cache", folder)._write(0)
    (folder / "one").rename(tmp_path / "dicom")
    return folder


@pytest.fixture
def begun(tmp_path: Path) -> Path:
    """Weights of both networks at width 2, to start from."""
    for model in MODELS:
        recipe = RECIPES[model]
        config = {**recipe.config, "width": 2}
        save_weights(
            tmp_path / "begun" / model,
            recipe.build(config).state_dict(),
            seed=0,
            config=config,
            data={"source": "nothing", "steps": 0},
            metrics={},
            licence="Apache-2.0",
            intended_use="tests",
            training_command="none",
            trained_on=("nothing",),
        )
    return tmp_path / "begun"


def test_both_networks_are_trained_and_published(tmp_path: Path, hosts: Path, begun: Path) -> None:
    arguments = ["train", "ccta", "--budget", "3s", "--device", "cpu", "--width", "2", "--studies", "1"]
    folders = {"run": "run", "cache": "cache", "weights": "mine"}
    for option, name in folders.items():
        arguments += [f"--{option}", str(tmp_path / name)]
    arguments += ["--hosts", str(hosts), "--start-from", str(begun), "--keep-initial", "0.25"]
    done = bare(COMMAND.format(arguments=arguments))
    assert done.returncode == 0, done.stdout + done.stderr
    for model in MODELS:
        manifest, state = load_weights(tmp_path / "mine" / model)
        assert manifest.data["steps"] == 1
        assert manifest.data["started_from"] == load_weights(begun / model)[0].sha256
        assert manifest.trained_on == ("nothing", "synthetic phantoms", "synthetic vessels in 1 CTs")
        assert all(np.isfinite(value.numpy()).all() for value in state.values())
        assert "A collection, CC BY 3.0" in (tmp_path / "mine" / model / "CARD.md").read_text()


def test_what_the_machine_lacks_is_refused_there() -> None:
    done = bare(
        "from scanserve.training.ccta.hosts import bank\n"
        "for module in ('scanserve.training.ccta.annotation', 'scanserve.preprocessing', 'tensorboard', 'PIL'):\n"
        "    try: __import__(module)\n"
        "    except ModuleNotFoundError as error: print(error.name.partition('.')[0])\n"
        "try: bank._make(0, folder=None, entries=())\n"
        "except Exception as error: print(error.code, error.message)\n"
    )
    assert done.returncode == 0, done.stderr
    *names, refused = done.stdout.splitlines()
    assert names == ["pydantic", "pydicom", "tensorboard"]
    assert refused.startswith("module-missing the CTs of --hosts must be prepared in --cache here")
