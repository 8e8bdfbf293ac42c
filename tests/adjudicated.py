"""Articles on which annotators differ, and what a pull stores of a review of them; `workplace` is the fixture of gold's tests."""

from workbench.core.annotations import AnnotationSet, Producer
from workbench.store import adjudications, annotations, projects, revisions
from workbench.store.revisions import Revision


def differing(workplace, name: str, **labels: str):
    """An article with an annotation by each person; the label of its first span is the one that is named."""
    article = workplace.article(name)
    for person, label in labels.items():
        workplace.submit(article, person, workplace.spans(article, prefix=person, label=label))
    return article


def review(workplace, article, decided: AnnotationSet | None = None, *, who="judge", state="adjudicated"):
    """What a pull stores of a review task."""
    workplace.clock += 1
    with workplace.store.transaction() as session:
        project = next((p for p in projects.every(session) if p.review_round), None) or projects.add(
            session, server="s", project_id=2, title="r", scheme_digest="", config="", review_round=1
        )
        made = adjudications.current(session, [article.id])[article.id]
        merged = annotations.get_set(session, made.set_id).annotations
        chosen = (decided or merged).model_copy(update={"producer": Producer(kind="adjudicated", name=who)})
        revision = Revision.model_validate(
            {
                "article_id": article.id,
                "article_version": article.version,
                "annotator": who,
                "origin": project.origin,
                "external_id": f"{article.id}-{who}",
                "updated": f"2025-01-01T00:00:{workplace.clock:02}+00:00",
                "created": "2025-01-01T00:00:00+00:00",
                "state": state,
                "set_id": annotations.keep(session, article.id, article.version, chosen),
                "parent_set_id": made.set_id,
            }
        )
        assert revisions.keep(session, revision)
        [stored] = revisions.find(session, origin=project.origin, external_id=revision.external_id)[-1:]
        adjudications.add_review(session, made.id or 0, stored.id or 0, [])
        return stored.set_id
