"""The samples and one's own articles lie in workspaces of their own; no server is started for what is refused."""

from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.articles.readers import Refusal
from workbench.cli.app import app
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.errors import SettingsError
from workbench.store import Store, articles
from workbench.workflows import demo
from workbench.workflows.init import init


def tree(folder: Path) -> set[Path]:
    return set(folder.rglob("*"))


def test_ones_own_articles_are_not_put_among_the_samples(tmp_path: Path) -> None:
    init(tmp_path / "demo")
    (tmp_path / "demo" / demo.PAGES).write_text("{}\n", encoding="utf-8")
    own = tmp_path / "own.txt"
    own.write_text("Some news of our own.", encoding="utf-8")
    before = tree(tmp_path)
    with pytest.raises(SettingsError, match="holds the samples' workspace"):
        demo.prepare(tmp_path / "demo", [own], Silent())
    assert tree(tmp_path) == before


def test_the_samples_are_not_put_among_other_articles(tmp_path: Path) -> None:
    init(tmp_path)
    store = Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    with store.transaction() as session:
        articles.add(session, Article.from_text("Some news."), raw="Some news.")
    store.close()
    with pytest.raises(SettingsError, match="another workspace") as refused:
        demo.run_loop(tmp_path, Silent())
    assert "--folder" in refused.value.hint
    assert not (tmp_path / "label-studio").exists()


@pytest.mark.parametrize(
    ("words", "folder"),
    [
        ([], "demo"),
        (["own.txt"], "demo-articles"),
        (["own.txt", "--folder", "mine"], "mine"),
        (["--folder", "mine"], "mine"),
    ],
)
def test_each_has_a_folder_of_its_own(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], folder: str
) -> None:
    class Reached(Exception):
        pass

    def stop(where: Path, *_: object) -> None:
        raise Reached(where)

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "prepare", stop)
    monkeypatch.setattr(demo, "run_loop", stop)
    ran = CliRunner().invoke(app, ["demo", *words])
    assert isinstance(ran.exception, Reached)
    assert ran.exception.args == (Path(folder),)


def test_what_waits_without_suggestions_is_told(tmp_path: Path) -> None:
    place = demo.Place(folder=tmp_path, url="http://localhost", project_url="http://localhost/projects/1", accounts=())
    waiting = demo.Waiting(suggested=5, blind=3)
    ready = demo.PreparedReport.model_construct(
        place=place, added=demo.ingest.AddReport(), pushed=None, waiting=waiting
    )
    told = str(ready)
    assert "5 articles wait in the browser with suggestions, 3 without: the dev and test parts" in told
    told = str(ready.model_copy(update={"waiting": demo.Waiting(suggested=5, blind=0)}))
    assert told.startswith("ready     5 articles wait in the browser with suggestions\nopen")


def test_ones_own_articles_wait_and_those_that_were_refused_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = demo.Place(
        folder=tmp_path, url="http://here", project_url="http://here/projects/1", accounts=("anna@workbench.local",)
    )
    added = demo.ingest.AddReport(refused=(Refusal(name="own.txt", reason="is empty"),))
    ready = demo.PreparedReport.model_construct(
        place=place, added=added, pushed=None, waiting=demo.Waiting(suggested=2, blind=0)
    )

    def prepared(*_: object) -> demo.PreparedReport:
        return ready

    monkeypatch.setattr(demo, "prepare", prepared)
    ran = CliRunner().invoke(app, ["demo", "own.txt"], catch_exceptions=False)
    assert ran.exit_code == 0
    assert "own.txt is empty" in ran.output
    assert "2 articles wait in the browser with suggestions" in ran.output
    assert "open      http://here/projects/1" in ran.output


def test_the_demo_of_another_version_is_not_gone_on_with(tmp_path: Path) -> None:
    init(tmp_path)
    (tmp_path / demo.PAGES).write_text('{"text": "An article of before."}\n', encoding="utf-8")
    with pytest.raises(SettingsError, match="demo of another version") as refused:
        demo.run_loop(tmp_path, Silent())
    assert "--fresh" in refused.value.hint
    assert not (tmp_path / "label-studio").exists()
