"""What the tests of the DaTSCAN client share."""

import pytest

from tests.support import dat_samples as _samples


@pytest.fixture(scope="session")
def samples():
    """A study on disk and a made-up server; see samples.py."""
    return _samples


@pytest.fixture(scope="session")
def study(tmp_path_factory):
    """A study of one short series."""
    return _samples.write_study(tmp_path_factory.mktemp("dat") / "study")


@pytest.fixture(scope="session")
def restored(study, tmp_path_factory):
    """The output folder of a run with two filters, and its result."""
    from scanserve.client.dat.run import Options, run

    out = tmp_path_factory.mktemp("dat") / "out"
    return out, run(Options(study, out, ("gaussian", "bilateral")), _samples.no_connection)
