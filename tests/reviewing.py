"""What tests of adjudication share: annotators who differ, a project, review tasks, and who decides in them."""

from collections.abc import Callable, Sequence
from pathlib import Path

from contexts import PartsContext
from pushing import CONFIG, SCHEME, Bench, text

from workbench.core.adjudication.page import ReviewPage
from workbench.core.adjudication.policies import Policies
from workbench.core.annotations import AnnotationSet, Span
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.gold.adjudication.standing import Standing, standings
from workbench.labelstudio import annotator_client
from workbench.labelstudio.annotator_client import ClientTask
from workbench.labelstudio.api.client import LabelStudioClient
from workbench.labelstudio.pull.pull import PullReport
from workbench.store import adjudications, annotations, projects, revisions
from workbench.store.adjudications import Adjudication
from workbench.store.revisions import Revision
from workbench.workflows.adjudicate import AdjudicationReport, adjudicate, review_title
from workbench.workflows.sync import pull_projects

PAGE = ReviewPage.of(CONFIG)
Change = Callable[[AnnotationSet], AnnotationSet]


def as_it_is(found: AnnotationSet) -> AnnotationSet:
    return found


def relabelled(label: str, words: str = "Anna Holm") -> Change:
    """The first span over these words gets another label."""

    def change(found: AnnotationSet) -> AnnotationSet:
        layer = SCHEME.layer_of_label[label]
        first = next(one for one in found.layers[layer] if one.text == words)
        spans = tuple(o.model_copy(update={"label": label}) if o is first else o for o in found.layers[layer])
        return found.model_copy(update={"layers": {**found.layers, layer: spans}})

    return change


def without(layer: str, words: str) -> Change:
    """The spans of a layer over these words go, with the roles that point to them."""

    def change(found: AnnotationSet) -> AnnotationSet:
        gone = {one.id for one in found.layers[layer] if one.text == words}

        def kept(one: Span) -> Span:
            return one.model_copy(update={"arguments": tuple(a for a in one.arguments if a.target not in gone)})

        layers = {name: tuple(kept(s) for s in spans if s.id not in gone) for name, spans in found.layers.items()}
        return found.model_copy(update={"layers": layers})

    return change


def empty(found: AnnotationSet) -> AnnotationSet:
    return found.model_copy(update={"layers": dict.fromkeys(found.layers, ()), "document": {}, "others": ()})


class Office(Bench):
    """A store, a project on the live server, and the projects of review tasks that belong to it."""

    def __init__(self, folder: Path, client: LabelStudioClient, title: str) -> None:
        super().__init__(folder, client, title)
        self.number = 0
        self.context = PartsContext(folder, store=self.store, config=CONFIG, client=client, title=title)

    def annotated(self, number: int, *people: tuple[LabelStudioClient, Change]) -> list[Article]:
        """New articles, each annotated by all of the people, everybody in their own way."""
        made = self.add([text(self.number + n) for n in range(number)])
        self.number += number
        project_id = self.push(overlap=len(people)).project_id
        for client, change in people:
            for _ in made:
                task = annotator_client.next_task(client, project_id, SCHEME, shown="rules 1")
                assert task is not None
                annotator_client.submit(client, task, change(task.suggestion), SCHEME, lead_time=3.0)
        self.pull()
        return made

    def adjudicate(self, policies: Policies | None = None, **options: object) -> AdjudicationReport:
        return adjudicate(self.context, policies=policies, **options)

    def pull(self) -> PullReport:
        return pull_projects(self.store, self.client, Silent(), title=self.title)

    def review_project(self, round_: int = 1) -> projects.Project:
        with self.store.reading() as session:
            found = projects.find(session, self.client.server, review_title(self.title, round_))
        assert found is not None
        return found

    def next_review(self, judge: LabelStudioClient, round_: int = 1) -> ClientTask | None:
        project = self.review_project(round_)
        return annotator_client.next_task(judge, project.project_id, PAGE.scheme, shown=project.model_version)

    def decide(self, judge: LabelStudioClient, change: Change = as_it_is, round_: int = 1) -> ClientTask:
        """The judge's next review task, submitted with this change to what it suggests."""
        task = self.next_review(judge, round_)
        assert task is not None
        annotator_client.submit(judge, task, change(task.suggestion), PAGE.scheme, lead_time=5.0)
        return task

    def stands(self, article: Article) -> Standing:
        with self.store.reading() as session:
            [found] = standings(session, [article.id])
            return found

    def adjudication(self, article: Article) -> Adjudication:
        with self.store.reading() as session:
            return adjudications.current(session, [article.id])[article.id]

    def content(self, set_id: str | None) -> AnnotationSet:
        assert set_id is not None
        with self.store.reading() as session:
            return annotations.get_set(session, set_id).annotations

    def revisions(self, state: str) -> Sequence[Revision]:
        with self.store.reading() as session:
            return [one for one in revisions.find(session) if one.state == state]
