"""What a review task says: the article as a person decided it, and each decision, beside the annotations it came from."""

from dataclasses import dataclass
from typing import NamedTuple

from workbench.core.adjudication.decisions import Decision
from workbench.core.adjudication.page import ReviewPage
from workbench.core.adjudication.reviewing import decided
from workbench.core.annotations import AnnotationSet, Producer
from workbench.core.article import Article
from workbench.core.counted import counted
from workbench.core.scheme import LabelScheme
from workbench.store import Transaction, adjudications, annotations
from workbench.store.adjudications import Adjudication
from workbench.store.annotations import StoredSet


class Parent(NamedTuple):
    """What a review was made from: the adjudication and its merged set."""

    adjudication: Adjudication
    merged: StoredSet


@dataclass(frozen=True)
class Review:
    """How annotations of a project of review tasks are read."""

    page: ReviewPage

    @property
    def scheme(self) -> LabelScheme:
        """The scheme of what is decided."""
        return self.page.base

    def parent(self, session: Transaction, article: Article, shown: AnnotationSet | None) -> Parent | None:
        """What a review was made from: what was merged into the suggestion that was shown, else into the last one."""
        made = None
        if shown is not None and shown.parents:
            made = adjudications.made_of(session, annotations.key_of(article.id, article.version, shown.parents[0]))
        made = made or adjudications.current(session, [article.id]).get(article.id)
        if made is None or made.article_version != article.version:
            return None
        return Parent(made, annotations.get_set(session, made.set_id))

    def of_person(self, read: AnnotationSet, person: str, parent: Parent | None) -> AnnotationSet:
        """What was decided, as a set of its own: without the marks of disputes, with what it was made from."""
        merged = parent.merged.annotations if parent else None
        return self.page.without_marks(read).model_copy(
            update={
                "producer": Producer(kind="adjudicated", name=person),
                "parents": (merged.digest, *merged.parents) if merged else (),
            }
        )

    def decisions(self, session: Transaction, parent: Parent, kept: AnnotationSet, person: str) -> list[Decision]:
        """What the person decided of each dispute, and what else."""
        left_open = [one for one in adjudications.decisions(session, parent.adjudication.id or 0) if one.is_open]
        merged = self.scheme.normalise(self.scheme.renamed(parent.merged.annotations))
        return decided(left_open, merged, kept, self.scheme, who=person)


def emptied(parent: Parent | None, kept: AnnotationSet, person: str) -> str:
    """A word on a decision that leaves nothing of what was there; else empty."""
    if parent is None or not kept.is_empty or parent.merged.annotations.is_empty:
        return ""
    number = sum(1 for _ in parent.merged.annotations.spans())
    return f"{person} deleted all of its {counted(number, 'spans')}, which is taken as the decision that it has none"
