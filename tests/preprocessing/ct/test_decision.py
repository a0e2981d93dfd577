"""Which volumes of a real export are analysed: studies as other people's scanners and converters wrote them."""

from itertools import count

import numpy as np
import pytest

from scanserve.preprocessing import read_study
from tests.support import ct_factory as factory

COUNT = 12


class Export:
    """A study in a folder, series by series; file names and instance UIDs never repeat."""

    def __init__(self, folder):
        self.folder = folder
        self._numbers = count(1)

    def add(self, stored=None, *, series=5, each=lambda index: {}, step=0.5, skip=(), **tags) -> np.ndarray:
        """Write a stack of slices as ``series`` (its number and the end of its UID)."""
        number = next(self._numbers)
        stored = factory.pixels(COUNT, seed=number) if stored is None else stored
        own = {"SeriesNumber": series, "SeriesInstanceUID": f"1.2.9.{series}"} | tags
        return factory.write_series(
            self.folder,
            stored,
            step=step,
            skip=skip,
            name=lambda index: f"{number}-{index}",
            uid=f"1.2.8.{number}",
            each=each,
            **own,
        )

    def read(self):
        return read_study(self.folder)

    @property
    def labels(self) -> list[str]:
        return [phase.label for phase in self.read().phases]

    def skipped(self) -> dict[str, int]:
        return {group.code: group.files for group in self.read().skipped}


@pytest.fixture
def export(tmp_path) -> Export:
    return Export(tmp_path)


def _holds(phase, stored) -> bool:
    """Whether the phase's volume is made of exactly these slices."""
    return np.array_equal(phase.load().hu, stored.astype(int) - 1024)


# Where phases come from


def test_delays_that_differ_from_beat_to_beat_are_two_phases(export):
    jitter = (0, 11, -7, 4)
    stacks = [
        export.add(each=lambda index, delay=delay: {"TriggerTime": delay + jitter[index // 3]})
        for delay in (374, 702)
    ]
    study = export.read()
    assert [phase.label for phase in study.phases] == ["376 ms", "704 ms"]
    assert all(map(_holds, study.phases, stacks))
    assert "367 to 385" in study.phases[0].explanation


def test_delays_that_grow_with_the_beat_are_told_apart_at_each_place(export):
    beats = (800, 1100, 1500)
    stacks = [
        export.add(each=lambda index, share=share: {"TriggerTime": share * beats[index // 4]})
        for share in (0.4, 0.75)
    ]
    study = export.read()
    assert len(study.phases) == 2
    assert all(map(_holds, study.phases, stacks))


def test_frames_with_a_temporal_position_alone(export):
    stored = factory.pixels(2 * COUNT)
    z = [0.5 * (index % COUNT) for index in range(2 * COUNT)]
    factory.write_enhanced(
        export.folder / "multi",
        stored,
        z,
        each=lambda index: {"FrameContentSequence": {"TemporalPositionIndex": index // COUNT + 1}},
    )
    study = export.read()
    assert len(study.phases) == 2
    assert all(map(_holds, study.phases, (stored[:COUNT], stored[COUNT:])))


@pytest.mark.parametrize("time", ["ContentTime", "AcquisitionTime"])
def test_times_tell_phases_apart(export, time):
    stacks = [
        export.add(
            **{time: f"120000.{number}00"},
            each=lambda index: {"InstanceNumber": 1},
        )
        for number in (1, 5)
    ]
    study = export.read()
    assert all(map(_holds, study.phases, stacks))
    assert len(study.phases) == 2


def test_the_order_of_instances_is_the_last_resort_and_is_said(export):
    stacks = [
        export.add(each=lambda index, number=number: {"InstanceNumber": number * COUNT + index + 1})
        for number in range(3)
    ]
    study = export.read()
    assert [phase.label for phase in study.phases] == [
        "series 5 (1 of 3)",
        "series 5 (2 of 3)",
        "series 5 (3 of 3)",
    ]
    assert all(map(_holds, study.phases, stacks))
    assert {"phases-by-order", "phases-unknown"} <= {finding.code for finding in study.warnings}


def test_a_japanese_description_holds_no_percentage(export):
    for number, delay in ((1, 374), (2, 702)):
        export.add(
            series=number,
            SpecificCharacterSet=["", "ISO 2022 IR 87"],
            SeriesDescription="コロナリー CTA",
            TriggerTime=delay,
        )
    assert export.labels == ["374 ms", "702 ms"]


@pytest.mark.parametrize(
    "constant", [{"TriggerTime": 0}, {"TriggerTime": 500}, {"NominalPercentageOfCardiacPhase": 0.0}]
)
def test_a_constant_tag_names_no_phase(export, constant):
    for number, percent in ((1, 40), (2, 75)):
        export.add(series=number, SeriesDescription=f"CTA 0.5 Phase {percent}", **constant)
    assert export.labels == ["40 %", "75 %"]


def test_without_names_a_constant_zero_leaves_two_unknown_phases(export):
    for number in (1, 2):
        export.add(series=number, TriggerTime=0)
    assert export.labels == ["series 1", "series 2"]


def test_phases_half_a_slice_apart(export):
    stacks = [
        export.add(
            TriggerTime=delay,
            each=lambda index, shift=shift: {"ImagePositionPatient": [0, 0, 0.5 * index + shift]},
        )
        for delay, shift in ((374, 0.0), (702, 0.245))
    ]
    study = export.read()
    assert [phase.label for phase in study.phases] == ["374 ms", "702 ms"]
    assert all(map(_holds, study.phases, stacks))


def test_delays_in_comments_between_heart_rate_and_resolution(export):
    jitter = (8, 12, 13, 17)
    for phase, delay in enumerate((200, 450)):
        export.add(
            each=lambda index, phase=phase, delay=delay: {
                "ImageComments": f"86bpm, {delay + jitter[index // 3]}ms, 66ms",
                "AcquisitionNumber": index // 3 + 1,
                "InstanceNumber": phase * COUNT + index + 1,
            }
        )
    assert export.labels == ["212.5 ms", "462.5 ms"]


def test_slices_with_a_series_uid_each_are_one_series(export):
    stacks = []
    for number, percent in ((1, 40), (2, 75)):
        stacks.append(
            export.add(
                series=number,
                SeriesDescription=f"{percent} %",
                each=lambda index, number=number: {"SeriesInstanceUID": f"1.2.9.{number}.{index}"},
            )
        )
    study = export.read()
    assert [phase.label for phase in study.phases] == ["40 %", "75 %"]
    assert all(map(_holds, study.phases, stacks))
    assert study.skipped == ()


def test_a_few_slices_sent_twice_hide_no_phase(export):
    first, second = (
        export.add(NominalPercentageOfCardiacPhase=percent, SeriesDescription="CTA 0 - 90 %")
        for percent in (40.0, 70.0)
    )
    export.add(first[:3], NominalPercentageOfCardiacPhase=40.0, SeriesDescription="CTA 0 - 90 %")
    study = export.read()
    assert [phase.label for phase in study.phases] == ["40 %", "70 %"]
    assert all(map(_holds, study.phases, (first, second)))


# Which reconstruction is chosen


@pytest.mark.parametrize(
    "image_type",
    [
        ["DERIVED", "SECONDARY", "AXIAL", "CT_SOM5 MIP"],
        ["DERIVED", "SECONDARY", "CSA MIP THIN"],
        ["DERIVED", "SECONDARY", "MINIP"],
    ],
)
def test_a_mip_beside_the_slices_is_never_chosen(export, image_type):
    export.add(series=1, SeriesDescription="70 %", ImageType=image_type)
    stored = export.add(series=2, SeriesDescription="70 %")
    (phase,) = export.read().phases
    assert _holds(phase, stored)
    assert export.skipped() == {"projection": COUNT}


def test_a_map_that_is_not_in_hounsfield_units_is_never_chosen(export):
    tags = {"SeriesDescription": "70 %", "ImageType": ["DERIVED", "SECONDARY", "AXIAL"]}
    export.add(series=1, RescaleType="MGML", RescaleSlope=0.1, RescaleIntercept=0, **tags)
    stored = export.add(series=2, **tags)
    (phase,) = export.read().phases
    assert _holds(phase, stored)
    assert export.skipped() == {"not-hu": COUNT}


@pytest.mark.parametrize("name", ["Iodine Density 70 %", "VNC 70 %", "Zeff 70 %", "Virtual Non-Contrast 70%"])
def test_a_material_map_beside_the_slices_is_never_chosen(export, name):
    export.add(series=1, SeriesDescription=name, ImageType=["DERIVED", "SECONDARY", "AXIAL"])
    stored = export.add(series=2, SeriesDescription="70 %")
    (phase,) = export.read().phases
    assert _holds(phase, stored)
    assert export.skipped() == {"material-map": COUNT}


def test_an_original_comes_before_a_derived_reconstruction(export):
    derived = ["DERIVED", "PRIMARY", "AXIAL"]
    export.add(series=1, SeriesDescription="70 %", ImageType=derived, ConvolutionKernel="B20f")
    stored = export.add(series=2, SeriesDescription="70 %", ConvolutionKernel="B26f")
    (phase,) = export.read().phases
    assert _holds(phase, stored)


def test_calcium_scoring_of_the_same_phase_that_covers_more(export):
    """The scan of 3 mm slices covers 126 mm, the angiography of 1 mm slices 110 mm; only the latter is eligible."""
    wide = {"PixelSpacing": [4, 4]}  # too wide to be eligible: the thickness alone must decide
    export.add(factory.pixels(42), series=1, step=3, SliceThickness=3, SeriesDescription="Qr36 75%", **wide)
    stored = export.add(
        factory.pixels(110), series=2, step=1, SliceThickness=1, SeriesDescription="75%", **wide
    )
    (phase,) = export.read().phases
    assert _holds(phase, stored)


# What is left out


def test_a_tilted_phase_is_left_out_and_said(export):
    export.add(series=1, SeriesDescription="40 %")
    cosine, sine = np.cos(np.radians(10)), np.sin(np.radians(10))
    export.add(
        series=2,
        SeriesDescription="50 %",
        each=lambda index: {"ImageOrientationPatient": [1, 0, 0, 0, cosine, sine]},
    )
    study = export.read()
    assert [phase.label for phase in study.phases] == ["40 %"]
    (lost,) = [found for found in study.left_out if found.phase_lost]
    assert (lost.label, lost.series_number) == ("50 %", 2)
    assert [reason.code for reason in lost.reasons] == ["tilted", "oblique"]


def test_an_incomplete_phase_does_not_cost_the_others(export):
    for number, percent in enumerate((30, 40, 50, 60)):
        export.add(series=number, SeriesDescription=f"{percent} %", skip=(5,) if percent == 50 else ())
    study = export.read()
    assert [phase.label for phase in study.phases] == ["30 %", "40 %", "60 %"]
    (lost,) = [found for found in study.left_out if found.phase_lost]
    assert (lost.label, [reason.code for reason in lost.reasons][:1]) == ("50 %", ["missing-slices"])
