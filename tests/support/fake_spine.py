"""``scanserve spine`` with a made-up server: ``python -m tests.support.fake_spine spine STUDY --out OUT ...``."""

from __future__ import annotations

import sys
from pathlib import Path

from scanserve.client.spine.run import Options, run
from scanserve.contracts import ScanserveError
from tests.support import spine_samples

if __name__ == "__main__":
    given = dict(zip(sys.argv[3:], sys.argv[4:], strict=False))
    corrections = Path(given["--corrections"]) if "--corrections" in given else None
    options = Options(
        Path(sys.argv[2]), Path(given["--out"]), corrections=corrections, dicom="--dicom" in sys.argv
    )
    try:
        run(options, spine_samples.connecting(spine_samples.FakeClient()))
    except ScanserveError as error:
        sys.stderr.write(f"error [{error.code}]: {error.message}\n")
        sys.exit(error.exit_status)
