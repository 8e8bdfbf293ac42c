"""Articles with suggestions, written in the markup of the sample corpus, and a project that shows them."""

from dataclasses import dataclass
from pathlib import Path

from pushing import CONFIG, RULES, SCHEME, Bench

from workbench.core.annotations import AnnotationSet, Span
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.conversion.region_ids import split
from workbench.labelstudio.pull.pull import PullReport, pull
from workbench.samples.markup import compile_sample
from workbench.store import annotations, articles, revisions
from workbench.store.revisions import Revision

Fact = tuple[str, str, int, int, str, frozenset[tuple[str, object]], frozenset[tuple[str, int, int, str]]]


def marked(markup: str, name: str = "page") -> tuple[Article, AnnotationSet]:
    """The article and the annotations that a markup stands for; no line is cut."""
    sample = compile_sample(markup, SCHEME, name=name)
    article = Article.from_text(sample.raw, source=sample.source, published=sample.published)
    return article, sample.gold(article, SCHEME)


def facts(annotated: AnnotationSet) -> set[Fact]:
    """What a set says, without the ids of its spans."""
    by_id = annotated.by_id()

    def arguments(span: Span) -> frozenset[tuple[str, int, int, str]]:
        ends = [(argument.role, by_id[argument.target][1]) for argument in span.arguments]
        return frozenset((role, target.start, target.end, target.label) for role, target in ends)

    return {
        (layer, span.label, span.start, span.end, span.text, frozenset(span.attributes.items()), arguments(span))
        for layer, span in annotated.spans()
    }


@dataclass(frozen=True)
class Task:
    """An article in the project, as a person meets it. `regions` are the ids of its regions by span id."""

    article: Article
    suggestion: AnnotationSet
    project_id: int
    task_id: int
    regions: dict[str, str]

    @property
    def spans(self) -> int:
        return sum(1 for _ in self.suggestion.spans())


class Workplace(Bench):
    """A store and a project with articles that were pushed for correction in the browser."""

    def __init__(self, folder: Path, client: LabelStudioClient, title: str) -> None:
        super().__init__(folder, client, title, scheme=SCHEME, config=CONFIG)

    def put(self, *pages: tuple[Article, AnnotationSet]) -> list[Task]:
        """The pages as tasks, with the annotations as suggestions."""
        suggested = [(article, made.model_copy(update={"producer": RULES})) for article, made in pages]
        with self.store.transaction() as session:
            for article, made in suggested:
                articles.add(session, article, raw=article.text)
                annotations.keep(session, article.id, article.version, made)
        report = self.push()
        assert (report.pushed, report.refused, report.differences) == (len(pages), (), ())
        tasks = {str(task["data"]["article_id"]): task for task in self.tasks(report.project_id)}
        found: list[Task] = []
        for article, made in suggested:
            task = tasks[article.id]
            [prediction] = task.get("predictions", [])
            ids = {str(item["id"]) for item in prediction["result"] if item["type"] == "labels"}
            regions = {parts[1]: one for one in ids if (parts := split(one))}
            assert set(regions) == {span.id for _, span in made.spans()}
            found.append(Task(article, made, report.project_id, task["id"], regions))
        return found

    def pull(self) -> PullReport:
        return pull(self.store, self.client, Silent(), title=self.title)

    def revision(self, task: Task) -> tuple[Revision, AnnotationSet]:
        """The one current revision of the task's article, and what it says."""
        with self.store.transaction() as session:
            [revision] = revisions.current(session, [task.article.id])
            return revision, annotations.get_set(session, revision.set_id).annotations
