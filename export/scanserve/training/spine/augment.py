"""Variation of films in batches, on any device: where the film lies in the networks' frame, and how bright it is.

Symbols: B films, K points, R C rows and columns of a film.  Geometry never changes angles by more than a shear of a few
per cent, and the points move with the image.
"""

from __future__ import annotations

import torch
import torch.nn.functional as F
from torch import Tensor

from scanserve.contracts.spine import IMAGE_SHAPE

__all__ = ["augment", "mirror"]

_ROWS, _COLUMNS = IMAGE_SHAPE
#: Share of films that fill the frame tightly, as after a first reading, and the spine's rows in both kinds.
_TIGHT, _TIGHT_ROWS, _LOOSE_ROWS = 0.7, (410.0, 490.0), (150.0, 410.0)
#: Share of films whose brightness is varied.
_VARIED = 0.65
#: Largest rotation, degrees, and the deviation of the aspect.
_TURN_DEG, _ASPECT = 9.0, 0.03


def augment(
    films: Tensor, sizes: Tensor, points: Tensor, generator: torch.Generator
) -> tuple[Tensor, Tensor]:
    """Images ``[B, 1, 512, 256]`` and points ``[B, K, 3]`` (x, y, 1 if within the image).

    Args:
        films: uint8 ``[B, R, C]``.
        sizes: ``[B, 2]``, rows and columns of each film that are filled.
        points: ``[B, K, 2]`` in film pixels.
        generator: the source of all randomness, on the device of ``films``.
    """
    draw = _Draws(len(films), generator)
    matrix, offset = _placement(points, draw)  # network pixel = matrix @ film pixel + offset
    placed = torch.matmul(points, matrix.transpose(1, 2)) + offset.unsqueeze(1)  # [B, K, 2]
    image, inside = _sampled(films, sizes, matrix, offset)
    mask = _shutters(placed, draw) * inside
    varied = draw.often(_VARIED).view(-1, 1, 1, 1) > 0
    image = torch.where(varied, _brightness(image, draw), image) * mask
    flag = _within(placed, mask)
    image, placed, flag = mirror(image, placed, flag, draw.uniform(0, 1) < 0.5)
    return image, torch.cat((placed, flag.unsqueeze(-1)), dim=-1)


def mirror(image: Tensor, points: Tensor, flag: Tensor, chosen: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """Images, points and flags, mirrored left to right where ``chosen [B]``; the corners keep their order as seen."""
    swapped = points.unflatten(1, (-1, 2)).flip(2).flatten(1, 2)
    swapped = torch.stack((_COLUMNS - 1 - swapped[..., 0], swapped[..., 1]), dim=-1)
    flags = flag.unflatten(1, (-1, 2)).flip(2).flatten(1, 2)
    image = torch.where(chosen.view(-1, 1, 1, 1), image.flip(3), image)
    points = torch.where(chosen.view(-1, 1, 1), swapped, points)
    return image, points, torch.where(chosen.view(-1, 1), flags, flag)


class _Draws:
    """Random numbers, one for each film of a batch."""

    def __init__(self, count: int, generator: torch.Generator) -> None:
        self.count, self.generator, self.device = count, generator, generator.device

    def uniform(self, low: float, high: float, *shape: int) -> Tensor:
        """Uniform numbers ``[B, *shape]``."""
        size = (self.count, *shape)
        return low + (high - low) * torch.rand(size, generator=self.generator, device=self.device)

    def normal(self, deviation: float, *shape: int) -> Tensor:
        """Normal numbers ``[B, *shape]``."""
        return deviation * torch.randn((self.count, *shape), generator=self.generator, device=self.device)

    def often(self, share: float) -> Tensor:
        """1.0 with probability ``share``, else 0.0, ``[B]``."""
        return (self.uniform(0, 1) < share).float()


def _placement(points: Tensor, draw: _Draws) -> tuple[Tensor, Tensor]:
    """Matrix ``[B, 2, 2]`` and offset ``[B, 2]`` from film pixels to network pixels."""
    low, high = points.amin(dim=1), points.amax(dim=1)
    tight = draw.often(_TIGHT)
    rows = tight * draw.uniform(*_TIGHT_ROWS) + (1 - tight) * draw.uniform(*_LOOSE_ROWS)
    scale = torch.minimum(rows / (high - low)[:, 1], 0.96 * _COLUMNS / (high - low)[:, 0])
    angle = torch.deg2rad(draw.normal(0.4 * _TURN_DEG).clamp(-_TURN_DEG, _TURN_DEG))
    aspect = 1 + draw.normal(_ASPECT)
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    matrix = torch.stack((cos * aspect, -sin, sin * aspect, cos), dim=-1).view(-1, 2, 2)
    middle, size = (low + high) / 2, (high - low) * scale.unsqueeze(1)
    free = (torch.tensor([_COLUMNS, _ROWS], device=points.device) - size).clamp(min=0)
    share = torch.stack((draw.normal(0.16).clamp(-0.45, 0.45), draw.uniform(-0.48, 0.48)), dim=-1)
    target = torch.tensor([(_COLUMNS - 1) / 2, (_ROWS - 1) / 2], device=points.device) + share * free
    return matrix, target - torch.matmul(matrix, middle.unsqueeze(-1)).squeeze(-1)


def _sampled(films: Tensor, sizes: Tensor, matrix: Tensor, offset: Tensor) -> tuple[Tensor, Tensor]:
    """Images ``[B, 1, 512, 256]`` in 0..1, and 1 where the film lies."""
    y, x = torch.meshgrid(
        torch.arange(_ROWS, device=films.device, dtype=torch.float32),
        torch.arange(_COLUMNS, device=films.device, dtype=torch.float32),
        indexing="ij",
    )
    flat = torch.stack((x, y), dim=-1).view(1, -1, 2) - offset.unsqueeze(1)  # [B, 512 256, 2]
    place = torch.matmul(flat, torch.linalg.inv(matrix).transpose(1, 2))  # film pixels
    rows, columns = films.shape[1:]
    grid = (2 * place + 1) / torch.tensor([columns, rows], device=films.device) - 1
    grid = grid.view(-1, _ROWS, _COLUMNS, 2)
    image = F.grid_sample(films.unsqueeze(1).float() / 255, grid, align_corners=False, padding_mode="border")
    limit = sizes.flip(1).view(-1, 1, 2).float() - 0.5
    inside = ((place > -0.5) & (place < limit)).all(dim=-1).view(-1, 1, _ROWS, _COLUMNS).float()
    return image, inside


def _shutters(points: Tensor, draw: _Draws) -> Tensor:
    """1 inside a random rectangle around most of the spine ``[B, 1, 512, 256]``; sometimes it cuts the ends off."""
    low, high = points.amin(dim=1), points.amax(dim=1)
    room = torch.tensor([0.02 * _COLUMNS, 0.012 * _ROWS], device=points.device)
    first = low - room - draw.uniform(0, 1, 2) ** 2 * 160 - 400 * draw.often(0.4).unsqueeze(1)
    last = high + room + draw.uniform(0, 1, 2) ** 2 * 160 + 400 * draw.often(0.4).unsqueeze(1)
    cut = draw.often(0.06) * draw.uniform(0.02, 0.22) * (high - low)[:, 1]
    top = draw.often(0.5)
    y0, y1 = first[:, 1] * (1 - (cut > 0) * top) + (low[:, 1] + cut) * (cut > 0) * top, last[:, 1]
    y1 = y1 * (1 - (cut > 0) * (1 - top)) + (high[:, 1] - cut) * (cut > 0) * (1 - top)
    rows = torch.arange(_ROWS, device=points.device)
    columns = torch.arange(_COLUMNS, device=points.device)
    down = (rows >= y0.unsqueeze(1)) & (rows <= y1.unsqueeze(1))
    across = (columns >= first[:, :1]) & (columns <= last[:, :1])
    return (down.unsqueeze(2) & across.unsqueeze(1)).unsqueeze(1).float()


def _within(points: Tensor, mask: Tensor) -> Tensor:
    """1.0 for points ``[B, K]`` on the visible film."""
    x, y = points[..., 0].round().long(), points[..., 1].round().long()
    valid = (x >= 0) & (x < _COLUMNS) & (y >= 0) & (y < _ROWS)
    index = y.clamp(0, _ROWS - 1) * _COLUMNS + x.clamp(0, _COLUMNS - 1)
    return valid.float() * mask.flatten(1).gather(1, index)


def _brightness(image: Tensor, draw: _Draws) -> Tensor:
    """Another window, gamma, shading, levelling, blur, grain, patches and, rarely, inversion; 0..1."""
    wide = (draw.count, 1, 1, 1)
    field = F.interpolate(draw.normal(0.18, 1, 4, 3), size=IMAGE_SHAPE, mode="bilinear", align_corners=True)
    image = image + draw.often(0.7).view(wide) * field * (0.3 + image)
    level = F.avg_pool2d(image, 8)
    level = F.interpolate(
        F.avg_pool2d(level, 9, 1, 4, count_include_pad=False), size=IMAGE_SHAPE, mode="bilinear"
    )
    amount = draw.often(0.3) * draw.uniform(0.3, 1.0)
    image = image - amount.view(wide) * (level - level.mean(dim=(2, 3), keepdim=True))
    soft = F.avg_pool2d(image, 3, 1, 1)
    image = torch.lerp(image, soft, (draw.often(0.35) * draw.uniform(0, 1)).view(wide))
    low, high = draw.uniform(-0.25, 0.25), draw.uniform(0.6, 1.35)
    image = ((image - low.view(wide)) / (high - low).view(wide)).clamp(0, 1)
    image = image ** torch.exp(draw.normal(0.35)).view(wide)
    grain = torch.randn(image.shape, generator=draw.generator, device=draw.device)
    image = image + (draw.uniform(0, 1) ** 2 * 0.07).view(wide) * grain
    image = _patched(_patched(image, draw), draw)
    flip = draw.often(0.03).view(wide)
    return (flip * (1 - image) + (1 - flip) * image).clamp(0, 1)


def _patched(image: Tensor, draw: _Draws) -> Tensor:
    """A rectangle of one brightness anywhere in a quarter of the images: what is burnt in or lies on the patient."""
    centre = torch.stack((draw.uniform(0, _ROWS), draw.uniform(0, _COLUMNS)), dim=-1)
    half = torch.stack((draw.uniform(2, 22), draw.uniform(2, 22)), dim=-1) * draw.often(0.25).unsqueeze(1)
    rows = torch.arange(_ROWS, device=draw.device)
    columns = torch.arange(_COLUMNS, device=draw.device)
    down = (rows - centre[:, :1]).abs() < half[:, :1]
    across = (columns - centre[:, 1:]).abs() < half[:, 1:]
    patch = (down.unsqueeze(2) & across.unsqueeze(1)).unsqueeze(1)
    return torch.where(patch, draw.uniform(0, 1).view(-1, 1, 1, 1), image)
