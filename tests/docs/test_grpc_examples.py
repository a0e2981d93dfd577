"""The examples of ``docs/grpc.md`` run, as they are, against the real server."""

import os
import re
import subprocess
import sys
from pathlib import Path
from urllib.request import urlopen

import pytest
from google.protobuf import descriptor_pb2
from tritonclient.grpc import service_pb2

from scanserve.contracts import find_model
from scanserve.contracts.ccta import CCTA

ROOT = Path(__file__).resolve().parents[2]
EXAMPLES = ROOT / "docs" / "examples"
SCRIPTS = ("plain_tritonclient.py", "generated_stubs.py")
MODELS = ("ccta_centerline", "ccta_quality")
BATCH = 2  # straightened vessels in the examples' request


def absent(reason):
    """Skip, or fail where everything must be there."""
    if os.environ.get("CI") == "true":
        pytest.fail(reason)
    pytest.skip(reason)


@pytest.fixture(scope="module")
def live(tmp_path_factory):
    server = pytest.importorskip("scanserve.server")
    try:
        repository = server.find_model_repository()
    except Exception as error:
        absent(f"no model repository: {error}")
    members = {step.model for name in MODELS for step in find_model(name).steps} | {"ccta_quality"}
    missing = [name for name in sorted(members) if not (repository / name / "1" / "model.onnx").is_file()]
    if missing:
        absent(f"the model repository has no ONNX yet for {', '.join(missing)}")
    log = tmp_path_factory.mktemp("examples") / "server.log"
    with server.Embedded(repository, models=CCTA.models, require_canaries=False, log_path=log) as running:
        yield running


def run(script, *arguments):
    return subprocess.run(
        [sys.executable, str(EXAMPLES / script), *arguments], capture_output=True, text=True, timeout=250
    )


def expected(name):
    """The lines that an example prints about one model, from the contract."""
    spec = find_model(name)
    for tensor in spec.outputs:
        shape = (BATCH, *tensor.shape) if spec.batched else tensor.shape
        yield f"{name} {tensor.name} {tensor.numpy_dtype.name} {shape}"


@pytest.mark.live
@pytest.mark.timeout(300)
@pytest.mark.parametrize("script", SCRIPTS)
def test_example_prints_the_contracts_shapes(live, script):
    done = run(script, live.grpc_url)
    assert done.returncode == 0, done.stderr
    assert sorted(done.stdout.splitlines()) == sorted(line for name in MODELS for line in expected(name))


@pytest.mark.live
def test_readiness_by_http_as_the_page_says(live):
    for path in ("/v2/health/live", "/v2/health/ready", "/v2/models/ccta_centerline/ready"):
        with urlopen(f"http://{live.http_url}{path}", timeout=10) as answer:
            assert answer.status == 200


@pytest.mark.parametrize("script", SCRIPTS)
def test_example_without_an_address_says_how_to_run_it(script):
    done = run(script)
    assert done.returncode != 0
    assert f"python {script} HOST:PORT" in done.stderr


@pytest.mark.parametrize("script", SCRIPTS)
def test_example_needs_nothing_of_scanserve(script):
    assert not re.search(r"^\s*(from|import) scanserve", (EXAMPLES / script).read_text(), re.MULTILINE)


def test_our_proto_agrees_with_the_protocol(tmp_path):
    """Every field of the short .proto has the number, type and label of the whole protocol."""
    protoc = pytest.importorskip("grpc_tools.protoc")
    out = tmp_path / "set.bin"
    arguments = [f"-I{EXAMPLES}", f"--descriptor_set_out={out}", "open_inference_grpc.proto"]
    assert protoc.main(["protoc", *arguments]) == 0
    ours = descriptor_pb2.FileDescriptorSet.FromString(out.read_bytes()).file[0]
    whole = descriptor_pb2.FileDescriptorProto.FromString(service_pb2.DESCRIPTOR.serialized_pb)
    assert ours.package == whole.package
    assert dict(fields(ours)).items() <= dict(fields(whole)).items()
    assert dict(methods(ours)).items() <= dict(methods(whole)).items()


def fields(holder, inside=""):
    """((message, field), (number, type, label, type name)) of every field in a file or message."""
    for message in getattr(holder, "message_type", None) or getattr(holder, "nested_type", ()):
        name = f"{inside}.{message.name}"
        for field in message.field:
            yield (name, field.name), (field.number, field.type, field.label, field.type_name)
        yield from fields(message, name)


def methods(file):
    """(service and method, (input, output)) of every method in a file."""
    for service in file.service:
        for method in service.method:
            yield (service.name, method.name), (method.input_type, method.output_type)
