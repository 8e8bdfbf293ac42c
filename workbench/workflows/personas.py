"""Scripted annotators: people who correct suggestions towards a gold annotation, with errors of their own.

What a persona submits is what a person would: suggestions that were right keep their ids, wrong ones are relabelled,
redrawn or deleted, missing ones are added, and now and then something is overlooked or drawn a word too long.
"""

import random
from collections.abc import Iterator

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.frozen import Frozen
from workbench.core.matching import SpanMatch, match
from workbench.core.scheme import LabelScheme


class Persona(Frozen):
    """How an annotator errs; every number is the probability of an error at one span or role.

    `overlooks`: leaves a wrong suggestion; `misses`: does not add what is missing; `stretches`: draws a new span one
    word too long; `confuses`: takes another label of the layer; `drops`: forgets a role; `seconds` is the time that
    one correction takes.
    """

    name: str
    overlooks: float = 0.0
    misses: float = 0.0
    stretches: float = 0.0
    confuses: float = 0.0
    drops: float = 0.0
    seconds: float = 4.0


class Work(Frozen):
    """What a persona submitted, and the time it took (seconds)."""

    annotations: AnnotationSet
    lead_time: float


def work(
    persona: Persona, suggestion: AnnotationSet, gold: AnnotationSet, text: str, scheme: LabelScheme, *, seed: str
) -> Work:
    """The persona's correction of a suggestion; the same seed gives the same work."""
    chance = random.Random(f"{persona.name} {seed}")
    matching = match(suggestion, gold, scheme)
    names = {pair.after.id: _name(pair, number) for number, pair in enumerate(matching.spans) if pair.after}
    layers: dict[str, list[Span]] = {layer.name: [] for layer in scheme.layers}
    for pair in matching.spans:
        layers[pair.layer].extend(_span(pair, persona, names, text, scheme, chance))
    done = {span.id for spans in layers.values() for span in spans}
    annotations = AnnotationSet(
        producer=Producer(kind="person", name=persona.name),
        scheme_digest=scheme.digest,
        layers={name: tuple(_with_roles(span, persona, done, chance) for span in s) for name, s in layers.items()},
        document=gold.document,
        others=tuple(
            one.model_copy(update={"span": names.get(one.span or "")})
            for one in gold.others
            if one.span is None or names.get(one.span) in done
        ),
    )
    effort = match(suggestion, annotations, scheme, by_id=True).corrections
    return Work(
        annotations=scheme.normalise(annotations),
        lead_time=round(20 + persona.seconds * effort * chance.uniform(0.7, 1.4), 1),
    )


def _name(pair: SpanMatch, number: int) -> str:
    """The id of a span after correction: its own where it can be kept, else a new one, as when it is drawn anew."""
    keeps = pair.before is not None and not pair.moved
    return pair.before.id if keeps and pair.before else f"new{number}"


def _span(
    pair: SpanMatch, persona: Persona, names: dict[str, str], text: str, scheme: LabelScheme, chance: random.Random
) -> Iterator[Span]:
    if pair.after is None:
        if pair.before is not None and chance.random() < persona.overlooks:
            yield pair.before
        return
    if pair.before is None and chance.random() < persona.misses:
        return
    if pair.before is not None and pair.decision != "kept" and chance.random() < persona.overlooks:
        yield pair.before.model_copy(update={"id": names[pair.after.id], "arguments": _renamed(pair.after, names)})
        return
    start, end, label = pair.after.start, pair.after.end, pair.after.label
    if pair.before is None:
        if chance.random() < persona.stretches:
            end = _word_end(text, end)
        if chance.random() < persona.confuses:
            label = chance.choice(scheme.layer_by_name[pair.layer].label_values)
    yield Span(
        id=names[pair.after.id],
        label=label,
        start=start,
        end=end,
        text=text[start:end],
        attributes=pair.after.attributes,
        arguments=_renamed(pair.after, names),
    )


def _renamed(span: Span, names: dict[str, str]) -> tuple[Argument, ...]:
    return tuple(Argument(role=a.role, target=names[a.target]) for a in span.arguments if a.target in names)


def _with_roles(span: Span, persona: Persona, done: set[str], chance: random.Random) -> Span:
    kept = tuple(a for a in span.arguments if a.target in done and chance.random() >= persona.drops)
    return span.model_copy(update={"arguments": kept})


def _word_end(text: str, end: int) -> int:
    """The end of the next word of the line, or `end` where there is none."""
    position = end
    while position < len(text) and text[position] == " ":
        position += 1
    while position < len(text) and text[position].isalnum():
        position += 1
    return position if text[end:position].strip() else end
