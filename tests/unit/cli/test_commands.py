"""Commands from the words that are typed to what is printed and how they end, against a fake Label Studio."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from fake_label_studio import FakeLabelStudio
from pushing import CONFIG, SCHEME, suggest, text
from typer.testing import CliRunner

from workbench.cli.app import app
from workbench.core.article import Article
from workbench.errors import ArticleError, BackupError, FormatError, LabelStudioUnavailable, PartlyDone, WorkbenchError
from workbench.labelstudio import annotator_client
from workbench.store import annotations, articles
from workbench.workflows.context import Context
from workbench.workspace import Workspace

Run = Callable[..., str]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> FakeLabelStudio:
    """What the workspace's Label Studio is, for every command."""
    fake = FakeLabelStudio()
    monkeypatch.setattr(Context, "label_studio", lambda _: fake)
    monkeypatch.setattr(Context, "label_studio_if_up", lambda _: fake)
    return fake


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A workspace with three articles and their suggestions."""
    Workspace.init(tmp_path / "news")
    with Workspace.open(tmp_path / "news") as workspace, workspace.store.transaction() as session:
        for number in range(3):
            article = Article.from_text(text(number), title=f"Article {number}")
            articles.add(session, article, raw=article.text)
            annotations.keep(session, article.id, 1, suggest(article, SCHEME))
    return tmp_path / "news"


@pytest.fixture
def run(folder: Path) -> Run:
    def run(*words: str, ends: type[WorkbenchError] | None = None) -> str:
        ran = CliRunner().invoke(app, ["--workspace", str(folder), *words])
        if ends is None:
            assert ran.exception is None, (ran.output, ran.exception)
        else:
            assert isinstance(ran.exception, ends), (ran.output, ran.exception)
        return ran.stdout

    return run


def annotate(server: FakeLabelStudio, folder: Path) -> None:
    """Somebody submits the next task as it was suggested, without one region."""
    with Workspace.open(folder) as workspace:
        task = annotator_client.next_task(server, 1, workspace.scheme, shown=None)
        assert task is not None
        entities = task.suggestion.layers["entities"][:-1]
        kept = task.suggestion.model_copy(update={"layers": {**SCHEME.empty_layers(), "entities": entities}})
        annotator_client.submit(server, task, kept, workspace.scheme, lead_time=30.0)


def test_what_is_pushed_corrected_and_pulled_is_told(run: Run, folder: Path, server: FakeLabelStudio) -> None:
    pushed = run("push", "--no-held-out", "--suggest-held-out", "--report", str(folder / "push.txt"))
    assert pushed.splitlines()[0] == "made project News: http://fake.example/projects/1"
    assert "      3  articles pushed" in pushed
    assert (folder / "push.txt").read_text() == ""
    annotate(server, folder)
    pulled = run("pull")
    assert "1 new revisions from project News" in pulled
    assert "owner@workbench.local" in pulled
    assert "nothing is open" in run("pull", "--problems")
    corrected = run("corrections")
    assert "entities: spans" in corrected
    assert "0.5" in corrected  # minutes
    assert json.loads(run("corrections", "--json", "--by", "layer"))["annotations"] == 1
    assert "annotations made with them 1, without on purpose 0" in run("corrections", "--blind")
    assert "1 submitted, 0 skipped" in run("status")
    assert json.loads(run("status", "--json"))["annotated_articles"] == 1
    assert "0 differences" not in run("reconcile")
    assert "store and server agree" in run("reconcile")


def test_the_history_of_an_article_is_told_region_by_region(run: Run, folder: Path, server: FakeLabelStudio) -> None:
    run("push", "--suggest-held-out")
    annotate(server, folder)
    run("pull")
    [article_id] = [str(task["data"]["article_id"]) for task in server.tasks(1, everything=True) if task["annotations"]]
    history = run("history", article_id[:8])
    assert history.startswith(f"{article_id} (Article ")
    assert "owner@workbench.local submitted annotation 1" in history
    assert "against the suggestion by rules" in history
    assert "deleted" in history
    assert json.loads(run("history", article_id, "--json"))["steps"][0]["lead_time"] == 30.0
    run("history", "a-none", ends=ArticleError)


def test_differences_end_a_reconcile_and_all_stand_in_the_report(
    run: Run, folder: Path, server: FakeLabelStudio
) -> None:
    run("push")
    for task in list(server.tasks(1)):
        server.edit(task["id"], data={**task["data"], "title": "Another"})
    found = run("reconcile", "--report", str(folder / "all.txt"), ends=PartlyDone)
    assert "      3  task data changed" in found
    assert (folder / "all.txt").read_text().count("task data changed: task ") == 3
    assert "task data changed, 0 left" in run("reconcile", "--mend")


def test_a_changed_label_config_is_shown_pushed_and_pulled(run: Run, folder: Path, server: FakeLabelStudio) -> None:
    run("push")
    assert "label_config.xml means what the project's config means" in run("scheme", "diff")
    more = CONFIG.replace('<Label value="GPE"', '<Label value="PLANET"/><Label value="GPE"')
    (folder / "label_config.xml").write_text(more, encoding="utf-8")
    assert "everything that is there still fits" in run("scheme", "diff")
    assert json.loads(run("scheme", "diff", "--json"))["redrawn"] is True
    pushed = run("scheme", "push")
    assert "project 1 (News) now has this label config" in pushed
    server.update_project(1, {"label_config": more.replace("PLANET", "MOON")})
    assert "the label config was edited in Label Studio: 2 changes" in run("scheme", "diff")
    pulled = run("scheme", "pull")
    assert "label_config.xml now has the label config of project 1" in pulled
    assert "MOON" in (folder / "label_config.xml").read_text(encoding="utf-8")
    assert "there is nothing to take" in run("scheme", "pull")


def interrupted(_: int) -> None:
    """What asks when somebody presses Ctrl-C."""
    raise KeyboardInterrupt


def test_watching_tells_what_came_until_it_is_interrupted(
    run: Run, folder: Path, server: FakeLabelStudio, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("push", "--suggest-held-out")
    annotate(server, folder)

    looks = iter((server.counts, server.counts, interrupted))  # a pull asks twice
    monkeypatch.setattr(server, "counts", lambda project_id: next(looks)(project_id))
    monkeypatch.setattr("signal.signal", lambda *_: None)
    ran = CliRunner().invoke(app, ["-w", str(folder), "pull", "--watch", "--every", "1"])
    assert "1 new revisions from project News" in ran.output
    assert ran.exit_code != 0
    assert CliRunner().invoke(app, ["-w", str(folder), "pull", "--webhook"]).exit_code == 2


def test_a_workspace_is_saved_and_brought_back(run: Run, folder: Path, tmp_path: Path) -> None:
    file = tmp_path / "saved.tar.gz"
    saved = run("backup", str(file))
    assert saved.startswith(f"{file}, ")
    assert "holds         the store (version " in saved
    assert "no Label Studio; " in saved
    run("backup", str(file), ends=BackupError)
    run("restore", str(file), ends=BackupError)  # there is a workspace
    back = run("restore", str(file), "--force")
    assert f"{folder} is as it was at " in back
    assert "what was there is in " in back
    ran = CliRunner().invoke(app, ["-w", str(tmp_path / "two"), "restore", str(file)])
    assert ran.exit_code == 0
    assert "what was there" not in ran.output
    with Workspace.open(tmp_path / "two") as workspace:
        assert workspace.status().articles == 3


def test_without_a_workspace_a_backup_is_brought_back_where_one_is(
    run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run("backup", str(tmp_path / "saved.tar.gz"))
    (tmp_path / "empty").mkdir()
    monkeypatch.chdir(tmp_path / "empty")
    ran = CliRunner().invoke(app, ["restore", str(tmp_path / "saved.tar.gz")])
    assert ran.exit_code == 0
    assert f"no workspace here: making one in {tmp_path / 'empty'}" in ran.output
    assert (tmp_path / "empty" / "workbench.toml").is_file()


def test_a_server_that_does_not_run_is_said(run: Run) -> None:
    assert run("server", "stop") == "Label Studio was not running\n"
    run("server", "status", ends=LabelStudioUnavailable)
    run("annotators", "list", ends=LabelStudioUnavailable)


def test_the_set_up_is_checked_line_by_line(run: Run) -> None:
    checked = run("doctor", ends=WorkbenchError)
    assert "ok   python       Python 3." in checked
    assert "fail server       Label Studio does not run" in checked
    assert "`workbench server start`" in checked
    states = {one["name"]: one["state"] for one in json.loads(run("doctor", "--json", ends=WorkbenchError))["checks"]}
    assert (states["store"], states["label config"]) == ("ok", "ok")


def test_accounts_are_listed_and_passwords_only_where_they_are_asked_for(
    run: Run, folder: Path, server: FakeLabelStudio
) -> None:
    (folder / "label-studio").mkdir(mode=0o700)
    kept = folder / "label-studio" / "annotators.json"
    kept.write_text(json.dumps({"embedded": {"owner@workbench.local": "sesame"}}), encoding="utf-8")
    kept.chmod(0o600)
    assert run("annotators", "list") == "owner@workbench.local  password kept here\n"
    assert run("annotators", "list", "--passwords") == "owner@workbench.local  sesame\n"
    assert "has an account already" in run("annotators", "add", "owner@workbench.local")


def test_files_are_annotated_and_scored_without_a_workspace(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "page.txt").write_text("Norway condemned the attack on Iran's embassy, Anna Holm said.")
    (tmp_path / "empty.txt").write_text(" ")
    ran = CliRunner().invoke(app, ["annotate", "page.txt", "empty.txt", "-o", "out.jsonl"])
    assert isinstance(ran.exception, PartlyDone), ran.output
    assert "1 article, " in ran.output
    assert "empty.txt " in ran.output
    ran = CliRunner().invoke(app, ["score", "out.jsonl", "out.jsonl"])
    assert ran.exit_code == 0, ran.output
    assert "0 corrections lead from the predictions to the gold" in ran.output
    assert "1.00" in ran.output
    ran = CliRunner().invoke(app, ["score", "out.jsonl", "out.jsonl", "--json"])
    assert json.loads(ran.stdout)["report"]["documents"] == 1


def test_articles_are_added_listed_and_shown(run: Run, tmp_path: Path) -> None:
    (tmp_path / "new.txt").write_text("Something else happened in Lima on Monday, the mayor said.")
    (tmp_path / "empty.txt").write_text(" ")
    added = run("articles", "add", str(tmp_path / "new.txt"), str(tmp_path / "empty.txt"), ends=PartlyDone)
    assert "1 article added" in added
    assert "1 refused:" in added
    assert "4 articles" in run("articles", "list", "--story")
    entries = [json.loads(line) for line in run("articles", "list", "--json").splitlines()]
    shown = run("articles", "show", entries[-1]["id"][:8])
    assert "the mayor said." in shown
    assert "0 cuts" in run("articles", "show", entries[-1]["id"], "--cuts")
    assert "Lima" in run("articles", "show", entries[-1]["id"], "--raw")


@pytest.mark.parametrize("given", ["", ",", " , "])
def test_an_export_without_a_format_is_refused(run: Run, given: str) -> None:
    run("export", "first", "--format", given, ends=FormatError)
