"""The registry of applications."""

import subprocess
import sys

import pytest

import scanserve.contracts as contracts
from scanserve.contracts import APPLICATIONS, InputError, all_models, find_application, find_model, owner_of


def test_every_model_is_found_by_name():
    for spec in all_models():
        assert find_model(spec.name) is spec
        assert spec in owner_of(spec.name).models


def test_model_names_begin_with_their_application():
    for application in APPLICATIONS:
        assert all(spec.name.startswith(f"{application.name}_") for spec in application.models)


def test_an_unknown_model_names_the_known_ones():
    with pytest.raises(InputError, match=r"'nothing'.*ccta_normalize") as error:
        find_model("nothing")
    assert error.value.code == "unknown-model"


def test_every_application_is_found_by_name():
    for application in APPLICATIONS:
        assert find_application(application.name) is application


def test_an_unknown_application_names_the_known_ones():
    with pytest.raises(InputError, match=r"ccta or dat but is 'nothing'") as error:
        find_application("nothing")
    assert error.value.code == "unknown-application"


def test_an_application_finds_its_models():
    assert APPLICATIONS[0].model("ccta_crop").name == "ccta_crop"
    with pytest.raises(KeyError):
        APPLICATIONS[0].model("nothing")


def test_public_names_exist():
    assert sorted(contracts.__all__) == sorted(set(contracts.__all__))
    assert all(hasattr(contracts, name) for name in contracts.__all__)


def test_contracts_need_numpy_alone():
    heavy = "{'torch', 'onnx', 'onnxruntime', 'tritonclient', 'scipy', 'pydicom'}"
    code = f"import sys, scanserve.contracts; sys.exit(bool({heavy} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
