"""Agreement over many articles: counts are added up as articles come, and the coefficients come from their sums.

Intervals: percentiles over resampled articles (Efron & Tibshirani 1993, ch. 13); an article brings all its annotators
along, and the seed is fixed, so that the same numbers come out twice. Of an article only counts are kept.
"""

from array import array
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from workbench.core.agreement import coefficients
from workbench.core.agreement.coefficients import Numbers
from workbench.core.agreement.comparison import EVERY, Counted, Key, Kind, Row, compare
from workbench.core.agreement.figures import (
    Agreement,
    AttributeAgreement,
    Disagreement,
    DisagreementArticle,
    FrameAgreement,
    Measured,
    Pair,
    RoleAgreement,
    Shared,
    SpanAgreement,
    SuggestionAgreement,
    Suggestions,
)
from workbench.core.agreement.reading import TokenizedAnnotation, Tokens, Values
from workbench.core.measures import Interval
from workbench.core.scheme import LabelScheme

_Weights = NDArray[np.float32]
KINDS: tuple[Kind, ...] = ("boundary", "label", "missing", "role", "attribute")


@dataclass(frozen=True)
class Place:
    """An article that several people annotated."""

    article_id: str
    version: int
    title: str


@dataclass
class _Counts:
    """The counts of articles under their keys, each row with the number of its article before it."""

    rows: dict[Key, "array[float]"] = field(default_factory=dict[Key, "array[float]"])
    articles: set[int] = field(default_factory=set[int])

    def add(self, article: int, row: Row) -> None:
        self.articles.add(article)
        found = self.rows.get(row.key)
        if found is None:
            found = self.rows[row.key] = array("f")
        found.append(article)
        found.extend(row.counts)

    def sums(self, weights: _Weights, whats: Iterable[Counted]) -> dict[Key, Numbers]:
        """For each key the sum of its counts for each row of the weights, which are by article."""
        result: dict[Key, Numbers] = {}
        for what in whats:
            keys = [key for key in self.rows if key.what == what]
            if not keys:
                continue
            width = _WIDTHS[what]
            table = np.zeros((weights.shape[1], len(keys), width), dtype=np.float32)
            for number, key in enumerate(keys):
                rows = np.frombuffer(self.rows[key], dtype=np.float32).reshape(-1, width + 1)
                np.add.at(table[:, number], rows[:, 0].astype(np.int64), rows[:, 1:])
            summed = _summed(weights, table.reshape(len(table), -1)).reshape(len(weights), len(keys), width)
            result.update({key: summed[:, number] for number, key in enumerate(keys)})
        return result


_WIDTHS: dict[Counted, int] = {
    "spans": 4,
    "values": 3,
    "tokens": 3,
    "units": 1,
    "roles": 5,
    "frames": 7,
    "chance": 2,
    "parts": 2,
    "attributes": 3,
}
_Sums = dict[Key, Numbers]
_Named = dict[tuple[str, str], Numbers]


@dataclass
class _Totals:
    """What the figures of a pair, or of all annotators, are made from; arrays hold the estimate, then the resamples."""

    pair: Pair | None
    articles: int
    sums: _Sums
    coincidences: _Sums
    tokens: Numbers
    kappas: _Named
    attribute_kappas: _Named
    units: dict[tuple[str, str], tuple[Numbers, Numbers]]
    expected: dict[str, Numbers]


class Study:
    """Takes annotations of articles, article by article, and says how far they agree."""

    def __init__(self, scheme: LabelScheme, *, resamples: int = 1000, seed: int = 0) -> None:
        self._scheme = scheme
        self._resamples = resamples
        self._seed = seed
        self.values: dict[str, Values] = {layer.name: Values.new() for layer in scheme.layers}
        self._places: list[Place] = []
        self._lengths: list[int] = []
        self._sizes: list[int] = []
        self._annotators: dict[str, int] = {}
        self._pairs: dict[Pair, _Counts] = {}
        self._suggested: dict[Suggestions, _Counts] = {}
        self._pairs_suggested: dict[Suggestions, int] = {}
        self._units: dict[tuple[str, str, str], array[int]] = {}
        self._differences: dict[tuple[str, Kind], list[DisagreementArticle]] = {}

    @property
    def articles(self) -> int:
        """How many articles were added."""
        return len(self._places)

    def add(self, place: Place, tokens: Tokens, readings: Sequence[TokenizedAnnotation]) -> None:
        """Takes the annotations of an article, one of each person, two at the least, read with `values`."""
        number = len(self._places)
        self._places.append(place)
        self._lengths.append(len(tokens))
        self._sizes.append(len(readings))
        for one in readings:
            self._annotators[one.annotator] = self._annotators.get(one.annotator, 0) + 1
            self._add_units(number, one)
        found: dict[tuple[str, Kind], list[str]] = {}
        for first, second in combinations(sorted(readings, key=lambda one: one.annotator), 2):
            comparison = compare(first, second, self._scheme, self.values)
            counts = self._pairs.setdefault((first.annotator, second.annotator), _Counts())
            counts.articles.add(number)
            for row in comparison.rows:
                counts.add(number, row)
            if first.suggested == second.suggested:
                which: Suggestions = "both" if first.suggested else "neither"
                self._pairs_suggested[which] = self._pairs_suggested.get(which, 0) + 1
                pooled = self._suggested.setdefault(which, _Counts())
                for row in comparison.rows:
                    if row.key.what in ("spans", "frames") and row.key.label == EVERY:
                        pooled.add(number, row)
            for one in comparison.differences:
                found.setdefault((one.layer, one.kind), []).append(one.what)
        for key, whats in found.items():
            self._differences.setdefault(key, []).append(
                DisagreementArticle(
                    article_id=place.article_id,
                    article_version=place.version,
                    title=place.title,
                    count=len(whats),
                    example=whats[0],
                )
            )

    def agreement(self) -> Agreement:
        """The figures over everything that was added, which is one article at the least."""
        weights = self._weights()
        pairs = [self._pair(pair, weights) for pair in sorted(self._pairs)]
        everybody = _together(pairs, len(self._places))
        totals = [everybody, *pairs]
        return Agreement(
            articles=len(self._places),
            tokens=sum(self._lengths),
            annotators=dict(sorted(self._annotators.items())),
            pairs=tuple(Shared(pair=p, articles=len(self._pairs[p].articles)) for p in sorted(self._pairs)),
            spans=tuple(row for one in totals for row in self._spans(one)),
            roles=tuple(row for one in totals for row in self._roles(one)),
            frames=tuple(row for one in totals for row in self._frames(one)),
            attributes=tuple(row for one in totals for row in self._attributes(one)),
            disagreements=tuple(self._disagreements()),
            suggestions=tuple(self._by_suggestion(weights)),
        )

    def _weights(self) -> _Weights:
        """How often each article counts: once for the estimate, then as often as each resample drew it."""
        many = len(self._places)
        weights = np.ones((1 + self._resamples, many), dtype=np.float32)
        if many:
            generator = np.random.default_rng(self._seed)
            weights[1:] = generator.multinomial(many, np.full(many, 1 / many), size=self._resamples)
        return weights

    def _add_units(self, number: int, reading: TokenizedAnnotation) -> None:
        for layer, found in reading.layers.items():
            for label, units in found.units.items():
                key = (reading.annotator, layer, label)
                rows = self._units.get(key)
                if rows is None:
                    rows = self._units[key] = array("i")
                for start, end in units:
                    rows.extend((number, start, end))

    def _pair(self, pair: Pair, weights: _Weights) -> _Totals:
        counts = self._pairs[pair]
        sums = counts.sums(weights, _WIDTHS)
        # An item with m values makes m (m - 1) / 2 pairs, and counts m - 1 times in all of them.
        shares = weights / np.array([size - 1 for size in self._sizes], dtype=np.float32)
        lengths = np.zeros(len(self._places), dtype=np.float32)
        shared = sorted(counts.articles)
        lengths[shared] = np.array(self._lengths, dtype=np.float32)[shared]
        tokens = np.stack([_summed(weights, lengths), _summed(shares, lengths)], axis=-1)
        return _Totals(
            pair=pair,
            articles=len(shared),
            sums=sums,
            coincidences=counts.sums(shares, ("values", "tokens")),
            tokens=tokens,
            kappas=_kappas(sums, tokens[:, 0]),
            attribute_kappas=_attribute_kappas(sums),
            units=dict(self._unitizing(pair, sums, weights, lengths)),
            expected=dict(self._expected(sums)),
        )

    def _unitizing(
        self, pair: Pair, sums: _Sums, weights: _Weights, lengths: _Weights
    ) -> Iterator[tuple[tuple[str, str], tuple[Numbers, Numbers]]]:
        keys = [key for key in sums if key.what == "units"]
        if not keys:
            return
        shared = lengths > 0
        rows = {key: [self._rows(person, key.layer, key.label, shared) for person in pair] for key in keys}
        sizes = {
            key: np.unique(np.concatenate([side[:, 2] - side[:, 1] for side in both])).astype(float)
            for key, both in rows.items()
        }
        tables = [_units_and_room(both, sizes[key], lengths) for key, both in rows.items()]
        summed = _summed(weights, np.concatenate(tables, axis=1))
        total = _summed(weights, lengths)
        layers: dict[str, tuple[Numbers, Numbers]] = {}
        place = 0
        for key in keys:
            many = len(sizes[key])
            units, room = summed[:, place : place + many], summed[:, place + many : place + 2 * many]
            place += 2 * many
            found = coefficients.unitizing_disagreement(sums[key][:, 0], sizes[key], units, room, total)
            yield (key.layer, key.label), found
            both = layers.get(key.layer)
            layers[key.layer] = found if both is None else (_add(both[0], found[0]), _add(both[1], found[1]))
        for layer, found in layers.items():
            yield (layer, EVERY), found

    def _rows(self, person: str, layer: str, label: str, shared: NDArray[np.bool_]) -> NDArray[np.int64]:
        rows = np.array(self._units.get((person, layer, label), ()), dtype=np.int64).reshape(-1, 3)
        return rows[shared[rows[:, 0]]]

    def _expected(self, sums: _Sums) -> Iterator[tuple[str, Numbers]]:
        """For each layer of frames the number of shared parts that chance gives: see FrameAgreement."""
        for layer in self._scheme.frame_layers:
            if Key("chance", layer) not in sums:
                continue
            aligned, arguments = sums[Key("chance", layer)].T
            names = [EVERY, *(attribute.name for attribute in self._scheme.attributes_of(layer))]
            alike = np.ones_like(aligned)
            for name in names:
                each = [counts for key, counts in sums.items() if key[:3] == ("parts", layer, name)]
                table = np.stack(each, axis=-1)
                first, second = table[:, 0], table[:, 1]
                under = first.sum(axis=-1) * second.sum(axis=-1)
                alike += np.divide((first * second).sum(axis=-1), under, out=np.zeros_like(under), where=under > 0)
            yield layer, aligned * alike + arguments

    def _spans(self, totals: _Totals) -> Iterator[SpanAgreement]:
        for layer, label in self._ordered("spans", totals.sums):
            strict, lenient, first, second = totals.sums[Key("spans", layer, label)].T
            units = totals.units.get((layer, label))
            nothing = np.full(len(strict), np.nan)
            yield SpanAgreement(
                layer=layer,
                label=label,
                pair=totals.pair,
                first=int(first[0]),
                second=int(second[0]),
                strict_f1=_measured(coefficients.f1(strict, first, second), totals),
                lenient_f1=_measured(coefficients.f1(lenient, first, second), totals),
                kappa=_measured(totals.kappas.get((layer, label), nothing), totals),
                alpha=_measured(_alpha(totals, layer, label), totals),
                alpha_u=_measured(coefficients.unitizing_alpha(*units) if units else nothing, totals),
            )

    def _roles(self, totals: _Totals) -> Iterator[RoleAgreement]:
        for layer, role in self._ordered("roles", totals.sums):
            strict, lenient, first, second, chance = totals.sums[Key("roles", layer, role)].T
            if not first[0] + second[0]:
                continue
            observed, expected = (coefficients.f1(one, first, second) for one in (lenient, chance))
            yield RoleAgreement(
                layer=layer,
                role=role,
                pair=totals.pair,
                first=int(first[0]),
                second=int(second[0]),
                strict_f1=_measured(coefficients.f1(strict, first, second), totals),
                lenient_f1=_measured(observed, totals),
                chance=_number(expected[0]),
                corrected=_measured(coefficients.corrected(observed, expected), totals),
            )

    def _frames(self, totals: _Totals) -> Iterator[FrameAgreement]:
        for layer, label in self._ordered("frames", totals.sums):
            whole, first, second, ours, our_parts, theirs, their_parts = totals.sums[Key("frames", layer, label)].T
            partial = coefficients.f1((ours + theirs) / 2, our_parts, their_parts)
            expected = (
                coefficients.f1(totals.expected[layer], our_parts, their_parts)
                if label == EVERY and layer in totals.expected
                else None
            )
            yield FrameAgreement(
                layer=layer,
                label=label,
                pair=totals.pair,
                first=int(first[0]),
                second=int(second[0]),
                whole_f1=_measured(coefficients.f1(whole, first, second), totals),
                partial=_measured(partial, totals),
                chance=_number(expected[0]) if expected is not None else None,
                corrected=(
                    _measured(coefficients.corrected(partial, expected), totals) if expected is not None else None
                ),
            )

    def _attributes(self, totals: _Totals) -> Iterator[AttributeAgreement]:
        fields = [(attribute.layer or "", attribute.name) for attribute in self._scheme.attributes]
        fields += [("", one.name) for one in self._scheme.document_fields]
        for layer, name in fields:
            rows = [counts for key, counts in totals.sums.items() if key[:3] == ("attributes", layer, name)]
            if not rows:
                continue
            both, first, _ = np.sum(rows, axis=0).T
            yield AttributeAgreement(
                layer=layer,
                attribute=name,
                pair=totals.pair,
                compared=int(first[0]),
                same=_measured(coefficients.f1(both, first, first), totals),
                kappa=_measured(totals.attribute_kappas[layer, name], totals),
            )

    def _by_suggestion(self, weights: _Weights) -> Iterator[SuggestionAgreement]:
        for which, counts in sorted(self._suggested.items()):
            sums = counts.sums(weights, ("spans", "frames"))
            for layer in self._scheme.layer_by_name:
                if Key("spans", layer) not in sums:
                    continue
                strict, _, first, second = sums[Key("spans", layer)].T
                frames = sums.get(Key("frames", layer))
                many = len(counts.articles)
                yield SuggestionAgreement(
                    layer=layer,
                    suggestions=which,
                    articles=self._pairs_suggested[which],
                    strict_f1=_with_interval(coefficients.f1(strict, first, second), many),
                    frames=(
                        _with_interval(
                            coefficients.f1((frames[:, 3] + frames[:, 5]) / 2, frames[:, 4], frames[:, 6]), many
                        )
                        if frames is not None
                        else None
                    ),
                )

    def _disagreements(self) -> Iterator[Disagreement]:
        for layer in self._scheme.layer_by_name:
            for kind in KINDS:
                found = self._differences.get((layer, kind), [])
                if found:
                    most = sorted(found, key=lambda one: (-one.count, one.article_id, one.article_version))
                    yield Disagreement(
                        layer=layer, kind=kind, count=sum(one.count for one in found), articles=tuple(most)
                    )

    def _ordered(self, what: Counted, sums: Mapping[Key, Numbers]) -> list[tuple[str, str]]:
        """Layer and label of the keys: by layer, the whole layer first."""
        layers = list(self._scheme.layer_by_name)
        found = [(key.layer, key.label) for key in sums if key.what == what]
        return sorted(found, key=lambda one: (layers.index(one[0]), one[1] != EVERY, one[1]))


def _together(pairs: Sequence[_Totals], articles: int) -> _Totals:
    """All annotators at once."""
    sums, coincidences = _added(one.sums for one in pairs), _added(one.coincidences for one in pairs)
    units: dict[tuple[str, str], tuple[Numbers, Numbers]] = {}
    expected: dict[str, Numbers] = {}
    for one in pairs:
        for key, (seen, chance) in one.units.items():
            before = units.get(key)
            units[key] = (seen, chance) if before is None else (_add(before[0], seen), _add(before[1], chance))
        for layer, number in one.expected.items():
            expected[layer] = expected[layer] + number if layer in expected else number
    return _Totals(
        pair=None,
        articles=articles,
        sums=sums,
        coincidences=coincidences,
        tokens=np.sum([one.tokens for one in pairs], axis=0),
        kappas=_means(one.kappas for one in pairs),
        attribute_kappas=_means(one.attribute_kappas for one in pairs),
        units=units,
        expected=expected,
    )


def _added(tables: Iterable[_Sums]) -> _Sums:
    found: _Sums = {}
    for table in tables:
        for key, counts in table.items():
            found[key] = found[key] + counts if key in found else counts
    return found


def _means(tables: Iterable[_Named]) -> _Named:
    """The mean of what is defined (Light 1971, "Measures of response agreement for qualitative data")."""
    each: dict[tuple[str, str], list[Numbers]] = {}
    for table in tables:
        for key, numbers in table.items():
            each.setdefault(key, []).append(numbers)
    found: _Named = {}
    for key, numbers in each.items():
        stacked = np.stack(numbers)
        there = ~np.isnan(stacked)
        many: Numbers = there.sum(axis=0).astype(float)
        total: Numbers = np.where(there, stacked, 0.0).sum(axis=0)
        found[key] = np.divide(total, many, out=np.full_like(total, np.nan), where=many > 0)
    return found


def _add(one: Numbers, other: Numbers) -> Numbers:
    """The sum; what is not defined adds nothing."""
    return np.where(np.isnan(one), other, one + np.nan_to_num(other))


def _kappas(sums: _Sums, tokens: Numbers) -> _Named:
    found: _Named = {}
    for layer in dict.fromkeys(key.layer for key in sums if key.what == "values"):
        table = np.stack([counts for key, counts in sums.items() if key[:2] == ("values", layer)], axis=-1)
        found[layer, EVERY] = coefficients.cohen_kappa(table[:, 0], table[:, 1], table[:, 2])
    for key, counts in sums.items():
        if key.what == "tokens":
            found[key.layer, key.label] = coefficients.cohen_kappa(*_inside_and_outside(counts, tokens))
    return found


def _attribute_kappas(sums: _Sums) -> _Named:
    found: _Named = {}
    for layer, name in dict.fromkeys((key.layer, key.label) for key in sums if key.what == "attributes"):
        table = np.stack([counts for key, counts in sums.items() if key[:3] == ("attributes", layer, name)], axis=-1)
        found[layer, name] = coefficients.cohen_kappa(table[:, 0], table[:, 1], table[:, 2])
    return found


def _inside_and_outside(counts: Numbers, tokens: Numbers) -> tuple[Numbers, Numbers, Numbers]:
    """How often both, the first and the second say that a token has the label, and that it has not."""
    both, first, second = counts.T
    inside_and_outside = [(both, tokens - first - second + both), (first, tokens - first), (second, tokens - second)]
    one, two, three = (np.stack(pair, axis=-1) for pair in inside_and_outside)
    return one, two, three


def _alpha(totals: _Totals, layer: str, label: str) -> Numbers:
    if label == EVERY:
        table = [counts for key, counts in totals.coincidences.items() if key[:2] == ("values", layer)]
        both, first, second = (np.stack([counts[:, n] for counts in table], axis=-1) for n in (0, 1, 2))
    else:
        counts = totals.coincidences[Key("tokens", layer, label)]
        both, first, second = _inside_and_outside(counts, totals.tokens[:, 1])
    return coefficients.nominal_alpha(2 * both, first + second)


def _summed(weights: _Weights, table: _Weights) -> Numbers:
    """The weighted sums over articles. Counts are exact in single precision, and take half the memory."""
    return (weights @ table).astype(np.float64)


def _units_and_room(sides: Iterable[NDArray[np.int64]], sizes: Numbers, lengths: _Weights) -> _Weights:
    """By article how many units have each size, then in how many places of the gaps one of each size could lie.

    The rows of either side are article, start and end of units, in order.
    """
    found = np.zeros((len(lengths), 2 * len(sizes)), dtype=np.float32)
    for rows in sides:
        articles, starts, ends = rows[:, 0], rows[:, 1], rows[:, 2]
        columns: NDArray[np.intp] = np.searchsorted(sizes, (ends - starts).astype(np.float64))
        np.add.at(found, (articles, columns), 1)
        whole = np.maximum(0, lengths[:, None] - sizes + 1) * (lengths[:, None] > 0)
        if len(rows):
            new = np.ones(len(rows), dtype=np.bool_)
            new[1:] = articles[1:] != articles[:-1]
            last = np.roll(new, -1)
            previous = np.where(new, 0, np.roll(ends, 1))
            free = np.concatenate([starts - previous, lengths[articles[last]] - ends[last]])
            places = np.concatenate([articles, articles[last]])
            whole[articles] = 0
            np.add.at(whole, places, np.maximum(0, free[:, None] - sizes + 1))
        found[:, len(sizes) :] += whole
    return found


def _measured(numbers: Numbers, totals: _Totals) -> Measured:
    return _with_interval(numbers, totals.articles)


def _with_interval(numbers: Numbers, articles: int) -> Measured:
    """The estimate with the middle 95 % of the resamples."""
    value = _number(numbers[0])
    drawn = numbers[1:][~np.isnan(numbers[1:])]
    if value is None or articles < 2 or not len(drawn):
        return Measured(value=value)
    low, high = np.percentile(drawn, [2.5, 97.5])
    return Measured(value=value, interval=Interval(low=float(low), high=float(high)))


def _number(value: np.float64) -> float | None:
    return None if np.isnan(value) else float(value)
