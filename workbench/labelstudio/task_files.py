"""Label Studio's JSON as files: what its export gives (JSON and JSON_MIN), and what its import takes.

A span is a region, a role a relation from the frame's head to what fills it (two roles between one pair are one relation
with two labels), an attribute a choice with the region's id; so overlapping spans and several layers need nothing special.
`conversion` does it, as for push and pull. Offsets are code points, as ours.

Written are tasks that `Import` takes: what a person said as an annotation, what a program suggested as a prediction. The
editor has no place for normalised names, and the import no annotators whom the server doesn't know, so both stand in the
task's `meta`, which the server keeps and gives back.

Read are tasks with annotations, each annotation its annotator's work: the e-mail address, or "user N" where the export has
no more than the number. Of several annotations of one person the newest counts. Skipped tasks, drafts and predictions
are no annotation: they are left out and listed. JSON_MIN has neither relations nor the regions that a choice belongs to.
"""

import json
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import cast

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer, Span
from workbench.core.article import Article, Scalar
from workbench.core.kinds import LABELS, kind_of
from workbench.core.ports import ByDocument, FormatReport, Reading, Remark, refused
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import quoted
from workbench.errors import DocumentError
from workbench.foreign import checked, reading
from workbench.foreign.left_out import LeftOut
from workbench.labelstudio.conversion import region_ids
from workbench.labelstudio.conversion.convert import to_result
from workbench.labelstudio.conversion.reading import read_result
from workbench.labelstudio.conversion.region_ids import key_of
from workbench.labelstudio.conversion.task import task_data

Json = Mapping[str, object]
"""An object of JSON that nobody has checked."""

_OURS = "workbench"
_HELD = (
    "scores", "normalised names", "attributes", "roles", "choices about a document", "dates of articles",
    "sources of articles", "titles of articles", "other facts about articles", "names of annotators",
)  # fmt: skip
_OWN_PLACE = frozenset(
    {"article_id", "article_version", "title", "source", "source_shown", "published", "story_group", "note", "priority"}
    | {"queue"}
)
_OF_MIN = frozenset({"id", "annotator", "annotation_id", "created_at", "updated_at", "lead_time"})
"""The columns that JSON_MIN adds."""


class LabelStudioFormat(ByDocument):
    """Label Studio's JSON."""

    name = "label-studio"
    suffixes: tuple[str, ...] = ()
    example = """import json
tasks = json.load(open("{file}", encoding="utf-8"))
print([item["value"] for item in tasks[0]["annotations"][0]["result"] if item["type"] == "labels"][:5])"""

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.json: an array with a task an article."""
        left = LeftOut()
        path = folder / f"{stem}.json"
        count = spans = 0
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write("[")
            for annotated in articles:
                file.write(",\n" if count else "\n")
                file.write(json.dumps(_task(annotated, scheme, left), ensure_ascii=False))
                count += 1
                spans += sum(1 for _ in annotated.annotations.spans())
            file.write("\n]\n")
        return FormatReport(files=(path.name,), articles=count, spans=spans, problems=left.problems())

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """Annotation by annotation: the annotations of the tasks, and what else the tasks have.

        Raises:
            DocumentError: the file is no JSON, or an annotation does not fit the scheme; it names task and annotation.
        """
        suggested = 0
        for number, value in reading.json_array(path):
            task = _object(value)
            name = task.get("id", number)
            where = f"{path}, task {name if isinstance(name, int | str) else number}"
            if not isinstance(value, dict):
                yield where, _refuse(f"{where}: no JSON object but {quoted(json.dumps(value))}")
            elif isinstance(task.get("data"), dict):
                suggested += _number(task.get("predictions"))
                yield from _annotations(task, scheme, where)
            elif "annotation_id" in task or "annotator" in task:
                yield where, _from_min(task, scheme, where)
            else:
                yield where, _refuse(f"{where}: has no `data`, as a task of Label Studio has")
        if suggested:
            message = f"{suggested} predictions are nobody's work, and were left out"
            yield str(path), iter((Remark(where=str(path), message=message),))


def _task(annotated: AnnotatedArticle, scheme: LabelScheme, left: LeftOut) -> dict[str, object]:
    """The task that stands for the article."""
    article, annotations = annotated.article, annotated.annotations
    key = key_of(annotations.digest)
    result = to_result(annotations, scheme, key=key)
    data = {**{name: value for name, value in article.meta.items() if value is not None}, **task_data(article, scheme)}
    norms = {region_ids.region_id(key, span.id): span.norm for _, span in annotations.spans() if span.norm is not None}
    ours: dict[str, object] = {"norms": norms} if norms else {}
    task: dict[str, object] = {"data": data}
    if annotations.producer.kind in ("person", "adjudicated"):
        task["annotations"] = [{"result": result}]
        ours["annotator"] = annotations.producer.name
    else:
        task["predictions"] = [{"model_version": str(annotations.producer), "result": result}]
    if ours:
        task["meta"] = {_OURS: ours}
    left.of_article(annotated, but=_HELD)
    return task


def _annotations(task: Json, scheme: LabelScheme, where: str) -> Iterator[tuple[str, Reading]]:
    """The readings of a task's annotations."""
    said = list(_besides(task, where))
    newest: dict[str, Json] = {}
    for one in _objects(task.get("annotations")):
        who = _annotator(one.get("completed_by"), task)
        if one.get("was_cancelled") is True:
            said.append(Remark(where=where, message=f"was skipped by {who or 'somebody'}", left_out=True))
            continue
        before = newest.get(who)
        if before is not None:
            older, one = sorted((before, one), key=lambda one: str(one.get("updated_at") or ""))
            message = (
                f"annotation {older.get('id')} is older than annotation {one.get('id')} by {who}, and was left out"
            )
            said.append(Remark(where=where, message=message))
        newest[who] = one
    if newest:  # then the task is annotated, whatever else there is
        said = [one.model_copy(update={"left_out": False}) for one in said]
    elif not said:
        said.append(Remark(where=where, message="nobody has annotated it", left_out=True))
    yield where, iter(said)
    for who, one in newest.items():
        name = one.get("id")
        at = f"{where}, annotation {name}" if isinstance(name, int | str) else where
        yield at, _read(task, one, scheme, who, at)


def _besides(task: Json, where: str) -> Iterator[Remark]:
    """What a task has beside annotations."""
    for draft in _objects(task.get("drafts")):
        who = _annotator(draft.get("user"), {}) or "somebody"
        yield Remark(where=where, message=f"has a draft of {who}, which was not submitted", left_out=True)
    if _number(task.get("predictions")) and not task.get("annotations"):
        yield Remark(where=where, message="has predictions only", left_out=True)


def _read(
    task: Json, annotation: Json, scheme: LabelScheme, who: str, where: str
) -> Iterator[AnnotatedArticle | Remark]:
    data = _object(task["data"])
    article = _article(data, scheme, where, _OWN_PLACE)
    result = annotation.get("result")
    norms = _object(_ours(task).get("norms"))
    created = annotation.get("created_at")
    yield from _annotated(article, result, scheme, who, where, created=created, norms=norms)


def _annotated(
    article: Article,
    result: object,
    scheme: LabelScheme,
    who: str,
    where: str,
    *,
    created: object = None,
    norms: Json | None = None,
) -> Iterator[AnnotatedArticle | Remark]:
    """The article with what a result says of it; and what was trimmed.

    Raises:
        DocumentError: something in the result does not fit.
    """
    keys = region_ids.keys(_regions(result))
    key = keys[0] if keys else None
    producer = Producer(kind="person", name=who)
    found = read_result(
        result, article.text, scheme, producer=producer, created=created if isinstance(created, str) else "", key=key
    )
    if found.misfits:
        more = f"; and {len(found.misfits) - 5} more" if len(found.misfits) > 5 else ""
        raise DocumentError(
            f"{where}: {'; '.join(map(str, found.misfits[:5]))}{more}",
            hint="change the annotation, or label_config.xml",
            lists={"things do not fit": [(f"{where} {one.item}", one.message) for one in found.misfits]},
        )
    yield from (Remark(where=where, message=str(one)) for one in found.trimmed)
    annotations = _with_norms(found.annotations, norms, key) if norms else found.annotations
    yield AnnotatedArticle(article=article, annotations=annotations)


def _from_min(row: Json, scheme: LabelScheme, where: str) -> Iterator[AnnotatedArticle | Remark]:
    """What a row of JSON_MIN says."""
    if row.get("annotation_id") is None:
        yield Remark(where=where, message="nobody has annotated it", left_out=True)
        return
    layers, fields = scheme.layer_by_name, {one.name: one for one in scheme.document_fields}
    of_regions = [one.name for one in scheme.attributes if one.name in row]
    if of_regions:
        said = f"JSON_MIN does not tell which regions {', '.join(of_regions)} is about: left out"
        yield Remark(where=where, message=said)
    result: list[dict[str, object]] = []
    for name, given in row.items():
        if name in layers and isinstance(given, list):
            result += [
                {
                    "id": f"{name}{number}",
                    "type": LABELS.type,
                    "from_name": name,
                    "to_name": scheme.text_name,
                    "value": one,
                }
                for number, one in enumerate(cast("list[object]", given), start=1)
            ]
        elif name in fields:
            kind = kind_of(fields[name])
            value = cast("dict[str, object]", given) if isinstance(given, dict) else kind.write(_value(given))
            result.append(
                {"id": name, "type": kind.type, "from_name": name, "to_name": scheme.text_name, "value": value}
            )
    known = _OWN_PLACE | _OF_MIN | {*layers, *fields, *of_regions}
    for name, given in row.items():
        if name in known:
            continue
        if any("labels" in one for one in _objects(given)):
            raise DocumentError(
                f"{where}: layer {quoted(name)} is not in the scheme; known: {', '.join(layers)}",
                hint="rename it in the file, or add it to label_config.xml",
            )
        if isinstance(given, list | dict):
            yield Remark(where=where, message=f"{quoted(name)} has no place in the label scheme, and was left out")
    article = _article(row, scheme, where, known)
    who = _annotator(row.get("annotator"), {})
    yield from _annotated(article, result, scheme, who, where, created=row.get("created_at"))


def _value(given: object) -> "str | int | float | tuple[str, ...]":
    if isinstance(given, list):
        return tuple(str(one) for one in cast("list[object]", given))
    return given if isinstance(given, str | int | float) else ""


def _article(data: Json, scheme: LabelScheme, where: str, own: Iterable[str]) -> Article:
    """The article of a task's data; what has no place in an article stands in its `meta`.

    Raises:
        DocumentError: there is no text.
    """
    text = data.get(scheme.text_field)
    if not isinstance(text, str) or not text.strip():
        raise DocumentError(
            f"{where}: holds no text in its field {scheme.text_field!r}",
            hint=f'the scheme\'s <Text> names the field: value="${scheme.text_field}"',
        )
    meta: dict[str, Scalar] = {
        name: value
        for name, value in data.items()
        if name not in own and name != scheme.text_field and isinstance(value, str | int | float | bool)
    }
    found = checked.article(
        text,
        name=_string(data.get("article_id")),
        source=_string(data.get("source")),
        title=_string(data.get("title")),
        published=_string(data.get("published")) or None,
        meta=meta,
    )
    group = _string(data.get("story_group"))
    return found.model_copy(update={"story_group": group}) if group else found


def _with_norms(annotations: AnnotationSet, norms: Json, key: str | None) -> AnnotationSet:
    """The set with the normalised names that stand in the task's meta."""

    def named(span: Span) -> Span:
        norm = norms.get(region_ids.region_id(key or "", span.id), norms.get(span.id))
        return span.model_copy(update={"norm": norm}) if isinstance(norm, str) else span

    layers = {layer: tuple(named(span) for span in spans) for layer, spans in annotations.layers.items()}
    return annotations.model_copy(update={"layers": layers})


def _annotator(given: object, task: Json) -> str:
    """Who it was; empty where nothing says it."""
    if given is None:
        return _string(_ours(task).get("annotator"))
    if isinstance(given, dict):
        who = _object(cast("object", given))
        return _string(who.get("email")) or _string(who.get("username")) or _annotator(who.get("id"), task)
    if isinstance(given, str):
        return given
    return f"user {given}" if isinstance(given, int) and not isinstance(given, bool) else ""


def _ours(task: Json) -> Json:
    return _object(_object(task.get("meta")).get(_OURS))


def _regions(result: object) -> Iterator[str]:
    for item in _objects(result):
        if item.get("type") == LABELS.type:
            yield _string(item.get("id"))


def _refuse(message: str) -> Reading:
    return refused(DocumentError(message))


def _number(given: object) -> int:
    return len(cast("list[object]", given)) if isinstance(given, list) else 0


def _objects(given: object) -> list[Json]:
    return (
        [cast("Json", one) for one in cast("list[object]", given) if isinstance(one, dict)]
        if isinstance(given, list)
        else []
    )


def _object(given: object) -> Json:
    return cast("Json", given) if isinstance(given, dict) else {}


def _string(given: object) -> str:
    return given if isinstance(given, str) else ""
