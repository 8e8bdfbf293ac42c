"""How two releases differ: articles, spans and roles, by layer and label in counts, and one by one."""

from collections import Counter
from collections.abc import Iterable, Iterator
from typing import TypeVar

from workbench.core.annotations import AnnotationSet, Argument, Span
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.matching import RoleMatch, SpanMatch, match
from workbench.core.report import Listing, Report, Row, Shown, Table
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import quoted
from workbench.gold import releases
from workbench.printable import printable, titled
from workbench.store import Transaction, annotations, articles, withdrawals
from workbench.store import releases as stored
from workbench.store.releases import ReleaseItem

One = TypeVar("One")
DECISIONS = ("kept", "moved", "relabelled", "deleted", "added")


class DiffRow(Frozen):
    """How often one label or role occurs in either release, and what became of it on the articles that are in both.

    `became` counts the spans of the label, or the roles, that were kept, moved or relabelled to something else, and that
    were deleted or added.
    """

    layer: str
    kind: str
    name: str
    first: int
    second: int
    became: dict[str, int]


class Change(Frozen):
    """One difference in the gold of an article: a span, one of its attributes, a role, or a choice about the article."""

    layer: str
    kind: str
    decision: str
    before: str = ""
    after: str = ""
    start: int | None = None
    end: int | None = None

    def __str__(self) -> str:
        sides = f"{self.before or 'nothing'} became {self.after or 'nothing'}"
        return f"{self.layer} {self.kind} {self.decision}: {sides}".strip()


class ArticleDiff(Frozen):
    """An article that is in both releases and not the same in them."""

    article_id: str
    title: str
    parts: tuple[str, str]
    versions: tuple[int, int]
    annotators: tuple[tuple[str, ...], tuple[str, ...]]
    changes: tuple[Change, ...] = ()

    def __str__(self) -> str:
        said: list[str] = []
        if self.parts[0] != self.parts[1]:
            said.append(f"from {self.parts[0]} to {self.parts[1]}")
        if self.versions[0] != self.versions[1]:
            said.append(f"from version {self.versions[0]} of its text to {self.versions[1]}")
        counts = Counter((one.kind, one.decision) for one in self.changes)
        said += [f"{number} × {kind} {decision}" for (kind, decision), number in counts.items()]
        if not said:
            said.append(f"annotated by {_all(self.annotators[0])}, then by {_all(self.annotators[1])}")
        return f"{titled(self.article_id, self.title)}: {', '.join(said)}"


class Only(Frozen):
    """An article that is in one of two releases, with its part there."""

    article_id: str
    title: str
    part: str

    def __str__(self) -> str:
        return f"{titled(self.article_id, self.title)}, {self.part}"


class DiffReport(Report):
    """How the second release differs from the first; of `erased` articles nothing is left that could be compared."""

    first: str
    second: str
    digests: tuple[str, str]
    schemes: tuple[str, str]
    articles: tuple[int, int]
    same: int
    only_first: tuple[Only, ...] = ()
    only_second: tuple[Only, ...] = ()
    changed: tuple[ArticleDiff, ...] = ()
    rows: tuple[DiffRow, ...] = ()
    erased: tuple[str, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """The counts, and the articles that differ."""
        if self.digests[0] == self.digests[1]:
            yield f"{self.first} and {self.second} are the same: {counted(self.articles[0], 'articles')}, digest {self.digests[0]}"
            return
        yield Table.of(
            "articles",
            self.first,
            self.second,
            "the same",
            "changed",
            f"only in {self.first}",
            f"only in {self.second}",
            rows=[("", *self.articles, self.same, len(self.changed), len(self.only_first), len(self.only_second))],
        )
        if self.schemes[0] != self.schemes[1]:
            yield f"their label schemes differ: {self.schemes[0]} and {self.schemes[1]}"
        yield self._counts()
        yield Listing("articles were erased since, so that what they held is not counted", self.erased)
        yield Listing(f"articles are only in {self.first}", tuple(map(str, self.only_first)))
        yield Listing(f"articles are only in {self.second}", tuple(map(str, self.only_second)))
        yield Listing("articles differ that are in both", tuple(map(str, self.changed)))

    def _counts(self) -> Table:
        rows = [
            Row(
                (
                    one.layer if not one.name else f"  {one.name}",
                    one.kind,
                    str(one.first),
                    str(one.second),
                    *(str(one.became.get(decision) or "") for decision in DECISIONS),
                ),
                strong=not one.name,
                section=not one.name,
            )
            for one in _with_sums(self.rows)
        ]
        columns = ("", "", self.first, self.second, "kept", "moved", "relabelled", "deleted", "added")
        title = "Counts in each, and what became of them on the articles that are in both"
        return Table(columns, tuple(rows), title=title, left=frozenset({0, 1}))


def diff(session: Transaction, first: str, second: str) -> DiffReport:
    """How the release `second` differs from `first`.

    Raises:
        ReleaseError: there is no such release.
    """
    one, other = stored.get(session, first), stored.get(session, second)
    manifests = releases.manifest_of(one), releases.manifest_of(other)
    scheme = _both(manifests[0].label_scheme, manifests[1].label_scheme)
    before = {item.article_id: item for item in one.items}
    after = {item.article_id: item for item in other.items}
    counting = _Counting(scheme)
    changed: list[ArticleDiff] = []
    titles = {key: header.title for key, header in articles.headers(session).items()}
    for article_id in sorted(before.keys() | after.keys()):
        left, right = before.get(article_id), after.get(article_id)
        sets = tuple(annotations.get_set(session, item.set_id).annotations if item else None for item in (left, right))
        counting.take(sets[0], sets[1])
        if left and right and sets[0] and sets[1]:
            changes = () if left.set_id == right.set_id else tuple(_changes(sets[0], sets[1], scheme, counting))
            if left.set_id == right.set_id:
                counting.kept(sets[0])
            if changes or _differ(left, right):
                title = titles.get((article_id, right.article_version), "")
                changed.append(_article(left, right, title, changes))
    return DiffReport(
        first=first,
        second=second,
        digests=(one.digest, other.digest),
        schemes=(manifests[0].scheme_digest, manifests[1].scheme_digest),
        articles=(len(before), len(after)),
        same=len(before.keys() & after.keys()) - len(changed),
        only_first=tuple(_only(before[key], titles) for key in sorted(before.keys() - after.keys())),
        only_second=tuple(_only(after[key], titles) for key in sorted(after.keys() - before.keys())),
        changed=tuple(changed),
        rows=counting.rows(),
        erased=tuple(sorted(withdrawals.erased(session) & (before.keys() | after.keys()))),
    )


class _Counting:
    """Counts labels and roles of two releases."""

    def __init__(self, scheme: LabelScheme) -> None:
        self._scheme = scheme
        self._sides: tuple[Counter[tuple[str, str, str]], Counter[tuple[str, str, str]]] = (Counter(), Counter())
        self._became: dict[tuple[str, str, str], Counter[str]] = {}

    def take(self, first: AnnotationSet | None, second: AnnotationSet | None) -> None:
        """Counts what an article holds in either."""
        for side, found in zip(self._sides, (first, second), strict=True):
            for layer, span in found.spans() if found else ():
                side[layer, "label", span.label] += 1
                for argument in span.arguments:
                    side[layer, "role", argument.role] += 1

    def kept(self, both: AnnotationSet) -> None:
        """Counts an article that is the same in both."""
        for layer, span in both.spans():
            self.became(layer, "label", span.label, "kept")
            for argument in span.arguments:
                self.became(layer, "role", argument.role, "kept")

    def became(self, layer: str, kind: str, name: str, decision: str) -> None:
        """Counts what became of one label or role."""
        self._became.setdefault((layer, kind, name), Counter())[decision] += 1

    def rows(self) -> tuple[DiffRow, ...]:
        """A row for each label and role that occurs, in the order of the scheme."""
        there = set(self._sides[0]) | set(self._sides[1])
        order: list[tuple[str, str, str]] = []
        for layer in self._scheme.layers:
            order += [(layer.name, "label", label) for label in layer.label_values]
            order += [(layer.name, "role", role.name) for role in self._scheme.roles_of(layer.name)]
        order += sorted(there - set(order))
        return tuple(
            DiffRow(
                layer=key[0],
                kind=key[1],
                name=key[2],
                first=self._sides[0][key],
                second=self._sides[1][key],
                became=dict(self._became.get(key, {})),
            )
            for key in order
            if key in there
        )


def _changes(first: AnnotationSet, second: AnnotationSet, scheme: LabelScheme, counting: _Counting) -> Iterator[Change]:
    found = match(first, second, scheme)
    names = {span.id: f"{span.label} {quoted(span.text)}" for given in (first, second) for _, span in given.spans()}
    for pair in found.spans:
        counting.became(pair.layer, "label", _either(pair.before, pair.after).label, pair.decision)
        if pair.decision != "kept":
            yield _span(pair)
    for one in found.attributes:
        if one.changed:
            yield Change(
                layer=one.layer,
                kind=one.attribute,
                decision="changed",
                before=f"{names[one.before_span]} {one.before}",
                after=f"{names[one.after_span]} {one.after}",
            )
    for role in found.roles:
        counting.became(role.layer, "role", _either(role.before, role.after).role, role.decision)
        if role.decision != "kept":
            yield _role(role, names)
    for field in sorted(first.document.keys() | second.document.keys()):
        values = first.document.get(field), second.document.get(field)
        if values[0] != values[1]:
            before, after = ("" if value is None else str(value) for value in values)
            yield Change(layer="", kind=field, decision="changed", before=before, after=after)


def _either(before: One | None, after: One | None) -> One:
    """The first of two sides that is there, as one of a match always is."""
    found = before or after
    assert found is not None
    return found


def _span(pair: SpanMatch) -> Change:
    place = _either(pair.after, pair.before)
    return Change(
        layer=pair.layer,
        kind="span",
        decision=pair.decision,
        before=_said(pair.before),
        after=_said(pair.after),
        start=place.start,
        end=place.end,
    )


def _said(span: Span | None) -> str:
    return f"{span.label} {quoted(span.text)} at {span.start}-{span.end}" if span else ""


def _role(one: RoleMatch, names: dict[str, str]) -> Change:
    def side(head: str | None, argument: Argument | None) -> str:
        return f"{argument.role} of {names[head or '']}: {names[argument.target]}" if argument else ""

    return Change(
        layer=one.layer,
        kind="role",
        decision=one.decision,
        before=side(one.before_head, one.before),
        after=side(one.after_head, one.after),
    )


def _both(first: LabelScheme, second: LabelScheme) -> LabelScheme:
    """The second scheme, and what the first has besides, so that nothing of either is left out."""
    layers = {layer.name for layer in second.layers}
    attributes = {(one.layer, one.name) for one in second.attributes}
    return LabelScheme.model_validate(
        second.model_copy(
            update={
                "layers": (*second.layers, *(one for one in first.layers if one.name not in layers)),
                "attributes": (
                    *second.attributes,
                    *(one for one in first.attributes if (one.layer, one.name) not in attributes),
                ),
            }
        ).model_dump()
    )


def _differ(left: ReleaseItem, right: ReleaseItem) -> bool:
    return (left.part, left.article_version, left.set_id, left.annotators) != (
        right.part,
        right.article_version,
        right.set_id,
        right.annotators,
    )


def _article(left: ReleaseItem, right: ReleaseItem, title: str, changes: tuple[Change, ...]) -> ArticleDiff:
    return ArticleDiff(
        article_id=left.article_id,
        title=title,
        parts=(left.part, right.part),
        versions=(left.article_version, right.article_version),
        annotators=(left.annotators, right.annotators),
        changes=changes,
    )


def _only(item: ReleaseItem, titles: dict[tuple[str, int], str]) -> Only:
    title = titles.get((item.article_id, item.article_version), "")
    return Only(article_id=item.article_id, title=title, part=item.part)


def _with_sums(rows: Iterable[DiffRow]) -> Iterator[DiffRow]:
    """The rows, those of a layer's labels and of its roles after their sum."""
    by_kind: dict[tuple[str, str], list[DiffRow]] = {}
    for row in rows:
        by_kind.setdefault((row.layer, row.kind), []).append(row)
    for (layer, kind), some in by_kind.items():
        became = Counter[str]()
        for row in some:
            became.update(row.became)
        first, second = sum(row.first for row in some), sum(row.second for row in some)
        yield DiffRow(layer=layer, kind=f"{kind}s", name="", first=first, second=second, became=dict(became))
        yield from some


def _all(names: tuple[str, ...]) -> str:
    return " and ".join(printable(name) for name in names) or "nobody"
