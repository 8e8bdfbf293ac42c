"""Training data for GLiNER and GLiNER 2, a sentence an example, because both cut what is longer than their window.

`gliner` is the JSON list of GLiNER: `tokenized_text`, and in `ner` the first and the last token (inclusive) and the label
of each span; spans of all layers, overlapping ones as they are. A span that ends inside a token takes it. It has no place
for roles.

`gliner2` is the JSON lines of GLiNER 2: `input` is the sentence, `output.entities` lists for every label of the scheme its
spans with offsets in code points of the sentence (an empty list is a negative), `output.entity_descriptions` has the
scheme's definitions, and `output.relations` a role by its name, with the frame's span as `head` and what fills it as
`tail`. Roles between sentences have no place and are counted, as are attributes in both.

No sentence ends within a span. Sentences without spans are examples, too: they teach where nothing is.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Span
from workbench.core.ports import FormatReport, Remark
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import quoted, trim, without_blank
from workbench.errors import FormatError
from workbench.foreign.left_out import LeftOut
from workbench.formats import Way, tokens
from workbench.formats.tokens import Offsets


class GlinerFormat:
    """The JSON list that GLiNER is trained with."""

    name = "gliner"
    only: Way = "written"
    suffixes: tuple[str, ...] = ()
    example = """import json
examples = json.load(open("{file}", encoding="utf-8"))
print(examples[0]["tokenized_text"], examples[0]["ner"])"""

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.json, an example a line within it."""
        left = LeftOut()
        path = folder / f"{stem}.json"
        count = spans = 0
        comma = "\n"
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write("[")
            for annotated in articles:
                left.of_article(annotated)
                for example in _tokenized(annotated, left):
                    file.write(comma + json.dumps(example, ensure_ascii=False))
                    spans += len(example["ner"])
                    comma = ",\n"
                count += 1
            file.write("\n]\n")
        return FormatReport(files=(path.name,), articles=count, spans=spans, problems=left.problems())

    def read(self, path: Path, scheme: LabelScheme) -> Iterator[AnnotatedArticle | Remark]:
        """Never anything.

        Raises:
            FormatError: always.
        """
        raise FormatError(
            f"{self.name} files are written, not read: they hold sentences, not articles",
            hint="export the release as `jsonl` as well, which is read",
        )


class Gliner2Format(GlinerFormat):
    """The JSON lines that GLiNER 2 is trained with."""

    name = "gliner2"
    example = """from gliner2.training.data import TrainingDataset
examples = TrainingDataset.load("{file}")
print(examples[0].text, examples[0].entities)"""

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.jsonl, an example a line."""
        left = LeftOut()
        path = folder / f"{stem}.jsonl"
        count = spans = 0
        hints = {label.value: label.hint for layer in scheme.layers for label in layer.labels if label.hint}
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for annotated in articles:
                left.of_article(annotated, but=("roles",))
                for example in _surfaces(annotated, scheme, left):
                    spans += sum(map(len, example["output"]["entities"].values()))
                    if hints:
                        example["output"]["entity_descriptions"] = hints
                    file.write(json.dumps(example, ensure_ascii=False) + "\n")
                count += 1
        return FormatReport(files=(path.name,), articles=count, spans=spans, problems=left.problems())


def _neat(annotated: AnnotatedArticle, left: LeftOut) -> AnnotationSet:
    """The annotations without white space at the edges of spans and without spans of nothing else."""
    found, trimmed = trim(annotated.annotations)
    found, blank = without_blank(found)
    for one in (*map(str, trimmed), *blank):
        left.tell(annotated.article.id, one)
    return found


def _sentences(annotations: AnnotationSet, text: str) -> Iterator[tuple[Offsets, list[Span]]]:
    """Each sentence with the spans in it."""
    spans = sorted((span for _, span in annotations.spans()), key=lambda one: (one.start, one.end))
    position = 0
    for start, end in tokens.sentences(text, spans):
        first = position
        while position < len(spans) and spans[position].start < end:
            position += 1
        yield (start, end), spans[first:position]


def _tokenized(annotated: AnnotatedArticle, left: LeftOut) -> Iterator[dict[str, Any]]:
    text, name = annotated.article.text, annotated.article.id
    words = tokens.tokens(text, article=name)
    for (start, end), spans in _sentences(_neat(annotated, left), text):
        first, last = tokens.covered(words, Span(id="s", label="", start=start, end=end, text=text[start:end])) or (
            0,
            0,
        )
        ner: list[list[int | str]] = []
        for span in spans:
            bounds = tokens.covered(words, span)
            if bounds is None:
                left.tell(name, f"{span.label} {quoted(span.text)} has no token, and was left out")
                continue
            taken = text[words[bounds[0]][0] : words[bounds[1] - 1][1]]
            if taken != span.text:
                left.tell(name, f"{span.label} {quoted(span.text)} is taken as {quoted(taken)}")
            ner.append([max(bounds[0], first) - first, min(bounds[1], last) - 1 - first, span.label])
        yield {"tokenized_text": [text[a:b] for a, b in words[first:last]], "ner": ner}


def _surfaces(annotated: AnnotatedArticle, scheme: LabelScheme, left: LeftOut) -> Iterator[dict[str, Any]]:
    text = annotated.article.text
    for (start, end), spans in _sentences(_neat(annotated, left), text):
        entities: dict[str, list[dict[str, Any]]] = {label: [] for label in scheme.layer_of_label}
        surfaces: dict[str, dict[str, Any]] = {}
        for span in spans:
            surfaces[span.id] = {"text": span.text, "start": span.start - start, "end": span.end - start}
            entities[span.label].append(surfaces[span.id])
        relations: list[dict[str, Any]] = []
        for span in spans:
            for argument in span.arguments:
                if argument.target in surfaces:
                    pair = {"head": surfaces[span.id], "tail": surfaces[argument.target]}
                    relations.append({argument.role: pair})
                else:
                    left.count("roles between sentences")
        output: dict[str, Any] = {"entities": entities}
        yield {"input": text[start:end], "output": {**output, "relations": relations} if relations else output}
