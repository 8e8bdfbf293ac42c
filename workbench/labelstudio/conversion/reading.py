"""Label Studio's results to annotation sets: a tolerant reader with a strict outcome.

Nothing raises and nothing is dropped: an item that fits becomes part of the set, one of a control that the workbench
does not know is kept as it is, every other is a `Misfit` with its reason. Offsets count code points and say where a region lies. Its own text (`value.text`) never moves it, but where that
has other words than stand there, the offsets are another text's, and the region does not fit.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TypeGuard, cast

from workbench.core.annotations import AnnotationSet, Argument, AttributeValue, OtherItem, Producer, Span
from workbench.core.frozen import Frozen
from workbench.core.kinds import LABELS, RELATION, VALUES_BY_TYPE, kind_of
from workbench.core.kinds.base import Json, Refusal, ValueKind
from workbench.core.scheme import Attribute, LabelScheme, Layer
from workbench.core.whitespace import Trimmed, is_blank, quoted, same_words, trim
from workbench.labelstudio.conversion.region_ids import split, split_document

MOST_ITEMS = 100_000
"""More than the longest article has regions, choices and relations."""


class Misfit(Frozen):
    """An item of a result that does not fit. `item` is its id, or its place where it has none."""

    rule: str
    message: str
    item: str = ""

    def __str__(self) -> str:
        return f"{self.item}: {self.message}" if self.item else self.message


class ReadResult(Frozen):
    """What a result says: the part that fits, normalised, and everything that does not.

    `trimmed` are the spans that had white space at their edges, and have none any more.
    """

    annotations: AnnotationSet
    misfits: tuple[Misfit, ...] = ()
    trimmed: tuple[Trimmed, ...] = ()


def read_result(
    result: object,
    text: str,
    scheme: LabelScheme,
    *,
    producer: Producer,
    created: str = "",
    parents: tuple[str, ...] = (),
    key: str | None = None,
) -> ReadResult:
    """The annotation set that a result holds, over `text`, and what in it does not fit.

    Args:
        result: what the server gave, unchecked.
        text: the article's text that the task was made with.
        scheme: what the result has to fit.
        producer: who made the annotation.
        created: when.
        parents: digests of the sets that it was made from.
        key: the key of the set that it was corrected from; regions of that set get their span ids back.
    """
    # A person gives no scores; the editor merely keeps those of the suggestions.
    reader = _Reader(text, scheme, key, with_scores=producer.kind != "person")
    reader.read(result)
    annotations, trimmed = trim(
        AnnotationSet(
            producer=producer,
            scheme_digest=scheme.digest,
            created=created,
            parents=parents,
            layers=reader.layers(),
            document=reader.document,
            others=tuple(reader.others),
        )
    )
    for violation in scheme.violations(annotations, text):
        if violation.severity == "refused":
            reader.misfits.append(Misfit(rule=violation.rule, message=violation.message, item=violation.span))
    return ReadResult(annotations=scheme.normalise(annotations), misfits=tuple(reader.misfits), trimmed=trimmed)


def region_ids(result: object) -> list[str]:
    """The ids of the regions of an unchecked result, in their order."""
    return [
        item_id for _, item in _items(result) if item.get("type") == LABELS.type and (item_id := _string(item, "id"))
    ]


@dataclass
class _Region:
    id: str
    layer: str
    label: str
    start: int
    end: int
    score: float | None
    attributes: dict[str, AttributeValue] = field(default_factory=dict[str, AttributeValue])
    arguments: list[Argument] = field(default_factory=list[Argument])


class _Reader:
    """Takes a result apart in two goes: regions, then values and relations, which refer to them."""

    def __init__(self, text: str, scheme: LabelScheme, key: str | None, *, with_scores: bool) -> None:
        self._with_scores = with_scores
        self._text = text
        self._scheme = scheme
        self._key = key
        self._regions: dict[str, _Region] = {}
        self._attributes = {attribute.name: attribute for attribute in scheme.attributes}
        self._fields = {attribute.name: attribute for attribute in scheme.document_fields}
        self._others = {control.name for control in scheme.others}
        self.document: dict[str, AttributeValue] = {}
        self.others: list[OtherItem] = []
        self.misfits: list[Misfit] = []

    def read(self, result: object) -> None:
        if not isinstance(result, list):
            self._misfit("result-malformed", "the result is no list of items")
            return
        items = cast(list[object], result)
        if len(items) > MOST_ITEMS:
            self._misfit("result-too-long", f"the result has {len(items):,} items, more than {MOST_ITEMS:,}")
            return
        for position, item in enumerate(items):
            if not isinstance(item, dict):
                self._misfit("item-malformed", "is no object", f"item {position}")
        if not _can_be_kept(items):
            for position, item in enumerate(items):
                if not _can_be_kept(item):
                    message = "holds half a character or nests too deeply, which nothing can keep"
                    self._misfit("item-malformed", message, f"item {position}")
            items = [item for item in items if _can_be_kept(item)]
        later: list[tuple[str, Json]] = []
        for name, item in _items(items):
            if item.get("type") == LABELS.type:
                self._read_region(name, item)
            else:
                later.append((name, item))
        self._shorten_ids()
        for name, item in later:
            kind = item.get("type")
            if kind == RELATION.type:
                self._read_relation(name, item)
            elif (control := _string(item, "from_name")) in self._others:
                self._keep_other(name, control, item)
            elif isinstance(kind, str) and kind in VALUES_BY_TYPE:
                self._read_value(name, VALUES_BY_TYPE[kind], item)
            else:
                self._misfit("type-unknown", f"has the type {kind!r}, which no layer of the scheme gives", name)

    def layers(self) -> dict[str, tuple[Span, ...]]:
        layers = {layer: list(spans) for layer, spans in self._scheme.empty_layers().items()}
        for region in self._regions.values():
            layers[region.layer].append(
                Span(
                    id=region.id,
                    label=region.label,
                    start=region.start,
                    end=region.end,
                    text=self._text[region.start : region.end],
                    score=region.score,
                    attributes=region.attributes,
                    arguments=tuple(region.arguments),
                )
            )
        return {layer: tuple(spans) for layer, spans in layers.items()}

    def _read_region(self, name: str, item: Json) -> None:
        region_id = _string(item, "id")
        layer = self._scheme.layer_by_name.get(_string(item, "from_name"))
        value = _object(item, "value")
        if not region_id:
            self._misfit("id-missing", "a region has no id", name)
        elif (first := self._regions.get(region_id)) is not None:
            self._read_second(name, first, item)
        elif layer is None:
            known = ", ".join(self._scheme.layer_by_name)
            self._misfit("layer-unknown", f"layer {item.get('from_name')!r} is not in the scheme; known: {known}", name)
        elif (label := self._label(name, value, layer)) and (offsets := self._offsets(name, item, value)):
            score = _score(item) if self._with_scores else None
            self._regions[region_id] = _Region(region_id, layer.name, label, *offsets, score=score)

    def _read_second(self, name: str, first: _Region, item: Json) -> None:
        """Says what is wrong with a second item of a region: the page adds one for each layer whose label is given to it."""
        value = _object(item, "value")
        labels = LABELS.read(value) or []
        if labels and (value.get("start"), value.get("end")) == (first.start, first.end):
            words = self._text[first.start : first.end]
            both = f"{first.label} ({first.layer}) and {', '.join(labels)} ({_string(item, 'from_name')})"
            message = f"{words!r} has two labels, {both}: a region takes one; take one off, or mark the words twice"
            self._misfit("label-several", message, name)
        else:
            self._misfit("id-twice", "another region has the same id", name)

    def _label(self, name: str, value: Json, layer: Layer) -> str:
        labels, known = LABELS.read(value), layer.label_values
        if labels is None or not labels:
            self._misfit("label-missing", "a region has no label", name)
        elif len(labels) > 1:
            self._misfit("label-several", f"a region has {len(labels)} labels: {', '.join(labels)}", name)
        elif (label := self._scheme.label_now.get((layer.name, labels[0]), labels[0])) not in known:
            self._misfit("label-unknown", f"label {labels[0]!r} is not in its layer; known: {', '.join(known)}", name)
        else:
            return label
        return ""

    def _offsets(self, name: str, item: Json, value: Json) -> tuple[int, int] | None:
        start, end = value.get("start"), value.get("end")
        if item.get("to_name") != self._scheme.text_name:
            self._misfit("text-unknown", f"is over {item.get('to_name')!r}, not {self._scheme.text_name!r}", name)
        elif not _is_count(start) or not _is_count(end):
            self._misfit("offsets-malformed", f"has the offsets {start!r} and {end!r}, no whole numbers", name)
        elif start < 0 or end > len(self._text):
            length = len(self._text)
            self._misfit("offsets-outside", f"lies at {start}-{end}, outside the text of {length} code points", name)
        elif end <= start:
            self._misfit("region-empty", f"lies at {start}-{end} and holds no text", name)
        elif is_blank(found := self._text[start:end]):
            message = f"holds only white space, {quoted(found)} at {start}-{end}; delete the region"
            self._misfit("region-blank", message, name)
        elif (own := value.get("text")) is not None and not isinstance(own, str):
            self._misfit("text-malformed", f"says that its text is {quoted(str(own))}, which is no text", name)
        elif own and not same_words(own, found):
            message = f"says {quoted(own)}, but the text has {quoted(found)} at {start}-{end}; mark the words again"
            self._misfit("text-differs", message, name)
        else:
            return start, end
        return None

    def _shorten_ids(self) -> None:
        """Gives regions of the parent set their span ids back, unless another region is called so."""
        for region in self._regions.values():
            parts = split(region.id)
            if parts and parts[0] == self._key and parts[1] not in self._regions:
                region.id = parts[1]

    def _read_value(self, name: str, kind: ValueKind, item: Json) -> None:
        """What a control says of a region or of the document."""
        control = _string(item, "from_name")
        attribute = self._fields.get(control) or self._attributes.get(control)
        region = self._regions.get(_string(item, "id"))
        if attribute is None:
            known = ", ".join([*self._attributes, *self._fields]) or "none"
            self._misfit("attribute-unknown", f"{control!r} is not in the scheme; known: {known}", name)
        elif kind is not kind_of(attribute):
            message = f"{control} is of the type {attribute.kind}, the item of {kind.type}"
            self._misfit("attribute-type", message, name)
        elif attribute.layer is None:
            self._take_value(name, kind, attribute, item, self.document)
        elif region is None:
            self._misfit("attribute-dangling", f"{control} is about a region that is not there", name)
        elif region.layer != attribute.layer:
            message = f"{control} belongs to {attribute.layer}, the region to {region.layer}"
            self._misfit("attribute-layer", message, name)
        else:
            self._take_value(name, kind, attribute, item, region.attributes)

    def _take_value(
        self, name: str, kind: ValueKind, attribute: Attribute, item: Json, into: dict[str, AttributeValue]
    ) -> None:
        found = kind.read(_object(item, "value"), attribute)
        if isinstance(found, Refusal):
            self._misfit(found.rule, found.message, name)
        elif attribute.name in into:
            self._misfit("choice-twice", f"{attribute.name} is chosen twice", name)
        elif found is not None:
            into[attribute.name] = found

    def _keep_other(self, name: str, control: str, item: Json) -> None:
        """Keeps an item of a control that is not known as it is, but for its id, which changes with every sending."""
        own = _string(item, "id")
        region = self._regions.get(own)
        parts = split_document(own)
        if parts and parts[0] == self._key:
            own = parts[1]
        try:
            own.encode()
            body = json.dumps({key: value for key, value in item.items() if key != "id"}, allow_nan=False)
            other = OtherItem(
                control=control, span=region.id if region else None, id=None if region else own or None, item=body
            )
        except (ValueError, RecursionError):
            self._misfit("item-malformed", f"what {control} says cannot be kept: it is no JSON that can be read", name)
        else:
            self.others.append(other)

    def _read_relation(self, name: str, item: Json) -> None:
        ends = [_string(item, "from_id"), _string(item, "to_id")]
        direction = item.get("direction", "right")
        if direction == "left":
            ends.reverse()
        labels = RELATION.read(item)
        missing = [end or "nothing" for end in ends if end not in self._regions]
        if direction not in ("left", "right"):
            self._misfit("relation-direction", f"a relation goes {direction!r}; a role has one direction", name)
        elif missing:
            self._misfit("relation-dangling", f"a relation ends at {missing[0]}, which is not there", name)
        elif not labels:
            self._misfit("relation-unlabelled", "a relation says no role", name)
        else:
            head, target = self._regions[ends[0]], self._regions[ends[1]]
            for label in labels:
                self._take_role(name, head, target, label)

    def _take_role(self, name: str, head: _Region, target: _Region, label: str) -> None:
        role = self._scheme.role_by_name.get(self._scheme.role_now.get(label, label))
        if role is None:
            known = ", ".join(self._scheme.role_by_name) or "none"
            self._misfit("role-unknown", f"role {label!r} is not in the scheme; known: {known}", name)
        elif head is target:
            self._misfit("role-self", f"role {label} joins a region to itself", name)
        elif head.layer not in role.from_layers:
            message = f"role {label} starts from {' or '.join(role.from_layers)}, not from {head.layer}"
            self._misfit("role-from", message, name)
        elif target.layer not in role.to_layers:
            message = f"role {label} goes to {' or '.join(role.to_layers)}, not to {target.layer}"
            self._misfit("role-to", message, name)
        elif (argument := Argument(role=role.name, target=target.id)) not in head.arguments:
            # The same role between the same pair, said twice, is said.
            head.arguments.append(argument)

    def _misfit(self, rule: str, message: str, item: str = "") -> None:
        self.misfits.append(Misfit(rule=rule, message=message, item=item))


def _can_be_kept(value: object) -> bool:
    """Whether a value can be written as JSON in UTF-8: JSON itself can hold half of a surrogate pair."""
    try:
        json.dumps(value, ensure_ascii=False).encode("utf-8")
    except (ValueError, RecursionError):
        return False
    return True


def _items(result: object) -> Iterator[tuple[str, Json]]:
    """The objects of a result with what messages call them."""
    if isinstance(result, list):
        for position, item in enumerate(cast(list[object], result)):
            if isinstance(item, dict):
                found = cast(Json, item)
                yield _string(found, "id") or f"item {position}", found


def _string(item: Json, key: str) -> str:
    value = item.get(key)
    return value if isinstance(value, str) else ""


def _object(item: Json, key: str) -> Json:
    value = item.get(key)
    return cast(Json, value) if isinstance(value, dict) else {}


def _score(item: Json) -> float | None:
    score = item.get("score")
    return float(score) if isinstance(score, int | float) and 0 <= score <= 1 else None


def _is_count(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool)
