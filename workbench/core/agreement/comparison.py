"""What two annotations of one article have in common: counts that add up over articles and pairs of annotators.

Spans are aligned one to one within a layer, the surest first: same place and label, same place, overlap and label,
overlap. Roles, frames and attributes follow that alignment. A frame is a span with its label, its attributes and its
arguments, each of which is one part of it: an event has trigger, category, modality and roles; a stance expression,
polarity, who says so, holder and target.
"""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np

from workbench.core.agreement.coefficients import unitizing_distance
from workbench.core.agreement.reading import TokenizedAnnotation, TokenizedLayer, Values, as_text
from workbench.core.annotations import Argument, Span
from workbench.core.matching import align, overlapping, pair_up
from workbench.core.scheme import LabelScheme

EVERY = "*"
Kind = Literal["boundary", "label", "missing", "role", "attribute"]
"""How annotators can differ about a span: where it ends, what it is, whether it is there, who plays which role, how."""

Counted = Literal["spans", "values", "tokens", "units", "roles", "frames", "chance", "parts", "attributes"]


class Key(NamedTuple):
    """What is counted; `label` is a label, a role or an attribute, `value` what a token or an attribute is."""

    what: Counted
    layer: str
    label: str = EVERY
    value: str = ""


class Row(NamedTuple):
    """The counts of one article under a key. What they stand for, `compare` says."""

    key: Key
    counts: tuple[float, ...]


class Difference(NamedTuple):
    """One thing on which two annotators differ."""

    layer: str
    kind: Kind
    what: str


class Comparison(NamedTuple):
    """What two annotations share, and where they differ."""

    rows: list[Row]
    differences: list[Difference]


class _Heads(NamedTuple):
    """The spans of a layer that were aligned, and those of both that were not."""

    pairs: list[tuple[Span, Span]]
    alone: list[tuple[Span, int]]


def compare(
    first: TokenizedAnnotation, second: TokenizedAnnotation, scheme: LabelScheme, values: dict[str, Values]
) -> Comparison:
    """Counts of what the two share, and where they differ.

    The counts under each key are, in this order:

    - spans: equal in place and label; overlapping with the same label (in the largest pairing); of first; of second
    - values: tokens that are this for both; for first; for second
    - tokens: tokens that have this label for both; for first; for second
    - units: `unitizing_distance` of a label's spans, in tokens
    - roles: equal in role, and in place and label of head and place of filler; equal in role between aligned spans; of
      first; of second; how many of the latter chance would give
    - frames: wholly equal; of first; of second; parts shared by frames of first; parts of these; the same for second
    - chance: aligned frames; how many of their arguments chance would give
    - parts: frames of first with this label, or value of an attribute; of second
    - attributes: aligned spans (choices about the document: articles) with this value for both; for first; for second
    """
    rows: list[Row] = []
    differences: list[Difference] = []
    aligned: dict[str, _Heads] = {}
    for layer in scheme.layer_by_name:
        aligned[layer] = _align(first.layers[layer].spans, second.layers[layer].spans)
        rows += _spans(layer, first, second)
        rows += _tokens(layer, first, second, values[layer])
        rows += _units(layer, first, second)
    partner = {one.id: other.id for heads in aligned.values() for one, other in heads.pairs}
    people = (first.annotator, second.annotator)
    for layer, heads in aligned.items():
        sides = (first.layers[layer], second.layers[layer])
        differences += _span_differences(layer, heads, people)
        for number, attribute in enumerate(scheme.attributes_of(layer)):
            rows += _attribute(layer, attribute.name, number, heads, sides)
            differences += _attribute_differences(layer, attribute.name, number, heads, sides)
        if layer in scheme.frame_layers:
            rows += _frames(layer, first, second, aligned, partner, scheme)
            differences += _role_differences(layer, heads, partner, people)
    for field in scheme.document_fields:
        pair = tuple(as_text(one.document.get(field.name, field.default)) for one in (first, second))
        rows += _confusion("attributes", "", field.name, Counter([pair]))
    return Comparison(rows, differences)


def _align(firsts: Sequence[Span], seconds: Sequence[Span]) -> _Heads:
    pairs: list[tuple[Span, Span]] = []
    alone: list[tuple[Span, int]] = []
    for one, other in align(firsts, seconds):
        if one and other:
            pairs.append((one, other))
        elif one:
            alone.append((one, 0))
        elif other:
            alone.append((other, 1))
    return _Heads(pairs, alone)


def _spans(layer: str, first: TokenizedAnnotation, second: TokenizedAnnotation) -> Iterator[Row]:
    ours, theirs = first.layers[layer], second.layers[layer]
    if not ours.spans and not theirs.spans:
        return
    strict: Counter[str] = Counter()
    for place, number in (ours.places & theirs.places).items():
        strict[place[0]] += number
    near = overlapping([span.offsets for span in ours.spans], [span.offsets for span in theirs.spans])
    pairs = pair_up(ours.spans, theirs.spans, lambda one, other: one.label == other.label, candidates=near)
    lenient = Counter(ours.spans[i].label for i, _ in pairs)
    yield Row(Key("spans", layer), (strict.total(), len(pairs), len(ours.spans), len(theirs.spans)))
    for label in ours.labels | theirs.labels:
        counts = (strict[label], lenient[label], ours.labels[label], theirs.labels[label])
        yield Row(Key("spans", layer, label), counts)


def _tokens(layer: str, first: TokenizedAnnotation, second: TokenizedAnnotation, values: Values) -> Iterator[Row]:
    ours, theirs = first.layers[layer].codes, second.layers[layer].codes
    marked = np.flatnonzero(ours | theirs)
    many = len(values.values)
    joint, numbers = np.unique(ours[marked] * many + theirs[marked], return_counts=True)
    together = {divmod(int(code), many): int(number) for code, number in zip(joint, numbers, strict=True)}
    nothing = len(ours) - len(marked)
    named = Counter({("", ""): nothing}) if nothing else Counter[tuple[str, str]]()
    both: Counter[str] = Counter()
    alone = (Counter[str](), Counter[str]())
    for (one, other), number in together.items():
        pair = values.values[one], values.values[other]
        named["|".join(pair[0]), "|".join(pair[1])] += number
        for label in pair[0]:
            alone[0][label] += number
            both[label] += number * (label in pair[1])
        for label in pair[1]:
            alone[1][label] += number
    yield from _confusion("values", layer, EVERY, named)
    for label in alone[0] | alone[1]:
        yield Row(Key("tokens", layer, label), (both[label], alone[0][label], alone[1][label]))


def _confusion(
    what: Literal["values", "attributes"],
    layer: str,
    label: str,
    pairs: Counter[tuple[str, ...]] | Counter[tuple[str, str]],
) -> Iterator[Row]:
    """For each value how often both, the first and the second gave it."""
    counts: dict[str, list[int]] = {}
    for (one, other), number in pairs.items():
        counts.setdefault(one, [0, 0, 0])[1] += number
        counts.setdefault(other, [0, 0, 0])[2] += number
        if one == other:
            counts[one][0] += number
    for value, row in counts.items():
        yield Row(Key(what, layer, label, value), tuple(row))


def _units(layer: str, first: TokenizedAnnotation, second: TokenizedAnnotation) -> Iterator[Row]:
    ours, theirs = first.layers[layer].units, second.layers[layer].units
    for label in ours.keys() | theirs.keys():
        yield Row(Key("units", layer, label), (unitizing_distance(ours.get(label, ()), theirs.get(label, ())),))


def _attribute(
    layer: str, name: str, number: int, heads: _Heads, sides: tuple[TokenizedLayer, TokenizedLayer]
) -> Iterator[Row]:
    ours, theirs = sides[0].said, sides[1].said
    pairs = Counter((ours[one.id][number], theirs[other.id][number]) for one, other in heads.pairs)
    yield from _confusion("attributes", layer, name, pairs)


def _frames(
    layer: str,
    first: TokenizedAnnotation,
    second: TokenizedAnnotation,
    aligned: dict[str, _Heads],
    partner: dict[str, str],
    scheme: LabelScheme,
) -> Iterator[Row]:
    ours, theirs = first.layers[layer], second.layers[layer]
    if not ours.spans and not theirs.spans:
        return
    shared: tuple[Counter[str], Counter[str]] = (Counter(), Counter())
    whole: Counter[str] = Counter()
    strict: Counter[str] = Counter()
    lenient: Counter[str] = Counter()
    chance: dict[str, float] = {}
    meetings = {role.name: _meeting(role.to_layers, first, second, aligned) for role in scheme.roles_of(layer)}
    for one, other in aligned[layer].pairs:
        kept, exact = 0, 0
        same = one.label == other.label and one.offsets == other.offsets
        if one.arguments and other.arguments:
            for role in _same_arguments(one, other, first, second, partner):
                kept += 1
                lenient[role] += 1
            if same:
                at_one_place = _places(one, first) & _places(other, second)
                exact = at_one_place.total()
                for (role, _), number in at_one_place.items():
                    strict[role] += number
            for argument in one.arguments:
                role = argument.role
                many = sum(one_more.role == role for one_more in other.arguments)
                if many:
                    chance[role] = chance.get(role, 0.0) + many * meetings.get(role, 0.0)
        said = ours.said[one.id], theirs.said[other.id]
        alike = sum(value == their_value for value, their_value in zip(*said, strict=True))
        found = 1 + (one.label == other.label) + alike + kept
        shared[0][one.label] += found
        shared[1][other.label] += found
        if same and said[0] == said[1] and exact == len(one.arguments) == len(other.arguments):
            whole[one.label] += 1
    for role in ours.roles | theirs.roles:
        counts = (strict[role], lenient[role], ours.roles[role], theirs.roles[role], chance.get(role, 0.0))
        yield Row(Key("roles", layer, role), counts)
    by_chance = sum(chance.values())
    totals = (strict.total(), lenient.total(), ours.roles.total(), theirs.roles.total(), by_chance)
    yield Row(Key("roles", layer), totals)
    yield Row(Key("chance", layer), (len(aligned[layer].pairs), by_chance))
    for label in ours.labels | theirs.labels:
        counts = (ours.labels[label], theirs.labels[label])
        parts = (shared[0][label], ours.parts[label], shared[1][label], theirs.parts[label])
        yield Row(Key("frames", layer, label), (whole[label], *counts, *parts))
        yield Row(Key("parts", layer, EVERY, label), counts)
    parts = (shared[0].total(), ours.parts.total(), shared[1].total(), theirs.parts.total())
    yield Row(Key("frames", layer), (whole.total(), len(ours.spans), len(theirs.spans), *parts))
    for number, attribute in enumerate(scheme.attributes_of(layer)):
        given = [Counter(values[number] for values in side.said.values()) for side in (ours, theirs)]
        for value in given[0] | given[1]:
            yield Row(Key("parts", layer, attribute.name, value), (given[0][value], given[1][value]))


def _same_arguments(
    one: Span, other: Span, first: TokenizedAnnotation, second: TokenizedAnnotation, partner: Mapping[str, str]
) -> list[str]:
    """The roles that aligned heads share: those whose fillers are aligned, or stand at one place.

    Two spans stand at one place where a name is marked under two labels; which of them fills the role is then no matter,
    as in scores.
    """

    def same(ours: Argument, theirs: Argument) -> bool:
        if ours.role != theirs.role:
            return False
        fillers = first.by_id.get(ours.target), second.by_id.get(theirs.target)
        if fillers[0] is None or fillers[1] is None:
            return False
        return partner.get(ours.target) == theirs.target or fillers[0].offsets == fillers[1].offsets

    return [one.arguments[i].role for i, _ in pair_up(one.arguments, other.arguments, same)]


def _places(head: Span, annotation: TokenizedAnnotation) -> Counter[tuple[str, tuple[int, int]]]:
    """The roles of a head, each with the place of who fills it."""
    by_id = annotation.by_id
    return Counter((one.role, by_id[one.target].offsets) for one in head.arguments if one.target in by_id)


def _meeting(
    to_layers: Sequence[str], first: TokenizedAnnotation, second: TokenizedAnnotation, aligned: dict[str, _Heads]
) -> float:
    """How likely a filler by the one and a filler by the other are aligned, if both were put at random.

    Over all permutations of what each of them marked in the layers that the role may point to.
    """
    ours, theirs = (sum(len(one.layers[name].spans) for name in to_layers) for one in (first, second))
    together = sum(len(aligned[name].pairs) for name in to_layers)
    return together / (ours * theirs) if together else 0.0


def _span_differences(layer: str, heads: _Heads, people: tuple[str, str]) -> Iterator[Difference]:
    for one, other in heads.pairs:
        if one.offsets != other.offsets:
            yield Difference(layer, "boundary", f"{_named(one)} or {_named(other)}")
        if one.label != other.label:
            yield Difference(layer, "label", f"{_named(one)}: {one.label} or {other.label}")
    for span, side in heads.alone:
        yield Difference(layer, "missing", f"{_named(span)}: {span.label} by {people[side]} alone")


def _attribute_differences(
    layer: str, name: str, number: int, heads: _Heads, sides: tuple[TokenizedLayer, TokenizedLayer]
) -> Iterator[Difference]:
    for one, other in heads.pairs:
        values = (sides[0].said[one.id][number], sides[1].said[other.id][number])
        if values[0] != values[1]:
            said = " or ".join(value or "nothing" for value in values)
            yield Difference(layer, "attribute", f"{_named(one)}: {name} {said}")


def _role_differences(
    layer: str, heads: _Heads, partner: dict[str, str], people: tuple[str, str]
) -> Iterator[Difference]:
    """Roles of aligned heads to aligned fillers that only one of the two has; the rest goes with a missing span."""
    there = set(partner.values())
    for one, other in heads.pairs:
        if not one.arguments and not other.arguments:
            continue
        ours = {(a.role, partner[a.target]) for a in one.arguments if a.target in partner}
        theirs = {(a.role, a.target) for a in other.arguments if a.target in there}
        lacking, more = sorted(ours - theirs), sorted(theirs - ours)
        for role, target in list(lacking):
            instead = next((other_role for other_role, same in more if same == target), None)
            if instead is not None:
                yield Difference(layer, "role", f"{_named(one)}: {role} or {instead}")
                lacking.remove((role, target))
                more.remove((instead, target))
        for who, roles in zip(people, (lacking, more), strict=True):
            for role, _ in roles:
                yield Difference(layer, "role", f"{_named(one)}: {role} by {who} alone")


def _named(span: Span) -> str:
    return f"{' '.join(span.text.split())!r} {span.start}-{span.end}"
