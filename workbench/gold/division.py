"""How the articles of a release are divided into train, dev and test: by story, by date, by article, or by hand.

Never by sentence. Whatever the rule, what was released in a part stays there, and so do its near-duplicates: they are
left out where the rule would put them elsewhere.
"""

import csv
import hashlib
import io
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Literal

from datasketch import LeanMinHash
from pydantic import Field

from workbench.core.article import Article
from workbench.core.frozen import Frozen
from workbench.core.near_duplicates import NearDuplicates, minhash
from workbench.core.parts import PARTS, Part
from workbench.errors import ReleaseError
from workbench.gold.splits import META_KEY, Shares, plan
from workbench.store.articles import Header
from workbench.store.releases import Release

By = Literal["story", "date", "article", "file"]
RULES = "story, date:YYYY-MM-DD, date:YYYY-MM-DD,YYYY-MM-DD, article, or file:PARTS.csv"
WHAT_TO_DO = "divide by date (`--split date:YYYY-MM-DD,YYYY-MM-DD`) or by article (`--split article`)"
"""What helps where stories are too few to fill every part."""


class SplitRule(Frozen):
    """How articles are divided. `dates`: where dev and test begin, or test alone; `given` the parts by article id or source."""

    by: By = "story"
    dates: tuple[str, ...] = ()
    file: str = ""
    file_sha256: str = ""
    given: dict[str, Part] = Field(default_factory=dict)

    def __str__(self) -> str:
        match self.by:
            case "date":
                return f"date:{','.join(self.dates)}"
            case "file":
                return f"file:{self.file}"
            case _:
                return self.by


BY_STORY = SplitRule()


def read_rule(text: str) -> SplitRule:
    """The rule that a user names: `RULES` says how.

    Raises:
        ReleaseError: it is none, a date is none, or the file cannot be read; the message names line and field.
    """
    kind, _, rest = text.partition(":")
    if kind in ("story", "article") and not rest:
        return SplitRule(by=kind)
    if kind == "date" and rest:
        return SplitRule(by="date", dates=_dates(rest))
    if kind == "file" and rest:
        return _from_file(Path(rest))
    if kind == "date":
        raise ReleaseError(
            "to divide by date, dates are needed: where dev and test begin, or test alone",
            hint="as in `--split date:2026-05-01,2026-06-01`",
        )
    if kind == "file":
        raise ReleaseError(
            "to divide by hand, a file is needed that says where each article goes",
            hint="as in `--split file:parts.csv`: a CSV file with the columns article and part",
        )
    raise ReleaseError(f"{text!r} is no way to divide a release", hint=f"ways are: {RULES}")


def _dates(text: str) -> tuple[str, ...]:
    found: list[str] = []
    for one in text.split(","):
        try:
            found.append(date.fromisoformat(one.strip()).isoformat())
        except ValueError as error:
            raise ReleaseError(
                f"{one.strip()!r} is no date", hint="write it as in `--split date:2026-06-01`"
            ) from error
    if len(found) > 2 or sorted(set(found)) != found:
        raise ReleaseError(
            f"{text!r} must be one date, from which on articles are test, or two that rise, from which on they are dev "
            "and test",
            hint="as in `--split date:2026-05-01,2026-06-01`",
        )
    return tuple(found)


def _from_file(path: Path) -> SplitRule:
    try:
        raw = path.read_bytes()
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))
    except OSError as error:
        raise ReleaseError(f"{path} cannot be read: {error.strerror or error}", hint="name a CSV file") from error
    except UnicodeDecodeError as error:
        raise ReleaseError(f"{path} is no UTF-8 at byte {error.start + 1}", hint="save it as UTF-8") from error
    except csv.Error as error:
        raise ReleaseError(f"{path} is no CSV: {error}", hint="two columns with the heads article and part") from error
    head = [name.strip().casefold() for name in rows[0]] if rows else []
    if "article" not in head or "part" not in head:
        raise ReleaseError(
            f"{path}, line 1: the heads are {', '.join(head) or 'missing'}, and must have article and part",
            hint="article is an id, as `workbench articles list` shows it, or where the article came from",
        )
    given: dict[str, Part] = {}
    for number, row in enumerate(rows[1:], start=2):
        if not any(cell.strip() for cell in row):
            continue
        cells = dict(zip(head, (cell.strip() for cell in row), strict=False))
        article, part = cells.get("article", ""), cells.get("part", "")
        if not article:
            raise ReleaseError(f"{path}, line {number}: article is empty", hint="give the id of an article")
        if part not in PARTS:
            raise ReleaseError(
                f"{path}, line {number}: part is {part!r}", hint=f"a part is {', '.join(PARTS)}; leave out the others"
            )
        if given.setdefault(article, part) != part:
            raise ReleaseError(
                f"{path}, line {number}: {article} is in {part} here and in {given[article]} above",
                hint="name each article once",
            )
    return SplitRule(by="file", file=path.name, file_sha256=hashlib.sha256(raw).hexdigest(), given=given)


@dataclass
class Division:
    """The part of each article, by id; why some have none; and what else is to be said."""

    parts: dict[str, Part] = field(default_factory=dict[str, Part])
    without: dict[str, str] = field(default_factory=dict[str, str])
    remarks: list[str] = field(default_factory=list[str])


def divide(
    articles: Sequence[Article | Header],
    rule: SplitRule,
    earlier: Sequence[Release],
    copies: "Copies",
    *,
    by_story: Mapping[str, Part],
    shares: Shares,
    seed: int,
    assigned: Mapping[str, Part] | None = None,
) -> Division:
    """The part of each article by the rule, unless it or a near-duplicate of it was in another one in a release.

    Args:
        articles: those to be released, or to be so later.
        rule: how to divide them.
        earlier: the releases so far.
        copies: knows near-duplicates, of these articles and of those in the releases.
        by_story: the part of each article by its story.
        shares: how much each part is to hold, where articles are dealt out.
        seed: decides the order in which they are.
        assigned: the part of articles that got one by themselves before.
    """
    released: dict[str, dict[Part, str]] = {}
    for release in earlier:
        for item in release.items:
            if item.part in PARTS:
                released.setdefault(item.article_id, {}).setdefault(item.part, release.name)
    groups = copies.groups([one.id for one in articles])
    planned = _planned(
        articles, rule, released, groups, by_story=by_story, shares=shares, seed=seed, assigned=assigned or {}
    )
    for one in articles:
        part = planned.parts.get(one.id)
        if part is None:
            continue
        reason = _moved(one.id, part, rule, released, groups[one.id])
        if reason:
            planned.without[one.id] = reason
            del planned.parts[one.id]
    return planned


def _planned(
    articles: Sequence[Article | Header],
    rule: SplitRule,
    released: Mapping[str, Mapping[Part, str]],
    groups: Mapping[str, Sequence[str]],
    *,
    by_story: Mapping[str, Part],
    shares: Shares,
    seed: int,
    assigned: Mapping[str, Part],
) -> Division:
    found = Division()
    match rule.by:
        case "story":
            found.parts = {one.id: by_story[one.id] for one in articles}
        case "date":
            _by_date(articles, rule, groups, found)
        case "file":
            _by_hand(articles, rule, found)
        case "article":
            fixed: dict[str, Part] = {}
            for one in articles:
                key = groups[one.id][0]
                before: list[Part] = [part for member in groups[one.id] for part in released.get(member, {})]
                before.extend(assigned[member] for member in groups[one.id] if member in assigned)
                given = one.meta.get(META_KEY)
                wanted: list[Part] = [part for part in PARTS if given == part]
                if before:
                    fixed[key] = before[0]
                elif wanted:
                    fixed.setdefault(key, wanted[0])
            inside = {one.id for one in articles}
            sizes = {groups[one.id][0]: sum(member in inside for member in groups[one.id]) for one in articles}
            dealt = plan(sizes, fixed, shares, seed=seed)
            found.parts = {one.id: dealt[groups[one.id][0]] for one in articles}
    return found


def _by_date(
    articles: Sequence[Article | Header], rule: SplitRule, groups: Mapping[str, Sequence[str]], found: Division
) -> None:
    dates = {one.id: one.published[:10] for one in articles if one.published}
    for one in articles:
        # Copies of a text were written when the first of them was.
        first = min((dates[member] for member in groups[one.id] if member in dates), default=None)
        if first is None:
            found.without[one.id] = "it has no date of publication, by which the release is divided"
        elif first >= rule.dates[-1]:
            found.parts[one.id] = "test"
        else:
            found.parts[one.id] = "dev" if len(rule.dates) == 2 and first >= rule.dates[0] else "train"


def _by_hand(articles: Sequence[Article | Header], rule: SplitRule, found: Division) -> None:
    used: set[str] = set()
    for one in articles:
        key = next((name for name in (one.id, one.source) if name in rule.given), None)
        if key is None:
            found.without[one.id] = f"it is not in {rule.file}"
        else:
            used.add(key)
            found.parts[one.id] = rule.given[key]
    found.remarks += [
        f"{name} in {rule.file} is none of the articles to be released" for name in rule.given if name not in used
    ]


def _moved(
    article_id: str,
    part: Part,
    rule: SplitRule,
    released: Mapping[str, Mapping[Part, str]],
    group: Sequence[str],
) -> str:
    """Why the article cannot be in this part; empty where it can.

    Stories can grow together, and rules change; what a model was trained on must not come back as something it is tested
    on.
    """
    own = released.get(article_id, {})
    where = {
        "story": f"its story is in {part} now",
        "date": f"its date puts it in {part}",
        "file": f"{rule.file} puts it in {part}",
    }
    here = where.get(rule.by, f"it is in {part} now")
    for before, name in own.items():
        if before != part:
            return f"{here}, and it was in {before} in the release {name}"
    if part in own:
        return ""
    for other in group:
        for before, name in released.get(other, {}).items():
            if before != part:
                return f"{here}, and {other}, of which it is a near-duplicate, was in {before} in the release {name}"
    return ""


class Copies:
    """Near-duplicates among texts."""

    def __init__(self, texts: Iterable[tuple[str, str]]) -> None:
        self._first: dict[str, str] = {}
        self._find((name, minhash(text) if text.strip() else None) for name, text in texts)

    @classmethod
    def of(cls, known: Mapping[str, LeanMinHash]) -> "Copies":
        """Those among texts of which there is what they are found by."""
        made = cls(())
        made._find(sorted(known.items()))
        return made

    def _find(self, known: Iterable[tuple[str, LeanMinHash | None]]) -> None:
        doubles = NearDuplicates()
        for name, made in known:
            self._first[name] = name
            if made is None:
                continue
            for other in doubles.of(made):
                one, two = sorted((self._root(name), self._root(other)))
                self._first[two] = one
            doubles.insert(name, made)

    def groups(self, names: Iterable[str]) -> dict[str, list[str]]:
        """Of each of the names, it and its near-duplicates, and theirs, in order."""
        members: dict[str, list[str]] = {}
        for name in sorted(self._first):
            members.setdefault(self._root(name), []).append(name)
        return {name: members[self._root(name)] for name in names}

    def _root(self, name: str) -> str:
        while self._first[name] != name:
            name = self._first[name]
        return name
