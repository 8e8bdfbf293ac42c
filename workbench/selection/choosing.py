"""Which articles a push takes, in which order, and which of them go without suggestions."""

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase

from workbench.core.article import Article
from workbench.core.chance import chance
from workbench.errors import SettingsError
from workbench.store import Transaction, articles, queue

ORDERS = "selected, priority, newest, oldest or random:SEED"
NOT_SELECTED = -1e7
"""The priority of articles that are not in the queue, where that gives the order: after all that are."""
NO_DATE = -1e6
"""The priority of articles without a date, in days, where dates give the order: after all that have one."""
BATCH = 500
_SECONDS_A_DAY = 86_400


def where(session: Transaction, ids: Collection[str], conditions: Sequence[str]) -> set[str]:
    """The articles that meet all conditions.

    `source=GLOB` looks at everywhere the article was found, `story=GROUP` at its story group, `text=WORDS` for words in
    it, whatever their case; any other name, and `meta.NAME`, at the article's meta.

    Raises:
        SettingsError: a condition is not NAME=VALUE.
    """
    meets = [_condition(session, one) for one in conditions]
    return {article.id for article in _read(session, ids) if all(one(article) for one in meets)}


def priorities(session: Transaction, ids: Collection[str], order: str) -> dict[str, float]:
    """The priority of each article under an order; it is the same whatever the others are.

    "selected" is the order of the queue that `queueing.select` left in the store.

    Raises:
        SettingsError: there is no such order; or nothing was selected.
    """
    name, _, seed = order.partition(":")
    if name == "random":
        return {article_id: chance(f"{seed} {article_id}") for article_id in ids}
    if order == "selected":
        places = queue.places(session)
        if not places:
            raise SettingsError("nothing was selected yet", hint="`workbench select` orders the articles that wait")
        return {article_id: -places[article_id] if article_id in places else NOT_SELECTED for article_id in ids}
    if name not in ("priority", "newest", "oldest") or seed:
        raise SettingsError(f"{order!r} is not an order", hint=f"use {ORDERS}")
    found: dict[str, float] = {}
    for article in _read(session, ids):
        if name == "priority":
            given = article.meta.get("priority")
            found[article.id] = float(given) if isinstance(given, int | float) else 0.0
        else:
            days = _days(article.published)
            found[article.id] = NO_DATE if days is None else days if name == "newest" else -days
    return found


def blind(ids: Collection[str], part: float) -> set[str]:
    """The part of the articles that goes without suggestions: chosen by their ids, so the same ones every time."""
    return {article_id for article_id in ids if chance(f"blind {article_id}") < part}


def percentage(given: str) -> float:
    """A share between 0 and 1 of what a user wrote: `10%` or `0.1`.

    Raises:
        SettingsError: it is none.
    """
    try:
        value = float(given.removesuffix("%")) / (100 if given.endswith("%") else 1)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1:
        raise SettingsError(f"{given!r} is not a share", hint="write 10% or 0.1")
    return value


def _read(session: Transaction, ids: Collection[str]) -> Iterator[Article]:
    yield from articles.get_many(session, sorted(ids))


def _condition(session: Transaction, given: str) -> Callable[[Article], bool]:
    name, equals, value = given.partition("=")
    if not equals or not name:
        raise SettingsError(
            f"{given!r} is not a condition", hint="write NAME=VALUE, such as source=*.html or workplace=foreign"
        )
    if name == "source":
        return lambda article: any(fnmatchcase(one, value) for one in articles.sources(session, article.id))
    if name == "story":
        return lambda article: article.story == value
    if name == "text":
        return lambda article: value.casefold() in article.text.casefold()
    key = name.removeprefix("meta.")
    return lambda article: key in article.meta and str(article.meta[key]) == value


def _days(published: str | None) -> float | None:
    try:
        moment = datetime.fromisoformat(published or "")
    except ValueError:
        return None
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp() / _SECONDS_A_DAY
