"""The part of the data that each article is in, before there is a release: as workbench.toml says that it is divided."""

from collections.abc import Iterable
from pathlib import Path

from workbench.articles.signatures import KIND, Signature
from workbench.core.near_duplicates import minhash
from workbench.core.parts import HELD_OUT, PARTS, Part
from workbench.errors import ReleaseError, SettingsError
from workbench.gold import splits
from workbench.gold.division import Copies, SplitRule, divide, read_rule
from workbench.gold.splits import Shares
from workbench.settings import FILE
from workbench.store import Transaction, articles, releases
from workbench.store.articles import Header
from workbench.workflows.context import Context


def shares(context: Context) -> Shares:
    """How much of the articles each part is to hold."""
    return Shares(**context.settings.split.model_dump(exclude={"by"}))


def rule(context: Context) -> SplitRule:
    """How the workspace's articles are divided; a file of parts lies in the workspace, unless its path is absolute.

    Raises:
        SettingsError: workbench.toml says it wrongly.
    """
    given, root = context.settings.split.by, context.settings.root
    kind, _, rest = given.partition(":")
    try:
        return read_rule(f"file:{root / Path(rest).expanduser()}" if kind == "file" and rest else given)
    except ReleaseError as error:
        raise SettingsError(f"{root / FILE}: split.by: {error.message}", hint=error.hint) from error


def assign(session: Transaction, by: SplitRule, wanted: Shares) -> None:
    """Gives every story, or every article where each is by itself, its part for good; dates and files say it anyway.

    Raises:
        ReleaseError: two articles of one story were added for different parts.
    """
    if by.by == "story":
        splits.assign(session, wanted)
    elif by.by == "article":
        for article_id, part in parts(session, by, wanted).items():
            articles.assign_split(session, article_id, part)


def parts(session: Transaction, by: SplitRule, wanted: Shares) -> dict[str, Part]:
    """The part of each article that has one; by story, of those whose story was assigned one."""
    if by.by == "story":
        return splits.parts(session)
    newest: dict[str, Header] = {}
    for (article_id, _), one in sorted(articles.headers(session).items()):
        newest[article_id] = one
    assigned = splits.of_articles(session)
    copies = _copies(session, newest)
    earlier = [releases.get(session, name) for name in releases.names(session)]
    found = divide(list(newest.values()), by, earlier, copies, by_story={}, shares=wanted, seed=0, assigned=assigned)
    return found.parts


def held_out(session: Transaction, by: SplitRule, wanted: Shares) -> set[str]:
    """The articles of the dev and test parts, and those that were in them in a release, with their near-duplicates."""
    found = {article_id for article_id, part in parts(session, by, wanted).items() if part in HELD_OUT}
    released = {
        item.article_id
        for name in releases.names(session)
        for item in releases.get(session, name).items
        if item.part in HELD_OUT
    }
    others = released - found
    if others:
        there = articles.ids(session)
        groups = _copies(session, there).groups(others & set(there))
        found |= others | {copy for group in groups.values() for copy in group}
    return found


def to_be_empty(session: Transaction, by: SplitRule, wanted: Shares) -> tuple[Part, ...]:
    """The parts that will hold nothing, of those that are to hold something; nothing is assigned.

    Raises:
        ReleaseError: two articles of one story were added for different parts.
    """
    if by.by == "story":
        return splits.to_be_empty(session, wanted)
    meant: set[Part] = {part for part in PARTS if wanted.of(part)}
    if by.by == "date":
        meant = {"train", "test"} if len(by.dates) == 1 else set(PARTS)
    elif by.by == "file":
        meant = set(by.given.values())
    filled = set(parts(session, by, wanted).values())
    return tuple(part for part in PARTS if part in meant - filled) if articles.count(session) else ()


def _copies(session: Transaction, names: Iterable[str]) -> Copies:
    """Near-duplicates among these articles, by what the store knows of them for grouping."""
    wanted = set(names)
    known = {
        one.article_id: Signature.from_json(one.body).minhash
        for one in articles.signatures(session, KIND)
        if one.article_id in wanted
    }
    for article in articles.get_many(session, sorted(wanted - known.keys())):
        known[article.id] = minhash(article.text)
    return Copies.of(known)
