import subprocess

import numpy as np
import pytest

from scanserve.geometry import Grid
from scanserve.perf.ccta.peers.readers import SYNTAXES, compress, read_nifti, readers, same_slices
from scanserve.phantoms.ccta import write_study
from scanserve.preprocessing import read_study

SMALL = Grid.centred((24, 64, 64), (3.2, 3.2, 4.0))
NEEDS = {"SimpleITK (GDCM)": "SimpleITK", "pydicom alone": "pydicom", "MONAI's PydicomReader": "monai"}


@pytest.fixture(scope="module")
def phase(tmp_path_factory):
    folder = tmp_path_factory.mktemp("study") / "study"
    write_study(folder, 7, 1, grid=SMALL)
    return read_study(folder).phases[0]


@pytest.fixture
def folder(phase, tmp_path):
    (tmp_path / "files").mkdir()
    for number, file in enumerate(phase.files):
        (tmp_path / "files" / f"{number:05d}.dcm").write_bytes(file.read_bytes())
    return tmp_path / "files"


@pytest.mark.parametrize("index", range(4))
def test_every_reader_reads_the_same_slices(phase, folder, index):
    peer = readers(folder)[index]
    pytest.importorskip(NEEDS.get(peer.title, "dcm2niix"))
    said = same_slices(phase.load().hu, peer.prepare()())
    assert said in ("differs by at most 0 HU, 0 % of voxels", "the same slices in the order of its files")


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_compressing_loses_nothing(phase, tmp_path, syntax):
    try:
        compress(phase.files[:3], tmp_path / "out", syntax)
    except OSError as error:
        pytest.skip(str(error))
    import pydicom

    for before, after in zip(phase.files, sorted((tmp_path / "out").iterdir()), strict=False):
        dataset = pydicom.dcmread(after)
        assert dataset.file_meta.TransferSyntaxUID == SYNTAXES[syntax][0]
        np.testing.assert_array_equal(dataset.pixel_array, pydicom.dcmread(before).pixel_array)


def test_a_program_that_fails_is_an_error(tmp_path, monkeypatch):
    failed = subprocess.CompletedProcess([], 1, "", "no such file")
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: failed)
    with pytest.raises(RuntimeError, match="no such file"):
        compress([tmp_path / "nothing"], tmp_path / "out", "JPEG Lossless")


def test_agreement_tells_order_from_values():
    volume = np.arange(24, dtype=np.int16).reshape(2, 3, 4)
    assert same_slices(volume, volume[::-1]) == "the same slices in the order of its files"
    assert same_slices(volume, volume + 1).startswith("differs by at most 1 HU")
    assert same_slices(volume, volume[:1]).startswith("shapes differ")


def test_a_nifti_file_is_scaled_and_turned(tmp_path):
    header = bytearray(352)
    header[40:48] = np.array([3, 4, 3, 2], "<i2").tobytes()
    header[108:120] = np.array([352, 1, -1024], "<f4").tobytes()
    stored = np.arange(24, dtype="<i2").reshape(2, 3, 4)
    (tmp_path / "out.nii").write_bytes(bytes(header) + stored.tobytes())
    np.testing.assert_array_equal(read_nifti(tmp_path / "out.nii"), stored[:, ::-1] - 1024)
