"""The article that two people annotated, beside the checkout: what cold start saves each of them, and they each other."""

import sys
from pathlib import Path
from statistics import fmean

import corpora

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Span
from workbench.core.measures import ScoreReport, What, score_document, summarise
from workbench.core.ports import PreAnnotator
from workbench.core.scheme import LabelScheme

FOLDER = corpora.FOLDER.parent / "articles" / "gold"
UNNAMED = "AGENT"
SHOWN: tuple[tuple[What, str], ...] = (
    ("spans", "entities"),
    ("spans", "events"),
    ("arguments", "events"),
    ("frames", "events"),
)
SHOWN_OF_STANCES: tuple[tuple[What, str], ...] = (("spans", "stances"), ("arguments", "stances"))


def without(annotations: AnnotationSet, label: str) -> AnnotationSet:
    """The annotations without the spans of a label, and without the arguments that point to them."""
    gone = {span.id for _, span in annotations.spans() if span.label == label}

    def left(span: Span) -> Span:
        return span.model_copy(update={"arguments": tuple(a for a in span.arguments if a.target not in gone)})

    layers = {
        name: tuple(left(span) for span in spans if span.id not in gone) for name, spans in annotations.layers.items()
    }
    return annotations.model_copy(update={"layers": layers})


def _first(path: Path, scheme: LabelScheme) -> AnnotatedArticle:
    """The first annotated article of a JSONL file."""
    lines = path.read_text(encoding="utf-8").splitlines()
    found = documents.read_lines(lines, scheme, name=path.name)
    return next(one for one in found if isinstance(one, AnnotatedArticle))


def report(scheme: LabelScheme, annotators: dict[str, PreAnnotator]) -> float | None:
    """Prints the figures of every pre-annotator; gives what the first saves, None where the article is not there."""
    if not FOLDER.is_dir():
        return None
    saved: list[float] = []
    for first in sorted(FOLDER.glob("*.one.jsonl")):
        pair = [first, first.with_name(first.name.replace(".one.", ".two."))]
        both = [_first(path, scheme) for path in pair]
        golds = [scheme.normalise(one.annotations) for one in both]
        found = {name: next(iter(one.annotate([both[0].article]))) for name, one in annotators.items()}
        _say(f"\n{first.name.split('.')[0]}, annotated by two people (in sight: the rules have been tuned on it)")
        for name, one in found.items():
            figures = [_scored(gold, one, scheme) for gold in golds]
            old = [_scored(without(gold, UNNAMED), without(one, UNNAMED), scheme) for gold in golds]
            saved += [fmean(figure.saved or 0.0 for figure in figures)] if one is next(iter(found.values())) else []
            _say(f"  {name:6} {_line(figures)}; {UNNAMED} left out {_saved(old)}")
        _say(f"  {'people':6} {_line([_scored(golds[0], golds[1], scheme), _scored(golds[1], golds[0], scheme)])}")
    return fmean(saved) if saved else None


def _scored(gold: AnnotationSet, found: AnnotationSet, scheme: LabelScheme) -> ScoreReport:
    return summarise([score_document(gold, found, scheme)], resamples=10)


def _line(figures: list[ScoreReport]) -> str:
    cells: list[str] = []
    for what, layer in (*SHOWN, *SHOWN_OF_STANCES):
        rows = [figure.row(what, layer) for figure in figures]
        cells.append(f"{layer} {what} {fmean((row.f1 or 0.0) if row else 0.0 for row in rows):.2f}")
    return f"saved {_saved(figures)}; F1: {', '.join(cells)}"


def _saved(figures: list[ScoreReport]) -> str:
    return f"{fmean(figure.saved or 0.0 for figure in figures):.0%}"


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
