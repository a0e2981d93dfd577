import errno
import importlib.metadata
import os
import signal
import subprocess
import sys
import time
import types
from importlib.metadata import EntryPoint

import pytest
import typer

from scanserve.client import cli
from scanserve.contracts import NOT_FOR_DIAGNOSIS, EligibilityError, InputError, ScanserveError, ServerError


def plugin(monkeypatch, name, app):
    """An entry point for ``app``, which is found in a module made here."""
    module = types.ModuleType(f"plugin_{name}")
    module.app = app
    monkeypatch.setitem(sys.modules, module.__name__, module)
    return EntryPoint(name, f"{module.__name__}:app", cli.COMMAND_GROUP)


def one_command(function):
    app = typer.Typer()
    app.command()(function)
    return app


@pytest.fixture
def run(monkeypatch, capsys):
    """Run ``scanserve`` with the given plugins: (exit status, stdout, stderr)."""
    monkeypatch.delenv(cli.DEBUG_VARIABLE, raising=False)

    def call(*arguments, entry_points=(), **apps):
        points = [*entry_points, *(plugin(monkeypatch, name, app) for name, app in apps.items())]
        monkeypatch.setattr(cli, "_entry_points", lambda: points)
        status = cli.main(arguments)
        return status, *capsys.readouterr()

    return call


def raising(error):
    def command():
        raise error

    return one_command(command)


def test_single_command_is_added_under_its_entry_points_name(run):
    def other_name(count: int = 1):
        typer.echo(f"count {count}")

    assert run("tool", "--count", "3", tool=one_command(other_name)) == (0, "count 3\n", "")


def test_app_with_several_commands_is_a_group(run):
    app = typer.Typer()
    app.command("first")(lambda: typer.echo("1"))
    app.command("second")(lambda: typer.echo("2"))
    assert run("tool", "second", tool=app) == (0, "2\n", "")


def test_app_with_a_callback_stays_a_group(run):
    app = typer.Typer()

    @app.callback(invoke_without_command=True)
    def root(name: str):
        typer.echo(name)

    assert run("tool", "--help", tool=app)[0] == 0
    assert run("tool", "it", tool=app) == (0, "it\n", "")


def test_version(run):
    status, out, _ = run("--version")
    assert status == 0
    assert importlib.metadata.version("scanserve") in out
    assert NOT_FOR_DIAGNOSIS in out


def test_help_names_every_command_and_the_notice(run):
    status, out, _ = run("--help", alpha=one_command(lambda: None), beta=one_command(lambda: None))
    assert status == 0
    assert out.index("alpha") < out.index("beta")
    assert "not for diagnosis" in " ".join(out.split())


def test_every_declared_command_is_found():
    names = {found.name for found in cli._entry_points()}
    assert names >= {"ccta", "phantom", "serve", "train", "export", "perf"}


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (ScanserveError("some-code", "something is wrong."), 1),
        (InputError("some-code", "something is wrong."), 2),
        (EligibilityError("some-code", "something is wrong."), 3),
        (ServerError("some-code", "something is wrong."), 4),
    ],
)
def test_coded_error_is_one_sentence_and_its_status(run, error, status):
    assert run("tool", tool=raising(error)) == (status, "", "error [some-code]: something is wrong.\n")


def test_unexpected_error_has_no_traceback(run):
    status, _, err = run("tool", tool=raising(ValueError("odd\nthing")))
    assert status == 1
    assert err.startswith("error [internal]: unexpected ValueError: odd thing")
    assert err.count("\n") == 1


@pytest.mark.parametrize("error", [ValueError, OSError, lambda text: InputError("some-code", text)])
def test_what_comes_from_a_file_is_printed_escaped_and_shortened(run, error):
    _, _, err = run("tool", tool=raising(error("1.2.\x1b[2J\x9b31m\u202e" + "9" * 100_000)))
    assert err.rstrip("\n").isprintable()
    assert r"1.2.\x1b[2J\x9b31m\u202e" in err
    assert len(err) < 3000


def test_tracebacks_are_printed_escaped(run, monkeypatch):
    monkeypatch.setenv(cli.DEBUG_VARIABLE, "1")
    _, _, err = run("tool", tool=raising(ValueError("odd\x1b[2J")))
    assert "Traceback" in err
    assert all(line.isprintable() for line in err.split("\n"))


def test_an_error_of_native_code_is_no_traceback(run):
    class PanicError(BaseException):
        """As extensions written in Rust raise it."""

    status, _, err = run("tool", tool=raising(PanicError("index out of range")))
    assert (status, err.startswith("error [internal]: unexpected PanicError")) == (1, True)


def test_debug_shows_the_traceback_and_keeps_the_status(run, monkeypatch):
    monkeypatch.setenv(cli.DEBUG_VARIABLE, "1")
    app = raising(InputError("some-code", "something."))
    monkeypatch.setattr(cli, "_entry_points", lambda: [plugin(monkeypatch, "tool", app)])
    assert cli.main(["tool"]) == 2


def test_traceback_is_on_stderr(monkeypatch, capsys):
    monkeypatch.setenv(cli.DEBUG_VARIABLE, "1")
    app = raising(InputError("some-code", "something."))
    monkeypatch.setattr(cli, "_entry_points", lambda: [plugin(monkeypatch, "tool", app)])
    cli.main(["tool"])
    err = capsys.readouterr().err
    assert "Traceback" in err
    assert err.endswith("error [some-code]: something.\n")


@pytest.mark.parametrize("wrapped", [False, True])
def test_full_disk(run, wrapped):
    error = OSError(errno.ENOSPC, "No space left on device", "/secret/folder/report.html")
    if wrapped:
        outer = RuntimeError("could not save")
        outer.__cause__ = error
        error = outer
    status, _, err = run("tool", tool=raising(error))
    assert status == 2
    assert err == "error [disk-full]: no space is left on the device while writing 'report.html'.\n"


@pytest.mark.skipif(not os.path.exists("/dev/full"), reason="no /dev/full here")
def test_full_disk_for_real(run):
    def command():
        with open("/dev/full", "w") as file:
            file.write("x")

    assert run("tool", tool=one_command(command))[2].startswith("error [disk-full]")


@pytest.mark.parametrize(
    ("error", "code"),
    [
        (PermissionError(errno.EACCES, "Permission denied", "file"), "os-error"),
        (MemoryError(), "out-of-memory"),
        (ModuleNotFoundError("No module named 'zzz'", name="zzz.sub"), "module-missing"),
        (ModuleNotFoundError("No module named 'torch'", name="torch.nn"), "extra-missing"),
    ],
)
def test_other_errors_are_coded(error, code):
    assert cli.explain(error).code == code


def test_usage_errors_are_clicks_own(run):
    status, _, err = run("nothing-like-it")
    assert status == 2
    assert "No such command" in err
    assert run("tool", "--what", tool=one_command(lambda: None))[0] == 2


def test_exit_status_of_a_command_is_kept(run):
    def command():
        raise typer.Exit(7)

    assert run("tool", tool=one_command(command))[0] == 7


def test_abort_is_an_interruption(run):
    assert run("tool", tool=raising(typer.Abort()))[0] == 130


def test_closed_pipe_is_quiet(run):
    assert run("tool", tool=raising(BrokenPipeError())) == (1, "", "")


def test_only_the_command_that_runs_is_loaded(run, monkeypatch):
    class Never(EntryPoint):
        def load(self):
            raise AssertionError("loaded")

    never = Never("never", "nowhere:app", cli.COMMAND_GROUP)
    good = one_command(lambda: typer.echo("fine"))
    assert run("--verbose", "good", entry_points=[never], good=good) == (0, "fine\n", "")
    assert run("--version", entry_points=[never])[0] == 0


class TestMissing:
    """Commands that cannot be loaded."""

    def point(self, monkeypatch, name, error, extras=""):
        class Finder:
            @staticmethod
            def find_spec(module, path=None, target=None):
                if module == f"unloadable_{name}":
                    raise error

        monkeypatch.setattr(sys, "meta_path", [Finder, *sys.meta_path])
        return EntryPoint(name, f"unloadable_{name}:app{extras}", cli.COMMAND_GROUP)

    def test_extra_is_named_when_the_command_runs(self, run, monkeypatch):
        missing = ModuleNotFoundError("No module named 'safetensors'", name="safetensors")
        point = self.point(monkeypatch, "train", missing)
        status, _, err = run("train", "--seed", "7", "path", entry_points=[point])
        assert status == 6
        assert err.startswith("error [extra-missing]: the command 'train' needs")
        assert "pip install 'scanserve[export]'" in err

    def test_extra_of_a_package_named_otherwise(self, run, monkeypatch):
        missing = ModuleNotFoundError("No module named 'pytriton'", name="pytriton")
        err = run("serve", entry_points=[self.point(monkeypatch, "serve", missing)])[2]
        assert "scanserve[server]" in err

    def test_declared_extra_comes_first(self, run, monkeypatch):
        missing = ModuleNotFoundError("No module named 'onnxruntime'", name="onnxruntime")
        err = run("it", entry_points=[self.point(monkeypatch, "it", missing, " [perf]")])[2]
        assert "scanserve[perf]" in err
        assert "scanserve[export]" not in err

    def test_command_stays_in_the_help(self, run, monkeypatch):
        missing = ModuleNotFoundError("No module named 'torch'", name="torch")
        out = run("--help", entry_points=[self.point(monkeypatch, "train", missing)])[1]
        assert "train" in out
        assert "not available" in out

    @pytest.mark.parametrize("error", [SyntaxError("bad"), RuntimeError("bad"), AttributeError("bad")])
    def test_broken_command_does_not_break_the_others(self, run, monkeypatch, error):
        point = self.point(monkeypatch, "broken", error)
        good = one_command(lambda: typer.echo("fine"))
        assert run("good", entry_points=[point], good=good) == (0, "fine\n", "")
        status, _, err = run("broken", entry_points=[point])
        assert status == 6
        assert "error [broken-command]: the command 'broken'" in err

    def test_command_that_is_no_app_is_broken(self, run):
        assert "not a typer.Typer" in run("odd", odd=object())[2]

    def test_app_that_cannot_become_a_command_is_broken(self, run):
        assert run("empty", empty=typer.Typer())[0] == 6


def test_module_runs_as_a_program():
    done = subprocess.run(
        [sys.executable, "-m", "scanserve.client.cli", "--version"],
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0
    assert "scanserve" in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("inherited", [signal.SIG_DFL, signal.SIG_IGN], ids=["default", "nohup"])
def test_interrupt_ends_with_130(inherited):
    script = (
        "import signal, sys, time, typer\n"
        "from scanserve.client import cli\n"
        # A caller that ignores SIGINT (nohup) hands that on to its children.
        "signal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "def command():\n"
        "    print('running', flush=True)\n"
        "    time.sleep(200)\n"
        "cli._add = lambda app, point: app.command('wait')(command)\n"
        "sys.exit(cli.main(['wait']))\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        preexec_fn=lambda: signal.signal(signal.SIGINT, inherited),
    ) as process:
        assert process.stdout.readline() == "running\n"
        time.sleep(0.05)
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=100)
    assert process.returncode == 130
    assert "Traceback" not in err
