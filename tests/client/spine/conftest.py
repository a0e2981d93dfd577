"""What the tests of the spine client share."""

import pytest

from tests.support import spine_samples as _samples


@pytest.fixture(scope="session")
def samples():
    """A study on disk and a made-up server."""
    return _samples


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    """A study of one film."""
    return _samples.write_study(tmp_path_factory.mktemp("spine") / "study")


@pytest.fixture(scope="session")
def measured(study, tmp_path_factory):
    """The output folder of a run with DICOM objects, and its result."""
    from scanserve.client.spine.run import Options, run

    out = tmp_path_factory.mktemp("spine") / "out"
    return out, run(Options(study, out, dicom=True), _samples.connecting(_samples.FakeClient(off=0)))
