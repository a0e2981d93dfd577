"""Made-up exports, slice by slice and without files: several kinds of series, in every mixture, tags missing.

Each slice knows what it really is (:class:`Truth`), so that a test can tell whether a decision mixed things up.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import count

from hypothesis import strategies as st

from scanserve.preprocessing import Finding
from scanserve.preprocessing.ct.rescale import Rescale
from scanserve.preprocessing.ct.slices import Slice
from tests.support.ct_slices import ct_slice

PHASES = (30, 40, 45, 70, 75, 85)
BEAT_MS = 900
STEP = 0.5
ORIGINAL = ("ORIGINAL", "PRIMARY", "AXIAL")
DERIVED = ("DERIVED", "SECONDARY", "AXIAL")
#: Ways to write the phase; those in the second row only tell phases apart.
NAMING = ("nominal_percent", "scan_options", "series_description", "image_comments", "trigger_ms")
TELLING = ("temporal_index", "temporal_position", "content_time", "acquisition_time")


@dataclass(frozen=True)
class Truth:
    """What a slice really is: of which reconstruction, and which phase (percent)."""

    kind: str
    percent: int | None


class Export:
    """A study: its slices, the truth of each by its file, and images by content."""

    def __init__(self) -> None:
        self.slices: list[Slice] = []
        self.truths: dict[str, Truth] = {}
        self.images: dict[str, object] = {}
        self._numbers = count(1)

    def add(self, truth: Truth, z: float, *, image=None, tags=None, **settings) -> None:
        number = next(self._numbers)
        file = f"f{number}"
        self.slices.append(ct_slice(z, file, tags=tags, **settings))
        self.truths[file] = truth
        self.images[file] = number if image is None else image

    def __repr__(self) -> str:
        """The stacks in short: what, how many slices, and the first slice's tags."""
        stacks: dict[tuple, list[Slice]] = {}
        for image in self.slices:
            key = (image.series_number, self.truths[image.file])
            stacks.setdefault(key, []).append(image)
        return "\n".join(
            f"{key}: {len(images)} of {len({i.series_uid for i in images})} series, {images[0].phase_tags}"
            for key, images in stacks.items()
        )

    def same(self, first: Slice, other: Slice) -> bool:
        return self.images[first.file] == self.images[other.file]


class Fitness:
    """Thick slices are unfit by their header, and what shows no vessels by its pixels."""

    def __init__(self, export: Export) -> None:
        self.export = export

    def by_header(self, phase):
        return (Finding("slices-too-thick", "thick."),) if (phase.thickness_mm or 0) > 1 else ()

    def by_sample(self, phase):
        truth = self.export.truths[phase.stack.slices[0].file]
        return () if truth.kind.startswith("angiography") else (Finding("no-contrast", "none."),)


def written(percent: int, ways: frozenset[str], beat: int, phase: int) -> dict:
    """The tags of a slice of a phase, written in these ways; delays differ from beat to beat."""
    delay = percent * BEAT_MS // 100 + (0, 9, -7, 4)[beat % 4]
    tags = {
        "nominal_percent": float(percent),
        "scan_options": f"TP{percent}PC{delay}",
        "series_description": f"CTA {percent} % 0.5 B26f",
        "image_comments": f"66bpm, {delay}ms, 66ms",
        "trigger_ms": float(delay),
        "temporal_index": phase + 1,
        "temporal_position": phase + 1,
        "content_time": 120000.0 + phase,
        "acquisition_time": 115959.0 + phase,
    }
    return {way: tags[way] for way in ways}


@st.composite
def exports(draw) -> Export:
    """A multi-phase angiography, and whatever else scanners and workplaces put beside it."""
    export = Export()
    percents = draw(st.lists(st.sampled_from(PHASES), min_size=1, max_size=4, unique=True))
    slices = draw(st.integers(12, 20))
    ways = frozenset(draw(st.sets(st.sampled_from(NAMING + TELLING), max_size=4)))
    constant = draw(st.sampled_from([{}, {"trigger_ms": 0.0}, {"nominal_percent": 0.0}, {"acquisition": 1}]))
    constant = {name: value for name, value in constant.items() if name not in ways}
    together = draw(st.booleans()) if ways - {"series_description"} else False
    kernels = draw(st.sampled_from([("B26f",), ("B26f", "B46f")]))
    own_uids = draw(st.booleans()) and len(kernels) == 1 and not together
    shift = (
        draw(st.sampled_from([0.0, 0.0, 0.245])) if together and ways & {*NAMING[:2], *NAMING[3:]} else 0.0
    )
    for number, kernel in enumerate(kernels):
        for phase, percent in enumerate(percents):
            series = 10 * (number + 1) + (0 if together else phase)
            for index in range(slices):
                tags = constant | written(percent, ways, 4 * index // slices, phase)
                if together and "series_description" in tags:
                    tags["series_description"] = "CTA 0 - 90 % 0.5"
                export.add(
                    Truth(f"angiography {kernel}", percent),
                    STEP * index + shift * phase,
                    tags=tags,
                    series_number=series,
                    series_uid=f"1.2.{series}" + (f".{index}" if own_uids else ""),
                    kernel=kernel,
                    image_type=ORIGINAL,
                    instance=phase * slices + index + 1,
                )
    for extra in draw(st.sets(st.sampled_from(list(EXTRAS)), max_size=4)):
        EXTRAS[extra](export, percents, slices, ways, together)
    for again in range(draw(st.integers(0, 3))):
        original = export.slices[again]
        export.add(
            export.truths[original.file],
            original.position[2],
            image=export.images[original.file],
            **_settings(original),
        )
    return export


def _settings(image: Slice) -> dict:
    names = ("series_number", "series_uid", "kernel", "image_type", "instance", "phase_tags", "thickness")
    return {name: getattr(image, name) for name in names}


def _stack(export, truth, heights, tags, series, **settings) -> None:
    for index, z in enumerate(heights):
        export.add(
            truth,
            z,
            tags=tags,
            **{"series_number": series, "series_uid": f"1.2.{series}", "instance": index + 1} | settings,
        )


def _mips(export, percents, slices, ways, together) -> None:
    """Sliding MIPs of the first phase, in a series with a lower number or in that of the slices."""
    tags = written(percents[0], ways, 0, 0)
    heights = [STEP * index for index in range(slices)]
    kind = {"image_type": ("DERIVED", "SECONDARY", "AXIAL", "CT_SOM5 MIP")}
    _stack(export, Truth("mip", percents[0]), heights, tags, 10 if together else 1, **kind)


def _iodine(export, percents, slices, ways, together) -> None:
    tags = written(percents[-1], ways, 0, 0)
    heights = [STEP * index for index in range(slices)]
    _stack(
        export,
        Truth("iodine", percents[-1]),
        heights,
        tags,
        2,
        image_type=DERIVED,
        rescale=Rescale(1.0, -1024.0, unit="MGML"),
    )


def _calcium(export, percents, slices, ways, together) -> None:
    tags = written(percents[0], ways, 0, 0) | {"series_description": "CaSc 3.0 75%"}
    heights = [3.0 * index for index in range(slices)]
    _stack(export, Truth("calcium", 75), heights, tags, 3, thickness=3.0, image_type=ORIGINAL)


def _unnamed_calcium(export, percents, slices, ways, together) -> None:
    tags = written(percents[0], ways - {"series_description"}, 0, 0)
    heights = [3.0 * index for index in range(slices)]
    _stack(export, Truth("calcium", percents[0]), heights, tags, 4, thickness=3.0, image_type=ORIGINAL)


def _localizer(export, percents, slices, ways, together) -> None:
    kind = {
        "image_type": ("ORIGINAL", "PRIMARY", "LOCALIZER"),
        "orientation": (1.0, 0.0, 0.0, 0.0, 0.0, -1.0),
    }
    _stack(export, Truth("localizer", None), [0.0, 0.1], {}, 5, **kind)


def _plain(export, percents, slices, ways, together) -> None:
    """A thin scan without contrast medium, with a lower number, of the same phase."""
    tags = written(percents[0], ways - {"series_description"}, 0, 0)
    heights = [STEP * index for index in range(slices)]
    _stack(export, Truth("plain", percents[0]), heights, tags, 6, image_type=ORIGINAL, kernel="B30f")


def _derived(export, percents, slices, ways, together) -> None:
    """A thin reformat of the first phase, smoother than the original."""
    tags = written(percents[0], ways, 0, 0)
    heights = [STEP * index for index in range(slices)]
    kind = {"image_type": DERIVED, "kernel": "B20f"}
    _stack(export, Truth("angiography reformat", percents[0]), heights, tags, 7, **kind)


EXTRAS = {
    "mips": _mips,
    "iodine map": _iodine,
    "calcium scoring": _calcium,
    "calcium scoring without a name": _unnamed_calcium,
    "localizer": _localizer,
    "plain scan": _plain,
    "derived": _derived,
}


def anonymised(export: Export) -> Export:
    """The same study with other UIDs and file names, its slices in another order."""
    other = Export()
    for image in reversed(export.slices):
        file = f"x{export.slices.index(image)}"
        frame = replace(image.frame, file=file, sop_uid=f"9.{file[1:]}")
        uid = "7." + ".".join(reversed(image.series_uid.split(".")))
        other.slices.append(
            replace(image, frame=frame, series_uid=uid, study_uid="7", frame_of_reference="8")
        )
        other.truths[file] = export.truths[image.file]
        other.images[file] = export.images[image.file]
    return other
