"""docker-compose.yml: valid by the compose schema, on loopback, hardened, and in step with the contracts."""

import subprocess
import sys
from pathlib import Path

import pytest

from scanserve.contracts import CONFIGURATIONS

yaml = pytest.importorskip("ruamel.yaml")
ROOT = Path(__file__).parents[1]
COMPOSE = ROOT / "docker-compose.yml"
SERVICES = yaml.YAML(typ="safe").load(COMPOSE.read_text())["services"]
EVERY = pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)


def arguments(service):
    pairs = (part.partition("=") for part in service["command"][1:])
    return {name: value for name, _, value in pairs}


def check_schema(path):
    tool = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", str(path)]
    return subprocess.run(tool, capture_output=True, text=True, check=False)


def test_the_file_follows_the_compose_schema():
    pytest.importorskip("check_jsonschema")
    result = check_schema(COMPOSE)

    assert result.returncode == 0, result.stdout + result.stderr


def test_the_schema_check_can_fail(tmp_path):
    pytest.importorskip("check_jsonschema")
    broken = tmp_path / "docker-compose.yml"
    broken.write_text("services: {triton: {image: x, healthchek: {}}}")

    assert check_schema(broken).returncode != 0


def test_each_profile_starts_one_server():
    assert [service["profiles"] for service in SERVICES.values()] == [["t4"], ["a100x4"]]


@EVERY
def test_ports_are_bound_to_loopback_by_default(service):
    assert len(service["ports"]) == 3
    assert all(port.startswith("${SCANSERVE_BIND:-127.0.0.1}:") for port in service["ports"])


@EVERY
def test_the_image_is_pinned_to_the_tag_that_plans_are_built_with(service):
    tensorrt = pytest.importorskip("scanserve.export.tensorrt")
    image, _, tag = tensorrt.SERVING_IMAGE.partition(":")

    assert service["image"] == f"{image}:${{SCANSERVE_TRITON_TAG:-{tag}}}"


@EVERY
def test_the_container_can_change_nothing(service):
    (models,) = service["volumes"]

    assert models["target"] == "/models"
    assert models["read_only"] is True
    assert service["read_only"] is True
    assert service["user"] not in ("", "0", "root", "0:0")
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert not {"privileged", "network_mode", "ipc", "pid", "cap_add"} & set(service)


@EVERY
def test_the_server_takes_no_models_from_clients(service):
    given = arguments(service)

    assert service["command"][0] == "tritonserver"
    assert given["--model-control-mode"] == "none"
    assert "--disable-auto-complete-config" in given
    for option in ("--grpc-restricted-protocol", "--http-restricted-api"):
        protocols, _, key = given[option].partition(":admin-key=")
        assert {"model-repository", "shared-memory", "logging"} <= set(protocols.split(","))
        assert key.startswith("${SCANSERVE_ADMIN_KEY:?"), "a key that is written down is no key"


@pytest.mark.parametrize(
    ("name", "configuration", "gpus"), [("triton-t4", "t4", 1), ("triton-a100x4", "a100", 4)]
)
def test_configurations_and_gpus(name, configuration, gpus):
    (device,) = SERVICES[name]["deploy"]["resources"]["reservations"]["devices"]

    assert configuration in CONFIGURATIONS
    assert arguments(SERVICES[name])["--model-config-name"] == configuration
    assert (device["driver"], device["count"], device["capabilities"]) == ("nvidia", gpus, ["gpu"])


@EVERY
def test_limits_health_and_restart(service):
    assert service["ulimits"] == {"memlock": -1, "stack": 67108864}
    assert service["shm_size"] == "2gb"
    assert service["restart"] == "unless-stopped"
    assert service["healthcheck"]["test"][-1].endswith("/v2/health/ready")


def test_both_services_differ_in_gpus_and_configuration_alone():
    t4, a100 = (dict(SERVICES[name]) for name in ("triton-t4", "triton-a100x4"))
    same = set(t4) - {"profiles", "command", "deploy"}

    assert {key: t4[key] for key in same} == {key: a100[key] for key in same}
    assert {**arguments(t4), "--model-config-name": ""} == {**arguments(a100), "--model-config-name": ""}
