"""What a change of the label scheme takes from annotations that were made under the old one.

A change is listed for each layer, label, attribute, value and role that came, went, or now allows less or more. One that
was renamed went and came, unless it is a label or a role that says what it was before. Each counts in an annotation set
what would no longer fit.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Literal

from workbench.core.annotations import AnnotationSet, AttributeValue, Span, values_of
from workbench.core.frozen import Frozen
from workbench.core.kinds import holding
from workbench.core.scheme import Attribute, LabelScheme, Layer, Role

Effect = Literal["added", "removed", "renamed", "tightened", "loosened", "changed"]
Kind = Literal[
    "text",
    "layer",
    "label",
    "attribute",
    "value",
    "default",
    "several values",
    "layer of attribute",
    "type of attribute",
    "limits of attribute",
    "type of document field",
    "limits of document field",
    "document field",
    "document value",
    "document default",
    "several document values",
    "training",
    "role",
    "start of role",
    "end of role",
    "most of role",
    "least of role",
]
_NUMERIC = frozenset({"number", "rating"})


class Change(Frozen):
    """One difference between two schemes.

    Args:
        kind: what differs.
        effect: what that means for annotations; only what was removed, tightened or changed can take something away.
        layer: the layer that it belongs to, if one.
        name: of the layer, label, attribute, field or role.
        value: of an attribute or field, or the layer at which a role now may not start or end.
        before: what the old scheme says, in words or numbers.
        after: what the new one says.
    """

    kind: Kind
    effect: Effect
    layer: str = ""
    name: str
    value: str = ""
    before: str = ""
    after: str = ""

    @property
    def orphans(self) -> bool:
        """Whether annotations that it touches don't fit any more, or would be read as something else."""
        return self.effect in ("removed", "tightened", "changed") and self.kind not in ("training", "least of role")

    def uses(self, annotations: AnnotationSet) -> int:
        """How often the set holds what this change takes away; a set that the old scheme normalised."""
        if self.effect in ("added", "loosened"):
            return 0
        return _USES[self.kind](self, annotations)

    def __str__(self) -> str:
        where = f" of {self.layer}" if self.layer else ""
        what = {
            "value": f"value {self.value!r} of attribute {self.name}{where}",
            "document value": f"value {self.value!r} of {self.name}, about the document",
            "document field": f"{self.name}, about the document",
            "document default": f"default of {self.name}, about the document",
            "several document values": f"number of values of {self.name}, about the document",
            "training": f"whether articles with {self.name} {self.value!r} are trained on",
            "default": f"default of attribute {self.name}{where}",
            "several values": f"number of values of attribute {self.name}{where}",
            "layer of attribute": f"layer of attribute {self.name}",
            "type of attribute": f"type of attribute {self.name}{where}",
            "limits of attribute": f"limits of attribute {self.name}{where}",
            "type of document field": f"type of {self.name}, about the document",
            "limits of document field": f"limits of {self.name}, about the document",
            "start of role": f"role {self.name} from {self.value}",
            "end of role": f"role {self.name} to {self.value}",
            "most of role": f"most that a span may have of role {self.name}",
            "least of role": f"least that a span must have of role {self.name}",
        }.get(self.kind, f"{self.kind} {self.name}{where}")
        way = f" ({self.before or 'none'} → {self.after or 'none'})" if self.before or self.after else ""
        return f"{what} {self.effect}{way}"


class SchemeDiff(Frozen):
    """All in which the meaning of two schemes differs, what takes something away first."""

    before: str
    after: str
    changes: tuple[Change, ...]

    @property
    def same(self) -> bool:
        return not self.changes


def diff(before: LabelScheme, after: LabelScheme) -> SchemeDiff:
    """In what the schemes differ; looks, titles and hints don't count."""
    changes = [
        *_text(before, after),
        *_layers(before, after),
        *_attributes(before, after),
        *_document(before, after),
        *_roles(before, after),
    ]
    return SchemeDiff(
        before=before.digest,
        after=after.digest,
        changes=tuple(sorted(changes, key=lambda change: (not change.orphans, change.effect == "added"))),
    )


def carried(annotations: AnnotationSet, before: LabelScheme, after: LabelScheme) -> AnnotationSet | None:
    """A set that was made under the scheme `before`, as one of the scheme `after`; None where that takes something away."""
    if any(change.orphans and change.uses(annotations) for change in diff(before, after).changes):
        return None
    layers = {name: spans for name, spans in annotations.layers.items() if spans or name in after.layer_by_name}
    found = annotations.model_copy(update={"layers": layers, "scheme_digest": after.digest})
    return after.normalise(after.renamed(found))


def covering(scheme: LabelScheme, *sets: AnnotationSet) -> LabelScheme:
    """The scheme, widened by the layers and attributes that only these sets know of.

    For comparing sets that were made under older schemes. What a scheme of theirs had as a default is not known here, so
    that an attribute that is absent counts as not set.
    """
    layers = dict(scheme.layer_by_name)
    known = {(one.layer, one.name) for one in scheme.attributes}
    more: dict[tuple[str, str], dict[str | int | float, None]] = {}
    for layer, span in (one for annotations in sets for one in annotations.spans()):
        layers.setdefault(layer, Layer(name=layer, labels=()))
        for name, value in span.attributes.items():
            if (layer, name) not in known:
                more.setdefault((layer, name), {}).update(dict.fromkeys(values_of(value)))
    attributes = tuple(holding(name, layer, values) for (layer, name), values in more.items())
    return scheme.model_copy(update={"layers": tuple(layers.values()), "attributes": (*scheme.attributes, *attributes)})


def _text(before: LabelScheme, after: LabelScheme) -> Iterator[Change]:
    old, new = ((one.text_name, f"${one.text_field}") for one in (before, after))
    if old != new:
        yield Change(kind="text", effect="changed", name=old[0], before=" ".join(old), after=" ".join(new))


def _layers(before: LabelScheme, after: LabelScheme) -> Iterator[Change]:
    yield from _came_and_went("layer", before.layer_by_name, after.layer_by_name)
    for name, layer in before.layer_by_name.items():
        if name in after.layer_by_name:
            now = {old: new for (of, old), new in after.label_now.items() if of == name}
            values = after.layer_by_name[name].label_values
            yield from _came_and_went("label", layer.label_values, values, layer=name, now=now)


def _attributes(before: LabelScheme, after: LabelScheme) -> Iterator[Change]:
    olds, news = ({one.name: one for one in scheme.attributes} for scheme in (before, after))
    for name in dict.fromkeys([*olds, *news]):
        old, new = olds.get(name), news.get(name)
        if old and new and old.layer != new.layer:
            yield Change(
                kind="layer of attribute",
                effect="changed",
                name=name,
                layer=old.layer or "",
                before=old.layer or "",
                after=new.layer or "",
            )
        elif old and new:
            yield from _choices(old, new, layer=old.layer or "")
        else:
            there = old or new
            assert there is not None
            yield Change(kind="attribute", effect="removed" if old else "added", layer=there.layer or "", name=name)


def _document(before: LabelScheme, after: LabelScheme) -> Iterator[Change]:
    olds, news = ({one.name: one for one in scheme.document_fields} for scheme in (before, after))
    yield from _came_and_went("document field", olds, news)
    for name in olds:
        if name in news:
            yield from _choices(olds[name], news[name], layer="")
            trains = {choice.value: choice.train for choice in news[name].choices}
            for choice in olds[name].choices:
                if trains.get(choice.value, choice.train) != choice.train:
                    after_ = "yes" if trains[choice.value] else "no"
                    before_ = "yes" if choice.train else "no"
                    yield Change(
                        kind="training", effect="changed", name=name, value=choice.value, before=before_, after=after_
                    )


def _choices(old: Attribute, new: Attribute, *, layer: str) -> Iterator[Change]:
    """In what two attributes, or two fields about the document, of one name differ."""
    span = old.layer is not None
    if old.kind != new.kind:
        kind = "type of attribute" if span else "type of document field"
        after = f"{new.kind} {_limits(new)}" if {old.kind, new.kind} <= _NUMERIC else new.kind
        yield Change(kind=kind, effect="changed", layer=layer, name=old.name, before=old.kind, after=after)
        return
    if (old.minimum, old.maximum) != (new.minimum, new.maximum):
        kind = "limits of attribute" if span else "limits of document field"
        effect = "tightened" if _narrower(old, new) else "loosened"
        yield Change(kind=kind, effect=effect, layer=layer, name=old.name, before=_limits(old), after=_limits(new))
    for value in dict.fromkeys([*old.values, *new.values]):
        if (value in old.values) != (value in new.values):
            effect = "removed" if value in old.values else "added"
            kind = "value" if span else "document value"
            yield Change(kind=kind, effect=effect, layer=layer, name=old.name, value=value)
    if old.default != new.default:
        kind = "default" if span else "document default"
        # Without an old default, what says nothing meant nothing: that is still so.
        effect = "changed" if old.default else "added"
        yield Change(
            kind=kind, effect=effect, layer=layer, name=old.name, before=old.default or "", after=new.default or ""
        )
    if old.multiple != new.multiple:
        kind = "several values" if span else "several document values"
        words = {True: "several", False: "one"}
        effect = "tightened" if old.multiple else "loosened"
        yield Change(
            kind=kind, effect=effect, layer=layer, name=old.name, before=words[old.multiple], after=words[new.multiple]
        )


def _narrower(old: Attribute, new: Attribute) -> bool:
    """Whether there are numbers that the old attribute could be, and the new one cannot."""
    low = new.minimum is not None and (old.minimum is None or new.minimum > old.minimum)
    return low or (new.maximum is not None and (old.maximum is None or new.maximum < old.maximum))


def _limits(attribute: Attribute) -> str:
    ends = (attribute.minimum, attribute.maximum)
    return " to ".join("any" if end is None else repr(end) for end in ends)


def _of_another_type(change: Change, value: AttributeValue | None) -> bool:
    """Whether a value does not fit the new type; of numbers some may, such as a whole number that becomes a rating."""
    kind, _, limits = change.after.partition(" ")
    if value is None or not limits:
        return value is not None
    whole = isinstance(value, int | float) and float(value).is_integer()
    return (kind == "rating" and not whole) or _outside(change.model_copy(update={"after": limits}), value)


def _outside(change: Change, value: AttributeValue | None) -> bool:
    """Whether a value is a number beyond the new limits."""
    low, high = (None if end == "any" else float(end) for end in change.after.split(" to "))
    if not isinstance(value, int | float):
        return False
    return (low is not None and value < low) or (high is not None and value > high)


def _roles(before: LabelScheme, after: LabelScheme) -> Iterator[Change]:
    yield from _came_and_went("role", before.role_by_name, after.role_by_name, now=after.role_now)
    for name, old in before.role_by_name.items():
        new = after.role_by_name.get(after.role_now.get(name, name))
        if new is not None:
            yield from _ends("start of role", name, old.from_layers, new.from_layers)
            yield from _ends("end of role", name, old.to_layers, new.to_layers)
            yield from _numbers(old, new)


def _ends(
    kind: Literal["start of role", "end of role"], name: str, old: Iterable[str], new: Iterable[str]
) -> Iterator[Change]:
    gone, come = [one for one in old if one not in set(new)], [one for one in new if one not in set(old)]
    yield from (Change(kind=kind, effect="tightened", name=name, value=layer) for layer in gone)
    yield from (Change(kind=kind, effect="loosened", name=name, value=layer) for layer in come)


def _numbers(old: Role, new: Role) -> Iterator[Change]:
    if old.maximum != new.maximum:
        less = new.maximum is not None and (old.maximum is None or new.maximum < old.maximum)
        yield Change(
            kind="most of role",
            effect="tightened" if less else "loosened",
            name=old.name,
            before="any" if old.maximum is None else str(old.maximum),
            after="any" if new.maximum is None else str(new.maximum),
        )
    if old.minimum != new.minimum:
        effect = "tightened" if new.minimum > old.minimum else "loosened"
        # The layers at whose spans it counts, because a role that is missing has no head to be seen at.
        layers = " ".join(new.from_layers)
        before, after = str(old.minimum), str(new.minimum)
        yield Change(kind="least of role", effect=effect, name=old.name, value=layers, before=before, after=after)


def _came_and_went(
    kind: Literal["layer", "label", "document field", "role"],
    old: Iterable[str],
    new: Iterable[str],
    *,
    layer: str = "",
    now: Mapping[str, str] | None = None,
) -> Iterator[Change]:
    """Those that are on one side only; `now` says what an old one is called on the new side."""
    olds, news = list(old), list(new)
    renamed = {one: name for one, name in (now or {}).items() if one in olds and name not in olds}
    for one in olds:
        if one in renamed:
            yield Change(kind=kind, effect="renamed", layer=layer, name=one, before=one, after=renamed[one])
        elif one not in news:
            yield Change(kind=kind, effect="removed", layer=layer, name=one)
    for one in news:
        if one not in olds and one not in renamed.values():
            yield Change(kind=kind, effect="added", layer=layer, name=one)


def _spans(change: Change, annotations: AnnotationSet) -> tuple[Span, ...]:
    return annotations.layers.get(change.layer, ())


def _heads(change: Change, annotations: AnnotationSet) -> Iterator[tuple[str, int]]:
    """Layer and number of this role, for every span."""
    for layer, span in annotations.spans():
        yield layer, sum(argument.role == change.name for argument in span.arguments)


def _ends_at(change: Change, annotations: AnnotationSet) -> int:
    layers = {span.id: layer for layer, span in annotations.spans()}
    targets = (a.target for _, span in annotations.spans() for a in span.arguments if a.role == change.name)
    return sum(layers.get(target) == change.value for target in targets)


def _undecided(change: Change, annotations: AnnotationSet) -> int:
    """Spans that say nothing, and so mean the old default."""
    return sum(change.name not in span.attributes for span in _spans(change, annotations))


def _too_few(change: Change, annotations: AnnotationSet) -> int:
    layers = change.value.split()
    # Those that had too few already are none of this change's.
    least, most = int(change.before), int(change.after)
    return sum(layer in layers and least <= number < most for layer, number in _heads(change, annotations))


_USES: dict[Kind, Callable[[Change, AnnotationSet], int]] = {
    "text": lambda change, annotations: sum(1 for _ in annotations.spans()),
    "layer": lambda change, annotations: len(annotations.layers.get(change.name, ())),
    "label": lambda change, annotations: sum(span.label == change.name for span in _spans(change, annotations)),
    "attribute": lambda change, annotations: sum(change.name in s.attributes for s in _spans(change, annotations)),
    "layer of attribute": lambda change, annotations: sum(
        change.name in s.attributes for s in _spans(change, annotations)
    ),
    "value": lambda change, annotations: sum(
        change.value in values_of(span.attributes.get(change.name, ())) for span in _spans(change, annotations)
    ),
    "default": _undecided,
    "several values": lambda change, annotations: sum(
        len(values_of(span.attributes.get(change.name, ()))) > 1 for span in _spans(change, annotations)
    ),
    "type of attribute": lambda change, annotations: sum(
        _of_another_type(change, span.attributes.get(change.name)) for span in _spans(change, annotations)
    ),
    "limits of attribute": lambda change, annotations: sum(
        _outside(change, span.attributes.get(change.name)) for span in _spans(change, annotations)
    ),
    "type of document field": lambda change, annotations: int(
        _of_another_type(change, annotations.document.get(change.name))
    ),
    "limits of document field": lambda change, annotations: int(
        _outside(change, annotations.document.get(change.name))
    ),
    "document field": lambda change, annotations: int(change.name in annotations.document),
    "document value": lambda change, annotations: int(
        change.value in values_of(annotations.document.get(change.name, ()))
    ),
    "document default": lambda change, annotations: int(change.name not in annotations.document),
    "several document values": lambda change, annotations: int(
        len(values_of(annotations.document.get(change.name, ()))) > 1
    ),
    "training": lambda change, annotations: int(change.value in values_of(annotations.document.get(change.name, ()))),
    "role": lambda change, annotations: sum(number for _, number in _heads(change, annotations)),
    "start of role": lambda change, annotations: sum(
        number for layer, number in _heads(change, annotations) if layer == change.value
    ),
    "end of role": _ends_at,
    "most of role": lambda change, annotations: sum(
        number > int(change.after) for _, number in _heads(change, annotations)
    ),
    "least of role": _too_few,
}
