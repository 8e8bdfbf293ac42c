"""Which annotations of a gold release are unlikely, by models that have not seen the story, each with its task's address."""

from collections.abc import Iterator, Mapping, Sequence

from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.counted import counted
from workbench.core.ports import Progress
from workbench.core.report import Listing, Report, Shown, Table
from workbench.core.scheme import LabelScheme
from workbench.core.suspects import Suspect, suspects
from workbench.errors import ReleaseError
from workbench.gold.releases import withdrawn_of
from workbench.printable import printable
from workbench.store import Transaction, projects, releases, task_ledger
from workbench.training import corpus
from workbench.training.learn import train_pipeline
from workbench.training.report import TrainOptions
from workbench.workflows.context import Context

VERSION = "cross-validated"
LIMIT = 50
"""How many suspects are listed."""


class SuspectsReport(Report):
    """The least likely annotations of a release, the least likely first.

    `articles` were looked at, `without_models` of them by their contradictions alone, because there are too few stories for
    a model that has not seen theirs. `found` counts all that something speaks against, of which `suspects` are the first. `erased`
    articles are left out.
    """

    release: str
    articles: int
    without_models: int
    found: int
    suspects: tuple[Suspect, ...]
    erased: tuple[str, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """A line or two a suspect."""
        yield f"{self.found} suspects in {counted(self.articles, 'articles')} of {self.release}; the least likely come first"
        if self.without_models:
            yield f"{counted(self.without_models, 'articles were only searched for contradictions')}: models need two stories of the release"
        rows = [
            (
                f"{one.likelihood:.2f}",
                one.kind,
                one.layer,
                printable(one.place),
                printable(one.said, 60),
                printable(one.likely, 60),
                one.task,
            )
            for one in self.suspects
        ]
        columns = ("likely", "what", "layer", "where", "marked as", "rather", "task")
        yield Table.of(*columns, rows=rows, left=range(1, len(columns)))
        if self.found > len(self.suspects):
            yield f"… and {self.found - len(self.suspects)} more (--limit); --json says why of each"
        yield Listing("articles were erased since, and are left out", self.erased)


def find_suspects(
    context: Context, release: str, *, limit: int = LIMIT, folds: int | None = None, options: TrainOptions | None = None
) -> SuspectsReport:
    """The least likely annotations of a release; nothing is stored.

    Args:
        context: the workspace.
        release: its name.
        limit: how many are listed.
        folds: in how many parts the stories are dealt; for each a model learns from the others. None for as many as fit.
        options: how the models are trained.

    Raises:
        ReleaseError: there is no such release, it does not fit the scheme, or nothing in it is annotated.
        ModelError: the models cannot be trained.
    """
    scheme = context.scheme
    with context.store.reading() as session:
        read = corpus.read(session, release, scheme)
        frozen = releases.get(session, release)
        people = {item.article_id: item.annotators for item in frozen.items}
        erased = tuple(str(one) for one in withdrawn_of(session, [frozen]) if one.erased)
        addresses = _tasks(session)
    items = [one for part in read.items.values() for one in part]
    if all(item.annotations.is_empty for item in items):
        raise ReleaseError(
            f"release {release} has no annotation in its {counted(len(items), 'articles')}, so nothing can be suspect",
            hint="annotate articles on two stories at least, `workbench pull`, and make another release",
        )
    wanted = (options or TrainOptions(base=context.settings.preannotate.pipeline)).model_copy(update={"folds": folds})
    suggested = cross_validated(items, scheme, context.progress, wanted)
    found = suspects(items, suggested, scheme, people)
    listed = [one.model_copy(update={"task": addresses.get(one.article_id, "")}) for one in found[:limit]]
    return SuspectsReport(
        release=release,
        articles=len(items),
        without_models=len(items) - len(suggested),
        found=len(found),
        suspects=tuple(listed),
        erased=erased,
    )


def cross_validated(
    items: Sequence[AnnotatedArticle], scheme: LabelScheme, progress: Progress, options: TrainOptions
) -> Mapping[str, AnnotationSet]:
    """By article id what a model suggests that has learned from all stories but those of the article's fold.

    Empty where there is one story alone.

    Raises:
        ModelError: there is nothing to learn from.
    """
    gold = corpus.of(VERSION, {"train": items}, scheme)
    # Spans that do not end where tokens do are among what is looked for.
    trained = train_pipeline(gold, scheme, VERSION, progress, options.model_copy(update={"max_misaligned": 1.0}))
    return trained.held_back.suggested if trained.held_back else {}


def _tasks(session: Transaction) -> dict[str, str]:
    """By article id the address of its task; its place in the project, where the server has no address of its own."""
    found: dict[str, str] = {}
    for project in projects.every(session):
        if project.review_round:
            continue
        server = project.server.rstrip("/") if "://" in project.server else ""
        for task in task_ledger.tasks(session, project.id, state="present"):
            if task.task_id is not None:
                found[task.article_id] = f"{server}/projects/{project.project_id}/data?task={task.task_id}"
    return found
