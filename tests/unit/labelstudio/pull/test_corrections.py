"""What became of each suggestion, region by region."""

from collections import Counter

from pushing import FOREIGN, SCHEME, suggest, text

from workbench.core.annotations import AnnotationSet, Argument
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.labelstudio.pull.outcomes import corrections
from workbench.store.revisions import Correction

ARTICLE = Article.from_text(text(1))


def with_layer(found: AnnotationSet, layer: str, *spans: object) -> AnnotationSet:
    return found.model_copy(update={"layers": {**found.layers, layer: spans}})


def changed(before: AnnotationSet, after: AnnotationSet, scheme: LabelScheme = SCHEME) -> list[Correction]:
    return [row for row in corrections(before, after, scheme) if row.decision != "kept"]


def test_an_untouched_suggestion_is_kept_throughout():
    for scheme in (SCHEME, FOREIGN):
        found = suggest(ARTICLE, scheme)
        rows = corrections(found, found, scheme)
        assert {row.decision for row in rows} == {"kept"}
        assert Counter(row.kind for row in rows) == {
            "span": sum(len(spans) for spans in found.layers.values()),
            "role": sum(len(span.arguments) for _, span in found.spans()),
        }


def test_moved_relabelled_deleted_and_added_spans():
    layer = SCHEME.layers[0]
    before = suggest(ARTICLE, SCHEME)
    before = before.model_copy(update={"layers": {layer.name: before.layers[layer.name]}})
    one, two, three, *others = before.layers[layer.name]
    moved = one.model_copy(update={"end": one.end - 2, "text": one.text[:-2]})
    label = next(value for value in layer.label_values if value != two.label)
    relabelled = two.model_copy(update={"label": label})
    again = three.model_copy(update={"id": "new", "start": 0, "end": 2, "text": ARTICLE.text[:2]})
    rows = changed(before, with_layer(before, layer.name, moved, relabelled, again, *others))
    assert {(row.decision, row.parent_span, row.span) for row in rows} == {
        ("moved", one.id, one.id),
        ("relabelled", two.id, two.id),
        ("deleted", three.id, None),
        ("added", None, "new"),
    }
    [row] = [row for row in rows if row.decision == "relabelled"]
    assert (row.label_before, row.label_after, row.detail) == (two.label, label, "")


def test_a_span_that_was_moved_and_relabelled_says_both():
    layer = SCHEME.layers[0]
    before = suggest(ARTICLE, SCHEME)
    one, *others = before.layers[layer.name]
    label = next(value for value in layer.label_values if value != one.label)
    both = one.model_copy(update={"label": label, "end": one.end - 1, "text": one.text[:-1]})
    [row] = [r for r in changed(before, with_layer(before, layer.name, both, *others)) if r.kind == "span"]
    assert (row.decision, row.detail) == ("relabelled", "moved, too")


def test_a_changed_attribute_is_named_with_both_values():
    attribute = SCHEME.attributes[0]
    assert attribute.layer
    before = suggest(ARTICLE, SCHEME)
    one, *others = before.layers[attribute.layer]
    after = with_layer(before, attribute.layer, one.model_copy(update={"attributes": {}}), *others)
    [row] = changed(before, after)
    assert (row.kind, row.decision, row.detail) == ("attribute", "changed", attribute.name)
    assert (row.label_before, row.label_after) == (attribute.values[-1], attribute.default)


def test_roles_that_were_deleted_and_added():
    role = SCHEME.roles[0]
    layer = role.from_layers[0]
    before = suggest(ARTICLE, SCHEME)
    head = next(span for span in before.layers[layer] if span.arguments)
    others = [span for span in before.layers[layer] if span is not head]
    target = before.layers[role.to_layers[0]][0]
    kept, *dropped = head.arguments
    new = head.model_copy(update={"arguments": (kept, Argument(role=role.name, target=target.id))})
    rows = changed(before, with_layer(before, layer, new, *others))
    decisions = Counter(row.decision for row in rows if row.kind == "role")
    assert decisions == {"deleted": len(dropped), "added": 1}


def test_a_choice_about_the_document():
    field = SCHEME.document_fields[0]
    before = suggest(ARTICLE, SCHEME)
    value = next(value for value in field.values if value != field.default)
    [row] = changed(before, before.model_copy(update={"document": {field.name: value}}))
    assert (row.layer, row.detail, row.label_before, row.label_after) == ("document", field.name, field.default, value)
