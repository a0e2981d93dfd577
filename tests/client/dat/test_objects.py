import pydicom
import pytest

from scanserve.client.dat.run import Options, run


@pytest.fixture(scope="module")
def made(study, samples, tmp_path_factory):
    """The output folder of a run with two filters and DICOM, and its result."""
    out = tmp_path_factory.mktemp("dat") / "out"
    return out, run(Options(study, out, ("gaussian", "bilateral"), dicom=True), samples.no_connection)


def test_files(made):
    assert sorted(file.name for file in (made[0] / "dicom").iterdir()) == [
        "picture-bilateral.dcm",
        "picture-comparison.dcm",
        "picture-gaussian.dcm",
        "report.dcm",
        "series-bilateral.dcm",
        "series-gaussian.dcm",
    ]


def test_the_series_are_those_beside(made):
    out, result = made
    for restored in result.restorations:
        beside, copy = (
            pydicom.dcmread(out / file) for file in (restored.file, f"dicom/series-{restored.method}.dcm")
        )
        assert beside == copy


def test_the_report_holds_the_numbers_of_the_result(made):
    out, result = made
    numbers = list(_numbers(pydicom.dcmread(out / "dicom" / "report.dcm")))
    for restored in result.restorations:
        assert ("counts-change", pytest.approx(100 * restored.counts_change, abs=1e-3)) in numbers
        if restored.binding is not None:
            assert ("binding-ratio", pytest.approx(restored.binding.right, abs=1e-3)) in numbers


def _numbers(ds):
    for item in ds.get("ContentSequence", ()):
        if item.ValueType == "NUM":
            value = float(item.MeasuredValueSequence[0].NumericValue)
            yield item.ConceptNameCodeSequence[0].CodeValue, value
        yield from _numbers(item)
