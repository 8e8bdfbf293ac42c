"""What the store has: every article in short, or one in whole."""

from collections import Counter
from collections.abc import Iterator
from typing import Literal

from workbench.articles import cleaning
from workbench.core.article import Article, Cut
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.report import Exact, Line, Report, Shown, Table
from workbench.printable import padded, printable
from workbench.store import Store, articles, withdrawals

_CHUNK = 500
WIDE = 90
"""Columns from which an article's line has room for more than its id and its title."""


class Entry(Frozen):
    """An article in short; `withdrawn` says since when and why it is, empty where it is not."""

    id: str
    title: str
    published: str | None
    language: str
    words: int
    story_group: str
    source: str
    withdrawn: str = ""


class ArticleList(Report):
    """Articles in short, in their order; `by_story` says that this is story by story."""

    articles: tuple[Entry, ...]
    by_story: bool = False

    def lines(self, width: int | None = None) -> Iterator[str]:
        """A line for each article, under a line for each story where it is told by story, and how many they are.

        Args:
            width: the columns of the terminal; None where nothing has to fit.
        """
        story = ""
        for entry in self.articles:
            if self.by_story and entry.story_group != story:
                story = entry.story_group
                yield printable(story)
            yield _line(entry, "  " if self.by_story else "", width)
        yield counted(len(self.articles), "articles")

    def shown(self) -> Iterator[Shown]:
        """The lines, as long as they are."""
        yield from self.lines()


def _line(entry: Entry, indent: str, width: int | None) -> str:
    title, date = printable(entry.title), printable(entry.published or "", 10)
    title = f"(withdrawn) {title}" if entry.withdrawn else title
    if width is not None and width < WIDE:
        # No room for all: the id, and as much of the title as fits.
        left = width - len(indent) - len(entry.id) - 2
        return f"{indent}{entry.id}  {printable(title, max(left, 8))}".rstrip()
    source = printable(entry.source)
    source = source if len(source) <= 50 else "…" + source[-49:]
    beside = f"{indent}{entry.id}  {date:10}  {entry.words:5}  "
    room = 60 if width is None else max(20, min(60, width - len(beside) - len(source) - 2))
    return f"{beside}{padded(title, room)}  {source}".rstrip()


View = Literal["text", "cuts", "raw"]
"""What is shown of an article besides what is known of it: its text, what was cut from it, or only the text as read."""


class ArticleDetails(Report):
    """An article with its raw text, everywhere it was found, and the other articles of its story.

    `boilerplate` are the cuts that took words; `other_cuts` counts the rest by reason. `view` says what is shown.
    """

    view: View = "text"
    article: Article
    raw: str
    media_type: str
    sources: tuple[str, ...]
    same_story: tuple[str, ...]
    boilerplate: tuple[Cut, ...]
    other_cuts: dict[str, int]
    withdrawn: str = ""

    def shown(self) -> Iterator[Shown]:
        """What is known of the article, and its text or what was cut from it; or the raw text alone."""
        if self.view == "raw":
            yield Exact(self.raw, newline=False)
            return
        yield Table.of("", "", rows=self._facts(), left=(0, 1))
        yield ""
        if self.view == "text":
            yield Exact(self.article.text)
        else:
            yield from self._cuts()

    def as_json(self) -> str:
        """The article as a JSON document, whatever is shown."""
        return self.article.model_dump_json(indent=2)

    def _facts(self) -> Iterator[tuple[str, str]]:
        one = self.article
        found = {
            "article": one.id if one.version == 1 else f"{one.id}, version {one.version}",
            "withdrawn": self.withdrawn,
            "title": one.title,
            "published": one.published or "",
            "language": one.language,
            "story": one.story_group or "",
            "on the story": ", ".join(self.same_story),
            "cleaner": one.cleaner,
            "found in": "\n".join(self.sources),
            **{f"meta {key}": str(value) for key, value in one.meta.items()},
        }
        for name, value in found.items():
            for number, line in enumerate(value.splitlines()):
                yield "" if number else printable(name), printable(line)

    def _cuts(self) -> Iterator[Shown]:
        counts = "the raw text" if self.media_type == "text/plain" else "the text that was found on the page"
        yield f"{counted(len(self.boilerplate), 'cuts')}; offsets count characters of {counts}"
        for cut in self.boilerplate:
            yield ""
            yield Line(f"{cut.start}-{cut.end} {cut.reason}")
            yield Exact("\n".join(f"  | {line}" for line in cut.text.strip("\r\n").splitlines()))
        for reason, number in self.other_cuts.items():
            yield ""
            yield f"and {number} x {reason}"


def listed(store: Store, *, by_story: bool = False) -> ArticleList:
    """Every article in the order in which it was added, or story by story."""
    return ArticleList(articles=tuple(_entries(store, by_story=by_story)), by_story=by_story)


def _entries(store: Store, *, by_story: bool) -> Iterator[Entry]:
    with store.reading() as session:
        groups = articles.story_groups(session)
        order = [one for group in groups.values() for one in group] if by_story else articles.ids(session)
    for start in range(0, len(order), _CHUNK):
        with store.reading() as session:
            chunk = list(articles.get_many(session, order[start : start + _CHUNK]))
            withdrawn = withdrawals.current(session, order[start : start + _CHUNK])
        for article in chunk:
            yield Entry(
                id=article.id,
                title=article.title,
                published=article.published,
                language=article.language,
                words=len(article.text.split()),
                story_group=article.story,
                source=article.source,
                withdrawn=str(withdrawn.get(article.id, "")),
            )


def details(store: Store, prefix: str, *, view: View = "text") -> ArticleDetails:
    """The one article whose id begins so.

    Args:
        store: the workspace's.
        prefix: the id, or how it begins.
        view: what the report shows.

    Raises:
        ArticleError: none does, or several do.
    """
    with store.reading() as session:
        article = articles.get(session, articles.resolve(session, prefix))
        raw, media_type = articles.raw(session, article.id)
        group = articles.story_groups(session).get(article.story, [])
        boilerplate = tuple(cleaning.boilerplate(article.cuts))
        other = Counter(cut.reason for cut in article.cuts if cut not in boilerplate)
        return ArticleDetails(
            view=view,
            article=article,
            raw=raw,
            media_type=media_type,
            sources=tuple(articles.sources(session, article.id)),
            same_story=tuple(one for one in group if one != article.id),
            boilerplate=boilerplate,
            other_cuts=dict(other),
            withdrawn=str(withdrawals.current(session, [article.id]).get(article.id, "")),
        )
