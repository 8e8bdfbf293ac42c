"""Argilla's records, which are read: the JSON list that `dataset.records.to_json` writes, or a record a line.

Those of version 1 are read as well: of a feedback dataset, and for token classification, where a validated record has the
annotation of its agent.

A response to a span question is a list of spans with `start`, `end` and `label`, in code points of the record's text field
(its only one, or the one called `text`). Every user who answered is an annotator of the article, by the user's id. A
question that is called like a choice about the document is that choice. Argilla has no roles between spans; overlapping
spans are spans like others. Suggestions are nobody's work: they are counted and left out, as are drafts and discarded
responses, and answers to other questions. A record that nobody answered is not annotated.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, cast

from workbench.core.annotations import AnnotatedArticle, AttributeValue, Producer, Span
from workbench.core.article import Article, Scalar
from workbench.core.counted import counted
from workbench.core.ports import ByDocument, FormatReport, Reading, Remark
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import quoted
from workbench.errors import DocumentError, FormatError
from workbench.foreign import checked, reading
from workbench.foreign.checked import Shape
from workbench.formats import Way


class _Span(Shape):
    start: int
    end: int
    label: str
    text: str | None = None


class _Answer(Shape):
    value: Any = None
    user_id: str | None = None
    status: str | None = None


class _Spans(Shape):
    value: list[_Span]


class _Record(Shape):
    id: str | int | None = None
    fields: dict[str, Any]
    metadata: dict[str, Any] | None = None
    suggestions: dict[str, Any] | list[Any] | None = None
    responses: dict[str, list[_Answer]] | None = None


class _Value(Shape):
    value: Any = None


class _Response(Shape):
    values: dict[str, _Value] | None = None
    user_id: str | None = None
    status: str | None = None


class _Responses(Shape):
    """What the records of a feedback dataset of version 1 have."""

    responses: list[_Response]


class _TokenRecord(Shape):
    """A record for token classification of version 1: spans as label, start, end, and maybe a score."""

    id: str | int | None = None
    text: str
    annotation: list[tuple[str, int, int] | tuple[str, int, int, float | None]] | None = None
    annotation_agent: str | None = None
    prediction: list[Any] | None = None
    metadata: dict[str, Any] | None = None
    status: str | None = None


class ArgillaFormat(ByDocument):
    """Records of a dataset with span questions."""

    name = "argilla"
    only: Way = "read"
    suffixes: tuple[str, ...] = ()
    example = ""

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes nothing.

        Raises:
            FormatError: always.
        """
        raise FormatError("Argilla records are read, not written", hint="`workbench convert --to jsonl` writes ours")

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """Record by record: an annotated article for each user who answered to a record, and what was left out.

        Raises:
            DocumentError: a record is malformed or doesn't fit the scheme; it names the record and the field.
        """
        for number, (where, read) in enumerate(reading.json_objects(path), start=1):
            yield where, _reading(read, scheme, where, f"{path.name} {number}")


def _reading(read: Callable[[], dict[str, Any]], scheme: LabelScheme, where: str, source: str) -> Reading:
    """What a record holds."""
    record = checked.shaped(_Record, _as_of_2(read(), where), where)
    if record.suggestions:
        yield Remark(where=where, message=counted(len(record.suggestions), "suggestions were left out"))
    answers: dict[str, list[tuple[str, Any]]] = {}
    for question, several in (record.responses or {}).items():
        for one in several:
            if one.status not in (None, "submitted"):
                yield Remark(where=where, message=f"a response to {quoted(question)} is a {one.status} one")
            else:
                answers.setdefault(one.user_id or "", []).append((question, one.value))
    if not answers:
        yield Remark(where=where, message="has no annotation: nobody submitted a response", left_out=True)
        return
    article = _article(record, source, where)
    for user, given in answers.items():
        yield from _annotated(article, user, given, scheme, where)


def _as_of_2(raw: dict[str, Any], where: str) -> dict[str, Any]:
    """The record as Argilla 2 writes it: one of version 1 has a list of responses, or its annotation beside its text.

    Raises:
        DocumentError: the responses or the annotation of version 1 are malformed.
    """
    if isinstance(raw.get("responses"), list):
        by_question: dict[str, list[dict[str, Any]]] = {}
        for one in checked.shaped(_Responses, {"responses": raw["responses"]}, where).responses:
            for question, answer in (one.values or {}).items():
                said = {"value": answer.value, "user_id": one.user_id, "status": one.status}
                by_question.setdefault(question, []).append(said)
        return raw | {"responses": by_question}
    if "fields" not in raw and isinstance(raw.get("text"), str):
        record = checked.shaped(_TokenRecord, raw, where)
        spans = [{"label": label, "start": start, "end": end} for label, start, end, *_ in record.annotation or ()]
        status = "submitted" if record.status == "Validated" else str(record.status).lower()
        said = {"value": spans, "user_id": record.annotation_agent, "status": status}
        return {
            "id": record.id,
            "fields": {"text": record.text},
            "metadata": record.metadata,
            "suggestions": record.prediction,
            "responses": {} if record.annotation is None else {"annotation": [said]},
        }
    return raw


def _annotated(
    article: Article, user: str, given: list[tuple[str, Any]], scheme: LabelScheme, where: str
) -> Iterator[AnnotatedArticle | Remark]:
    fields = {one.name for one in scheme.document_fields}
    found: list[tuple[str, Span]] = []
    document: dict[str, AttributeValue] = {}
    answered = False
    for question, value in given:
        at = f"{where}: responses.{question}"
        if question in fields:
            several = cast("list[Any]", value) if isinstance(value, list) else [value]
            if not all(isinstance(one, str) for one in several):
                raise DocumentError(
                    f"{at}: {quoted(json.dumps(value))} is no choice",
                    hint="an answer is one of the question's values, or a list of them",
                )
            document[question] = tuple(several) if isinstance(value, list) else value
            answered = True
        elif isinstance(value, list) and all(isinstance(one, dict) for one in cast("list[Any]", value)):
            answered = True
            for one in checked.shaped(_Spans, {"value": value}, at).value:
                layer, label = checked.layer_of(one.label, scheme, at)
                name = f"r{len(found) + 1}"
                found.append((layer, checked.span(name, label, one.start, one.end, article.text, at, says=one.text)))
        else:
            yield Remark(where=at, message="is no answer with spans, and was left out")
    if not answered:
        yield Remark(where=where, message="has no annotation: no response has spans", left_out=True)
        return
    producer = Producer(kind="person", name=user)
    yield from checked.annotated(article, found, scheme, where, producer=producer, document=document)


def _article(record: _Record, source: str, where: str) -> Article:
    texts = {name: value for name, value in record.fields.items() if isinstance(value, str)}
    if len(texts) != 1 and "text" not in texts:
        raise DocumentError(
            f"{where}: fields: none is called 'text', and there are {len(texts)}: {', '.join(texts) or 'none'}",
            hint="call the field that spans refer to `text`",
        )
    text = texts["text"] if "text" in texts else next(iter(texts.values()))
    meta: dict[str, Scalar] = {} if record.id is None else {"argilla_id": record.id}
    for key, value in (record.metadata or {}).items():
        if value is None or isinstance(value, str | int | float):
            meta[f"argilla_{key}"] = value
    return checked.article(text, source=source, meta=meta)
