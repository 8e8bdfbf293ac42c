"""Prodigy's JSON lines: one task a line, with `text`, `tokens`, `spans` and `relations`, and what was answered to it.

A role is a relation from the span that heads the frame to the one that fills it; `head` and `child` are the last tokens of
the two, as Prodigy's own are, and `head_span` and `child_span` say which spans are meant. Overlapping spans are spans like
others (`spans.manual` shows them). Prodigy carries along what it doesn't know, so everything is held: ids, attributes,
normalised names and origins stand in the spans, scores in spans and relations, and the rest under `workbench`.

Read are tasks that were accepted, or that nobody answered and that have spans. `reject` and `ignore` say that the task
is no annotation: it is left out, and listed. The hashes are kept in the article's `meta`, and written again. Whoever
annotated is `_annotator_id`. Offsets are code points, as ours; the tokens are spaCy's.
"""

import json
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Argument, AttributeValue, Origin, Producer, Span
from workbench.core.article import Article, Scalar, sha256
from workbench.core.ports import ByDocument, FormatReport, Reading, Remark
from workbench.core.scheme import LabelScheme
from workbench.core.validation import first_fault
from workbench.core.whitespace import quoted
from workbench.errors import DocumentError
from workbench.foreign import checked, reading
from workbench.foreign.checked import Shape
from workbench.foreign.left_out import LeftOut
from workbench.formats import tokens

HASHES = {"_input_hash": "prodigy_input_hash", "_task_hash": "prodigy_task_hash"}
_OURS = "workbench"


class _End(Shape):
    start: int
    end: int
    label: str | None = None
    id: str | int | None = None


class _Span(Shape):
    start: int
    end: int
    label: str
    text: str | None = None
    id: str | int | None = None
    score: float | None = None
    norm: str | None = None
    attributes: dict[str, AttributeValue] = Field(default_factory=dict)
    origin: Origin | None = None


class _Relation(Shape):
    head_span: _End
    child_span: _End
    label: str
    score: float | None = None


class _Ours(Shape):
    article: dict[str, Any]
    annotations: dict[str, Any]


class _Task(Shape):
    text: str
    spans: list[_Span] | None = None
    relations: list[_Relation] | None = None
    answer: str | None = None
    meta: dict[str, Any] = Field(default_factory=dict)
    input_hash: int | None = None
    task_hash: int | None = None
    annotator: str | None = None
    ours: _Ours | None = None


class ProdigyFormat(ByDocument):
    """Prodigy's JSON lines, as `prodigy db-in` takes and `db-out` gives them."""

    name = "prodigy"
    suffixes: tuple[str, ...] = ()
    example = """import json
tasks = [json.loads(line) for line in open("{file}", encoding="utf-8")]
print([(span["label"], span["text"]) for span in tasks[0]["spans"]][:5], tasks[0]["answer"])"""

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.jsonl.

        Spans that end inside a token are written as they are and listed, because Prodigy's page can't show them.
        """
        left = LeftOut()
        path = folder / f"{stem}.jsonl"
        count = spans = 0
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for annotated in articles:
                file.write(json.dumps(_task(annotated, left), ensure_ascii=False) + "\n")
                count += 1
                spans += sum(1 for _ in annotated.annotations.spans())
        return FormatReport(files=(path.name,), articles=count, spans=spans, problems=left.problems())

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """Line by line: the articles of the accepted tasks, and which tasks were left out and why.

        Raises:
            DocumentError: a line is no task or doesn't fit the scheme; it names line and field.
        """
        for number, where, line in reading.filled_lines(path):
            yield where, _reading(line, scheme, where, f"{path.name} {number}")


def _reading(line: bytes, scheme: LabelScheme, where: str, source: str) -> Reading:
    """What a task holds."""
    raw = reading.json_object(line, where)
    named = {**raw, "ours": raw.get(_OURS), "annotator": raw.get("_annotator_id")}
    task = checked.shaped(_Task, {**named, **{key[1:]: raw.get(key) for key in HASHES}}, where)
    if task.answer not in (None, "accept"):
        yield Remark(where=where, message=f"was answered with {quoted(task.answer)}", left_out=True)
    elif task.spans is None and task.answer is None:
        yield Remark(where=where, message="has no annotation: neither spans nor an answer", left_out=True)
    else:
        yield from _article(task, scheme, where, source)


def _task(annotated: AnnotatedArticle, left: LeftOut) -> dict[str, Any]:
    """The task that stands for the article."""
    article, annotations = annotated.article, annotated.annotations
    text = article.text
    words = tokens.tokens(text, article=article.id, blank=True)
    starts, ends = [start for start, _ in words], {end: number for number, (_, end) in enumerate(words)}
    places: dict[str, tuple[int, int]] = {}
    spans: list[dict[str, Any]] = []
    for layer, span in annotations.spans():
        first, last = bisect_right(starts, span.start) - 1, bisect_right(starts, span.end - 1) - 1
        if starts[first] != span.start or span.end not in ends:
            left.tell(article.id, f"{layer} {span.label} {quoted(span.text)} ends inside a token")
        places[span.id] = first, last
        more = span.model_dump(mode="json", include={"score", "norm", "attributes", "origin"}, exclude_defaults=True)
        spans.append({**_end(span, (first, last)), "text": span.text, **more})
    known = annotations.by_id()
    relations: list[dict[str, Any]] = []
    for _, span in annotations.spans():
        for argument in span.arguments:
            target = known[argument.target][1]
            relation: dict[str, Any] = {
                "head": places[span.id][1],
                "child": places[target.id][1],
                "label": argument.role,
                "head_span": _end(span, places[span.id]),
                "child_span": _end(target, places[target.id]),
            }
            relations.append(relation if argument.score is None else {**relation, "score": argument.score})
    return {
        "text": text,
        "tokens": [
            {
                "text": text[start:end],
                "start": start,
                "end": end,
                "id": number,
                "ws": text[end : end + 1] == " " and (number + 1 == len(words) or words[number + 1][0] > end),
            }
            for number, (start, end) in enumerate(words)
        ],
        "spans": spans,
        "relations": relations,
        "answer": "accept",
        "meta": {"source": article.source, "title": article.title, "id": article.id},
        **{key: article.meta[name] for key, name in HASHES.items() if name in article.meta},
        _OURS: {
            "article": article.model_dump(mode="json", exclude={"text"}),
            "annotations": annotations.model_dump(mode="json", exclude={"layers"}),
        },
    }


def _end(span: Span, place: tuple[int, int]) -> dict[str, Any]:
    return {
        "id": span.id,
        "start": span.start,
        "end": span.end,
        "token_start": place[0],
        "token_end": place[1],
        "label": span.label,
    }


def _article(task: _Task, scheme: LabelScheme, where: str, source: str) -> Iterator[AnnotatedArticle | Remark]:
    article, head = _ours(task, where) or (_other(task, source), None)
    found: dict[str, tuple[str, Span]] = {}
    by_place: dict[tuple[int, int, str | None], str] = {}
    given_ids = [one.id for one in task.spans or ()]
    for number, one in enumerate(task.spans or (), start=1):
        at = f"{where}: spans.{number - 1}"
        layer, label = checked.layer_of(one.label, scheme, at)
        name = one.id if isinstance(one.id, str) and one.id and one.id not in found else _free(number, found, given_ids)
        if one.score is not None and not 0 <= one.score <= 1:
            yield Remark(where=at, message=f"the score {one.score} is not between 0 and 1, and was left out")
            one = one.model_copy(update={"score": None})
        found[name] = (
            layer,
            checked.span(
                name,
                label,
                one.start,
                one.end,
                task.text,
                at,
                says=one.text,
                score=one.score,
                norm=one.norm,
                attributes=one.attributes,
                origin=one.origin,
            ),
        )
        by_place.setdefault((one.start, one.end, one.label), name)

    def meant(end: _End) -> str | None:
        named = found.get(end.id) if isinstance(end.id, str) else None
        if named and (named[1].start, named[1].end, named[1].label) == (end.start, end.end, end.label):
            return named[1].id
        return by_place.get((end.start, end.end, end.label))

    arguments: dict[str, list[Argument]] = {name: [] for name in found}
    for number, relation in enumerate(task.relations or ()):
        at = f"{where}: relations.{number}"
        role = scheme.role_now.get(relation.label, relation.label)
        if role not in scheme.role_by_name:
            raise DocumentError(
                f"{at}: role {quoted(role)} is not in the label scheme; known: {', '.join(scheme.role_by_name)}",
                hint=checked.RENAME,
            )
        first, second = meant(relation.head_span), meant(relation.child_span)
        if first is None or second is None:
            yield Remark(where=at, message=f"{role} joins words that are no span, and was left out")
        else:
            arguments[first].append(Argument(role=role, target=second, score=_score(relation.score, at)))
    spans = [
        (layer, span.model_copy(update={"arguments": tuple(arguments[name])})) for name, (layer, span) in found.items()
    ]
    producer = Producer(kind="person", name=task.annotator) if task.annotator else checked.PERSON
    if head is None:
        yield from checked.annotated(article, spans, scheme, where, producer=producer)
        return
    for one in checked.annotated(article, spans, scheme, where, document=head.document):
        if isinstance(one, AnnotatedArticle):
            own = head.model_copy(update={"layers": one.annotations.layers})
            if task.annotator:
                own = own.model_copy(update={"producer": producer})
            yield AnnotatedArticle(article=article, annotations=own)
        else:
            yield one


def _ours(task: _Task, where: str) -> tuple[Article, AnnotationSet] | None:
    """The article and the head of its annotations, where the task is one of ours with its text as it was."""
    if task.ours is None or task.ours.article.get("text_sha256") != sha256(task.text):
        return None
    try:
        article = Article.model_validate({**task.ours.article, "text": task.text})
        return article, AnnotationSet.model_validate({**task.ours.annotations, "layers": {}})
    except ValidationError as error:
        raise DocumentError(f"{where}: {_OURS}: {first_fault(error)}") from error


def _other(task: _Task, source: str) -> Article:
    hashes: Mapping[str, int | None] = {
        "prodigy_input_hash": task.input_hash,
        "prodigy_task_hash": task.task_hash,
    }
    kept: dict[str, Scalar] = {name: value for name, value in hashes.items() if value is not None}
    given = task.meta.get("source")
    return checked.article(task.text, source=given if isinstance(given, str) and given else source, meta=kept)


def _score(given: float | None, where: str) -> float | None:
    if given is not None and not 0 <= given <= 1:
        raise DocumentError(f"{where}: score: {given} is not between 0 and 1", hint="divide it, or take it out")
    return given


def _free(number: int, found: Mapping[str, object], given: list[str | int | None]) -> str:
    """A name that no span has."""
    name = f"p{number}"
    while name in found or name in given:
        name += "_"
    return name
