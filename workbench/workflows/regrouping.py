"""Groups articles by story anew, where an earlier grouping made an affair of them, without moving what counts already."""

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import NamedTuple

from workbench.articles.regrouping import Grouped, Keeps, Regrouped, given_groups, regrouped
from workbench.articles.signatures import KIND, Signature, signature
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.report import Listing, Report, Shown, Table
from workbench.gold import splits
from workbench.store import Transaction, articles, projects, releases, revisions, task_ledger, withdrawals
from workbench.workflows.context import Context


class DividedStory(Frozen):
    """A story that is several now, or whose articles went to others: how many it had, and into how many they went."""

    story_group: str
    articles: int
    into: int


class RegroupReport(Report):
    """What became of the stories; with `dry_run` nothing was changed.

    Of the articles `moved` are on another story now; `released` ones and those whose story was `given` with them cannot
    move, and of those that were pushed or annotated `seen` keep their part. `largest` are the articles of the largest
    story, before and after; `open_stories` get their part with the next push, `select` or `gold split`.
    """

    dry_run: bool
    articles: int
    moved: int
    released: int
    given: int
    seen: int
    stories: tuple[int, int]
    largest: tuple[int, int]
    open_stories: int
    divided: tuple[DividedStory, ...]

    def shown(self) -> Iterator[Shown]:
        """The stories before and after, what could not move, and which stories were divided."""
        done = "would be on another story" if self.dry_run else "are on another story now"
        yield f"{self.moved} of {counted(self.articles, 'articles')} {done}"
        rows = [("stories", *self.stories), ("articles of the largest story", *self.largest)]
        yield Table.of("", "before", "after", rows=rows)
        kept = [
            (self.released, "were released, and have kept story and part"),
            (self.given, "were added with their story, and have kept it"),
            (self.seen, "were pushed or annotated, and have kept their part, so that what is held out stays so"),
        ]
        yield from (counted(number, f"articles {why}") for number, why in kept if number)
        yield Listing(
            "stories were divided" if not self.dry_run else "stories would be divided",
            [
                f"{one.story_group}: its {counted(one.articles, 'articles are on')} {one.into} {'story' if one.into == 1 else 'stories'}"
                for one in self.divided
            ],
        )
        if self.moved and self.open_stories and not self.dry_run:
            yield counted(
                self.open_stories, "stories have no part yet: `workbench gold split` or the next push gives them one"
            )


class _Held(NamedTuple):
    """The articles that cannot move freely, and where all are."""

    order: list[str]
    groups: dict[str, str]
    parts: Mapping[str, str]
    released: set[str]
    given: set[str]
    seen: set[str]


def regroup(context: Context, *, dry_run: bool = False) -> RegroupReport:
    """What became of the stories after every article was placed anew, as if it came now, in the order in which they came.

    An article that was released keeps its story and its part; so does one that was added with the name of its story. One
    that was pushed or annotated keeps its part: moving it would hold out what was annotated from suggestions, or suggest
    for what is held out. Those on an occasion with a released one join its story. Stories of which nobody has seen an article get their part anew.

    Args:
        context: the workspace.
        dry_run: only say what would become of them.
    """
    store = context.store
    # Nobody adds, pushes or gives a part meanwhile.
    with (
        store.exclusive("push", context.progress),
        store.exclusive("articles", context.progress),
        store.transaction() as session,
    ):
        held = _held(session)
        signatures = _signatures(session, held.order, keep=not dry_run)
        found = regrouped(
            [
                Grouped(one, held.groups[one], signatures[one], _keeps(one, held))
                for one in context.progress.track(held.order, "grouping articles by story", len(held.order))
            ],
            {held.groups[one]: part for one, part in held.parts.items()},
        )
        if not dry_run:
            _keep(session, held, found)
        return _report(held, found, dry_run=dry_run)


def _held(session: Transaction) -> _Held:
    order = articles.ids(session)
    groups = {one: group for group, members in articles.story_groups(session).items() for one in members}
    seen = set(revisions.annotated(session))
    for project in projects.every(session):
        seen.update(task.article_id for task in task_ledger.tasks(session, project.id))
    given = given_groups(groups, {*order, *withdrawals.erased(session)})
    return _Held(
        order,
        groups,
        splits.parts(session),
        {item.article_id for name in releases.names(session) for item in releases.get(session, name).items},
        {one for one, group in groups.items() if group in given},
        seen,
    )


def _keeps(article_id: str, held: _Held) -> Keeps:
    if article_id in held.given:
        return "given story"
    if article_id in held.released:
        return "story"
    return "part" if article_id in held.seen else ""


def _signatures(session: Transaction, order: list[str], *, keep: bool) -> dict[str, Signature]:
    found = {one.article_id: Signature.from_json(one.body) for one in articles.signatures(session, KIND)}
    for article in list(articles.get_many(session, [one for one in order if one not in found])):
        found[article.id] = signature(article)
        if keep:
            articles.keep_signature(session, article.id, KIND, found[article.id].to_json())
    return found


def _keep(session: Transaction, held: _Held, found: Regrouped) -> None:
    moved: dict[str, list[str]] = {}
    for one, group in found.groups.items():
        if group != held.groups[one]:
            moved.setdefault(group, []).append(one)
    for group, members in moved.items():
        articles.set_story_group(session, members, group)
    open_groups = set(found.groups.values()) - found.parts.keys()
    # A part can be kept under the id that an article had as a story of its own.
    articles.open_splits(session, {*open_groups, *(one for one, group in found.groups.items() if group in open_groups)})
    for group, part in found.parts.items():
        articles.assign_split(session, group, part)


def _report(held: _Held, found: Regrouped, *, dry_run: bool) -> RegroupReport:
    before, after = Counter(held.groups.values()), Counter(found.groups.values())
    into: dict[str, set[str]] = {}
    for one, group in held.groups.items():
        into.setdefault(group, set()).add(found.groups[one])
    fixed = held.released | held.given
    divided = [
        DividedStory(story_group=group, articles=before[group], into=len(groups))
        for group, groups in into.items()
        if len(groups) > 1
    ]
    return RegroupReport(
        dry_run=dry_run,
        articles=len(held.order),
        moved=sum(found.groups[one] != group for one, group in held.groups.items()),
        released=len(held.released & held.groups.keys()),
        given=len(held.given - held.released),
        seen=sum(one in held.parts for one in held.seen - fixed),
        stories=(len(before), len(after)),
        largest=(max(before.values(), default=0), max(after.values(), default=0)),
        open_stories=len(after.keys() - found.parts.keys()),
        divided=tuple(sorted(divided, key=lambda one: (-one.articles, one.story_group))),
    )
