from __future__ import annotations

import subprocess
import sys

import pytest

import scanserve.server


def test_public_names():
    assert sorted(scanserve.server.__all__) == [
        "Embedded",
        "Event",
        "SHM_KEY_HEADER",
        "SHM_KEY_VARIABLE",
        "find_model_repository",
        "verify_canaries",
        "write_canaries",
    ]
    for name in scanserve.server.__all__:
        assert getattr(scanserve.server, name) is not None
    with pytest.raises(AttributeError, match="nonsense"):
        _ = scanserve.server.nonsense


def test_the_guardian_stays_small():
    program = "import scanserve.server.guardian, sys; print({'numpy', 'grpc', 'typer'} & set(sys.modules))"
    found = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "set()"
