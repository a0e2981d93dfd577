"""``scanserve spine`` with a made-up server: ``python -m tests.support.fake_spine spine STUDY --out OUT ...``."""

from __future__ import annotations

import sys
from pathlib import Path

from scanserve.client.spine.run import Options, run
from tests.support import spine_samples

if __name__ == "__main__":
    study, out = sys.argv[2], sys.argv[sys.argv.index("--out") + 1]
    options = Options(Path(study), Path(out), dicom="--dicom" in sys.argv)
    run(options, spine_samples.connecting(spine_samples.FakeClient()))
