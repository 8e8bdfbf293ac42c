"""The public interface, from an empty folder to gold files."""

import inspect
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import pytest

from workbench import WorkbenchError, Workspace
from workbench.core.annotations import AnnotatedArticle, Producer
from workbench.core.display import as_html
from workbench.core.documents import to_json
from workbench.errors import ArticleError, SettingsError

NEWS = (
    "Norway's foreign minister, Anna Holm, met Turkish officials in Ankara on Monday. "
    "She said Oslo would not accept a plan that leaves out the villages.\n\n"
    "“Talks go on,” said Mehmet Kaya, a spokesman for the Turkish government."
)


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    folder = tmp_path_factory.mktemp("workspace")
    (folder / "talks.txt").write_text(NEWS, encoding="utf-8")
    made = Workspace.create(folder / "news")
    made.add(folder / "talks.txt")
    return made


@pytest.fixture(scope="module")
def suggested(workspace: Workspace) -> AnnotatedArticle:
    return workspace.annotate(NEWS, title="Talks")


def test_importing_the_package_imports_nothing_heavy() -> None:
    program = (
        "import sys, workbench; print([n for n in ('spacy', 'pydantic', 'sqlmodel', 'numpy') if n in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout == "[]\n"


def test_the_public_names_are_found_before_they_are_imported() -> None:
    program = "import workbench; print({*workbench.__all__} <= {*dir(workbench)}, '__version__' in dir(workbench))"
    ran = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert ran.stdout == "True True\n"


def test_there_is_no_workspace_where_none_was_made(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"no workbench\.toml"):
        Workspace.open(tmp_path)


def test_creating_twice_is_creating_once(workspace: Workspace) -> None:
    again = Workspace.create(workspace.settings.root)
    assert again.status().articles == 1
    again.close()


def test_a_workspace_is_found_from_a_folder_in_it(workspace: Workspace) -> None:
    (workspace.settings.root / "deep").mkdir(exist_ok=True)
    assert Workspace.open(workspace.settings.root / "deep").settings.root == workspace.settings.root


def test_articles_are_listed_and_shown(workspace: Workspace) -> None:
    (entry,) = workspace.articles().articles
    assert workspace.article(entry.id[:6]).article.text.startswith("Norway")
    with pytest.raises(ArticleError):
        workspace.article("nothing")


def test_a_text_is_annotated_without_being_stored(workspace: Workspace, suggested: AnnotatedArticle) -> None:
    people = {span.text for span in suggested.annotations.layers["entities"] if span.label == "PERSON"}
    assert {"Anna Holm", "Mehmet Kaya"} <= people
    assert workspace.status().articles == 1


def test_an_annotated_article_shows_its_spans_and_roles_in_a_notebook(suggested: AnnotatedArticle) -> None:
    html = suggested._repr_html_()
    assert html == as_html(suggested)
    assert "Anna Holm" in html
    assert html.count("<mark") == html.count("</mark>") >= len(list(suggested.annotations.spans()))
    hostile = suggested.model_copy(update={"article": suggested.article.model_copy(update={"title": "<script>x"})})
    assert "<script>" not in hostile._repr_html_()


def test_from_suggestions_to_gold_files(workspace: Workspace, tmp_path: Path) -> None:
    report = workspace.preannotate()
    assert report.articles == 1
    assert workspace.preannotate().already == 1
    (entry,) = workspace.articles().articles
    article = workspace.article(entry.id).article
    work = workspace.annotate(article.text).annotations.model_copy(
        update={"producer": Producer(kind="person", name="anna")}
    )
    file = tmp_path / "anna.jsonl"
    file.write_text(to_json(AnnotatedArticle(article=article, annotations=work)) + "\n", encoding="utf-8")
    assert workspace.import_(file).taken == 1
    assert workspace.import_(file).known == 1
    assert [step.annotator for step in workspace.history(entry.id).steps] == ["anna"]
    assert workspace.release("first").manifest.articles == 1
    assert workspace.verify("first").touched == ()
    assert [one.name for one in workspace.releases().releases] == ["first"]
    assert workspace.manifest("first").annotators == {"annotator-1": 1}
    assert [one.article.id for one in workspace.gold("first")] == [entry.id]
    exported = workspace.export("first", formats=["jsonl"], output=tmp_path / "gold")
    assert (exported.exported[0].folder / "train.jsonl").is_file()
    assert workspace.problems().problems == ()
    assert not workspace.doctor().healthy  # no server runs


def test_a_word_that_there_is_not_is_an_error_of_ours(workspace: Workspace) -> None:
    for call in (
        lambda: workspace.release("words", policy=cast(Any, "newest")),
        lambda: workspace.corrections(by=cast(Any, "day")),
        lambda: workspace.gold("words", cast(Any, "half")),
        lambda: workspace.evaluate("rules", release="words", part=cast(Any, "half")),
        lambda: workspace.add("talks.txt", kind=cast(Any, "doc")),
        lambda: workspace.article("talks", view=cast(Any, "half")),
        lambda: workspace.select(strategy=cast(Any, "easy")),
    ):
        with pytest.raises(SettingsError, match=r"'\w+' is not (a|what)\b[\s\S]*\n  use "):
            call()


def numbers() -> Iterator[tuple[str, str]]:
    """Every argument that is a number, with its method."""
    for name, method in inspect.getmembers(Workspace, inspect.isfunction):
        for argument in inspect.signature(method).parameters.values() if not name.startswith("_") else ():
            if argument.annotation in (int, float, int | None, float | None):
                yield name, argument.name


def test_every_method_that_takes_a_number_is_looked_at() -> None:
    found = set(numbers())
    assert {("release", "seed"), ("suspects", "limit"), ("push", "blind"), ("watch", "every")} <= found


@pytest.mark.parametrize(("method", "argument"), list(numbers()))
@pytest.mark.parametrize("given", ["a", -1, True])
def test_a_number_that_cannot_be_used_is_an_error_of_ours(
    workspace: Workspace, method: str, argument: str, given: object
) -> None:
    asked = inspect.signature(getattr(workspace, method)).parameters.values()
    needed = ["words" for one in asked if one.default is one.empty and one.kind is one.POSITIONAL_OR_KEYWORD]
    with pytest.raises(SettingsError, match=f"{argument} is {given!r}\n  give a (whole )?number "):
        getattr(workspace, method)(*needed, **{argument: given})


def test_one_format_is_given_without_a_list(workspace: Workspace) -> None:
    with pytest.raises(WorkbenchError, match="'nothing'"):
        workspace.export("words", formats="nothing")
