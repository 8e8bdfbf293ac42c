"""What `workbench pull` says of what it brought."""

from pathlib import Path

import pytest

from workbench.cli.context import Call
from workbench.labelstudio.pull.intake import AnnotatorCount, UnknownTask
from workbench.labelstudio.pull.pull import PullReport
from workbench.store.problems import Problem


def test_equal_reasons_are_one_line_and_a_report_has_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    problems = tuple(
        Problem(
            task_id=number,
            article_id=f"a-{number}",
            annotation_id=10 + number,
            updated="2025",
            rule="label-unknown",
            message="label 'X' is not in its layer",
            payload="{}",
        )
        for number in range(30)
    )
    report = PullReport(
        title="news",
        project_id=1,
        annotators=(AnnotatorCount(annotator="[b]ann[/]", submitted=2),),
        submitted=2,
        skipped=0,
        deleted=0,
        new_problems=problems,
        open_problems=30,
        settled=1,
        sent_back=0,
        cleared=0,
        adopted=0,
        unknown=(UnknownTask(task_id=3, reason="names no article"), UnknownTask(task_id=4, reason="names no article")),
        tasks_seen=32,
        pulled_to="",
        requests=4,
        seconds=1.0,
        sweep=None,
        trimmed=(("a-1", "entities GPE ' Oslo' is taken as 'Oslo'"),),
    )
    file = tmp_path / "all.txt"
    with Call().reporting(file) as show:
        show(report)
    table, *lines = capsys.readouterr().out.split("2 new revisions from project news\n")
    assert "[b]ann[/]          2        0        0" in table
    assert "".join(lines).splitlines() == [
        "1 problems are settled",
        "2 tasks that are none of ours were left alone (--adopt takes such tasks in):",
        "  2 × names no article: task 3; task 4",
        "1 region had white space at its edges, and is kept without it:",
        "  a-1: entities GPE ' Oslo' is taken as 'Oslo'",
        "30 annotations that do not fit were kept aside:",
        "  30 × label 'X' is not in its layer: a-0, task 0, annotation 10; a-1, task 1, annotation 11; "
        "a-2, task 2, annotation 12; …",
        "30 problems are open: `workbench pull --problems`",
        "32 tasks read, 4 requests in 1.0 s",
    ]
    assert len(file.read_text(encoding="utf-8").splitlines()) == 33
