"""What commands print of differences and edits: whole lines, in a narrow terminal and a pipe alike."""

from io import StringIO

from pushing import CONFIG

from workbench.cli.context import ConsoleProgress
from workbench.cli.output import Output
from workbench.core.config_edit import CHOICE, HINT, ConfigEdit
from workbench.core.scheme import LabelScheme
from workbench.labelstudio.reconcile import EXAMPLES, Difference, ReconcileReport
from workbench.reports.scheme_effects import SchemeChangeReport
from workbench.workflows.status import StatusReport

LONG = "task 1: " + ", ".join(f"field{n}" for n in range(30))
DIGEST = LabelScheme.from_xml(CONFIG).digest
EDIT = ConfigEdit(project_id=7, title="News", changes=("label A of x added",), takes_away=False)


def test_every_difference_is_told_whole() -> None:
    said = (LONG, *(f"task {number}: title" for number in range(2, EXAMPLES + 4)))
    one = Difference(kind="task data changed", said=said, remedy="written anew", left=2)
    report = ReconcileReport(
        title="News", project_id=7, tasks=9, mended=True, differences=(one,), requests=3, seconds=1.0
    )
    *lines, verdict = str(report).splitlines()
    assert verdict == "9 tasks of project News compared; 3 requests in 1.0 s"
    assert lines == [
        f"      {len(said)}  task data changed, 2 left",
        f"         {LONG}",
        *(f"         task {number}: title" for number in range(2, EXAMPLES + 1)),
        "         ... and 3 more",
        "         --mend: written anew",
    ]


def test_an_edit_on_the_server_is_told_with_what_can_be_done() -> None:
    fields: dict[str, object] = {"title": "News", "project_id": 7, "before": DIGEST, "after": DIGEST, "redrawn": False}
    report = SchemeChangeReport.model_validate(
        {**fields, "effects": (), "checked": 0, "unfit": 0, "orphaned": (), "orphaned_predictions": 0}
    )
    assert str(report).splitlines() == ["label_config.xml means what the project's config means"]
    [how_many, change, choice, same] = str(report.model_copy(update={"edited": EDIT.changes})).splitlines()
    assert how_many.endswith("edited in Label Studio: 1 change")
    assert (change, choice) == ("~ label A of x added", CHOICE)
    assert "was given" in same
    [away, _] = str(report.model_copy(update={"asked": False})).splitlines()
    assert "does not answer" in away


def test_status_tells_an_edit_and_why_it_could_not_ask() -> None:
    report = StatusReport.model_construct(config_edit=EDIT, not_asked="")
    assert report.edited() == [str(EDIT), HINT]
    report = StatusReport.model_construct(config_edit=None, not_asked="no answer")
    assert report.edited() == ["whether its label config was edited is not known: no answer"]


def test_what_is_said_on_the_way_is_not_broken_into_lines() -> None:
    progress, console = ConsoleProgress(), Output()
    console.file, console.width = StringIO(), 40
    progress.__dict__["messages"] = console
    progress.say(LONG)
    assert console.file.getvalue() == LONG + "\n"
