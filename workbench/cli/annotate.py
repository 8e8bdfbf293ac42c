"""`workbench annotate`: annotated articles in a pipe, without a store or a server."""

from pathlib import Path
from typing import Annotated

import typer

from workbench.cli.context import call
from workbench.cli.lists import Lists, ReportFile
from workbench.cli.terminal import utf8_output


def annotate(
    context: typer.Context,
    files: Annotated[list[str], typer.Argument(metavar="FILE…", help="Files, folders, or - for standard input.")],
    model: Annotated[
        str,
        typer.Option(
            "--model", metavar="NAME|PATH", help="What annotates: a spaCy pipeline for the rules to stand on."
        ),
    ] = "en_core_web_sm",
    output: Annotated[str, typer.Option("--output", "-o", metavar="-|FILE", help="Where the JSON lines go.")] = "-",
    from_jsonl: Annotated[
        bool,
        typer.Option("--from-jsonl", help="The files hold workbench documents: leave their text exactly as it is."),
    ] = False,
    label_config: Annotated[
        Path | None, typer.Option("--label-config", help="The scheme; else the workspace's, else the one that ships.")
    ] = None,
    report_file: ReportFile = None,
) -> None:
    """Read, clean and annotate articles; write them as JSON lines. Needs no store and no server."""
    from workbench.errors import ArticleError, PartlyDone, SettingsError
    from workbench.workflows.annotate import annotate_files, annotator

    run = call(context)
    lists = Lists(run.progress.say, report_file)
    scheme = run.scheme_from(label_config)
    chosen = annotator(model, scheme, run.models)
    try:
        target = utf8_output() if output == "-" else Path(output).open("w", encoding="utf-8", newline="\n")  # noqa: SIM115 # closed by the with below
    except OSError as error:
        raise SettingsError(f"{output} cannot be written: {error.strerror}") from error
    with target as stream:
        report = annotate_files(files, chosen, scheme, stream, run.progress, from_jsonl=from_jsonl)
    lists.show("refused", [(one.name, one.reason) for one in report.refused], between=" ")
    for remark in report.remarks:
        run.progress.say(f"note: {remark}")
    run.progress.say(f"{report.articles} articles, {report.spans} spans by {report.producer}")
    if report.refused:
        what = f"{len(report.refused)} of {report.articles + len(report.refused)} files or rows were refused"
        raise (PartlyDone if report.articles else ArticleError)(what, hint="see the list above")
