"""doccano's JSON, which is read: a text a line or an array of them, with spans, and relations where the project has them.

Spans are `label` or `labels` ([start, end, label] each), or `entities` with ids, which `relations` join: one is a role of
its `from_id`, filled by its `to_id`. Overlapping spans are spans like others. doccano writes a text that nobody annotated
like one with nothing to mark: both have an empty list, which counts as nothing to mark; export the confirmed ones alone. A
text without any such list is not annotated. Offsets are code points. What doccano carries along besides (its id, columns
of the file that was uploaded) goes to the article's `meta` where it is one value; comments are counted. doccano names no
annotator in its files.
"""

from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

from workbench.core.annotations import AnnotatedArticle, Argument, Span
from workbench.core.article import Scalar
from workbench.core.counted import counted
from workbench.core.ports import ByDocument, FormatReport, Reading, Remark
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import quoted
from workbench.errors import DocumentError, FormatError
from workbench.foreign import checked, reading
from workbench.foreign.checked import Shape
from workbench.formats import Way

_KNOWN = {"text", "data", "label", "labels", "entities", "relations", "annotations", "Comments", "comments", "meta"}


class _Entity(Shape):
    id: int
    label: str
    start_offset: int
    end_offset: int


class _Relation(Shape):
    from_id: int
    to_id: int
    type: str


class _Line(Shape):
    text: str
    label: list[tuple[int, int, str]] | None = None
    entities: list[_Entity] | None = None
    relations: list[_Relation] | None = None
    comments: list[Any] | None = None
    cats: list[Any] | None = None


class DoccanoFormat(ByDocument):
    """The export of a sequence labelling project."""

    name = "doccano"
    only: Way = "read"
    suffixes: tuple[str, ...] = ()
    example = ""

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes nothing.

        Raises:
            FormatError: always.
        """
        raise FormatError("doccano files are read, not written", hint="`workbench convert --to jsonl` writes ours")

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """Text by text: the articles of the file, and what of it was left out.

        Raises:
            DocumentError: a line is malformed or doesn't fit the scheme; it names line and field.
        """
        for number, (where, read) in enumerate(reading.json_objects(path), start=1):
            yield where, _reading(read, scheme, where, f"{path.name} {number}")


def _reading(read: Callable[[], dict[str, Any]], scheme: LabelScheme, where: str, source: str) -> Reading:
    """What a text has."""
    raw = read()
    named = {
        **raw,
        "text": raw.get("text", raw.get("data")),
        "label": raw.get("label", raw.get("labels")),
        "comments": raw.get("Comments", raw.get("comments")),
    }
    line = checked.shaped(_Line, named, where)
    if line.label is None and line.entities is None:
        if raw.get("annotations"):
            raise DocumentError(
                f"{where}: annotations: labels by their numbers, which the file doesn't name",
                hint="export the project as JSONL with text labels",
            )
        yield Remark(where=where, message="has no annotation: neither label nor entities", left_out=True)
        return
    if line.comments:
        yield Remark(where=where, message=counted(len(line.comments), "comments were left out"))
    if line.cats:
        yield Remark(where=where, message=counted(len(line.cats), "labels of the whole text were left out"))
    meta: dict[str, Scalar] = {}
    for key, value in raw.items():
        if key not in _KNOWN and (value is None or isinstance(value, str | int | float)):
            meta[f"doccano_{key}"] = value
    article = checked.article(line.text, source=source, meta=meta)
    yield from checked.annotated(article, _spans(line, scheme, where), scheme, where)


def _spans(line: _Line, scheme: LabelScheme, where: str) -> list[tuple[str, Span]]:
    """The spans with their layers."""
    found: list[tuple[str, Span]] = []
    for number, (start, end, given) in enumerate(line.label or ()):
        at = f"{where}: label.{number}"
        layer, label = checked.layer_of(given, scheme, at)
        found.append((layer, checked.span(f"l{number + 1}", label, start, end, line.text, at)))
    arguments: dict[int, list[Argument]] = {one.id: [] for one in line.entities or ()}
    for number, relation in enumerate(line.relations or ()):
        at = f"{where}: relations.{number}"
        role = scheme.role_now.get(relation.type, relation.type)
        if role not in scheme.role_by_name:
            raise DocumentError(
                f"{at}: role {quoted(role)} is not in the label scheme; known: {', '.join(scheme.role_by_name)}",
                hint=checked.RENAME,
            )
        for end in (relation.from_id, relation.to_id):
            if end not in arguments:
                raise DocumentError(
                    f"{at}: joins the entity {end}, which the line doesn't have",
                    hint="take the relation out of the line",
                )
        arguments[relation.from_id].append(Argument(role=role, target=f"e{relation.to_id}"))
    for number, one in enumerate(line.entities or ()):
        at = f"{where}: entities.{number}"
        layer, label = checked.layer_of(one.label, scheme, at)
        made = checked.span(f"e{one.id}", label, one.start_offset, one.end_offset, line.text, at)
        found.append((layer, made.model_copy(update={"arguments": tuple(arguments[one.id])})))
    return found
