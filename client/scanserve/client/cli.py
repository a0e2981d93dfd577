"""The command ``scanserve``: finds its sub-commands by entry point and turns errors into exit statuses.

Every entry point of the group ``scanserve.commands`` names one :class:`typer.Typer`.  A sub-command that
does not import stays in the help; running it says what to install.  Exit statuses: 0 done, 1 unexpected,
2 bad input or usage, 3 not eligible, 4 server, 5 no result, 6 installation, 130 interrupted.
"""

from __future__ import annotations

import contextlib
import copy
import errno
import importlib.metadata
import logging
import os
import platform
import re
import sys
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from importlib.metadata import EntryPoint

import typer

from scanserve.contracts import NOT_FOR_DIAGNOSIS, InputError, ScanserveError, SetupError
from scanserve.contracts.printable import printable

__all__ = ["COMMAND_GROUP", "DEBUG_VARIABLE", "build_app", "explain", "main"]

#: Entry-point group in which every sub-command registers.
COMMAND_GROUP = "scanserve.commands"
#: Environment variable that, when set to ``1``, shows tracebacks as well.
DEBUG_VARIABLE = "SCANSERVE_DEBUG"
#: Exit status of an interrupted run, as shells have it (128 + SIGINT).
INTERRUPTED = 130
#: Characters of an error's sentence that are printed at most, and of a text that no part of scanserve wrote.
SENTENCE, FOREIGN = 2000, 200

_DISTRIBUTION = "scanserve"
_DISK_FULL = (errno.ENOSPC, errno.EDQUOT)


def main(argv: Sequence[str] | None = None) -> int:
    """Run ``scanserve`` with ``argv`` (default: the process's arguments) and return its exit status."""
    arguments = list(sys.argv[1:] if argv is None else argv)
    command = typer.main.get_command(build_app(_needed(tuple(_entry_points()), arguments)))
    try:
        result = command.main(args=arguments, prog_name="scanserve", standalone_mode=False)
    except KeyboardInterrupt:
        return _interrupted()
    except (SystemExit, GeneratorExit):
        raise
    except BaseException as error:  # native code has errors that are no Exception
        return _report(error)
    return result if isinstance(result, int) else 0


def build_app(entry_points: Iterable[EntryPoint]) -> typer.Typer:
    """The root app with one sub-command per entry point, by name; broken ones become explanations."""
    app = typer.Typer(name="scanserve", no_args_is_help=True, add_completion=False, epilog=NOT_FOR_DIAGNOSIS)
    app.callback()(_root)
    for entry_point in sorted(entry_points, key=lambda found: found.name):
        _add(app, entry_point)
    return app


def explain(error: BaseException) -> ScanserveError:
    """The coded error that says ``error`` in one sentence; a :class:`ScanserveError` is returned as it is."""
    if isinstance(error, ScanserveError):
        return error
    disk = (cause for cause in _chain(error) if isinstance(cause, OSError) and cause.errno in _DISK_FULL)
    full = next(disk, None)
    if full is not None:
        return InputError("disk-full", f"no space is left on the device{_while_writing(full)}.")
    if isinstance(error, ModuleNotFoundError):
        return _missing_module(error.name or str(error))
    if isinstance(error, MemoryError):
        return ScanserveError("out-of-memory", "this machine has too little memory for what was asked.")
    if isinstance(error, OSError):
        return ScanserveError("os-error", f"{_one_line(error)}.")
    hint = f"set {DEBUG_VARIABLE}=1 for the traceback"
    return ScanserveError("internal", f"unexpected {type(error).__name__}: {_one_line(error)} ({hint}).")


def _entry_points() -> Iterable[EntryPoint]:
    """The entry points of the group, each name once (an editable install may list one twice)."""
    return {found.name: found for found in importlib.metadata.entry_points(group=COMMAND_GROUP)}.values()


def _needed(found: Sequence[EntryPoint], arguments: Sequence[str]) -> Sequence[EntryPoint]:
    """The entry points to load: that of the command which is run, or all (for help or an error)."""
    if arguments[:1] == ["--version"]:
        return ()
    name = next((argument for argument in arguments if not argument.startswith("-")), None)
    return [point for point in found if point.name == name] or found


def _root(
    version: bool = typer.Option(
        False, "--version", is_eager=True, callback=lambda asked: _version(asked), help="Say the version."
    ),
    verbose: bool = typer.Option(False, "--verbose", "-v", help="Say on stderr what is being done."),
) -> None:
    """Medical-imaging models served by NVIDIA Triton."""
    level = logging.DEBUG if verbose else logging.WARNING
    logging.basicConfig(format="%(levelname)s %(name)s: %(message)s", stream=sys.stderr)
    logging.getLogger("scanserve").setLevel(level)


def _version(asked: bool) -> None:
    if asked:
        version = importlib.metadata.version(_DISTRIBUTION)
        typer.echo(f"scanserve {version} (Python {platform.python_version()})")
        typer.echo(NOT_FOR_DIAGNOSIS)
        raise typer.Exit


def _add(app: typer.Typer, entry_point: EntryPoint) -> None:
    """Add what the entry point names, or a command that explains why it cannot run."""
    name = entry_point.name
    try:
        found = entry_point.load()
        if not isinstance(found, typer.Typer):
            raise TypeError(f"{entry_point.value} is a {type(found).__name__}, not a typer.Typer")
        typer.main.get_command(found)
    except Exception as error:
        _add_explanation(app, name, _unloadable(entry_point, error))
        return
    if _is_one_command(found):
        command = copy.copy(found.registered_commands[0])
        command.name = name
        app.registered_commands.append(command)
    else:
        app.add_typer(found, name=name)


def _is_one_command(found: typer.Typer) -> bool:
    """Whether the app has exactly one command, no groups and no callback of its own."""
    alone = len(found.registered_commands) == 1 and not found.registered_groups
    return alone and found.registered_callback is None


def _add_explanation(app: typer.Typer, name: str, reason: SetupError) -> None:
    """Add a command that takes any arguments and raises ``reason``."""
    settings = {"allow_extra_args": True, "ignore_unknown_options": True, "help_option_names": []}
    app.command(name, help=f"(not available: {reason.message})", context_settings=settings)(_raiser(reason))


def _raiser(reason: SetupError) -> Callable[[], None]:
    def run() -> None:
        raise reason

    return run


def _unloadable(entry_point: EntryPoint, error: Exception) -> SetupError:
    """Why the command of ``entry_point`` cannot run, as an error."""
    if isinstance(error, ModuleNotFoundError) and not _is_own(error.name):
        return _missing_module(error.name or "", entry_point.name, entry_point.extras)
    what = f"{type(error).__name__}: {_one_line(error)}"
    return SetupError("broken-command", f"the command {entry_point.name!r} cannot be loaded ({what}).")


def _is_own(module: str | None) -> bool:
    return module is None or module.split(".")[0] == "scanserve"


def _missing_module(module: str, command: str = "", declared: Sequence[str] = ()) -> SetupError:
    """Which extra to install for ``module`` (dotted import name) that is not there."""
    subject = f"the command {command!r} needs" if command else "this needs"
    extras = tuple(declared) or _extras_with(module.split(".")[0])
    if not extras:
        return SetupError(
            "module-missing", f"{subject} the Python module {module!r}, which is not installed."
        )
    ways = " or ".join(f"pip install '{_DISTRIBUTION}[{extra}]'" for extra in extras)
    return SetupError("extra-missing", f"{subject} the Python module {module!r}; install it with {ways}.")


def _extras_with(module: str) -> tuple[str, ...]:
    """The extras of this distribution that bring a package whose name holds ``module``."""
    wanted = module.replace("_", "-").lower()
    found: dict[str, None] = {}
    for requirement in importlib.metadata.requires(_DISTRIBUTION) or ():
        package = re.split(r"[\s\[<>=!~;(]", requirement, maxsplit=1)[0].lower()
        extra = re.search(r"extra\s*==\s*['\"]([^'\"]+)", requirement)
        if extra and (package == wanted or wanted in package.split("-")):
            found[extra.group(1)] = None
    return tuple(found)


def _report(error: BaseException) -> int:
    """Say the error on stderr and return its exit status."""
    if isinstance(error, BrokenPipeError):
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    if isinstance(error, typer.Abort):
        return _interrupted()
    if _is_from_click(error):
        error.show()  # type: ignore[attr-defined]
        return error.exit_code  # type: ignore[attr-defined]
    if os.environ.get(DEBUG_VARIABLE) == "1":
        _show_traceback(error)
    coded = explain(error)
    typer.echo(f"error [{coded.code}]: {printable(coded.message, SENTENCE)}", err=True)
    return coded.exit_status


def _show_traceback(error: BaseException) -> None:
    lines = "".join(traceback.format_exception(error)).split("\n")
    typer.echo("\n".join(printable(line, SENTENCE) for line in lines), err=True)


def _is_from_click(error: BaseException) -> bool:
    """Whether this is click's own exception: typer carries a copy of click, so it has no one class."""
    return hasattr(error, "show") and hasattr(error, "exit_code")


def _interrupted() -> int:
    typer.echo("interrupted.", err=True)
    return INTERRUPTED


def _chain(error: BaseException | None) -> Iterator[BaseException]:
    """The error and what caused it, outermost first."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__


def _while_writing(error: OSError) -> str:
    if not error.filename:
        return ""
    return f" while writing '{printable(os.path.basename(os.fsdecode(error.filename)))}'"


def _one_line(error: BaseException) -> str:
    """The error's text on one line that may be printed, without its last full stop."""
    return printable(" ".join(str(error).split()) or type(error).__name__, FOREIGN).rstrip(".")


if __name__ == "__main__":
    sys.exit(main())
