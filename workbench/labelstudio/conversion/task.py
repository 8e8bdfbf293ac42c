"""What a task holds: an article as Label Studio's JSON, and which article a task is about."""

from collections.abc import Mapping

from workbench.core.article import Article, ArticleKey, Scalar
from workbench.core.scheme import LabelScheme

_FARTHEST = 1e9
"""Priorities beyond this, on either side, have one place."""


def task_data(article: Article, scheme: LabelScheme, *, priority: float = 0.0, note: str = "") -> dict[str, object]:
    """The data of the article's task; what the scheme's page shows beyond the usual comes from the article's meta."""
    data: dict[str, object] = {
        "article_id": article.id,
        "article_version": article.version,
        "title": article.title,
        "source": article.source,
        # The page puts the whole task in the place of a field named `source`, so what it shows has another name.
        "source_shown": article.source,
        "published": article.published or "",
        "story_group": article.story_group or "",
        "note": note,
        **in_order(priority),
    }
    for field in scheme.data_fields:
        data.setdefault(field, _shown(article.meta.get(field)))
    data[scheme.text_field] = article.text
    return data


def in_order(priority: float) -> dict[str, object]:
    """The fields by which a task finds its place: `priority` to be read, and `queue`, which has its order as text, too.

    On PostgreSQL the page's queue compares values as text, where 9.0 comes after 10.0.
    """
    within = min(max(priority, -_FARTHEST), _FARTHEST)
    return {"priority": priority, "queue": f"{within + _FARTHEST:017.6f}"}


def key_of(data: Mapping[str, object]) -> ArticleKey | None:
    """Which article version a task is about; None where it does not say."""
    article_id, version = data.get("article_id"), data.get("article_version")
    if isinstance(article_id, str) and article_id and isinstance(version, int) and not isinstance(version, bool):
        return article_id, version
    return None


def _shown(value: Scalar) -> str:
    return "" if value is None else str(value)
