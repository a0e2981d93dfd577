"""Projections of the best phase's CT along the patient axes, with heat maps and centerlines over them."""

from __future__ import annotations

from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from scanserve.client.ccta.style import vessel_style
from scanserve.client.ccta.views import Overlay, PlaneView, Views
from scanserve.client.runs.figure import RenderedFigure
from scanserve.client.runs.style import PT_LABEL, PT_TICK, PT_TITLE, new_figure, png_of

__all__ = ["planes_figure"]

#: Wider than for a vessel alone: calcium and bone would saturate otherwise.
PLANE_WINDOW = (-200.0, 800.0)
_WIDTH_INCHES = 9.5
#: Below the planes, and in all: the legend and the notice, labels and titles.
_BELOW_INCHES, _AROUND_INCHES = 0.98, 1.35
#: Shares of the figure's width: left of the first plane, between two, and what is left for all of them and the gaps.
_LEFT, _GAP, _ACROSS = 0.065, 0.055, 0.925


def planes_figure(views: Views, notice: str) -> RenderedFigure:
    """The planes beside each other on one scale, over the result's notice."""
    widths = [abs(plane.extent[1] - plane.extent[0]) for plane in views.planes]
    tallest = max(abs(plane.extent[3] - plane.extent[2]) for plane in views.planes)
    share = (_ACROSS - _GAP * (len(widths) - 1)) / sum(widths)
    inches = _WIDTH_INCHES * share * tallest
    height = inches + _AROUND_INCHES
    figure, left = new_figure(_WIDTH_INCHES, height, notice), _LEFT
    for plane, width in zip(views.planes, widths, strict=True):
        place = (left, _BELOW_INCHES / height, share * width, inches / height)
        _draw_plane(figure.add_axes(place), plane)
        left += share * width + _GAP
    _draw_legend(figure, [overlay.vessel for overlay in views.planes[0].overlays])
    return RenderedFigure(
        name="projections",
        title=f"Heat maps and centerlines over the CT, {views.plane_phase}",
        caption="Maximum-intensity projections of the region around the coronary arteries in the best phase. Shaded: "
        "the networks' heat maps; lines: main paths (thick) and branches (thin); dots: the ostia.",
        alt="Axial, coronal and sagittal projections with the vessels' centerlines.",
        png=png_of(figure),
    )


def _draw_legend(figure: Figure, vessels: list[str]) -> None:
    figure.legend(
        [Rectangle((0, 0), 1, 1, color=vessel_style(vessel).colour) for vessel in vessels],
        vessels,
        loc="lower center",
        ncols=3,
        frameon=False,
        bbox_to_anchor=(0.5, 0.16 / figure.get_figheight()),
    )


def _draw_plane(axes: Axes, plane: PlaneView) -> None:
    vmin, vmax = PLANE_WINDOW
    axes.imshow(plane.image, cmap="gray", vmin=vmin, vmax=vmax, extent=plane.extent, aspect="equal")
    axes.set_autoscale_on(False)
    for overlay in plane.overlays:
        _draw_overlay(axes, overlay)
    axes.set_title(plane.name, fontsize=PT_TITLE)
    axes.set_xlabel(plane.axes[0], fontsize=PT_LABEL)
    axes.set_ylabel(plane.axes[1], fontsize=PT_LABEL, labelpad=1)
    axes.tick_params(labelsize=PT_TICK)


def _draw_overlay(axes: Axes, overlay: Overlay) -> None:
    colour = vessel_style(overlay.vessel).colour
    clear, dense = (*to_rgb(colour), 0.0), (*to_rgb(colour), 0.6)
    glow = LinearSegmentedColormap.from_list(overlay.vessel, [clear, dense])
    axes.imshow(overlay.heat, cmap=glow, vmin=0.1, vmax=1, extent=overlay.extent, aspect="equal")
    for branch in overlay.branches:
        axes.plot(branch[:, 0], branch[:, 1], color=colour, linewidth=1.1)
    path = overlay.path
    axes.plot(path[:, 0], path[:, 1], color="white", linewidth=2.8, alpha=0.7)
    axes.plot(path[:, 0], path[:, 1], color=colour, linewidth=1.8)
    axes.plot(*path[0], marker="o", markersize=5, color=colour, markeredgecolor="white")
