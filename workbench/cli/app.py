"""The `workbench` command: its groups, its global options, and how an error ends it."""

import gc
import os
import sys
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Annotated

import typer

from workbench.cli import (
    annotate,
    annotators,
    articles,
    backup,
    convert,
    corrections,
    demo,
    doctor,
    export,
    gold,
    history,
    init,
    models,
    preannotate,
    pull,
    push,
    reconcile,
    schemas,
    scheme,
    score,
    server,
    status,
    train,
)
from workbench.cli.context import Call
from workbench.errors import MASK, WorkbenchError, masked

app = typer.Typer(
    name="workbench",
    help="News articles into Label Studio with suggestions; corrections back, gold releases, better models.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    context: typer.Context,
    workspace: Annotated[
        Path | None, typer.Option("--workspace", "-w", help="The workspace's folder; else the nearest one upwards.")
    ] = None,
    label_studio_url: Annotated[
        str, typer.Option(help="A Label Studio that runs already; its API key is read from LABEL_STUDIO_API_KEY.")
    ] = "",
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """News articles into Label Studio with suggestions; corrections back, gold releases, better models."""
    context.obj = Call(workspace=workspace, debug=debug, label_studio_url=label_studio_url)


app.command()(init.init)
app.command()(demo.demo)
app.command()(status.status)
app.command()(doctor.doctor)
app.add_typer(articles.app, name="articles")
app.command()(preannotate.preannotate)
app.command()(push.push)
app.command()(pull.pull)
app.command()(reconcile.reconcile)
app.command()(history.history)
app.command()(corrections.corrections)
app.command()(export.export)
app.command()(annotate.annotate)
app.command()(convert.convert)
app.command("import")(convert.import_)
app.command()(score.score)
app.command(hidden=True)(schemas.schemas)
app.add_typer(gold.app, name="gold")
app.command()(train.train)
app.command()(train.evaluate)
app.add_typer(models.app, name="models")
app.command()(backup.backup)
app.command()(backup.restore)
app.add_typer(scheme.app, name="scheme")
app.add_typer(server.app, name="server")
app.add_typer(annotators.app, name="annotators")


def collect_garbage_less_often() -> None:
    """Lets Python look for unreachable objects less often than after every 700 new ones.

    Annotation sets are many small objects that live long, and each look goes through all of them.
    """
    gc.set_threshold(50_000, 10, 10)


def _traceback(error: BaseException) -> str:
    """An error's traceback without the passwords of URLs and the API key, which libraries quote in messages of theirs."""
    import traceback

    text = masked("".join(traceback.format_exception(error)))
    key = os.environ.get("LABEL_STUDIO_API_KEY", "").strip()
    return text.replace(key, MASK) if key else text


def _show_without_secrets(_kind: type[BaseException], error: BaseException, _trace: TracebackType | None) -> None:
    sys.stderr.write(_traceback(error))


def main() -> None:
    """Runs the command; an error is one message on standard error and an exit code, never a traceback."""
    collect_garbage_less_often()
    sys.excepthook = _show_without_secrets
    _write_whatever_comes()
    try:
        try:
            app()
        finally:
            sys.stdout.flush()
    except WorkbenchError as error:
        sys.stderr.write(_traceback(error) if "--debug" in sys.argv else f"error: {error}\n")
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.stderr.write("interrupted; what was done is kept, run the command again to go on\n")
        sys.exit(130)
    except BrokenPipeError:
        _drop_the_rest()
        sys.exit(0)
    except OSError as error:
        # Whatever it was that a step of ours has not foreseen: a full disk, a folder that is read-only.
        where = f"{error.filename}: " if error.filename else ""
        sys.stderr.write(
            _traceback(error)
            if "--debug" in sys.argv
            else f"error: {where}{error.strerror or error}\n  check the permissions there, and the room on its disk\n"
        )
        _drop_the_rest()
        sys.exit(1)


def _write_whatever_comes() -> None:
    """Lets output hold every character: a pipe or a file gets UTF-8, a terminal that cannot show one its number."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, TextIOWrapper):
            stream.reconfigure(encoding=None if stream.isatty() else "utf-8", errors="backslashreplace")


def _drop_the_rest() -> None:
    """Lets what could not be written go, so that the end of the program does not try again."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
