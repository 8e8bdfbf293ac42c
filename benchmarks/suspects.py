"""Of errors that were put into gold, how many are among the first suspects: `make quality` runs it.

Into one in twenty spans an error is put, each kind into a fifth of them: another label, an end moved by a word, a span
deleted, one invented, a role moved to another span. Where a corpus has no roles, the other kinds share theirs.
"""

import argparse
import random
import re
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence

import corpora
from corpora import article_of

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Argument, Span
from workbench.core.ports import Silent
from workbench.core.scheme import LabelScheme
from workbench.core.suspects import Suspect, suspects
from workbench.samples import shipped
from workbench.training.report import TrainOptions
from workbench.workflows.suspects import cross_validated

SHARE = 0.05
FIRST = 100
KINDS = ("label", "boundary", "missing", "invented", "role")
_WORD = re.compile(r"\w+")

Error = tuple[str, str, str, int, int]
"""Its kind, the article, the layer, and the place: of a moved role its frame's."""


def main() -> None:
    """Measures and prints."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--only", default="samples,men")
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--articles", type=int, default=0, help="so many at the most; 0 for all")
    parser.add_argument("--seed", type=int, default=0)
    given = parser.parse_args()
    for name in given.only.split(","):
        scheme, items = gold(name)
        if not items:
            say(f"{name}: the corpus is not here")
            continue
        items = items[: given.articles or None]
        spoilt, errors = seeded(items, scheme, given.seed)
        began = time.monotonic()
        suggested = cross_validated(spoilt, scheme, Silent(), TrainOptions(folds=given.folds, seed=given.seed))
        found = suspects(spoilt, suggested, scheme)
        report(name, len(items), errors, found, time.monotonic() - began)


def gold(name: str) -> tuple[LabelScheme, list[AnnotatedArticle]]:
    """The scheme and the articles of a corpus; none where it does not lie here."""
    if name == "men":
        if not corpora.here("men"):
            return shipped.label_scheme(), []
        scheme = corpora.men_scheme()
        # Some texts are there twice; the first counts, as it would in a store.
        found = corpora.men_gold(scheme, reported=False)
        return scheme, list({one.article.id: one for one in reversed(found)}.values())[::-1]
    scheme = shipped.label_scheme()
    return scheme, [
        AnnotatedArticle(
            article=article_of(one).model_copy(update={"story_group": one.story}),
            annotations=scheme.normalise(one.gold(article_of(one), scheme)),
        )
        for corpus in shipped.CORPORA
        for one in shipped.corpus(scheme, corpus)
    ]


def seeded(
    items: Sequence[AnnotatedArticle], scheme: LabelScheme, seed: int
) -> tuple[list[AnnotatedArticle], list[Error]]:
    """The articles with errors in them, and the errors."""
    chance = random.Random(seed)
    every = [(n, layer, span.id) for n, item in enumerate(items) for layer, span in item.annotations.spans()]
    with_roles = [one for one in every if items[one[0]].annotations.by_id()[one[2]][1].arguments]
    kinds = KINDS if with_roles else KINDS[:-1]
    each = max(1, round(len(every) * SHARE / len(kinds)))
    errors: list[Error] = []
    sets = [item.annotations for item in items]
    taken: set[tuple[int, str]] = set()
    for kind in reversed(kinds):
        pool = with_roles if kind == "role" else every
        done = 0
        for n, layer, span_id in chance.sample(pool, len(pool)):
            if done == each:
                break
            if (n, span_id) in taken:
                continue
            changed = _spoil(kind, sets[n], items[n], layer, span_id, scheme, chance)
            if changed is None:
                continue
            sets[n], place = changed
            taken.add((n, span_id))
            errors.append((kind, items[n].article.id, layer, *place))
            done += 1
    spoilt = [
        item.model_copy(update={"annotations": scheme.normalise(one)}) for item, one in zip(items, sets, strict=True)
    ]
    return spoilt, errors


def _spoil(
    kind: str,
    given: AnnotationSet,
    item: AnnotatedArticle,
    layer: str,
    span_id: str,
    scheme: LabelScheme,
    chance: random.Random,
) -> tuple[AnnotationSet, tuple[int, int]] | None:
    spans = list(given.layers[layer])
    at = next((n for n, one in enumerate(spans) if one.id == span_id), None)
    if at is None:
        return None
    span, text = spans[at], item.article.text
    taken = {one.offsets for one in spans}
    if kind == "label":
        others = [label for label in scheme.layer_by_name[layer].label_values if label != span.label]
        spans[at] = span.model_copy(update={"label": chance.choice(others)})
        return _with(given, layer, spans), span.offsets
    if kind == "boundary":
        moved = chance.choice(list(_moved(span, text)) or [span.offsets])
        if moved in taken:
            return None
        spans[at] = span.model_copy(update={"start": moved[0], "end": moved[1], "text": text[slice(*moved)]})
        return _with(given, layer, spans), moved
    if kind == "missing":
        if any(argument.target == span.id for _, other in given.spans() for argument in other.arguments):
            return None
        del spans[at]
        return _with(given, layer, spans), span.offsets
    if kind == "invented":
        words = list(_WORD.finditer(text))
        first = chance.randrange(len(words))
        last = min(first + chance.randrange(2), len(words) - 1)
        start, end = words[first].start(), words[last].end()
        if any(one.start < end and start < one.end for one in spans):
            return None
        label = chance.choice(scheme.layer_by_name[layer].label_values)
        spans.append(Span(id=f"invented-{start}-{end}", label=label, start=start, end=end, text=text[start:end]))
        return _with(given, layer, spans), (start, end)
    argument = chance.choice(span.arguments)
    allowed = scheme.role_by_name[argument.role].to_layers
    used = {one.target for one in span.arguments}
    targets = [other.id for name in allowed for other in given.layers.get(name, ()) if other.id not in {*used, span.id}]
    if not targets:
        return None
    near = sorted(targets, key=lambda one: abs(given.by_id()[one][1].start - span.start))[:6]
    new = Argument(role=argument.role, target=chance.choice(near))
    spans[at] = span.model_copy(update={"arguments": tuple(new if one is argument else one for one in span.arguments)})
    return _with(given, layer, spans), span.offsets


def _moved(span: Span, text: str) -> Iterator[tuple[int, int]]:
    """The span with a word more or less at either end."""
    words = [word.span() for word in _WORD.finditer(text)]
    inside = [word for word in words if span.start <= word[0] and word[1] <= span.end]
    before = [word for word in words if word[1] <= span.start and span.start - word[1] <= 1]
    after = [word for word in words if word[0] >= span.end and word[0] - span.end <= 1]
    if before:
        yield before[-1][0], span.end
    if after:
        yield span.start, after[0][1]
    if len(inside) > 1:
        yield inside[1][0], span.end
        yield span.start, inside[-2][1]


def _with(given: AnnotationSet, layer: str, spans: Sequence[Span]) -> AnnotationSet:
    return given.model_copy(update={"layers": {**given.layers, layer: tuple(spans)}})


def report(name: str, articles: int, errors: Sequence[Error], found: Sequence[Suspect], seconds: float) -> None:
    """Prints how many of the first suspects are errors, and by kind how many errors are found."""
    left, hits = list(errors), list[str]()
    for one in found:
        # What overlaps an error of its layer points at it: an end that was moved, a span that was deleted. Each counts once.
        hit = next(
            (
                error
                for error in left
                if error[1:3] == (one.article_id, one.layer)
                and error[3] < one.end
                and one.start < error[4]
                and (error[0] == "role") == (one.kind == "role")
            ),
            None,
        )
        hits.append(hit[0] if hit else "")
        if hit:
            left.remove(hit)
    first = [kind for kind in hits[:FIRST] if kind]
    say(f"\n{name}: {articles} articles, {len(errors)} errors, {len(found)} suspects, {seconds:.0f} s")
    say(f"  of the first {FIRST} suspects {len(first)} are errors; by chance {_by_chance(found, errors):.1f}")
    for kind in KINDS:
        number = sum(error[0] == kind for error in errors)
        say(f"  {kind:<9} {number:>4} seeded, {Counter(first)[kind]:>3} among the first {FIRST}")
    say(f"  what the first suspects are: {dict(Counter(one.kind for one in found[:FIRST]))}")


def _by_chance(found: Sequence[Suspect], errors: Sequence[Error]) -> float:
    return FIRST * len(errors) / max(1, round(len(errors) / SHARE)) if found else 0.0


def say(line: str) -> None:
    """Prints a line at once."""
    sys.stdout.write(f"{line}\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
