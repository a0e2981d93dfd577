"""The registry of applications."""

import subprocess
import sys
from types import ModuleType

import pytest

import scanserve.contracts as contracts
from scanserve.contracts import (
    APPLICATIONS,
    Application,
    InputError,
    all_models,
    find_application,
    find_model,
    owner_of,
    part,
    parts,
    registry,
)


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
    with pytest.raises(InputError, match=r"ccta or dat or spine but is 'nothing'") as error:
        find_application("nothing")
    assert error.value.code == "unknown-application"


def test_an_application_finds_its_models():
    assert APPLICATIONS[0].model("ccta_crop").name == "ccta_crop"
    with pytest.raises(KeyError):
        APPLICATIONS[0].model("nothing")


def test_a_part_is_the_applications_module_in_a_room():
    from scanserve.contracts import dat

    assert part("contracts", "dat") is dat
    assert part("contracts", "dat", "DAT").DAT is dat.DAT
    assert [*parts("contracts")] == [application.name for application in APPLICATIONS]


@pytest.fixture
def other(monkeypatch):
    """A registered application without a module anywhere."""
    monkeypatch.setattr(registry, "APPLICATIONS", (*APPLICATIONS, Application("other", "Another", ())))


def test_a_missing_part_says_what_the_application_lacks(other):
    with pytest.raises(InputError) as error:
        part("training", "other")
    assert error.value.code == "application-part-missing"
    assert error.value.message == (
        "application 'other' has no training: there is no module scanserve.training.other."
    )
    assert "other" not in parts("contracts")


def test_a_missing_name_says_what_the_application_lacks(other, monkeypatch):
    monkeypatch.setitem(sys.modules, "scanserve.perf.other", ModuleType("scanserve.perf.other"))
    with pytest.raises(InputError) as error:
        part("perf", "other", "STUDIES")
    assert error.value.code == "application-part-missing"
    assert error.value.message == (
        "application 'other' has no STUDIES: the module scanserve.perf.other does not define it."
    )


def test_a_part_of_no_application_is_an_unknown_application():
    with pytest.raises(InputError) as error:
        part("contracts", "tensor")
    assert error.value.code == "unknown-application"


def test_an_error_inside_a_part_is_not_hidden(monkeypatch):
    def broken(name):
        raise ModuleNotFoundError("no numpy", name="numpy")

    monkeypatch.setattr(registry, "import_module", broken)
    with pytest.raises(ModuleNotFoundError, match="no numpy"):
        part("training", "ccta")
    with pytest.raises(ModuleNotFoundError, match="no numpy"):
        parts("training")


def test_public_names_exist():
    assert sorted(contracts.__all__) == sorted(set(contracts.__all__))
    assert all(hasattr(contracts, name) for name in contracts.__all__)


def test_contracts_need_numpy_alone():
    heavy = "{'torch', 'onnx', 'onnxruntime', 'tritonclient', 'scipy', 'pydicom'}"
    code = f"import sys, scanserve.contracts; sys.exit(bool({heavy} & set(sys.modules)))"

    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
