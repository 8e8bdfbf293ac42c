"""Precision, recall and F1 of one producer against another, document by document, with bootstrap intervals.

strict: same offsets and label. lenient: overlapping offsets and same label. Each span counts once, in the largest
possible pairing. An argument is right when role, head and filler are; a frame when label, span and all arguments are;
an attribute is looked at where its span is right. Intervals: percentiles over resampled documents (Efron & Tibshirani
1993, ch. 13); the seed is fixed, so that the same numbers come out twice.
"""

from array import array
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from math import erf
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from workbench.core.annotations import AnnotationSet, Span
from workbench.core.frozen import Frozen
from workbench.core.matching import Pair, match, overlap, overlapping, pair_up, with_one_key
from workbench.core.report import Report, Row, Shown, Table
from workbench.core.scheme import LabelScheme

Mode = Literal["strict", "lenient"]
What = Literal["spans", "arguments", "frames", "attributes"]
EVERY = "*"
TOGETHER = 100
"""So many resamples are drawn at a time, so that thousands of documents take little memory."""
# Student's t at 97.5 %, by degrees of freedom from 1.
_STUDENT = (
    *(12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160, 2.145, 2.131),
    *(2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056, 2.052, 2.048, 2.045, 2.042, 1.960),
)


class ScoreKey(Frozen):
    """What is counted: spans by label, arguments by role, frames by label, attributes by name; `*` is all of them."""

    what: What
    mode: Mode
    layer: str
    label: str


class Counts(Frozen):
    """True positives, false positives, false negatives."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(tp=self.tp + other.tp, fp=self.fp + other.fp, fn=self.fn + other.fn)

    @property
    def precision(self) -> float | None:
        """tp / (tp + fp); None where nothing was predicted."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else None

    @property
    def recall(self) -> float | None:
        """tp / (tp + fn); None where nothing was there to find."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else None

    @property
    def f1(self) -> float | None:
        """The harmonic mean of precision and recall; None where there was nothing on either side."""
        return 2 * self.tp / (2 * self.tp + self.fp + self.fn) if self.tp + self.fp + self.fn else None


class DocumentScore(Frozen):
    """The counts of one document, and the corrections that lead from prediction, and from nothing, to gold."""

    counts: dict[ScoreKey, Counts]
    corrections: int
    from_empty: int


class Interval(Frozen):
    """The middle 95 % of a bootstrap distribution."""

    low: float
    high: float


class ScoreRow(Frozen):
    """One line of a score report; shares are between 0 and 1, None where they are undefined."""

    what: What
    mode: Mode
    layer: str
    label: str
    tp: int
    fp: int
    fn: int
    precision: float | None
    recall: float | None
    f1: float | None
    precision_interval: Interval | None = None
    recall_interval: Interval | None = None
    f1_interval: Interval | None = None


class ScoreReport(Report):
    """Scores over several documents. `saved` is 1 - corrections / corrections from an empty page."""

    documents: int
    rows: tuple[ScoreRow, ...]
    corrections: int
    corrections_from_empty: int
    saved: float | None

    def row(self, what: What, layer: str, label: str = EVERY, mode: Mode = "strict") -> ScoreRow | None:
        """The row for one thing that was counted, if it was."""
        return next((r for r in self.rows if (r.what, r.layer, r.label, r.mode) == (what, layer, label, mode)), None)

    def shown(self) -> Iterator[Shown]:
        """A table with a section for each layer and thing that was counted, strict beside lenient."""
        lenient = {(r.what, r.layer, r.label): r.f1 for r in self.rows if r.mode == "lenient"}
        rows: list[Row] = []
        last = ("", "")
        for row in self.rows:
            if row.mode != "strict":
                continue
            if (row.layer, row.what) != last:
                rows += [Row(())] if rows else []
                which = " of right spans" if row.what == "attributes" else ""
                rows.append(Row((f"{row.layer}: {row.what}{which}",), strong=True))
            cells = (
                "  all" if row.label == EVERY else f"  {row.label}",
                str(row.tp + row.fn),
                *map(_share, (row.precision, row.recall, row.f1)),
                f"{row.f1_interval.low:.2f}–{row.f1_interval.high:.2f}" if row.f1_interval else "",
                _share(lenient[key]) if (key := (row.what, row.layer, row.label)) in lenient else "",
            )
            rows.append(Row(cells, strong=row.label == EVERY))
            last = (row.layer, row.what)
        yield Table(("", "gold", "P", "R", "F1", "95 %", "lenient F1"), tuple(rows))


def _share(value: float | None) -> str:
    return "–" if value is None else f"{value:.2f}"


def score_document(gold: AnnotationSet, predicted: AnnotationSet, scheme: LabelScheme) -> DocumentScore:
    """The counts of one document; both sets are taken to be normalised by the scheme."""
    counts: dict[ScoreKey, Counts] = {}
    for layer in scheme.layers:
        golds, guesses = gold.layers.get(layer.name, ()), predicted.layers.get(layer.name, ())
        _count_spans(counts, layer.name, golds, guesses, scheme)
        if layer.name in scheme.frame_layers:
            _count_arguments(counts, layer.name, gold, predicted)
            _count_frames(counts, layer.name, gold, predicted)
    empty = predicted.model_copy(update={"layers": scheme.empty_layers()})
    return DocumentScore(
        counts=counts,
        corrections=match(predicted, gold, scheme).corrections,
        from_empty=match(empty, gold, scheme).corrections,
    )


def summarise(scores: Iterable[DocumentScore], *, resamples: int = 1000, seed: int = 0) -> ScoreReport:
    """The report over several documents; `resamples` 0 leaves the intervals out.

    The scores are looked at one by one, and of each only numbers are kept.
    """
    columns: dict[ScoreKey, array[int]] = {}
    documents = corrections = from_empty = 0
    for score in scores:
        for key, counts in score.counts.items():
            columns.setdefault(key, array("q")).extend((documents, counts.tp, counts.fp, counts.fn))
        documents += 1
        corrections += score.corrections
        from_empty += score.from_empty
    tables = {key: np.array(columns.pop(key), dtype=np.int64).reshape(-1, 4) for key in list(columns)}
    sums: dict[ScoreKey, list[NDArray[np.float64]]] = {key: [] for key in tables}
    for draws in _draws(documents, resamples if documents > 1 else 0, seed):
        times: NDArray[np.float64] = np.stack([np.bincount(row, minlength=documents) for row in draws]).astype(float)
        for key, table in tables.items():
            sums[key].append(times[:, table[:, 0]] @ table[:, 1:].astype(float))
    return ScoreReport(
        documents=documents,
        rows=tuple(_row(key, tables[key][:, 1:], sums[key]) for key in sorted(tables, key=_order(tables))),
        corrections=corrections,
        corrections_from_empty=from_empty,
        saved=1 - corrections / from_empty if from_empty else None,
    )


def paired_bootstrap(
    ours: Sequence[float], theirs: Sequence[float], *, resamples: int = 10_000, seed: int = 0
) -> tuple[float, Interval]:
    """The mean of the differences ours - theirs over paired documents, and its interval."""
    differences = np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)
    means = [differences[draws].mean(axis=1) for draws in _draws(len(differences), resamples, seed)]
    return float(differences.mean()), _interval(np.concatenate(means))


def story_bootstrap(
    ours: Sequence[float],
    theirs: Sequence[float],
    stories: Sequence[Hashable],
    *,
    resamples: int = 10_000,
    seed: int = 0,
) -> tuple[float, Interval]:
    """The mean of the differences ours - theirs over paired documents, and its 95 % interval over stories.

    Whole stories are drawn: articles on one story are alike, so that each of them is no evidence of its own. The
    percentiles are Hesterberg's (2015, "What Teachers Should Know about the Bootstrap", section 4.3), further out the
    fewer stories there are, since the plain ones promise too much where there are a handful. One story has no interval:
    it reaches from minus to plus infinity.
    """
    differences = np.asarray(ours, dtype=float) - np.asarray(theirs, dtype=float)
    names = {story: number for number, story in enumerate(dict.fromkeys(stories))}
    numbers = np.array([names[story] for story in stories], dtype=np.int64)
    sums = np.bincount(numbers, weights=differences, minlength=len(names))
    sizes = np.bincount(numbers, minlength=len(names)).astype(float)
    mean = float(differences.mean()) if len(differences) else 0.0
    count = len(names)
    if count < 2:
        return mean, Interval(low=-np.inf, high=np.inf)
    means = np.concatenate(
        [sums[draws].sum(axis=1) / sizes[draws].sum(axis=1) for draws in _draws(count, resamples, seed)]
    )
    quantile = _STUDENT[min(count - 1, len(_STUDENT)) - 1] * (count / (count - 1)) ** 0.5
    tail = 50 * (1 - erf(quantile / 2**0.5))
    return mean, _interval(means, tail)


def difference_of_f1(
    ours: Sequence[Counts], theirs: Sequence[Counts], *, resamples: int = 2000, seed: int = 0
) -> Interval | None:
    """The interval of F1 of ours - F1 of theirs, over documents that have nothing to do with each other.

    None where a side has no documents, or nothing is in them.
    """
    found: list[NDArray[np.float64]] = []
    for number, side in enumerate((ours, theirs)):
        table = np.array([(c.tp, c.fp + c.fn) for c in side], dtype=float).reshape(-1, 2)
        right, wrong = np.concatenate(
            [table[draws].sum(axis=1) for draws in _draws(len(table), resamples, seed + number)]
        ).T
        under = 2 * right + wrong
        found.append(np.divide(2 * right, under, out=np.full(resamples, np.nan), where=under > 0))
    differences = found[0] - found[1]
    defined = differences[~np.isnan(differences)]
    return _interval(defined) if len(defined) else None


def _count_spans(
    counts: dict[ScoreKey, Counts], layer: str, golds: Sequence[Span], guesses: Sequence[Span], scheme: LabelScheme
) -> None:
    tests: dict[Mode, Callable[[Span, Span], bool]] = {
        "strict": lambda a, b: a.offsets == b.offsets and a.label == b.label,
        "lenient": lambda a, b: overlap(a, b) > 0 and a.label == b.label,
    }
    for mode, fits in tests.items():
        pairs = pair_up(golds, guesses, fits, candidates=_candidates(golds, guesses, mode))
        _count_into(
            counts,
            ("spans", mode, layer),
            [span.label for span in golds],
            [span.label for span in guesses],
            [golds[i].label for i, _ in pairs],
        )
        for attribute in scheme.attributes_of(layer):
            key = ScoreKey(what="attributes", mode=mode, layer=layer, label=attribute.name)
            right = sum(
                scheme.attribute_value(golds[i], attribute) == scheme.attribute_value(guesses[j], attribute)
                for i, j in pairs
            )
            wrong = len(pairs) - right
            counts[key] = counts.get(key, Counts()) + Counts(tp=right, fp=wrong, fn=wrong)


def _candidates(golds: Sequence[Span], guesses: Sequence[Span], mode: Mode) -> Iterable[Pair]:
    """The pairs of spans that can be right: those with the same offsets, or those that overlap."""
    find = with_one_key if mode == "strict" else overlapping
    return find([span.offsets for span in golds], [span.offsets for span in guesses])


class _Arrow(Frozen):
    role: str
    head: Span
    filler: Span


def _arrows(annotations: AnnotationSet, layer: str) -> list[_Arrow]:
    by_id = annotations.by_id()
    return [
        _Arrow(role=argument.role, head=span, filler=by_id[argument.target][1])
        for span in annotations.layers.get(layer, ())
        for argument in span.arguments
        if argument.target in by_id
    ]


def _same_arrow(one: _Arrow, other: _Arrow, mode: Mode) -> bool:
    if one.role != other.role or one.head.label != other.head.label:
        return False
    if mode == "strict":
        return one.head.offsets == other.head.offsets and one.filler.offsets == other.filler.offsets
    return overlap(one.head, other.head) > 0 and overlap(one.filler, other.filler) > 0


def _count_arguments(counts: dict[ScoreKey, Counts], layer: str, gold: AnnotationSet, predicted: AnnotationSet) -> None:
    golds, guesses = _arrows(gold, layer), _arrows(predicted, layer)
    for mode in ("strict", "lenient"):
        heads = [[arrow.head for arrow in side] for side in (golds, guesses)]
        pairs = pair_up(
            golds,
            guesses,
            lambda a, b, mode=mode: _same_arrow(a, b, mode),
            candidates=_candidates(heads[0], heads[1], mode),
        )
        _count_into(
            counts,
            ("arguments", mode, layer),
            [arrow.role for arrow in golds],
            [arrow.role for arrow in guesses],
            [golds[i].role for i, _ in pairs],
        )


def _count_frames(counts: dict[ScoreKey, Counts], layer: str, gold: AnnotationSet, predicted: AnnotationSet) -> None:
    golds, guesses = gold.layers.get(layer, ()), predicted.layers.get(layer, ())
    gold_arrows, guess_arrows = _by_head(_arrows(gold, layer)), _by_head(_arrows(predicted, layer))
    for mode in ("strict", "lenient"):

        def fits(one: Span, other: Span, mode: Mode = mode) -> bool:
            if one.label != other.label or not overlap(one, other):
                return False
            if mode == "strict" and one.offsets != other.offsets:
                return False
            ours, theirs = gold_arrows.get(one.id, []), guess_arrows.get(other.id, [])
            return len(ours) == len(theirs) == len(pair_up(ours, theirs, lambda a, b: _same_arrow(a, b, mode)))

        pairs = pair_up(golds, guesses, fits, candidates=_candidates(golds, guesses, mode))
        _count_into(
            counts,
            ("frames", mode, layer),
            [span.label for span in golds],
            [span.label for span in guesses],
            [golds[i].label for i, _ in pairs],
        )


def _by_head(arrows: Iterable[_Arrow]) -> dict[str, list[_Arrow]]:
    heads: dict[str, list[_Arrow]] = {}
    for arrow in arrows:
        heads.setdefault(arrow.head.id, []).append(arrow)
    return heads


def _count_into(
    counts: dict[ScoreKey, Counts],
    what: tuple[What, Mode, str],
    golds: Iterable[str],
    guesses: Iterable[str],
    right: Iterable[str],
) -> None:
    gold, guess, hit = Counter(golds), Counter(guesses), Counter(right)
    for label in [*sorted(gold | guess), EVERY]:
        every = label == EVERY
        tp = hit.total() if every else hit[label]
        found = guess.total() if every else guess[label]
        there = gold.total() if every else gold[label]
        key = ScoreKey(what=what[0], mode=what[1], layer=what[2], label=label)
        counts[key] = counts.get(key, Counts()) + Counts(tp=tp, fp=found - tp, fn=there - tp)


def _row(key: ScoreKey, each: NDArray[np.int64], sums: Sequence[NDArray[np.float64]]) -> ScoreRow:
    """The row of true and false positives and false negatives, by document and by resample."""
    tp, fp, fn = (int(number) for number in each.sum(axis=0))
    total = Counts(tp=tp, fp=fp, fn=fn)
    intervals = _intervals(np.concatenate(sums)) if sums else (None, None, None)
    return ScoreRow(
        **key.model_dump(),
        **total.model_dump(),
        precision=total.precision,
        recall=total.recall,
        f1=total.f1,
        precision_interval=intervals[0],
        recall_interval=intervals[1],
        f1_interval=intervals[2],
    )


def _intervals(sums: NDArray[np.float64]) -> tuple[Interval | None, ...]:
    tp, fp, fn = sums.T
    shares = ((tp, tp + fp), (tp, tp + fn), (2 * tp, 2 * tp + fp + fn))
    result: list[Interval | None] = []
    for over, under in shares:
        defined = under > 0
        result.append(_interval(over[defined] / under[defined]) if defined.any() else None)
    return tuple(result)


def _interval(values: NDArray[np.float64], tail: float = 2.5) -> Interval:
    low, high = np.percentile(values, [tail, 100 - tail])
    return Interval(low=float(low), high=float(high))


def _draws(documents: int, resamples: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """The numbers of the documents of each resample, a row each, a few rows at a time."""
    generator = np.random.default_rng(seed)
    for start in range(0, resamples, TOGETHER):
        yield generator.integers(0, max(documents, 1), size=(min(TOGETHER, resamples - start), documents))


def _order(keys: Iterable[ScoreKey]) -> Callable[[ScoreKey], tuple[Hashable, ...]]:
    layers = list(dict.fromkeys(key.layer for key in keys))
    whats = ("spans", "attributes", "arguments", "frames")
    return lambda key: (layers.index(key.layer), whats.index(key.what), key.label != EVERY, key.label, key.mode)
