"""The `workbench` command: its groups, its global options, and how an error ends it."""

import errno
import gc
import os
import sys
from pathlib import Path
from types import TracebackType
from typing import Annotated

import typer

from workbench.cli import (
    adjudicate,
    agreement,
    annotate,
    annotators,
    articles,
    backup,
    convert,
    corrections,
    curve,
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
    select,
    server,
    simulate,
    status,
    train,
)
from workbench.cli.context import Call
from workbench.cli.groups import GroupedCommands
from workbench.cli.plain import write_out_what_is_lacking
from workbench.errors import MASK, WorkbenchError, masked
from workbench.printable import shortened, visible

INTERRUPTED = 130
"""The exit status after Ctrl-C, as a shell has it."""
LONGEST_LINE = 1000
"""How many characters of a line an error shows: a title that it quotes may have any number."""

app = typer.Typer(
    name="workbench",
    cls=GroupedCommands,
    help="Annotate news articles in Label Studio with suggestions, and train better models.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings={"help_option_names": ["-h", "--help"]},
)


@app.callback()
def options(
    context: typer.Context,
    workspace: Annotated[
        Path | None,
        typer.Option("--workspace", "-w", help="Folder of the workspace. Default: the nearest one upwards."),
    ] = None,
    label_studio_url: Annotated[
        str, typer.Option(help="Use this Label Studio, with the API key in LABEL_STUDIO_API_KEY.")
    ] = "",
    debug: Annotated[bool, typer.Option("--debug", help="Show the traceback of an error.")] = False,
) -> None:
    """Annotate news articles in Label Studio with suggestions, and train better models."""
    context.obj = Call(folder=workspace, debug=debug, label_studio_url=label_studio_url)


app.command()(init.init)
app.command()(demo.demo)
app.command()(status.status)
app.command()(doctor.doctor)
app.add_typer(articles.app, name="articles")
app.command()(preannotate.preannotate)
app.command()(select.select)
app.command()(push.push)
app.command()(pull.pull)
app.command()(reconcile.reconcile)
app.command()(history.history)
app.command()(corrections.corrections)
app.command()(agreement.agreement)
app.command()(adjudicate.adjudicate)
app.command()(export.export)
app.command()(annotate.annotate)
app.command()(convert.convert)
app.command("import")(convert.import_)
app.command()(score.score)
app.command(hidden=True)(schemas.schemas)
app.add_typer(gold.app, name="gold")
app.command()(train.train)
app.command()(train.evaluate)
app.command()(curve.curve)
app.command()(simulate.simulate)
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


def _tell_of_interruption(ended: BaseException | None) -> None:
    """Says what an interruption leaves behind: what the command says of it, or what holds of every command."""
    while ended is not None and not isinstance(ended, KeyboardInterrupt):
        ended = ended.__cause__ or ended.__context__  # what Typer has made of it
    said = str(ended or "") or "interrupted; what was finished is kept, run the command again"
    sys.stderr.write(f"{said}\n")


def main() -> None:
    """Runs the command; an error is one message on standard error and an exit code, never a traceback."""
    collect_garbage_less_often()
    sys.excepthook = _show_without_secrets
    write_out_what_is_lacking(sys.stdout, sys.stderr)
    try:
        try:
            app()
        finally:
            # What was printed last may find the disk full only now; it is not to be lost in silence.
            for stream in filter(None, (sys.stdout,)):  # there is none where somebody closed it
                stream.flush()
    except KeyboardInterrupt as stopped:
        _tell_of_interruption(stopped)
        sys.exit(INTERRUPTED)
    except SystemExit as ended:
        if ended.code == INTERRUPTED:  # what Typer makes of Ctrl-C, without a word
            _tell_of_interruption(ended)
        raise
    except BrokenPipeError:
        _print_no_more()
        sys.exit(0)
    except (WorkbenchError, OSError, UnicodeEncodeError) as error:
        told = (shortened(line, LONGEST_LINE) for line in visible(_message(error)).split("\n"))
        sys.stderr.write(_traceback(error) if "--debug" in sys.argv else "error: " + "\n".join(told) + "\n")
        if isinstance(error, OSError):
            _print_no_more()
        sys.exit(error.exit_code if isinstance(error, WorkbenchError) else WorkbenchError.exit_code)


def _message(error: WorkbenchError | OSError | UnicodeEncodeError) -> str:
    if isinstance(error, WorkbenchError):
        return str(error)
    if isinstance(error, UnicodeEncodeError):
        lacking = visible(error.object[error.start : error.end])
        return f"{lacking} is no text in {error.encoding}\n  in another locale it may be one: LC_ALL=C.UTF-8"
    what = f"{error.filename}: " if error.filename else ""
    return (
        f"{what}{error.strerror or error}\n  {_DISK_HINTS.get(error.errno or 0, 'check the path and its permissions')}"
    )


_DISK_HINTS = {
    errno.ENOSPC: "make room on the disk, then run the command again",
    errno.EDQUOT: "make room within your quota, then run the command again",
    errno.EROFS: "choose a folder that can be written",
}


def _print_no_more() -> None:
    """Lets what is still to be written to standard output go nowhere: it would fail once more when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
