"""Half precision as a strongly typed ONNX: FP16 in the weights and between the layers, as the graph states.

TensorRT 11 takes the precision from the graph only.  The tensors of the contract keep their types: the graph casts at
the borders of the network, and probabilities are computed in FP32.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from torch import Tensor, nn
from torch.nn.utils.fusion import fuse_conv_bn_eval

from scanserve.contracts import InputError, ModelSpec, SetupError, find_model
from scanserve.export.onnx_export import application_exports, export_onnx
from scanserve.export.parity import Tensors, run_onnx, run_torch

__all__ = [
    "HALF_TOLERANCES",
    "InHalf",
    "check_half",
    "export_half",
    "export_half_onnx",
    "fold_norms",
    "in_half",
]

#: Largest mean absolute difference from FP32 per output type: FP32 relative to the largest magnitude,
#: UINT8 in levels.  A class index may flip between classes that are equal in FP16, so INT32 is not checked.
HALF_TOLERANCES = {"FP32": 1e-2, "UINT8": 1.0}

_CONVOLUTIONS, _NORMS = (nn.Conv2d, nn.Conv3d), (nn.BatchNorm2d, nn.BatchNorm3d)


class InHalf(nn.Module):
    """A network in FP16 between FP32 tensors."""

    def __init__(self, network: nn.Module) -> None:
        super().__init__()
        self.network = fold_norms(network).half()

    def forward(self, image: Tensor, *others: Tensor) -> Tensor | tuple[Tensor, ...]:
        """The network's outputs, cast back to FP32; only ``image`` is cast to FP16."""
        result = self.network(image.half(), *others)
        return result.float() if isinstance(result, Tensor) else type(result)(*(x.float() for x in result))


def fold_norms(network: nn.Module) -> nn.Module:
    """A copy of ``network`` whose batch normalisations are folded into the convolutions before them.

    Folding happens in FP32, before the weights are rounded to FP16.
    """
    network = copy.deepcopy(network).eval()
    for block in list(network.modules()):
        if isinstance(block, nn.Sequential):
            _fold_block(block)
    return network


def in_half(module: nn.Module) -> nn.Module:
    """A copy of a served module (one with a ``network``) that runs its network in FP16."""
    network = InHalf(module.get_submodule("network"))
    module = copy.deepcopy(module)
    module.network = network
    return module.eval()


def export_half(name: str, path: Path, weights_dir: Path) -> Path:
    """Write the half-precision ONNX of the trained network ``name`` to the file ``path``.

    Raises:
        InputError: code ``unknown-model`` or ``precision-kind``.
        SetupError: codes ``weights-*``, ``export-contract`` and ``export-parity``.
    """
    spec, application = find_model(name), application_exports(name)
    if spec.kind != "network":
        raise InputError(
            "precision-kind", f"{name} is a {spec.kind}; only networks have a half-precision export."
        )
    data = export_half_onnx(application.BUILDERS[name](weights_dir), spec, application.samples(spec))
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(data)
    return path


def export_half_onnx(module: nn.Module, spec: ModelSpec, samples: Sequence[tuple[str, Tensors]]) -> bytes:
    """Serialised half-precision ONNX of a served module, checked on ``samples`` against FP32 torch."""
    data = export_onnx(in_half(module), spec, samples[0][1])
    for case, inputs in samples:
        check_half(spec, case, run_torch(module, spec, inputs), run_onnx(data, inputs))
    return data


def check_half(spec: ModelSpec, case: str, expected: Tensors, found: Tensors) -> None:
    """Check the FP16 outputs against :data:`HALF_TOLERANCES`; raises SetupError, code ``export-parity``."""
    for tensor in spec.outputs:
        allowed = HALF_TOLERANCES.get(tensor.dtype)
        error = _mean_error(expected[tensor.name], found[tensor.name])
        if allowed is not None and not error <= allowed:
            raise SetupError(
                "export-parity",
                f"output {tensor.name!r} of {spec.name} in half precision differs from FP32 by {error:.3g} "
                f"on the {case} input; at most {allowed:g} is allowed.",
            )


def _mean_error(expected: npt.NDArray, found: npt.NDArray) -> float:
    exact = expected.astype(np.float64)
    error = float(np.abs(exact - found).mean())
    scale = float(np.abs(exact).max())
    relative = np.issubdtype(expected.dtype, np.floating) and scale > 0
    return error / scale if relative else error


def _fold_block(block: nn.Sequential) -> None:
    for index in range(len(block) - 1):
        conv, norm = block[index], block[index + 1]
        if isinstance(conv, _CONVOLUTIONS) and isinstance(norm, _NORMS):
            block[index] = fuse_conv_bn_eval(conv, norm)
            block[index + 1] = nn.Identity()
