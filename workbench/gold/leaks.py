"""What two parts of a release share, so that what is measured on one would have been learned from the other."""

import re
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import combinations
from pathlib import Path
from typing import Literal, NamedTuple, cast, get_args

from pydantic import ValidationError

from workbench.core.counted import counted
from workbench.core.documents import AnnotatedArticleDocument
from workbench.core.frozen import Frozen
from workbench.core.near_duplicates import NearDuplicates, minhash
from workbench.core.parts import PARTS, Part
from workbench.core.report import Listing, Report, Shown, Table
from workbench.core.validation import first_fault
from workbench.errors import ReleaseError, WorkbenchError
from workbench.gold import releases
from workbench.gold.manifest import WithdrawnArticle
from workbench.gold.verification import exported, parts_of, read_manifest
from workbench.printable import printable, titled
from workbench.store import Transaction
from workbench.store import releases as stored

Kind = Literal["near-duplicate", "same story", "same title"]
KINDS: tuple[Kind, ...] = get_args(Kind)
_NO_WORD = re.compile(r"[\W_]+")


class Side(Frozen):
    """An article of a leak, and the part that it is in."""

    article_id: str
    title: str
    part: Part

    def __str__(self) -> str:
        return f"{titled(self.article_id, self.title)} in {self.part}"


class Leak(Frozen):
    """Two articles in different parts that share something; `alike` is the share of common word triples."""

    shared: tuple[Kind, ...]
    first: Side
    second: Side
    alike: float | None = None

    def __str__(self) -> str:
        alike = f" ({self.alike:.0%} of their word triples)" if self.alike is not None else ""
        return f"{', '.join(self.shared)}{alike}: {self.first}; {self.second}"


class LeaksReport(Report):
    """What the parts of a release share, each pair of articles once; near-duplicates first. `erased` ones are left out."""

    name: str
    articles: int
    leaks: tuple[Leak, ...] = ()
    remarks: tuple[str, ...] = ()
    erased: tuple[str, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """How much any two parts share, and what."""
        if not self.leaks:
            yield f"{printable(self.name)}: no two parts share anything: {counted(self.articles, 'articles')}"
        else:
            counts = Counter(
                (kind, *sorted((leak.first.part, leak.second.part), key=PARTS.index))
                for leak in self.leaks
                for kind in leak.shared
            )
            pairs = list(combinations(PARTS, 2))
            rows = [(kind, *(counts.get((kind, *pair), 0) for pair in pairs)) for kind in KINDS]
            columns = ("pairs of articles", *(f"{one} and {other}" for one, other in pairs))
            yield Table.of(*columns, rows=rows, title=f"What the parts of {printable(self.name)} share")
            yield Listing(
                "pairs of articles in different parts share something",
                tuple(map(str, self.leaks)),
                more="--json",
            )
        yield from self.remarks
        yield Listing("articles were erased since, and are left out", self.erased)


class _Released(NamedTuple):
    side: Side
    story: str
    text: str


def leaks(session: Transaction, name: str) -> LeaksReport:
    """What the parts of a release in the store share.

    Raises:
        ReleaseError: there is no such release.
    """
    release = stored.get(session, name)
    parts = {item.article_id: item.part for item in release.items}
    return _report(
        name,
        releases.withdrawn_of(session, [release]),
        (
            _Released(
                Side(article_id=one.article.id, title=one.article.title, part=cast(Part, parts[one.article.id])),
                one.article.story,
                one.article.text,
            )
            for one in releases.read(session, name)
        ),
    )


def leaks_of_export(path: Path) -> LeaksReport:
    """What the parts of an exported release share, told from its jsonl files alone.

    Raises:
        ReleaseError: there is no export with jsonl files at `path` or below it, or one of them cannot be read.
    """
    folders = [one for one in exported(path) if parts_of(one)]
    if not folders:
        raise ReleaseError(
            f"the export in {path} has no jsonl files, from which the texts could be compared",
            hint="`workbench export NAME --format jsonl` writes them",
        )
    manifest = read_manifest(folders[0])
    return _report(manifest.name, manifest.withdrawn, _of_files(folders[0]))


def _of_files(folder: Path) -> Iterator[_Released]:
    for part, path in parts_of(folder).items():
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if not line.strip():
                    continue
                try:
                    article = AnnotatedArticleDocument.model_validate_json(line).article
                except (ValidationError, WorkbenchError, ValueError) as error:
                    reason = first_fault(error) if isinstance(error, ValidationError) else str(error)
                    raise ReleaseError(
                        f"{path}, line {number}: {reason}", hint="`workbench gold verify` says what was touched"
                    ) from error
                side = Side(article_id=article.id, title=article.title, part=part)
                yield _Released(side, article.story, article.text)


def _report(name: str, withdrawn: Iterable[WithdrawnArticle], released: Iterable[_Released]) -> LeaksReport:
    doubles = NearDuplicates()
    sides: dict[str, Side] = {}
    stories: dict[str, list[str]] = {}
    titles: dict[str, list[str]] = {}
    alike: dict[tuple[str, str], float] = {}
    without_text = 0
    for one in released:
        own = one.side.article_id
        if one.text.strip():
            found = minhash(one.text)
            alike.update(((other, own), score) for other, score in doubles.of(found).items())
            doubles.insert(own, found)
        else:
            without_text += 1
        sides[own] = one.side
        stories.setdefault(one.story, []).append(own)
        words = _NO_WORD.sub(" ", one.side.title.casefold()).strip()
        if words:
            titles.setdefault(words, []).append(own)
    shared: dict[tuple[str, str], set[Kind]] = {pair: {"near-duplicate"} for pair in alike}
    kinds: tuple[tuple[Kind, dict[str, list[str]]], ...] = (("same story", stories), ("same title", titles))
    for kind, groups in kinds:
        for members in groups.values():
            for pair in combinations(members, 2):
                if sides[pair[0]].part != sides[pair[1]].part:
                    shared.setdefault(pair, set()).add(kind)
    found_leaks: list[Leak] = []
    for pair, what in shared.items():
        first, second = sorted(
            [sides[pair[0]], sides[pair[1]]], key=lambda one: (PARTS.index(one.part), one.article_id)
        )
        if first.part != second.part:
            ordered: tuple[Kind, ...] = tuple(kind for kind in KINDS if kind in what)
            found_leaks.append(Leak(shared=ordered, first=first, second=second, alike=alike.get(pair)))
    found_leaks.sort(
        key=lambda one: (KINDS.index(one.shared[0]), -(one.alike or 0), one.first.article_id, one.second.article_id)
    )
    remarks = (
        [counted(without_text, "articles are without text, so that no near-duplicate of them was looked for")]
        if without_text
        else []
    )
    erased = tuple(str(one) for one in withdrawn if one.erased and one.article_id not in sides)
    return LeaksReport(name=name, articles=len(sides), leaks=tuple(found_leaks), remarks=tuple(remarks), erased=erased)
