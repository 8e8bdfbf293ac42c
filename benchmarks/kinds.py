"""How well scores keep their word for each kind of stance: those that the lexicon names, that events carry, evaluations, wishes."""

from collections.abc import Iterator, Sequence

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.preannotate.rules.annotator import Rules, year_of
from workbench.preannotate.rules.concepts import LayerNames
from workbench.preannotate.rules.events.frame import Frame
from workbench.preannotate.rules.findings import Findings

_LEXICON = {"v": "verbs", "n": "nouns", "a": "adjectives"}


def lines(
    rules: Rules, articles: Sequence[Article], golds: Sequence[AnnotationSet], names: LayerNames
) -> Iterator[str]:
    """A line for each kind: how many were suggested, their mean score, and how many were right, exactly and by overlap."""
    table: dict[str, list[tuple[float, bool, bool]]] = {}
    for article, gold in zip(articles, golds, strict=True):
        findings = rules.read(next(rules.parses([article])), year_of(article))
        suggested = {(span.start, span.end) for span in rules.render(findings).layers[names.layer]}
        for frame in findings.stances:
            place = _place(findings, frame)
            if place in suggested:
                same = [s for s in gold.layers[names.layer] if s.label == names.labels.get(frame.label)]
                over = any(s.start < place[1] and place[0] < s.end for s in same)
                table.setdefault(kind_of(frame), []).append((frame.score, place in {s.offsets for s in same}, over))
    for kind, judged in sorted(table.items()):
        number = len(judged)
        score, exact, over = (sum(column) / number for column in zip(*judged, strict=True))
        yield f"    {kind:28}{number:4}  score {score:.2f}  exact {exact:.2f}  overlap {over:.2f}"


def kind_of(frame: Frame) -> str:
    """What a kind of stance is called in the table; the lexicon's by part of speech, negated ones apart."""
    if frame.judged:
        return "judgement"
    named = _LEXICON.get(frame.kind.rstrip("+-~"))
    if named is None:
        return frame.kind.replace(":", ", ")
    return f"lexicon, {named}" + (", negated" if "-" in frame.kind else "") + (", left" if "~" in frame.kind else "")


def _place(findings: Findings, frame: Frame) -> tuple[int, int]:
    return findings.parse.start[frame.start], findings.parse.end[frame.end - 1]
