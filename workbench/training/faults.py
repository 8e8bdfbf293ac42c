"""What is wrong with suggestions, correction by correction: its kind, the label it is counted for, what would be right."""

from collections.abc import Iterable, Iterator
from typing import Literal, get_args

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Argument, Span, written
from workbench.core.frozen import Frozen
from workbench.core.matching import Matching, RoleMatch, match
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import quoted

What = Literal["span", "role", "attribute"]
Kind = Literal[
    "boundary",
    "label",
    "missed",
    "invented",
    "wrong role",
    "missed role",
    "invented role",
    "wrong attribute",
    "missed attribute",
]
KINDS: tuple[Kind, ...] = get_args(Kind)
NOTHING = "nothing"


class Name(Frozen):
    """What corrections are counted for: a label, a role or an attribute, of the layer in which it is corrected."""

    layer: str
    what: What
    name: str

    def __str__(self) -> str:
        return f"{self.layer}: " + (self.name if self.what == "span" else f"{self.what} {self.name}")


class Fault(Frozen):
    """One thing that an annotator has to correct.

    `expected` and `found` are what gold and suggestion say there, "nothing" where one of them says nothing. `right` and
    `wrong` are their labels, roles or values alone, empty where there is nothing. A missed span has to
    be given its attributes, too, which are faults of their own: missed attributes.
    """

    article: str
    kind: Kind
    of: Name
    expected: str
    found: str
    right: str = ""
    wrong: str = ""

    def __str__(self) -> str:
        return f"{self.article}: expected {self.expected}, found {self.found}"


def faults(item: AnnotatedArticle, suggested: AnnotationSet, scheme: LabelScheme) -> tuple[Fault, ...]:
    """The faults of suggestions for an article with gold; there are as many as `Matching.corrections`.

    Both sets are taken to be normalised by the scheme.
    """
    matching = match(suggested, item.annotations, scheme)
    return tuple(_found(matching, item.article.id, suggested, item.annotations))


def _found(matching: Matching, article: str, before: AnnotationSet, after: AnnotationSet) -> Iterator[Fault]:
    for one in matching.spans:
        old, new = one.before, one.after
        told = {"article": article, "expected": _told(new), "found": _told(old)}
        label = {"right": new.label if new else "", "wrong": old.label if old else ""}
        counted = new or old
        assert counted is not None
        of = Name(layer=one.layer, what="span", name=counted.label)
        if old is None or new is None:
            yield Fault(kind="missed" if old is None else "invented", of=of, **told, **label)
        else:
            if old.label != new.label:
                yield Fault(kind="label", of=of, **told, **label)
            if one.moved:
                yield Fault(kind="boundary", of=of, **told, **label)
        for name, value in new.attributes.items() if new is not None and old is None else ():
            of = Name(layer=one.layer, what="attribute", name=name)
            expected = f"{name} {written(value)} of {_told(new)}"
            yield Fault(
                article=article, kind="missed attribute", of=of, expected=expected, found=NOTHING, right=written(value)
            )
    spans = {side: sets.by_id() for side, sets in (("before", before), ("after", after))}
    for one in matching.attributes:
        if one.changed:
            of = Name(layer=one.layer, what="attribute", name=one.attribute)
            right, wrong = ("" if value is None else written(value) for value in (one.after, one.before))
            head = _told(spans["after"][one.after_span][1])
            yield Fault(
                article=article,
                kind="wrong attribute",
                of=of,
                expected=f"{one.attribute} {right or NOTHING} of {head}",
                found=wrong or NOTHING,
                right=right,
                wrong=wrong,
            )
    for one in matching.roles:
        if one.decision != "kept" and not (one.decision == "deleted" and one.with_span):
            yield _role(one, article, spans)


def _role(one: RoleMatch, article: str, spans: dict[str, dict[str, tuple[str, Span]]]) -> Fault:
    kind: Kind = "wrong role"
    if one.before is None or one.after is None:
        kind = "missed role" if one.before is None else "invented role"
    counted = one.after or one.before
    assert counted is not None

    def told(argument: Argument | None, head: str | None, side: str) -> str:
        if argument is None or head is None:
            return NOTHING
        return f"{argument.role} {_told(spans[side][argument.target][1])} of {_told(spans[side][head][1])}"

    return Fault(
        article=article,
        kind=kind,
        of=Name(layer=one.layer, what="role", name=counted.role),
        expected=told(one.after, one.after_head, "after"),
        found=told(one.before, one.before_head, "before"),
        right=one.after.role if one.after else "",
        wrong=one.before.role if one.before else "",
    )


def _told(span: Span | None) -> str:
    return NOTHING if span is None else f"{span.label} {quoted(span.text)}"


def one_an_article(found: Iterable[Fault], most: int) -> tuple[Fault, ...]:
    """The first faults of every name, `most` of each, from as many articles as there are."""
    examples = Examples(most)
    for fault in found:
        examples.add(fault)
    return examples.kept()


class Examples:
    """The first faults of every name, `most` of each, from as many articles as there are; no others are kept."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._first: dict[Name, list[Fault]] = {}
        self._rest: dict[Name, list[Fault]] = {}

    def add(self, fault: Fault) -> None:
        """Keeps a fault, where it is among them."""
        mine = self._first.setdefault(fault.of, [])
        rest = self._rest.setdefault(fault.of, [])
        if any(fault.article == other.article for other in mine):
            if len(rest) < self._most:
                rest.append(fault)
        elif len(mine) < self._most:
            mine.append(fault)

    def kept(self) -> tuple[Fault, ...]:
        """Them, name by name."""
        return tuple(
            fault
            for name, mine in self._first.items()
            for fault in [*mine, *self._rest[name][: self._most - len(mine)]]
        )
