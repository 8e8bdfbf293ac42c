"""Records for people who count: a row an event, or a row a stance, as CSV or Parquet.

The columns follow from the scheme: article, date and what the label is called (`category`, `polarity`), a column for each
role and each attribute of the layer (for the scheme that ships: actor, recipient, place, time, modality; holder, target,
expressed), the words that were marked, source, sentence, and offsets in code points of the article's text. Who fills a
role stands there by the normalised name, or else by the words; several are parted by `; `. White space is single blanks.
schemas/README.md lists the columns of the scheme that ships.

Every cell is text but the offsets. A CSV cell that a spreadsheet would run as a formula (it begins with `=`, `+`, `-`, `@`,
a tab or a carriage return) gets an apostrophe before it, as OWASP advises; Parquet holds it as it is. Overlapping spans
are rows of their own. Spans of other layers appear where they fill a role; the others are counted.
"""

import csv
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from itertools import islice
from pathlib import Path
from typing import Any

from workbench.core.annotations import AnnotatedArticle, Span, values_of
from workbench.core.ports import FormatReport, Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import FormatError
from workbench.foreign.left_out import LeftOut
from workbench.formats import Way, tokens

Cell = str | int
_BATCH = 2000
_RUN = ("=", "+", "-", "@", "\t", "\r")
_HELD = ("normalised names", "roles", "attributes", "dates of articles", "sources of articles", "titles of articles")


class Records:
    """What the four formats of records share: `layer` gives the rows, `label` and `words` are what columns are called."""

    layer = ""
    label = ""
    words = ""
    name = ""
    only: Way = "written"
    suffixes: tuple[str, ...] = ()

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes one file with a row for each span of the layer.

        Raises:
            FormatError: the scheme has no such layer.
        """
        if self.layer not in scheme.layer_by_name:
            raise FormatError(
                f"{self.name} are of the layer {self.layer!r}, which the scheme lacks",
                hint=f"its layers: {', '.join(scheme.layer_by_name)}",
            )
        left, counts = LeftOut(), [0, 0]
        path = folder / f"{stem}{self.suffix}"
        self._put(path, self.columns(scheme), self._rows(articles, scheme, left, counts))
        return FormatReport(files=(path.name,), articles=counts[0], spans=counts[1], problems=left.problems())

    def read(self, path: Path, scheme: LabelScheme) -> Iterator[AnnotatedArticle | Remark]:
        """Never anything: records hold no texts.

        Raises:
            FormatError: always.
        """
        raise FormatError(f"{self.name} cannot be read: records do not hold the texts", hint="they are for counting")

    @property
    def suffix(self) -> str:
        """How the file ends."""
        raise NotImplementedError

    def _put(self, path: Path, columns: Sequence[str], rows: Iterator[list[Cell]]) -> None:
        raise NotImplementedError

    def columns(self, scheme: LabelScheme) -> list[str]:
        """The names of the columns; a role or attribute that is called like another column has its kind before it."""
        fixed = ["article", "date", self.label, self.words, "title", "source", "sentence", "start", "end"]
        roles = [one.name for one in scheme.roles_of(self.layer)]
        attributes = [one.name for one in scheme.attributes_of(self.layer)]
        roles_named = [f"role {one}" if one in fixed else one for one in roles]
        named = [f"attribute {one}" if one in (*fixed, *roles_named) else one for one in attributes]
        return [*fixed[:3], *named, *roles_named, *fixed[3:]]

    def _rows(
        self, articles: Iterable[AnnotatedArticle], scheme: LabelScheme, left: LeftOut, counts: list[int]
    ) -> Iterator[list[Cell]]:
        attributes, roles = scheme.attributes_of(self.layer), scheme.roles_of(self.layer)
        for annotated in articles:
            counts[0] += 1
            article, spans = annotated.article, annotated.annotations.by_id()
            heads = annotated.annotations.layers.get(self.layer, ())
            bounds = tokens.sentences(article.text, heads)
            used = {one.id for one in heads} | {argument.target for one in heads for argument in one.arguments}
            for layer, span in spans.values():
                if span.id not in used:
                    left.count(f"spans of the layer {layer} that fill no role")
            left.of_article(annotated, but=_HELD)
            for head in heads:
                counts[1] += 1
                values = [scheme.attribute_value(head, one) for one in attributes]
                start, end = tokens.sentence_at(bounds, head.start)
                fillers = [
                    "; ".join(_named(spans[one.target][1]) for one in head.arguments if one.role == role.name)
                    for role in roles
                ]
                yield [
                    article.id,
                    article.published or "",
                    head.label,
                    *(_plain("; ".join(map(str, values_of(one) if one is not None else ()))) for one in values),
                    *fillers,
                    _plain(head.text),
                    _plain(article.title),
                    _plain(article.source),
                    _plain(article.text[start:end]),
                    head.start,
                    head.end,
                ]


class CsvRecords(Records):
    """Records as CSV: UTF-8, commas, a line feed after each row."""

    example = """import csv
rows = list(csv.DictReader(open("{file}", encoding="utf-8", newline="")))
print(len(rows), rows[:1])"""

    @property
    def suffix(self) -> str:
        return f".{self.layer}.csv"

    def _put(self, path: Path, columns: Sequence[str], rows: Iterator[list[Cell]]) -> None:
        with path.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file, lineterminator="\n")
            writer.writerow([defused(one) for one in columns])
            for row in rows:
                writer.writerow([defused(one) if isinstance(one, str) else one for one in row])


class ParquetRecords(Records):
    """Records as Parquet: text columns, and the offsets as 64-bit integers."""

    example = """import pyarrow.parquet as parquet
rows = parquet.read_table("{file}").to_pylist()
print(len(rows), rows[:1])"""

    @property
    def suffix(self) -> str:
        return f".{self.layer}.parquet"

    def _put(self, path: Path, columns: Sequence[str], rows: Iterator[list[Cell]]) -> None:
        pa: Any = import_module("pyarrow")  # its types are not known, and it is heavy
        parquet: Any = import_module("pyarrow.parquet")
        kinds = [(name, pa.int64() if name in ("start", "end") else pa.string()) for name in columns]
        schema = pa.schema(kinds)
        with parquet.ParquetWriter(path, schema) as writer:
            while batch := list(islice(rows, _BATCH)):
                table = {name: [row[number] for row in batch] for number, name in enumerate(columns)}
                writer.write_table(pa.table(table, schema=schema))


class EventsCsv(CsvRecords):
    """A row an event, CSV."""

    name, layer, label, words = "events-csv", "events", "category", "trigger"


class EventsParquet(ParquetRecords):
    """A row an event, Parquet."""

    name, layer, label, words = "events-parquet", "events", "category", "trigger"


class StancesCsv(CsvRecords):
    """A row a stance, CSV."""

    name, layer, label, words = "stances-csv", "stances", "polarity", "expression"


class StancesParquet(ParquetRecords):
    """A row a stance, Parquet."""

    name, layer, label, words = "stances-parquet", "stances", "polarity", "expression"


def defused(cell: str) -> str:
    """The cell, with an apostrophe before it where a spreadsheet would take it for a formula."""
    return f"'{cell}" if cell.startswith(_RUN) else cell


def _named(span: Span) -> str:
    return _plain(span.norm or span.text)


def _plain(text: str) -> str:
    return " ".join(text.split())
