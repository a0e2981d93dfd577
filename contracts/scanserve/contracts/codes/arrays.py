"""Codes of arrays and numbers that a function rejects; mostly seen by callers of the library."""

from __future__ import annotations

from collections.abc import Mapping

from scanserve.contracts.codes.entry import Entry

__all__ = ["ARRAYS"]

#: All are an :class:`~scanserve.contracts.errors.InputError`.
ARRAYS: Mapping[str, Entry] = {
    "batch-size": Entry(
        (
            "The inputs of a request differ in their batch size, or it is not from 1 to the model's largest "
            "batch."
        ),
        "Give every input the same batch axis, of at most the size in the tensor reference.",
    ),
    "client-closed": Entry(
        "A client was used after it had been closed.",
        "Make the calls inside the client's `with` block.",
    ),
    "corners-shape": Entry(
        "The corners of a stack of quadrilaterals are not a finite array (N, 4, 2), or there are too few of them.",
        "Pass four corners `(x, y)` for every quadrilateral; curves need three quadrilaterals or more.",
    ),
    "curve-ends": Entry(
        "The two ends of a curve are none of the stack, or the upper one does not lie above the lower one.",
        "Name two ends by their index from the top, the upper one first.",
    ),
    "graph-too-small": Entry(
        "A skeleton of fewer than two voxels gives no tree.",
        "Check the heat map: it must hold a line.",
    ),
    "grid-invalid": Entry(
        "The shape or the spacing of a grid does not consist of three positive numbers.",
        "Give three positive numbers, in the order that the message names.",
    ),
    "heatmap-shape": Entry(
        "A heat map is not `uint8` with the axes `[z, y, x]`.",
        "Pass the map of one vessel as the model returned it.",
    ),
    "input-shape-missing": Entry(
        "A measurement needs the size of an input whose size the model leaves open.",
        "Name the size under `shapes` in the profile.",
    ),
    "lines-too-fine": Entry(
        "Two lines have too many points to be compared.",
        "Sample them with a wider spacing.",
    ),
    "no-path": Entry(
        "Two nodes of a graph are not connected.",
        "Ask for a path inside one component.",
    ),
    "noise-invalid": Entry(
        "The standard deviation or the correlation of a phantom's noise is negative.",
        "Give a standard deviation and a correlation of at least 0.",
    ),
    "path-shape": Entry(
        "The points of a line are not a finite array (N, 3) of two points or more.",
        "Pass at least two points `(x, y, z)` without NaN or infinity.",
    ),
    "path-too-short": Entry(
        "A line has no length, two neighbours coincide, or it is shorter than a step.",
        "Remove repeated points, or take a smaller step.",
    ),
    "points-shape": Entry(
        "The last axis of an array of points is not `(x, y, z)`.",
        "Pass an array of shape (..., 3).",
    ),
    "radii-shape": Entry(
        "A line has fewer or more radii than points.",
        "Pass as many radii as points.",
    ),
    "ranking-shape": Entry(
        "The two arrays of a ranking differ in length.",
        "Pass one blur and one position for every phase.",
    ),
    "recombine-shapes": Entry(
        "The images to recombine differ in shape, or one lacks its length or its row of qualities.",
        "Pass images of the same shape, each with a length and a row of qualities.",
    ),
    "sigma-invalid": Entry(
        "The width of a heat map is not positive.",
        "Give a positive width in mm.",
    ),
    "step-not-positive": Entry(
        "The spacing of a sampled line is not positive.",
        "Give a positive distance in mm.",
    ),
    "straighten-size": Entry(
        "A straightened image has fewer than two steps or pixels, or their size is not positive.",
        "Ask for two or more of each, with a positive size in mm.",
    ),
    "tensor-dtype": Entry(
        "An input of a model does not have the data type of its contract.",
        "Convert it to the type in the tensor reference.",
    ),
    "tensor-missing": Entry(
        "A request lacks an input of its model.",
        "Send every input in the tensor reference.",
    ),
    "tensor-shape": Entry(
        "An input of a model does not have the axes of its contract.",
        "Give it the axes in the tensor reference.",
    ),
    "tree-invalid": Entry(
        "The arrays of a vessel tree contradict each other.",
        "Give every point one radius and one parent that comes before it, and a main path from the root.",
    ),
    "unknown-tensor": Entry(
        "A request has an input that its model does not take.",
        "Send only the inputs in the tensor reference.",
    ),
    "volume-invalid": Entry(
        "A volume is not `int16` with the axes `[z, y, x]`, or its origin or spacing is not usable.",
        "Pass a non-empty volume with a finite origin and a positive spacing, each `(x, y, z)` in mm.",
    ),
    "volume-too-large": Entry(
        "A volume is larger than its contract allows, or a request or its answer than one message of 2 GiB.",
        "Crop or resample the volume.",
    ),
}
