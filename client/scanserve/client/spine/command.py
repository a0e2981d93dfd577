"""``scanserve spine``: a frontal film of the spine in, vertebrae, curves, figures and a report out."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Optional

import typer

from scanserve.client.runs.options import CommonOptions, Study, with_common_options

if TYPE_CHECKING:
    from rich.table import Table

    from scanserve.client.spine.result import Result

__all__ = ["app"]

app = typer.Typer()


@app.command()
@with_common_options
def spine(
    study: Study,
    out: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(
            help="Folder for result.json, report.html and figures/; with --edit STUDY-spine without it."
        ),
    ] = None,
    network: Annotated[str, typer.Option(help="spine_unet or spine_hrnet.")] = "spine_unet",
    series: Annotated[
        Optional[int],  # noqa: UP045
        typer.Option(help="Number of the series to measure, where the study holds several films."),
    ] = None,
    pictures: Annotated[bool, typer.Option("--pictures", help="Take PNG and JPEG files for films.")] = False,
    pixel_aspect: Annotated[
        Optional[float],  # noqa: UP045
        typer.Option(help="How many times higher than wide a pixel is, where the film does not say it."),
    ] = None,
    photometry: Annotated[
        str, typer.Option(help="auto; or stated, reversed: whether black and white are as the header says.")
    ] = "auto",
    corrections: Annotated[
        Optional[Path],  # noqa: UP045
        typer.Option(help="An earlier result.json of the film, whose fixed corners are kept."),
    ] = None,
    edit: Annotated[
        bool, typer.Option("--edit", help="Open a page on this machine on which corners are corrected.")
    ] = False,
    port: Annotated[int, typer.Option(help="Port of that page on loopback.")] = 8791,
    reader: Annotated[str, typer.Option(help="Who corrects; without it, the name of the user.")] = "",
    *,
    common: CommonOptions,
) -> None:
    """Mark the vertebrae in a frontal film of the spine, and measure its curves (Cobb angles)."""
    from scanserve.client.runs.screen import Screen
    from scanserve.client.spine.run import Options, models_of, run

    screen = Screen(common.json)
    target = _target(study, out, edit)
    options = Options(
        study,
        target,
        network,
        series,
        pictures,
        pixel_aspect,
        photometry,  # type: ignore[arg-type]
        corrections,
        common.force,
        common.dicom,
        common.deidentify,
    )
    connect = common.connect(models_of(options.network))
    if edit:
        from scanserve.client.spine.page.serve import edit as open_page

        open_page(options, connect, port, reader, typer.echo)
        return
    with screen.console.status("measuring"):
        result = run(options, connect)
    screen.show(result, [_table(result)], result.warnings, target)


def _target(study: Path, out: Path | None, edit: bool) -> Path:
    """The output folder; whoever corrects a film need not name one."""
    from scanserve.contracts import InputError

    if out is not None:
        return out
    if not edit:
        raise InputError(
            "out-missing", "--out must name the folder for the result; only --edit has a default."
        )
    return Path(f"{study.resolve().name}-spine")


def _table(result: Result) -> Table:
    from rich.table import Table

    table = Table(title="Curves of the spine")
    for column in ("upper end", "lower end", "apex", "convex to the"):
        table.add_column(column)
    table.add_column("Cobb angle", justify="right")
    for curve in result.curves:
        side = f"{curve.patient_side} of the patient" if curve.patient_side else f"{curve.side} of the film"
        table.add_row(curve.upper, curve.lower, curve.apex, side, f"{curve.degrees:.1f}°")
    if not result.curves:
        table.add_row("none of 10° or more", "", "", "", f"{result.largest_degrees:.1f}°")
    return table
