"""Merges what several annotators made of one article into one set, thing by thing: spans, labels, attributes, roles.

What all say is taken. What they differ in is decided by the policies, or left open: then what most say, or the first by
name, stands in the merged set as a suggestion. Of a span that not all marked, only those who marked it have a say in
what it is; in a role, those who marked both of its spans.
"""

from collections import Counter
from collections.abc import Hashable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain, count
from typing import TypeVar

from workbench.core.adjudication.decisions import By, Decision, Kind, grouped
from workbench.core.adjudication.mentions import Mention, mentions
from workbench.core.adjudication.policies import DOCUMENT, Policies, Verdict, decide
from workbench.core.adjudication.wording import NOTHING, listed, marked, other_value, placed, quoted, valued
from workbench.core.annotations import AnnotationSet, Argument, AttributeValue, OtherItem, Producer, Span
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme

MERGED = "merged"
"""The name of the producer of merged sets."""
_STRENGTH: dict[By | None, int] = {None: 0, "seniority": 1, "majority": 2, "authority": 3, "all": 4, "person": 5}
Answer = TypeVar("Answer", bound=Hashable)
_Roles = tuple[str, ...]


class Merged(Frozen):
    """The merged set, how many things all said the same of, and what was decided about the others, in text order."""

    annotations: AnnotationSet
    agreed: int
    decisions: tuple[Decision, ...]

    @property
    def open(self) -> tuple[Decision, ...]:
        """What is left to a person."""
        return tuple(one for one in self.decisions if one.is_open)


def merge(
    sets: Mapping[str, AnnotationSet], scheme: LabelScheme, policies: Policies, *, parents: tuple[str, ...] = ()
) -> Merged:
    """What the annotators made of one article, by their names, as one set that fits the scheme if all of theirs do.

    The sets are taken to be normalised by the scheme. Spans keep the ids that most annotators have for them. `parents`
    are the digests of what the sets were made from, for the merged one to name.
    """
    merging = _Merging(dict(sorted(sets.items())), scheme, policies)
    merging.go()
    merged = AnnotationSet(
        producer=Producer(kind="adjudicated", name=MERGED, version=str(policies)),
        scheme_digest=scheme.digest,
        created=max((one.created for one in sets.values()), default=""),
        parents=parents,
        layers=merging.layers(),
        document=merging.document,
        others=tuple(merging.others),
    )
    return Merged(
        annotations=scheme.normalise(merged),
        agreed=merging.agreed,
        decisions=tuple(sorted(merging.decisions, key=_in_text)),
    )


@dataclass
class _Merge:
    """A mention on its way into the merged set. `stands` says whether it is in it."""

    mention: Mention
    there: Verdict[bool]
    offsets: Verdict[tuple[int, int]]
    label: Verdict[str]
    stands: bool
    id: str = ""
    text: str = ""
    norm: str | None = None
    attributes: dict[str, AttributeValue] = field(default_factory=dict[str, AttributeValue])
    roles: dict[str, Verdict[_Roles]] = field(default_factory=dict[str, Verdict[_Roles]])

    @property
    def layer(self) -> str:
        return self.mention.layer

    @property
    def people(self) -> Mapping[str, Span]:
        return self.mention.spans


class _Merging:
    def __init__(self, sets: Mapping[str, AnnotationSet], scheme: LabelScheme, policies: Policies) -> None:
        self._sets, self._scheme, self._policies = sets, scheme, policies
        self._merges: dict[str, _Merge] = {}
        self.agreed = 0
        self.decisions: list[Decision] = []
        self.document: dict[str, AttributeValue] = {}
        self.others: list[OtherItem] = []

    def go(self) -> None:
        """Decides everything."""
        for layer in self._scheme.layer_by_name:
            for mention in mentions(layer, self._sets):
                self._add(mention)
        self._drop_doubles()
        merge_of = {(who, span.id): one for one in self._merges.values() for who, span in one.people.items()}
        for one in self._merges.values():
            self._say_of_span(one)
        for one in self._merges.values():
            if one.stands:
                self._give_roles(one, merge_of)
        self._say_of_text()
        self._take_others(merge_of)

    def layers(self) -> dict[str, tuple[Span, ...]]:
        """The spans that stand, by layer."""
        layers: dict[str, list[Span]] = {name: [] for name in self._scheme.layer_by_name}
        ids = {(who, span.id): one.id for one in self._merges.values() for who, span in one.people.items()}
        for one in self._merges.values():
            if one.stands:
                start, end = one.offsets.answer
                layers[one.layer].append(
                    Span(
                        id=one.id,
                        label=one.label.answer,
                        start=start,
                        end=end,
                        text=one.text,
                        norm=one.norm,
                        attributes=one.attributes,
                        arguments=tuple(_arguments(one, ids)),
                    )
                )
        return {name: tuple(spans) for name, spans in layers.items()}

    def _add(self, mention: Mention) -> None:
        """Decides whether a mention is there, where, with which label, and under which id."""
        layer, people = mention.layer, mention.spans
        there = decide({who: who in people for who in self._sets}, layer, self._policies)
        offsets = decide({who: span.offsets for who, span in people.items()}, layer, self._policies)
        label = decide({who: span.label for who, span in people.items()}, layer, self._policies)
        # What is left open is suggested: taking away is less work than marking.
        one = _Merge(mention, there, offsets, label, stands=there.answer or there.by is None)
        at_place = {who: span for who, span in people.items() if span.offsets == offsets.answer}
        alike = {who: span for who, span in at_place.items() if span.label == label.answer} or at_place
        ids = Counter(span.id for span in alike.values())
        ranked = sorted(ids, key=lambda name: (-ids[name], min(who for who, s in alike.items() if s.id == name)))
        numbered = (f"{ranked[0]}-{number}" for number in count(2))
        one.id = next(name for name in chain(ranked, numbered) if name not in self._merges)
        one.text = next(iter(at_place.values())).text
        one.norm = next((span.norm for _, span in sorted(alike.items()) if span.norm is not None), None)
        self._merges[one.id] = one

    def _drop_doubles(self) -> None:
        """Of two mentions that came to have one place and label, of which no annotator has both, one stands."""
        met: dict[tuple[str, tuple[int, int], str], _Merge] = {}
        for one in sorted(self._merges.values(), key=lambda one: (-_STRENGTH[one.there.by], -len(one.people), one.id)):
            key = (one.layer, one.offsets.answer, one.label.answer)
            other = met.setdefault(key, one) if one.stands else one
            if other is one or _marked_twice(one, other):
                continue
            one.stands = False
            one.there = Verdict(False, None)

    def _say_of_span(self, one: _Merge) -> None:
        """Records whether the span is there, where, and with which label and attributes."""
        said = {who: marked(span.label, span.text, one.text) for who, span in one.people.items()}
        chosen = one.label.answer if one.stands else NOTHING
        self._record(one, "span", {who: said.get(who, NOTHING) for who in self._sets}, chosen, one.there)
        if not one.stands:
            return
        places = {who: placed(span.text, span.offsets) for who, span in one.people.items()}
        self._record(one, "boundary", places, placed(one.text, one.offsets.answer), one.offsets)
        labels = {who: span.label for who, span in one.people.items()}
        self._record(one, "label", labels, one.label.answer, one.label)
        for attribute in self._scheme.attributes_of(one.layer):
            values = {who: self._scheme.attribute_value(span, attribute) for who, span in one.people.items()}
            verdict = decide(values, one.layer, self._policies)
            if verdict.answer is not None:
                one.attributes[attribute.name] = verdict.answer
            said = {who: valued(value) for who, value in values.items()}
            self._record(one, "attribute", said, valued(verdict.answer), verdict, name=attribute.name)

    def _give_roles(self, one: _Merge, merge_of: Mapping[tuple[str, str], _Merge]) -> None:
        """Decides which roles other spans play for this one."""
        given: dict[str, dict[str, list[str]]] = {}
        for who, span in one.people.items():
            for argument in span.arguments:
                filler = merge_of.get((who, argument.target))
                if filler is not None and filler.stands:
                    given.setdefault(filler.id, {}).setdefault(who, []).append(argument.role)
        votes = {
            name: {who: tuple(sorted(by_person.get(who, ()))) for who in one.people if who in self._merges[name].people}
            for name, by_person in given.items()
        }
        for name, said in votes.items():
            one.roles[name] = _rather_some(decide(said, one.layer, self._policies), said)
        self._keep_to_maximum(one, votes)
        for name, verdict in one.roles.items():
            said = {who: listed(roles) for who, roles in votes[name].items()}
            filler = self._merges[name]
            self._record(one, "role", said, listed(verdict.answer), verdict, name=filler.text, target=name)

    def _keep_to_maximum(self, one: _Merge, votes: Mapping[str, Mapping[str, _Roles]]) -> None:
        """Where what was decided one by one gives a role to more spans than may have it, nothing of it was decided."""
        for role in self._scheme.roles_of(one.layer):
            fillers = [name for name, verdict in one.roles.items() if role.name in verdict.answer]
            if role.maximum is None or len(fillers) <= role.maximum:
                continue
            fillers.sort(
                key=lambda name: (
                    -_STRENGTH[one.roles[name].by],
                    -sum(role.name in roles for roles in votes[name].values()),
                    self._merges[name].offsets.answer,
                    name,
                )
            )
            for place, name in enumerate(fillers):
                answer = one.roles[name].answer
                kept = answer if place < role.maximum else tuple(r for r in answer if r != role.name)
                one.roles[name] = Verdict(kept, None)

    def _say_of_text(self) -> None:
        """Decides what is said of the text as a whole."""
        for choice in self._scheme.document_fields:
            values = {who: one.document.get(choice.name, choice.default) for who, one in self._sets.items()}
            verdict = decide(values, DOCUMENT, self._policies)
            if verdict.answer is not None:
                self.document[choice.name] = verdict.answer
            said = {who: valued(value) for who, value in values.items()}
            self._record(None, "document", said, valued(verdict.answer), verdict, name=choice.name)

    def _take_others(self, merge_of: Mapping[tuple[str, str], _Merge]) -> None:
        """Decides about each thing that a control says that is of no known kind."""
        found: dict[tuple[str, str | None, str], dict[str, OtherItem]] = {}
        for who, one in self._sets.items():
            for other in one.others:
                about = merge_of.get((who, other.span)) if other.span is not None else None
                if other.span is not None and (about is None or not about.stands):
                    continue
                value = other_value(other)
                found.setdefault((other.control, about.id if about else None, value), {})[who] = other
        for (control, name, value), theirs in found.items():
            about = self._merges[name] if name else None
            asked = about.people if about else self._sets
            layer = about.layer if about else DOCUMENT
            verdict = decide({who: who in theirs for who in asked}, layer, self._policies)
            stands = verdict.answer or verdict.by is None
            if stands:
                self.others.append(theirs[min(theirs)].model_copy(update={"span": name}))
            said = {who: quoted(value) if who in theirs else NOTHING for who in asked}
            self._record(about, "other", said, quoted(value) if stands else NOTHING, verdict, name=control)

    def _record(
        self,
        one: _Merge | None,
        kind: Kind,
        said: Mapping[str, str],
        chosen: str,
        verdict: Verdict[Answer],
        *,
        name: str = "",
        target: str | None = None,
    ) -> None:
        """Counts what all say the same of, and keeps every other decision."""
        if verdict.by == "all":
            self.agreed += 1
            return
        start, end = one.mention.offsets if one else (None, None)
        self.decisions.append(
            Decision(
                kind=kind,
                layer=one.layer if one else "",
                span=one.id if one else None,
                target=target,
                start=start,
                end=end,
                text=one.text if one else "",
                name=name,
                said=grouped(said.items()),
                chosen=chosen,
                by=verdict.by,
                who=verdict.who,
            )
        )


def _arguments(one: _Merge, ids: Mapping[tuple[str, str], str]) -> Iterator[Argument]:
    """The roles that stand, in the order in which the first annotator who gave them has them.

    `ids` are those of merged spans, by annotator and the span's id there.
    """
    order: dict[tuple[str, str], None] = {}
    for who, span in sorted(one.people.items()):
        for argument in span.arguments:
            order.setdefault((argument.role, ids.get((who, argument.target), "")))
    for role, name in order:
        verdict = one.roles.get(name)
        if verdict is not None and role in verdict.answer:
            yield Argument(role=role, target=name)


def _rather_some(verdict: Verdict[_Roles], votes: Mapping[str, _Roles]) -> Verdict[_Roles]:
    """The verdict; where it is open, a suggestion of roles rather than of none."""
    if verdict.by is not None or verdict.answer:
        return verdict
    return decide({who: roles for who, roles in votes.items() if roles}, "", Policies())._replace(by=None)


def _marked_twice(one: _Merge, other: _Merge) -> bool:
    """Whether an annotator marked both, in the same place and with the same label."""
    both = one.people.keys() & other.people.keys()
    return any(
        (a.offsets, a.label) == (b.offsets, b.label) for a, b in ((one.people[w], other.people[w]) for w in both)
    )


def _in_text(one: Decision) -> tuple[bool, int, int, str]:
    return one.start is not None, one.start or 0, one.end or 0, one.layer
