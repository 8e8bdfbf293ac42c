"""`workbench status`: where everything stands, in one screen."""

from typing import TYPE_CHECKING, Annotated

import typer

from workbench.cli.context import call

if TYPE_CHECKING:
    from workbench.workflows.status import StatusReport


def status(
    context: typer.Context, as_json: Annotated[bool, typer.Option("--json", help="Print it as JSON.")] = False
) -> None:
    """Show where everything stands, in one screen."""
    run = call(context)
    report = run.workspace.status()
    if as_json:
        typer.echo(report.model_dump_json(indent=2))
        return
    for name, lines in _lines(report).items():
        for number, line in enumerate(lines or ["none yet"]):
            run.console.print(f"{name if not number else '':<13}{line}", markup=False)


def _lines(report: "StatusReport") -> dict[str, list[str]]:
    return {
        "articles": [
            f"{report.articles} in {report.story_groups} story groups"
            + (f" ({_counts(report.parts)})" if report.parts else "")
        ],
        "suggestions": [f"{s.articles} articles by {s.producer}" for s in report.suggestions],
        "Label Studio": [
            f"{p.title} ({p.server}, project {p.project_id}): tasks {_counts(p.tasks)}; pulled to {p.pulled_to or 'never'}"
            + (f"; {p.problems} problems, see `workbench pull --problems`" if p.problems else "")
            for p in report.projects
        ]
        + _edited(report),
        "annotators": [
            f"{a.annotator}: {a.submitted} submitted, {a.skipped} skipped, {a.seconds / 60:.0f} minutes"
            for a in report.annotators
        ],
        "releases": [f"{r.name}: {_counts(r.parts)}" for r in report.releases],
        "models": list(report.models),
        "shown": [f"{report.champion}: {report.champion_reason}"],
        **({"refused": [f"{report.refused.model}: {report.refused.reason}"]} if report.refused else {}),
    }


def _edited(report: "StatusReport") -> list[str]:
    from workbench.core.config_edit import HINT

    not_asked = f"whether its label config was edited is not known: {report.not_asked}"
    return ([str(report.config_edit), HINT] if report.config_edit else []) + ([not_asked] if report.not_asked else [])


def _counts(counts: dict[str, int]) -> str:
    return ", ".join(f"{number} {name}" for name, number in sorted(counts.items())) or "none"
