"""Codes of files that cannot be used: truths, results, annotations, data sets, profiles."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry

__all__ = ["FILES"]

#: All are an :class:`~scanserve.contracts.errors.InputError`.
FILES: Mapping[str, Entry] = {
    "annotation-invalid": Entry(
        "An annotation does not follow its layout, or names a phase that the study does not have.",
        "Correct the file at the place that the message names.",
    ),
    "annotation-missing": Entry(
        "The data folder holds no annotated study for this split.",
        "Put annotated studies under `train/` and `validation/`.",
    ),
    "annotation-ungraded": Entry(
        "An annotation grades no vessel, but quality is learned from grades.",
        "Grade at least one vessel.",
    ),
    "course-unclear": Entry(
        "The arteries of a case cannot be named by their course.",
        "Leave the case out, or draw it by hand; many such cases mean that images are stored in another orientation.",
    ),
    "file-missing": Entry(
        "A given file or folder does not exist.",
        "Correct the path.",
    ),
    "hosts-invalid": Entry(
        "The folder that `--hosts` names holds no valid `hosts.json`.",
        "Write `hosts.json` as docs/training.md shows.",
    ),
    "image-invalid": Entry(
        "An image file cannot be read, is no volume, lies oblique to the patient, or does not fit its mask.",
        "Download or convert it again, or leave the case out.",
    ),
    "landmarks-invalid": Entry(
        "A table of landmarks has rows of another length than its layout says, or another number of them than names.",
        "Name the folder as it was published; `docs/training.md` shows the layout.",
    ),
    "markups-invalid": Entry(
        "Curves of 3D Slicer do not follow their layout, or give no main path for an artery.",
        "Correct the curve that the message names.",
    ),
    "mask-in-pieces": Entry(
        "Too much of a mask of arteries lies in pieces that belong to no artery.",
        "Leave the case out, or mend its mask.",
    ),
    "mixed-applications": Entry(
        "The results to evaluate come from several applications.",
        "Evaluate the results of each application separately.",
    ),
    "no-cases": Entry(
        "A data set holds no cases in its published layout, or too few that can be used.",
        "Name the folder that the data set was unpacked into; `docs/training.md` shows each layout.",
    ),
    "no-common-phase": Entry(
        "The truth and the result of a study share no phase.",
        "Pair the truth with the result of the same study.",
    ),
    "no-studies": Entry(
        "The folders hold no truth with a result of the same name.",
        "Name the folders that hold `truth.json` and `result.json`.",
    ),
    "no-study-analysed": Entry(
        "None of the studies of a measurement or of a comparison could be analysed.",
        "See the reasons in this message or in those above; `--override-eligibility` analyses what is not eligible.",
    ),
    "not-a-result": Entry(
        "The file is not a result of this application, or it contradicts itself.",
        "Name a `result.json` that `scanserve` wrote.",
    ),
    "not-a-truth": Entry(
        "The file is not the truth of a phantom study.",
        "Name a `truth.json` that `scanserve phantom` wrote.",
    ),
    "other-film": Entry(
        "A result is of a film of another size than that of the truth.",
        "Pair the truth with the result of the same study.",
    ),
    "other-slices": Entry(
        "The result and the truth belong to different slices.",
        "Pair the truth with the result of the same study.",
    ),
    "pairs-mismatch": Entry(
        "The truth is a single study and the result a folder of studies, or vice versa.",
        "Name two studies, or two folders of studies.",
    ),
    "profile-invalid": Entry(
        "A load profile does not follow its layout.",
        "Correct the file at the place that the message names.",
    ),
    "reference-invalid": Entry(
        "A reference centerline does not follow its layout.",
        "Download it again.",
    ),
    "result-version": Entry(
        "The layout version of the result is not supported.",
        "Analyse the study again with this version.",
    ),
    "trees-missing": Entry(
        "A mask does not hold two coronary trees, a right and a left one, that lie apart.",
        "Leave the case out, or mend its mask.",
    ),
    "truth-version": Entry(
        "The layout version of the truth is not supported.",
        "Make the phantom again with this version.",
    ),
}
