"""`push` looks at what it was asked before it asks for the server, which does not run here."""

from collections.abc import Callable
from pathlib import Path

import pytest
from typer.testing import CliRunner

from workbench.cli.app import app
from workbench.core.article import Article
from workbench.errors import ArticleError, LabelStudioUnavailable, SchemeError, SettingsError, WorkbenchError
from workbench.store import Store, articles
from workbench.workflows.init import init


@pytest.fixture
def workspace(tmp_path: Path) -> Path:
    init(tmp_path)
    store = Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    with store.transaction() as session:
        articles.add(session, Article.from_text("Some news."), raw="Some news.")
    store.close()
    return tmp_path


@pytest.fixture
def run(workspace: Path) -> Callable[..., WorkbenchError]:
    def error(*words: str) -> WorkbenchError:
        ran = CliRunner().invoke(app, ["--workspace", str(workspace), *words])
        assert isinstance(ran.exception, WorkbenchError), ran.output
        return ran.exception

    return error


@pytest.mark.parametrize(
    ("words", "kind", "message"),
    [
        (["--order", "soonest"], SettingsError, "is no order"),
        (["--blind", "some"], SettingsError, "some"),
        (["--where", "nonsense"], SettingsError, "nonsense"),
        (["a-none"], ArticleError, "no article a-none"),
    ],
)
def test_what_is_asked_for_is_checked_first(
    run: Callable[..., WorkbenchError], words: list[str], kind: type[WorkbenchError], message: str
) -> None:
    error = run("push", *words)
    assert isinstance(error, kind)
    assert message in error.message


def test_a_sound_push_asks_for_the_server(run: Callable[..., WorkbenchError]) -> None:
    assert isinstance(run("push"), LabelStudioUnavailable)


@pytest.mark.parametrize("command", [["push"], ["scheme", "push"], ["scheme", "diff"]])
def test_a_broken_label_config_is_said_before_the_server_is_asked_for(
    workspace: Path, run: Callable[..., WorkbenchError], command: list[str]
) -> None:
    (workspace / "label_config.xml").write_text("<View>", encoding="utf-8")
    assert isinstance(run(*command), SchemeError)
