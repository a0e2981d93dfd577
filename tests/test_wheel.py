"""The wheel is whole: built and installed into an empty environment, it works without the checkout.

Nothing is downloaded: the environment borrows the packages of the running one, all but scanserve itself.
"""

from __future__ import annotations

import importlib.metadata
import os
import shutil
import subprocess
import sys
import sysconfig
import venv
import zipfile
import zlib
from pathlib import Path

import pytest

from tests.support.sources import PYPROJECT, ROOT, SOURCE_ROOTS, packages

pytest.importorskip("hatchling")

SHARED = PYPROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["shared-data"]
VERSION = importlib.metadata.version("scanserve")
#: Small models of both kinds, whose canaries take little time.
SMALL_MODELS = ("ccta_normalize", "dat_unet1")


def called(*command, **options):
    """What a command prints; it must end with status 0."""
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, **options)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel of this checkout."""
    folder = tmp_path_factory.mktemp("wheel")
    called(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder), cwd=ROOT)
    (file,) = folder.glob("*.whl")
    return file


class Installed:
    """An environment that holds the wheel, and runs programs far from the checkout."""

    def __init__(self, folder: Path) -> None:
        self.prefix = folder / "environment"
        self.elsewhere = folder / "elsewhere"
        self.elsewhere.mkdir()
        self.models = self.prefix / "share" / "scanserve" / "model_repository"
        self.environment = {
            **{
                name: value
                for name, value in os.environ.items()
                if not name.startswith(("PYTHON", "SCANSERVE"))
            },
            "XDG_STATE_HOME": str(folder / "state"),
            "XDG_CACHE_HOME": str(folder / "cache"),
            "COLUMNS": "200",
        }

    def run(self, program, *arguments):
        return called(
            str(self.prefix / "bin" / program), *arguments, cwd=self.elsewhere, env=self.environment
        )


def borrow_packages(target: Path) -> None:
    """Link every installed package into ``target``, save what is there and what leads to the checkout."""
    for source in {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}:
        for entry in Path(source).iterdir():
            is_own = entry.name.lower().lstrip("_").startswith(("scanserve", "editable"))
            link = target / entry.name
            if not is_own and entry.suffix != ".pth" and not link.exists():
                link.symlink_to(entry)


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    found = Installed(tmp_path_factory.mktemp("installed"))
    venv.create(found.prefix, symlinks=True)
    pip = (sys.executable, "-m", "pip", "--python", str(found.prefix))
    called(*pip, "install", "--no-deps", "--no-index", "--no-compile", str(wheel), cwd=found.elsewhere)
    borrow_packages(Path(sysconfig.get_path("purelib", vars={"base": str(found.prefix)})))
    return found


def committed(*folders):
    names = called("git", "ls-files", "-z", "--", *folders, cwd=ROOT).split("\0")[:-1]
    return [Path(name) for name in names if (ROOT / name).is_file()]


def place(file: Path) -> str:
    """Where the wheel holds a committed file."""
    shared = SHARED.get(file.parts[0])
    if shared:
        return Path(f"scanserve-{VERSION}.data", "data", shared, *file.parts[1:]).as_posix()
    return Path(*file.parts[1:]).as_posix()


@pytest.mark.skipif(not (ROOT / ".git").exists(), reason="not a git checkout")
def test_every_committed_file_of_the_packages_is_in_the_wheel(wheel):
    files = committed(*(f"{root}/scanserve" for root in SOURCE_ROOTS), *SHARED)
    with zipfile.ZipFile(wheel) as archive:
        held = {info.filename: info.CRC for info in archive.infolist()}
    missing = [str(file) for file in files if place(file) not in held]
    assert missing == []
    changed = [str(file) for file in files if held[place(file)] != zlib.crc32((ROOT / file).read_bytes())]
    assert changed == []
    assert len(files) > 300


def test_the_wheel_holds_the_licence_and_nothing_beside_the_namespace(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
    information = f"scanserve-{VERSION}.dist-info"
    assert f"{information}/licenses/LICENSE" in names
    assert {name.split("/")[0] for name in names} == {"scanserve", information, f"scanserve-{VERSION}.data"}


def test_packages_come_from_the_environment_and_not_from_the_checkout(installed):
    names = [f"scanserve.{package.name}" for package in packages()]
    program = (
        "import importlib.util, sys\n"
        "for name in sys.argv[1:]:\n"
        "    print(importlib.util.find_spec(name).origin)\n"
    )
    origins = installed.run("python", "-c", program, *names).splitlines()
    assert len(origins) == len(names)
    assert [origin for origin in origins if not Path(origin).is_relative_to(installed.prefix)] == []


def test_the_help_names_every_command(installed):
    text = installed.run("scanserve", "--help")
    commands = PYPROJECT["project"]["entry-points"]["scanserve.commands"]
    assert [name for name in commands if f" {name} " not in text] == []


def test_the_version_is_that_of_the_project(installed):
    assert f"scanserve {PYPROJECT['project']['version']} " in installed.run("scanserve", "--version")


def test_perf_finds_its_profiles(installed):
    text = installed.run("scanserve", "perf", "list")
    assert [line.split(":")[0] for line in text.splitlines() if not line.startswith(" ")] == [
        "a100x4",
        "cpu",
        "t4",
    ]


def test_the_models_are_found(installed):
    program = "from scanserve.server.repository import find_model_repository as find; print(find())"
    assert Path(installed.run("python", "-c", program).strip()) == installed.models.resolve()


@pytest.mark.live
def test_a_copy_of_the_models_is_served_and_takes_new_canaries(installed, tmp_path):
    for name in SMALL_MODELS:
        shutil.copytree(installed.models / name, tmp_path / name)
        (tmp_path / name / "canary.json").unlink()
    text = installed.run("scanserve", "serve", "--write-canaries", "--model-repository", str(tmp_path))
    assert [line for line in text.splitlines() if line.startswith("wrote ")] == [
        f"wrote {tmp_path / name / 'canary.json'}" for name in SMALL_MODELS
    ]
    assert all((tmp_path / name / "canary.json").is_file() for name in SMALL_MODELS)
