"""The lines of WebAnno TSV that stand for an article."""

import json
import re
from bisect import bisect_left
from collections.abc import Iterator, Mapping

from workbench.core.annotations import AnnotatedArticle, AttributeValue, Span
from workbench.core.scheme import LabelScheme
from workbench.foreign.left_out import LeftOut
from workbench.formats import tokens
from workbench.formats.xmi import features, layer_types

FORMAT = "#FORMAT=WebAnno TSV 3"
_ESCAPED = {"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r"}
_LINE = re.compile(r"[\\\t\r]")
_TOKEN = re.compile(r"[\t\n\r]")
_CELL = re.compile(r"[\\\[\]|_;*\t\n\r]|->")


class Writer:
    """One article as lines."""

    def __init__(self, annotated: AnnotatedArticle, scheme: LabelScheme, left: LeftOut) -> None:
        self._annotated, self._scheme, self._left = annotated, scheme, left
        self._text = annotated.article.text
        self._types = layer_types(scheme)
        self._wide = [place for place, one in enumerate(self._text) if ord(one) > 0xFFFF]

    def lines(self) -> Iterator[str]:
        """The header, and the sentences with their tokens."""
        yield f"{FORMAT}.3"
        for layer, name in self._types.items():
            columns = ["label", "norm", *features(self._scheme, layer).values()]
            if layer in self._scheme.frame_layers:
                columns += [f"ROLE_{name}:arguments_{name}ArgumentsLink", "uima.tcas.Annotation"]
            yield f"#T_SP={name}|{'|'.join(columns)}"
        words = tokens.tokens(self._text, article=self._annotated.article.id)
        if not words:
            self._left.tell(self._annotated.article.id, "has no words, and so no lines")
            return
        spans = [span for _, span in self._annotated.annotations.spans()]
        starts = [start for start, _ in tokens.sentences(self._text, spans)]
        if self._text[: starts[0]].strip(" "):
            self._left.tell(self._annotated.article.id, "the white space before its first word is written as blanks")
        cells = self._cells(words, starts)
        position = 0
        for number, (start, end) in enumerate(zip(starts, [*starts[1:], len(self._text)], strict=True), start=1):
            yield ""
            for line in self._text[start:end].split("\n"):
                yield f"#Text={_LINE.sub(lambda found: _ESCAPED[found[0]], line)}"
            place = 0
            while position < len(words) and words[position][0] < end:
                place += 1
                yield self._row(f"{number}-{place}", words[position], cells.get(words[position], {}))
                parts = sorted(bounds for bounds in cells if self._within(bounds, words[position]))
                for part, bounds in enumerate(parts, start=1):
                    yield self._row(f"{number}-{place}.{part}", bounds, cells[bounds])
                position += 1

    @staticmethod
    def _within(bounds: tokens.Offsets, word: tokens.Offsets) -> bool:
        return bounds != word and word[0] <= bounds[0] and bounds[1] <= word[1]

    def _cells(
        self, words: list[tokens.Offsets], starts: list[int]
    ) -> dict[tokens.Offsets, dict[str, list[tuple[Span, str]]]]:
        """The annotations of each layer on every word and part of one, by its offsets, with what stands in their columns."""
        sentence = [bisect_left(starts, start + 1) for start, _ in words]
        first = {number: sentence.index(number) for number in set(sentence)}
        numbers: dict[str, int] = {}
        units: dict[str, list[tokens.Offsets]] = {}
        address: dict[str, str] = {}
        found: dict[tokens.Offsets, dict[str, list[tuple[Span, str]]]] = {}
        in_order = sorted(self._annotated.annotations.spans(), key=lambda one: one[1].offsets)
        for _, span in in_order:
            bounds = tokens.covered(words, span)
            assert bounds is not None  # a span that is not blank touches a word
            units[span.id] = [(max(start, span.start), min(end, span.end)) for start, end in words[slice(*bounds)]]
            numbers[span.id] = len(numbers) + 1
        for one in {unit for several in units.values() for unit in several}:
            found[one] = {}
        for _, span in in_order:
            begin = units[span.id][0]
            word = bisect_left([end for _, end in words], begin[0] + 1)
            own = f"{sentence[word]}-{word - first[sentence[word]] + 1}"
            parts = sorted(bounds for bounds in found if self._within(bounds, words[word]))
            address[span.id] = own if begin == words[word] else f"{own}.{parts.index(begin) + 1}"
        for layer, span in in_order:
            mark = f"[{numbers[span.id]}]"
            known = features(self._scheme, layer)
            values = [_cell(span.label), _cell(span.norm)]
            values += [_cell(_several(span.attributes.get(name))) for name in known]
            columns = [f"{value}{mark}" for value in values]
            if layer in self._scheme.frame_layers:
                columns.append((";".join(_cell(one.role) for one in span.arguments) or "_") + mark)
                targets = [f"{address[one.target]}[{numbers[one.target]}]" for one in span.arguments]
                columns.append(";".join(targets) or "*")
            for unit in units[span.id]:
                found[unit].setdefault(layer, []).append((span, "\t".join(columns)))
        return found

    def _row(self, name: str, bounds: tokens.Offsets, cells: Mapping[str, list[tuple[Span, str]]]) -> str:
        columns = [
            name,
            "-".join(str(self._utf16(one)) for one in bounds),
            _TOKEN.sub(lambda found: _ESCAPED[found[0]], self._text[slice(*bounds)]),
        ]
        for layer in self._types:
            width = 2 + len(features(self._scheme, layer)) + 2 * (layer in self._scheme.frame_layers)
            several = [one.split("\t") for _, one in cells.get(layer, ())]
            columns += ["|".join(own) for own in zip(*several, strict=True)] if several else ["_"] * width
        return "\t".join([*columns, ""])

    def _utf16(self, offset: int) -> int:
        return offset + bisect_left(self._wide, offset)


def _cell(value: str | None) -> str:
    """A value as it stands in a cell; a star for none."""
    if not value:
        return "*"
    return _CELL.sub(lambda found: _ESCAPED.get(found[0], f"\\{found[0]}"), value)


def _several(value: AttributeValue | None) -> str | None:
    return json.dumps(value, ensure_ascii=False) if isinstance(value, tuple) else None if value is None else str(value)
