"""A Hugging Face `datasets` folder: a Parquet file a part, which `load_dataset(FOLDER)` finds by their names.

A row is an article. Each layer is a column of its own, a list of structs with `id`, `label`, `start`, `end`, `text`,
`norm`, `score`, a field an attribute, and `arguments`, a list of `role`, `target` (the id of a span) and `score`. So spans
may overlap, and a role's filler may be the head of a frame itself. Offsets count code points, as Python's slices do.
Choices about the document are columns; where the article or the annotations hold more (cuts, origins, parents), it stands
as JSON in the column `more`. A column that is called like another has `layer ` or `document ` before it.

The card of an export begins with the YAML that the hub reads: task, language, size and the files of each part.
"""

import json
from collections.abc import Iterable, Iterator
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any, cast

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, AttributeValue, values_of
from workbench.core.article import Article
from workbench.core.ports import ByDocument, FormatReport, Reading, Remark, refused
from workbench.core.scheme import Attribute, LabelScheme
from workbench.core.whitespace import trim
from workbench.errors import DocumentError, FormatError, WorkbenchError
from workbench.foreign import checked, reading

_BATCH = 500
LARGEST_GROUP = 1_000_000_000
"""How many bytes the rows that lie together in a Parquet file say that they have at the most."""
_FIXED: tuple[str, ...] = ("id", "title", "text", "published", "source", "language", "story_group", "annotator", "more")
_SPAN: tuple[str, ...] = ("id", "label", "start", "end", "text", "norm", "score", "arguments")


class HuggingFaceFormat(ByDocument):
    """Parquet as the `datasets` library loads it."""

    name = "huggingface"
    suffixes: tuple[str, ...] = (".parquet",)
    example = """from pathlib import Path
from datasets import load_dataset
folder = Path(".").resolve()  # this folder, whose full path datasets wants; from elsewhere, the path to it
dataset = load_dataset(str(folder))  # offline as well
print(dataset["train"][0]["title"], dataset["train"].features)"""

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.parquet; a part of a release is called as the hub calls it."""
        columns = _Columns(scheme)
        pa, parquet = _arrow()
        path = folder / f"{stem}.parquet"
        schema = columns.schema()
        count = spans = 0
        waiting = iter(articles)
        with parquet.ParquetWriter(path, schema, compression="zstd") as writer:
            while batch := list(islice(waiting, _BATCH)):
                writer.write_table(pa.Table.from_pylist([columns.row(one) for one in batch], schema=schema))
                count += len(batch)
                spans += sum(1 for one in batch for _ in one.annotations.spans())
        return FormatReport(files=(path.name,), articles=count, spans=spans)

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """Row by row: the articles of a file, or of all Parquet files of a folder.

        Raises:
            DocumentError: a file is no Parquet with these columns, or a row does not fit the scheme.
        """
        files = sorted(path.rglob("*.parquet")) if path.is_dir() else [path]
        if not files:
            raise DocumentError(f"{path} holds no .parquet file", hint="name the folder that the Parquet files lie in")
        columns = _Columns(scheme)
        for file in files:
            try:
                for number, row in enumerate(_rows(file, columns), start=1):
                    where = f"{file}, row {number}"
                    yield where, columns.reading(row, where)
            except DocumentError as error:
                yield str(file), refused(error)


class _Columns:
    """The columns that a scheme gives, and rows to and from articles."""

    def __init__(self, scheme: LabelScheme) -> None:
        self.scheme = scheme
        taken = set(_FIXED)
        self.layers = {one.name: self._free(one.name, "layer", taken) for one in scheme.layers}
        self.fields = {one.name: self._free(one.name, "document", taken) for one in scheme.document_fields}
        self.attributes: dict[str, dict[str, str]] = {}
        for layer in scheme.layers:
            own = set(_SPAN)
            self.attributes[layer.name] = {
                one.name: self._free(one.name, "attribute", own) for one in scheme.attributes_of(layer.name)
            }

    def schema(self) -> Any:
        """The Arrow schema."""
        pa, _ = _arrow()
        text, score = pa.string(), pa.float64()
        argument = pa.struct([("role", text), ("target", text), ("score", score)])
        columns = [(name, text) for name in _FIXED[:-1]]
        for layer in self.scheme.layers:
            span = [("id", text), ("label", text), ("start", pa.int64()), ("end", pa.int64()), ("text", text)]
            span += [("norm", text), ("score", score)]
            span += [
                (self.attributes[layer.name][one.name], self._kind(one))
                for one in self.scheme.attributes_of(layer.name)
            ]
            span.append(("arguments", pa.list_(argument)))
            columns.append((self.layers[layer.name], pa.list_(pa.struct(span))))
        columns += [(self.fields[one.name], self._kind(one)) for one in self.scheme.document_fields]
        return pa.schema([*columns, ("more", text)])

    def row(self, annotated: AnnotatedArticle) -> dict[str, Any]:
        """The row of an article."""
        article, annotations = annotated.article, annotated.annotations
        row: dict[str, Any] = article.model_dump(include={*_FIXED[:-2]})
        row["annotator"] = annotations.producer.name
        known = {one.name: one for one in self.scheme.attributes}
        for layer, column in self.layers.items():
            row[column] = [
                {
                    **span.model_dump(include={*_SPAN}),
                    **{
                        self.attributes[layer][name]: _cell(value, known[name])
                        for name, value in span.attributes.items()
                    },
                }
                for span in annotations.layers.get(layer, ())
            ]
        fields = {one.name: one for one in self.scheme.document_fields}
        for name, value in annotations.document.items():
            if name in fields:
                row[self.fields[name]] = _cell(value, fields[name])
        row["more"] = json.dumps(
            {
                "article": article.model_dump(mode="json", exclude={*_FIXED}),
                "annotations": annotations.model_dump(mode="json", exclude={"layers", "document"}, exclude_none=True),
                "origins": {
                    span.id: span.origin.model_dump(mode="json", exclude_none=True)
                    for _, span in annotations.spans()
                    if span.origin is not None
                },
            }
        )
        return row

    def reading(self, row: dict[str, Any], where: str) -> Reading:
        """What a row holds.

        Raises:
            DocumentError: it does not fit.
        """
        more = reading.an_object(reading.json_value(row.get("more") or "{}", where), where)
        facts, head, origins = (_inside(more, name) for name in ("article", "annotations", "origins"))
        text = row["text"] or ""
        plain = checked.article(text, name=row.get("id") or "", source=row.get("source") or where)
        given = {name: row[name] for name in _FIXED[:-2] if row.get(name) is not None}
        article = checked.validated(Article, {**plain.model_dump(), **facts, **given}, where)
        if all(row[column] is None for column in self.layers.values()):
            yield Remark(where=where, message=f"{article.id} has no annotation", left_out=True)
            return
        for column in self.layers.values():
            if any(one is None for one in row[column] or ()):
                raise DocumentError(
                    f"{where}: {column}: has a span that is null", hint="an article without spans has an empty list"
                )
        layers = {
            layer: [self._span(one, layer, origins) for one in row[column] or ()]
            for layer, column in self.layers.items()
        }
        document = {
            one.name: _value(row[self.fields[one.name]], one)
            for one in self.scheme.document_fields
            if row.get(self.fields[one.name]) is not None
        }
        producer = {"kind": "person", "name": row.get("annotator") or ""}
        fields = {"producer": producer, "scheme_digest": self.scheme.digest, **head, "layers": layers}
        found, trimmed = trim(checked.validated(AnnotationSet, {**fields, "document": document}, where))
        try:
            self.scheme.check(found, article.text)
            made = AnnotatedArticle(article=article, annotations=self.scheme.normalise(found))
        except WorkbenchError as error:
            raise DocumentError(f"{where}: {error.message}", hint=error.hint, lists=error.lists) from error
        yield from (Remark(where=where, message=str(one)) for one in trimmed)
        yield made

    def _span(self, given: dict[str, Any], layer: str, origins: dict[str, Any]) -> dict[str, Any]:
        span = {name: given.get(name) for name in _SPAN}
        span["arguments"] = given.get("arguments") or ()
        span["attributes"] = {
            one.name: _value(given[column], one)
            for one in self.scheme.attributes_of(layer)
            if given.get(column := self.attributes[layer][one.name]) is not None
        }
        span["origin"] = origins.get(str(given.get("id")))
        return span

    def _free(self, name: str, kind: str, taken: set[str]) -> str:
        found = name
        while found in taken:
            found = f"{kind} {found}"
        taken.add(found)
        return found

    def _kind(self, attribute: Attribute) -> Any:
        pa, _ = _arrow()
        if attribute.kind in ("number", "rating"):
            return pa.float64()
        return pa.list_(pa.string()) if attribute.multiple else pa.string()


def _cell(value: AttributeValue, attribute: Attribute) -> Any:
    if attribute.kind in ("number", "rating"):
        return value
    several = [str(one) for one in values_of(value)]
    return several if attribute.multiple else several[0]


def _value(cell: Any, attribute: Attribute) -> AttributeValue:
    if attribute.kind == "rating" and isinstance(cell, float) and cell.is_integer():
        return int(cell)
    return tuple(cast("list[str]", cell)) if isinstance(cell, list) else cell


def _inside(value: dict[str, Any], name: str) -> dict[str, Any]:
    found = value.get(name)
    return cast("dict[str, Any]", found) if isinstance(found, dict) else {}


def _rows(path: Path, columns: _Columns) -> Iterator[dict[str, Any]]:
    """The rows of a file, each with all columns of the scheme.

    Raises:
        DocumentError: it is no Parquet, or lacks a column.
    """
    pa, parquet = _arrow()
    schema = columns.schema()
    optional = {*_FIXED} - {"text"}
    reading.not_packed(path)
    try:
        with parquet.ParquetFile(path) as file:
            there = set(file.schema_arrow.names)
            if missing := [name for name in ("text", *columns.layers.values()) if name not in there]:
                raise DocumentError(
                    f"{path} has no column {missing[0]!r}; it has: {', '.join(sorted(there))}",
                    hint="a row is an article with its text, and a column a layer",
                )
            known = [name for name in schema.names if name in there]
            groups = (file.metadata.row_group(n) for n in range(file.metadata.num_row_groups))
            if (largest := max((one.total_byte_size for one in groups), default=0)) > LARGEST_GROUP:
                raise DocumentError(
                    f"{path} has a row group of {largest:,} bytes, more than {LARGEST_GROUP:,}",
                    hint="write it with smaller row groups, such as `row_group_size=1000`",
                )
            for batch in file.iter_batches(batch_size=_BATCH, columns=known):
                for row in pa.Table.from_batches([batch]).cast(pa.schema([schema.field(n) for n in known])).to_pylist():
                    yield dict.fromkeys([*optional, *schema.names]) | row
    except (pa.ArrowException, OSError, ValueError, KeyError, UnicodeError) as error:
        raise DocumentError(
            f"{path} is no Parquet with the columns of the scheme: {error}",
            hint="a row is an article with its text, and a column a layer",
        ) from error


def _arrow() -> tuple[Any, Any]:
    """The library, whose types are not known, and which is heavy."""
    try:
        return import_module("pyarrow"), import_module("pyarrow.parquet")
    except ImportError as error:
        raise FormatError(f"Parquet needs pyarrow: {error}", hint="pip install pyarrow") from error
