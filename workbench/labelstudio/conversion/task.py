"""What a task holds: an article as Label Studio's JSON, and which article a task is about."""

import re
from collections.abc import Mapping
from pathlib import PurePosixPath, PureWindowsPath
from typing import Protocol

from workbench.core.article import Article, ArticleKey, Scalar
from workbench.core.scheme import LabelScheme

FREE = frozenset({"note", "priority", "queue"})
"""Fields of a task that may be changed on the server."""

_FARTHEST = 1e9
"""Priorities beyond this, on either side, have one place."""
_ROW = re.compile(r"(?P<row>(?:line|row) \d+ of )?(?P<path>.+)", re.DOTALL)
_DRIVE = re.compile(r"[A-Za-z]:[\\/]")
_SCHEME = re.compile(r"(?P<scheme>[A-Za-z][A-Za-z0-9+.-]*)://(?P<user>[^/?#@\s]*@)?(?P<rest>.*)", re.DOTALL)


class Described(Protocol):
    """What a task says of its article beside the text: an `Article`, or its header."""

    @property
    def id(self) -> str: ...
    @property
    def version(self) -> int: ...
    @property
    def title(self) -> str: ...
    @property
    def source(self) -> str: ...
    @property
    def published(self) -> str | None: ...
    @property
    def story_group(self) -> str | None: ...
    @property
    def meta(self) -> Mapping[str, Scalar]: ...


def task_data(article: Article, scheme: LabelScheme, *, priority: float = 0.0, note: str = "") -> dict[str, object]:
    """The data of the article's task; what the scheme's page shows beyond the usual comes from the article's meta."""
    return {
        **described(article, scheme),
        "note": note,
        **in_order(priority),
        scheme.text_field: article.text,
    }


def described(article: Described, scheme: LabelScheme) -> dict[str, object]:
    """The data of the article's task without its text and without what may be changed on the server.

    Where the article was found is told without the folders of this machine: they are nobody's business but the store's.
    """
    source = shown_source(article.source)
    data: dict[str, object] = {
        "article_id": article.id,
        "article_version": article.version,
        "title": article.title,
        "source": source,
        # The page puts the whole task in the place of a field named `source`, so what it shows has another name.
        "source_shown": source,
        "published": article.published or "",
        "story_group": article.story_group or "",
    }
    for field in scheme.data_fields:
        if field not in FREE:
            data.setdefault(field, _shown(article.meta.get(field)))
    return {field: value for field, value in data.items() if field != scheme.text_field}


def shown_source(source: str) -> str:
    """A source as annotators see it: of a file its name, of an address all but a log-in, anything else as it is."""
    address = _SCHEME.fullmatch(source)
    if address and address["scheme"].lower() != "file":
        return f"{address['scheme']}://{address['rest']}"
    match = _ROW.fullmatch(source)
    if match is None:
        return source
    row, path = match["row"] or "", address["rest"] if address else match["path"]
    if _DRIVE.match(path) or path.startswith("\\\\"):
        return row + (PureWindowsPath(path).name or path)
    if row or path.startswith(("/", "~/", "./", "../")):
        return row + (PurePosixPath(path).name or path)
    return source


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
