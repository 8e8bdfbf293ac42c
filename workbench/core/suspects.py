"""Which annotations are unlikely: what cross-validated models find otherwise, and what contradicts itself.

Confident learning (Northcutt, Jiang and Chuang 2021, "Confident Learning: Estimating Uncertainty in Dataset Labels",
JAIR 70) asks models that have not seen an example for the probability of its label, compares it with how sure such models
are of that label on the whole, and ranks what they contradict. The `cleanlab` package (2.9.0: Apache licence, 0.3 MB, but
with scikit-learn and pandas behind it) does so for one label a token; spans of several layers that overlap, their ends and
the roles between them are no such thing, so the principle alone is used here. How unlikely a thing is, is the product of

- the models' doubt: of suggestions with such a score or a higher one, the share that is not confirmed, so that no trust is
  put into the scores themselves; where nothing is suggested, the share of its label that such models miss;
- how usual it is: how often the same words, and those at its edges, are marked so elsewhere in the articles;
- the annotators' record: how often models contradict them, against how often they contradict everybody.
"""

import re
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Literal

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Argument, Span
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.matching import Matching, RoleMatch, SpanMatch, match
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import quoted

Kind = Literal["label", "boundary", "missing", "invented", "role", "contradiction"]
NOTHING = "nothing"
WORD = re.compile(r"\w+|[^\w\s]")
WEIGHT = 2.0
"""So many imagined cases stand beside those that were counted."""
UNSURE = 0.5
"""The score of a suggestion that has none."""
RECORD = (0.5, 2.0)
"""How far an annotator's record lowers and raises a doubt."""


class Suspect(Frozen):
    """One thing that is unlikely; `likelihood` of its being right, between 0 and 1, orders them.

    `start` and `end` (half-open, code points) say where it is, `text` what stands there. `said` is what the annotation
    says, `likely` what models or other annotations say, `why` how they come to it.
    """

    article_id: str
    title: str
    layer: str
    kind: Kind
    start: int
    end: int
    text: str
    said: str
    likely: str
    why: str
    likelihood: float
    task: str = ""

    @property
    def place(self) -> str:
        """Article and words, in words."""
        return f"{self.article_id} {self.start}-{self.end} {quoted(self.text)}"


def suspects(
    items: Sequence[AnnotatedArticle],
    suggested: Mapping[str, AnnotationSet],
    scheme: LabelScheme,
    annotators: Mapping[str, Sequence[str]] | None = None,
) -> list[Suspect]:
    """What is unlikely in the articles, the least likely first.

    Args:
        items: the articles with what is to be doubted, normalised by the scheme.
        suggested: by article id what a model suggests that has not learned from the article's story.
        scheme: theirs.
        annotators: by article id who annotated it.
    """
    found = [
        _Compared(item, match(item.annotations, scheme.normalise(suggested[item.article.id]), scheme))
        for item in items
        if item.article.id in suggested
    ]
    doubts = _Doubts(_Use.of(items), _Record.of(found, annotators or {}), _Scores.of(found))
    ranked = [one for compared in found for one in doubts.of(compared)]
    ranked += contradictions(items, scheme)
    best: dict[tuple[str, str, int, int, bool], Suspect] = {}
    for one in sorted(ranked, key=lambda one: (one.likelihood, one.article_id, one.start, one.end, one.kind, one.said)):
        # One place is looked at once, whatever speaks against it.
        best.setdefault((one.article_id, one.layer, one.start, one.end, one.kind == "role"), one)
    return list(best.values())


def contradictions(items: Iterable[AnnotatedArticle], scheme: LabelScheme) -> Iterator[Suspect]:
    """One name with two labels on one story; frames with the same fillers and different labels in one article.

    Names are looked for in the layers whose spans have no roles, frames in those whose spans need one: one who is for and
    against the same thing contradicts himself, one who meets and threatens somebody does not.
    """
    frames = set(scheme.frame_layers)
    stories: dict[tuple[str, str, str], list[tuple[AnnotatedArticle, Span]]] = defaultdict(list)
    for item in items:
        story = item.article.story
        for layer, span in item.annotations.spans():
            if layer not in frames:
                stories[story, layer, " ".join(span.text.split())].append((item, span))
        yield from _for_and_against(item, scheme)
    for (_, layer, name), places in stories.items():
        counts = Counter(span.label for _, span in places)
        if len(counts) < 2:
            continue
        usual, times = counts.most_common(1)[0]
        for item, span in places:
            if span.label != usual:
                yield _suspect(
                    item,
                    layer,
                    span,
                    "contradiction",
                    said=span.label,
                    likely=usual,
                    why=f"{quoted(name)} is {usual} in {times} of {counted(len(places), 'places')} of the story",
                    likelihood=(counts[span.label] + 1) / (len(places) + 2),
                )


def _for_and_against(item: AnnotatedArticle, scheme: LabelScheme) -> Iterator[Suspect]:
    by_id = item.annotations.by_id()
    for layer in scheme.layers_that_need_roles:
        same: dict[tuple[tuple[str, str], ...], list[Span]] = defaultdict(list)
        for span in item.annotations.layers.get(layer, ()):
            roles = sorted((one.role, _name(by_id[one.target][1])) for one in span.arguments if one.target in by_id)
            if len({role for role, _ in roles}) > 1:
                same[tuple(roles)].append(span)
        for roles, spans in same.items():
            labels = Counter(span.label for span in spans)
            if len(labels) < 2:
                continue
            usual = labels.most_common(1)[0][0]
            told = ", ".join(f"{role} {quoted(name)}" for role, name in roles)
            for span in spans:
                if span.label != usual or len(set(labels.values())) == 1:
                    others = sorted(labels.keys() - {span.label})
                    yield _suspect(
                        item,
                        layer,
                        span,
                        "contradiction",
                        said=span.label,
                        likely=" or ".join(others),
                        why=f"the same article has {' and '.join(others)} with {told}",
                        likelihood=labels[span.label] / (len(spans) + 1),
                    )


@dataclass(frozen=True)
class _Compared:
    """An article, and how what is suggested for it differs from what it is annotated with."""

    item: AnnotatedArticle
    matching: Matching


@dataclass
class _Use:
    """How often words stand in the articles, and how often they are marked.

    Whole spans are counted by label, words that begin or end a span by layer.
    """

    stand: Counter[str] = field(default_factory=Counter[str])
    marked: dict[tuple[str, str], Counter[str]] = field(default_factory=dict[tuple[str, str], Counter[str]])
    words: Counter[str] = field(default_factory=Counter[str])
    edges: Counter[tuple[str, str]] = field(default_factory=Counter[tuple[str, str]])

    @classmethod
    def of(cls, items: Sequence[AnnotatedArticle]) -> "_Use":
        """What is to be known of the articles."""
        use = cls()
        texts: set[str] = set()
        for item in items:
            for layer, span in item.annotations.spans():
                use.marked.setdefault((layer, span.text), Counter())[span.label] += 1
                use.edges.update((layer, word) for word in _edges(span.text))
                texts.add(span.text)
        longest = max((len(WORD.findall(one)) for one in texts), default=0)
        for item in items:
            use.words.update(one.lower() for one in WORD.findall(item.article.text))
            use.stand.update(_sequences(item.article.text, min(longest, 8), texts))
        return use

    def of_span(self, layer: str, span: Span) -> float:
        """How usual it is to mark a span so, this one left out: its words with its label, and words at either edge."""
        marked = self.marked.get((layer, span.text), Counter[str]())
        stand = max(self.stand[span.text], sum(marked.values()))
        whole = _share(marked[span.label] - 1, stand - 1)
        return min([whole, *(_share(self.edges[layer, one] - 1, self.words[one] - 1) for one in _edges(span.text))])

    def of_leaving(self, layer: str, span: Span) -> float:
        """How usual it is to leave words unmarked that a model would mark."""
        marked = sum(self.marked.get((layer, span.text), Counter[str]()).values())
        stand = max(self.stand[span.text], marked + 1)
        return 1 - _share(marked, stand - 1)


def _share(part: int, whole: int) -> float:
    """A share, of few cases near to a half."""
    return (max(part, 0) + WEIGHT / 2) / (max(whole, part, 0) + WEIGHT)


def _edges(text: str) -> set[str]:
    """The first and the last word."""
    words = [one.lower() for one in WORD.findall(text)]
    return {words[0], words[-1]} if words else set()


def _sequences(text: str, longest: int, wanted: set[str]) -> Iterator[str]:
    """Every sequence of words of the text that is among those wanted."""
    edges = [(part.start(), part.end()) for part in WORD.finditer(text)]
    for first, (start, _) in enumerate(edges):
        for _, end in edges[first : first + longest]:
            if (found := text[start:end]) in wanted:
                yield found


@dataclass
class _Record:
    """How often models that have not seen an article confirm what is marked in it: by label, and by annotator."""

    met: Counter[tuple[str, str]]
    found: Counter[tuple[str, str]]
    by_person: dict[str, float]
    people: Mapping[str, Sequence[str]]

    @classmethod
    def of(cls, compared: Sequence[_Compared], people: Mapping[str, Sequence[str]]) -> "_Record":
        met, found = Counter[tuple[str, str]](), Counter[tuple[str, str]]()
        theirs, right = Counter[str](), Counter[str]()
        for one in compared:
            for key, agrees in _outcomes(one.matching):
                met[key] += 1
                found[key] += agrees
                for person in people.get(one.item.article.id, ()):
                    theirs[person] += 1
                    right[person] += agrees
        overall = (sum(found.values()) + WEIGHT / 2) / (sum(met.values()) + WEIGHT)
        low, high = RECORD
        by_person = {
            person: min(high, max(low, (right[person] + 20 * overall) / (number + 20) / overall))
            for person, number in theirs.items()
        }
        return cls(met, found, by_person, people)

    def missed(self, layer: str, name: str) -> float:
        """The share of a label, or of a role, that models miss."""
        key = layer, name
        return 1 - (self.found[key] + WEIGHT / 2) / (self.met[key] + WEIGHT)

    def trust(self, article_id: str) -> float:
        """How far the annotators of an article are to be trusted, against all."""
        people = self.people.get(article_id, ())
        return sum(self.by_person.get(one, 1.0) for one in people) / len(people) if people else 1.0


def _outcomes(matching: Matching) -> Iterator[tuple[tuple[str, str], bool]]:
    for one in matching.spans:
        if one.before is not None:
            yield (one.layer, one.before.label), one.decision == "kept"
    for role in matching.roles:
        if role.before is not None and not role.with_span:
            yield (role.layer, role.before.role), role.decision == "kept"


@dataclass(frozen=True)
class _Scores:
    """By layer and whether it is a role: scores from the highest, and how many of so many were not confirmed."""

    found: Mapping[tuple[str, bool], tuple[Sequence[float], Sequence[int]]]

    @classmethod
    def of(cls, compared: Sequence[_Compared]) -> "_Scores":
        met: dict[tuple[str, bool], list[tuple[float, bool]]] = defaultdict(list)
        for one in compared:
            for span in one.matching.spans:
                if span.after is not None:
                    met[span.layer, False].append((_score(span.after.score), span.decision == "kept"))
            for role in one.matching.roles:
                if role.after is not None and (role.before is not None or not role.with_span):
                    met[role.layer, True].append((_score(role.after.score), role.decision == "kept"))
        found: dict[tuple[str, bool], tuple[Sequence[float], Sequence[int]]] = {}
        for key, pairs in met.items():
            ordered = sorted(pairs, reverse=True)
            wrong = list(accumulate(not right for _, right in ordered))
            found[key] = [-score for score, _ in ordered], wrong
        return cls(found)

    def doubt(self, layer: str, score: float | None, *, role: bool = False) -> float:
        """Of suggestions with this score or a higher one, the share that is not confirmed."""
        scores, wrong = self.found.get((layer, role), ((), ()))
        number = bisect_right(scores, -_score(score))
        return _share(wrong[number - 1] if number else 0, number)


def _score(score: float | None) -> float:
    return UNSURE if score is None else score


@dataclass(frozen=True)
class _Doubts:
    use: _Use
    record: _Record
    scores: _Scores

    def of(self, compared: _Compared) -> Iterator[Suspect]:
        """What models contradict in an article."""
        for one in compared.matching.spans:
            if one.decision != "kept":
                yield self._span(compared.item, one)
        yield from self._roles(compared)

    def _span(self, item: AnnotatedArticle, one: SpanMatch) -> Suspect:
        given, other, layer = one.before, one.after, one.layer
        trust = self.record.trust(item.article.id)
        if other is None:
            assert given is not None
            missed = self.record.missed(layer, given.label)
            share = self.use.of_span(layer, given)
            why = f"models find {1 - missed:.0%} of {given.label}, and nothing here; {share:.0%} of these words are so"
            return _suspect(item, layer, given, "invented", given.label, NOTHING, why, missed * share * trust)
        doubt = self.scores.doubt(layer, other.score)
        why = f"models that have not seen the story say so, as surely as where {1 - doubt:.0%} are confirmed"
        if given is None:
            share = self.use.of_leaving(layer, other)
            return _suspect(item, layer, other, "missing", NOTHING, other.label, why, doubt * share * trust)
        if given.label != other.label:
            share = self.use.of_span(layer, given)
            return _suspect(item, layer, given, "label", given.label, other.label, why, doubt * share * trust)
        share = self.use.of_span(layer, given)
        told = (f"{given.label} {quoted(given.text)}", f"{other.label} {quoted(other.text)}")
        return _suspect(item, layer, given, "boundary", *told, why, doubt * share * trust)

    def _roles(self, compared: _Compared) -> Iterator[Suspect]:
        item, by_id = compared.item, compared.item.annotations.by_id()
        twins = {one.after.id: one.before.id for one in compared.matching.spans if one.before and one.after}
        heads: dict[tuple[str, str], list[RoleMatch]] = defaultdict(list)
        for one in compared.matching.roles:
            head = one.before_head or twins.get(one.after_head or "")
            if head in by_id and one.decision != "kept":
                heads[one.layer, head].append(one)
        trust = self.record.trust(item.article.id)
        for (layer, head), changes in heads.items():
            said = [one.before for one in changes if one.before is not None and not one.with_span]
            likely = [one.after for one in changes if one.after is not None and (one.before or not one.with_span)]
            if not said and not likely:
                continue
            doubt = 1.0
            if said:
                doubt *= min(self.record.missed(layer, one.role) for one in said)
            if likely:
                doubt *= min(self.scores.doubt(layer, one.score, role=True) for one in likely)
            names = {name: by_id[own][1] for name, own in twins.items() if own in by_id}
            yield _suspect(
                item,
                layer,
                by_id[head][1],
                "role",
                _roles_told(said, {key: span for key, (_, span) in by_id.items()}),
                _roles_told(likely, names),
                "models that have not seen the story find other roles",
                doubt * trust,
            )


def _roles_told(roles: Sequence[Argument], spans: Mapping[str, Span]) -> str:
    told = [
        f"{one.role} {quoted(spans[one.target].text)}" if one.target in spans else one.role
        for one in sorted(roles, key=lambda one: (one.role, one.target))
    ]
    return ", ".join(told) or NOTHING


def _name(span: Span) -> str:
    return span.norm or " ".join(span.text.split())


def _suspect(
    item: AnnotatedArticle,
    layer: str,
    span: Span,
    kind: Kind,
    said: str,
    likely: str,
    why: str,
    likelihood: float,
) -> Suspect:
    return Suspect(
        article_id=item.article.id,
        title=item.article.title,
        layer=layer,
        kind=kind,
        start=span.start,
        end=span.end,
        text=span.text,
        said=said,
        likely=likely,
        why=why,
        likelihood=round(min(1.0, likelihood), 4),
    )
