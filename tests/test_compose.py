"""docker-compose.yml: valid by the compose schema, on loopback, hardened, and in step with the contracts."""

import subprocess
import sys
from pathlib import Path

import pytest

from scanserve.contracts import CONFIGURATIONS
from tests.support.sources import SOURCE_ROOTS

yaml = pytest.importorskip("ruamel.yaml")
ROOT = Path(__file__).parents[1]
COMPOSE = ROOT / "docker-compose.yml"
SERVICES = yaml.YAML(typ="safe").load(COMPOSE.read_text())["services"]
TRITONS = {name: service for name, service in SERVICES.items() if name.startswith("triton-")}
GATES = {name: service for name, service in SERVICES.items() if name.startswith("gate-")}
EVERY = pytest.mark.parametrize("service", TRITONS.values(), ids=TRITONS)
EVERY_GATE = pytest.mark.parametrize("service", GATES.values(), ids=GATES)


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


def test_each_profile_starts_one_server_and_its_gate():
    for services in (TRITONS, GATES):
        assert [service["profiles"] for service in services.values()] == [["t4"], ["a100x4"]]
    assert set(SERVICES) == {*TRITONS, *GATES}


@pytest.mark.parametrize("service", SERVICES.values(), ids=SERVICES)
def test_ports_are_bound_to_loopback_by_default(service):
    assert all(port.startswith("${SCANSERVE_BIND:-127.0.0.1}:") for port in service["ports"])


def published(service):
    return {port.rsplit(":", 1)[1] for port in service["ports"]}


def test_grpc_is_reached_through_the_gate_alone():
    assert all(published(service) == {"8000", "8002"} for service in TRITONS.values())
    assert all(published(service) == {"8001"} for service in GATES.values())


@EVERY_GATE
def test_the_gate_finds_its_server_and_knows_its_configuration(service):
    given = arguments(service)
    (triton,) = [one for one in TRITONS.values() if one["profiles"] == service["profiles"]]
    (device,) = triton["deploy"]["resources"]["reservations"]["devices"]

    assert service["command"][:2] == ["scanserve", "gate"]
    host, _, port = given["--upstream"].partition(":")
    assert host in triton["networks"]["default"]["aliases"]
    assert port == "8001"
    assert given["--configuration"] == arguments(triton)["--model-config-name"]
    assert int(given.get("--devices", "1")) == device["count"]


@EVERY_GATE
def test_the_command_of_the_gate_is_one_that_it_takes(service):
    from typer.main import get_command

    from scanserve.server.gate.command import app

    context = get_command(app).make_context("gate", list(service["command"][2:]))
    assert context.params["listen"] == "0.0.0.0:8001"


@EVERY_GATE
def test_the_gate_is_built_from_every_source_root(service):
    lines = service["build"]["dockerfile_inline"].splitlines()
    copied = {line.split()[1] for line in lines if line.startswith("COPY") and len(line.split()) == 3}

    assert copied == {*SOURCE_ROOTS, "model_repository"}


@EVERY_GATE
def test_the_gate_may_do_little(service):
    assert service["read_only"] is True
    assert service["user"] not in ("", "0", "root", "0:0")
    assert service["cap_drop"] == ["ALL"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["restart"] == "unless-stopped"
    assert not {"privileged", "network_mode", "ipc", "pid", "cap_add", "volumes"} & set(service)


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
        if option == "--http-restricted-api":
            assert {"inference", "model-config", "statistics", "metadata"} <= set(protocols.split(","))
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
