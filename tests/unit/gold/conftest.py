"""A store with articles that people annotated."""

import hashlib
from collections.abc import Iterator
from pathlib import Path

import pytest
from annotation_sets import SCHEME

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.store import Store, annotations, articles, revisions
from workbench.store.revisions import Correction, Revision

BODY = "Minister Anna Holm praised Oslo on Friday. 👩‍🚀 Sanctions 'hurt'. "


def words(seed: str) -> str:
    """Forty words that no other seed gives."""
    letters = hashlib.shake_256(seed.encode()).hexdigest(160).translate(str.maketrans("0123456789", "ghijklmnop"))
    return " ".join(letters[place : place + 8] for place in range(0, len(letters), 8)) + "."


class Workplace:
    """Adds articles and annotations as ingest and pull do."""

    def __init__(self, store: Store) -> None:
        self.store = store
        self.clock = 0

    def article(
        self, name: str, *, story: str | None = None, like: str = "", published: str | None = None, **meta: str
    ) -> Article:
        """An article whose text is a copy of no other's, unless it is `like` another name's."""
        text = f"{name}. {BODY}{words(like or name)}"
        article = Article.from_text(text, title=name, source=f"{name}.txt", published=published, meta=dict(meta))
        article = article.model_copy(update={"story_group": story})
        with self.store.transaction() as session:
            articles.add(session, article, raw=article.text)
        return article

    def spans(self, article: Article, *, label: str = "PERSON", prefix: str = "") -> AnnotationSet:
        start = article.text.index("Anna Holm")
        head = article.text.index("praised")
        person = Span(id=f"{prefix}p", label=label, start=start, end=start + 9, text="Anna Holm", score=0.5)
        event = Span(
            id=f"{prefix}e",
            label="SUPPORT",
            start=head,
            end=head + 7,
            text="praised",
            attributes={"modality": "asserted"},
            arguments=(Argument(role="actor", target=f"{prefix}p", score=0.3),),
        )
        layers = {**SCHEME.empty_layers(), "entities": (person,), "events": (event,)}
        producer = Producer(kind="person", name=prefix or "ann")
        return AnnotationSet(producer=producer, scheme_digest=SCHEME.digest, layers=layers)

    def submit(
        self,
        article: Article,
        annotator: str = "ann",
        annotated: AnnotationSet | None = None,
        *,
        state: str = "submitted",
        parent: AnnotationSet | None = None,
        corrections: tuple[Correction, ...] = (),
        external: str = "",
    ) -> str:
        self.clock += 1
        chosen = annotated or self.spans(article, prefix=annotator)
        with self.store.transaction() as session:
            key = annotations.keep(session, article.id, article.version, chosen)
            parent_key = annotations.keep(session, article.id, article.version, parent) if parent else None
            revision = Revision.model_validate(
                {
                    "article_id": article.id,
                    "article_version": article.version,
                    "annotator": annotator,
                    "origin": "http://localhost/1",
                    "external_id": external or f"{article.id}-{annotator}",
                    "updated": f"2025-01-01T00:00:{self.clock:02}+00:00",
                    "created": "2025-01-01T00:00:00+00:00",
                    "state": state,
                    "set_id": key,
                    "parent_set_id": parent_key,
                }
            )
            assert revisions.keep(session, revision, corrections)
        return key


@pytest.fixture(params=["sqlite", "postgresql"])
def workplace(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Workplace]:
    sqlite = f"sqlite:///{tmp_path / 'workbench.db'}"
    store = Store.open(sqlite if request.param == "sqlite" else request.getfixturevalue("postgres_url"))
    yield Workplace(store)
    store.close()
