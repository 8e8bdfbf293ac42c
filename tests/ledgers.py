"""A store in which people correct suggestions, without any server: what push and pull would have left there."""

from pathlib import Path

from annotation_sets import SCHEME, TEXT

from workbench.core.annotations import AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.labelstudio.pull.outcomes import corrections
from workbench.store import Store, Transaction, annotations, articles, projects, revisions, task_ledger
from workbench.store.revisions import Revision

RULES = Producer(kind="rules", name="rules", version="1")


def submit(session: Transaction, article: Article, said: AnnotationSet, state: str = "submitted") -> None:
    """Keeps an annotation as a revision that was imported."""
    stamp = "2026-01-01T00:00:00Z"
    revision = Revision.model_validate(
        {
            "article_id": article.id,
            "article_version": article.version,
            "annotator": said.producer.name,
            "origin": "import",
            "external_id": f"{article.id} {said.producer.name}",
            "updated": stamp,
            "created": stamp,
            "state": state,
            "set_id": annotations.keep(session, article.id, article.version, said),
        }
    )
    assert revisions.keep(session, revision)


def first_word_marked(article: Article) -> AnnotationSet:
    """What a person says who takes the first four characters of an article for an organisation."""
    found = Span(id="a", label="ORG", start=0, end=4, text=article.text[:4])
    return AnnotationSet(
        producer=Producer(kind="person", name="ann"),
        scheme_digest=SCHEME.digest,
        layers={**SCHEME.empty_layers(), "entities": (found,)},
    )


class Ledger:
    """A store with articles over TEXT; `suggest` and `submit` leave what push and pull leave."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.store = Store.open(f"sqlite:///{folder / 'workbench.db'}")
        self.clock = 0

    def add(self, number: int = 0) -> Article:
        article = Article.from_text(TEXT, title=f"Article {number}").model_copy(update={"id": f"a-{number:02}"})
        with self.store.transaction() as session:
            articles.add(session, article, raw=TEXT)
        return article

    def project(self) -> int:
        """A project that tasks are pushed to; `push` puts them there."""
        with self.store.transaction() as session:
            return projects.add(
                session, server="embedded", project_id=7, title="News", scheme_digest=SCHEME.digest, config=""
            ).id

    def push(self, project: int, article: Article, task_id: int, *, blind: bool = False) -> None:
        """Leaves the task of an article, as it is known once the server has it."""
        with self.store.transaction() as session:
            task = task_ledger.intend_task(session, project, article.id, 1, blind=blind)
            task_ledger.settle_task(session, task.id, state="present", task_id=task_id)

    def suggest(self, article: Article, suggestion: AnnotationSet, producer: Producer = RULES) -> str:
        """The key of the suggestion."""
        made = suggestion.model_copy(update={"producer": producer})
        with self.store.transaction() as session:
            return annotations.keep(session, article.id, article.version, made)

    def submit(
        self,
        article: Article,
        annotated: AnnotationSet,
        parent: str | None = None,
        *,
        annotator: str = "ann",
        external_id: str = "1",
        **fields: object,
    ) -> Revision:
        """One more revision, a second after the last one."""
        self.clock += 1
        made = annotated.model_copy(update={"producer": Producer(kind="person", name=annotator)})
        with self.store.transaction() as session:
            values: dict[str, object] = {
                "article_id": article.id,
                "article_version": article.version,
                "annotator": annotator,
                "origin": "label-studio:1",
                "external_id": external_id,
                "updated": f"2025-01-01T00:00:{self.clock:02}.000000+00:00",
                "created": "2025-01-01T00:00:00.000000+00:00",
                "state": "submitted",
                "set_id": annotations.keep(session, article.id, article.version, made),
                "parent_set_id": parent,
            }
            revision = Revision.model_validate({**values, **fields})
            before = annotations.get_set(session, parent).annotations if parent else None
            became = corrections(before, made, SCHEME) if before and revision.state == "submitted" else []
            assert revisions.keep(session, revision, became)
        return revision
