"""W3C Web Annotation, JSON-LD: one collection, an annotation a span, a role and a choice about a document.

A span is an annotation with `motivation` tagging: its label is a body with `purpose` tagging, each value of an attribute
one with `purpose` classifying (`modality=negated`), a normalised name one with `purpose` identifying. It targets the
article with a TextPositionSelector, whose offsets the standard counts in code points, as ours are, and a
TextQuoteSelector with the words and what stands around them. A role is an annotation with `motivation` linking: it
targets the annotation of the head, and its bodies are that of the filler and the name of the role. Overlapping spans
are annotations like others. Articles are named `urn:workbench:ID`; their texts are not in the file, but quoted in it.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import quote

from workbench.core.annotations import AnnotatedArticle, AttributeValue, values_of
from workbench.core.ports import FormatReport, Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import FormatError
from workbench.foreign.left_out import LeftOut
from workbench.formats import Way

AROUND = 32
"""How many code points before and after the words a selector quotes."""
_HELD = ("roles", "attributes", "normalised names", "choices about a document", "names of annotators")


class WebAnnotationFormat:
    """One .jsonld file."""

    name = "web-annotation"
    only: Way = "written"
    suffixes = (".jsonld",)
    example = """import json
page = json.load(open("{file}", encoding="utf-8"))["first"]
print([one["target"] for one in page["items"][:2]])"""

    def __init__(self, release: str = "") -> None:
        self._release = release

    def of_release(self, name: str) -> "WebAnnotationFormat":
        """The format whose collections name the release."""
        return WebAnnotationFormat(name)

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.jsonld, an annotation a line within it; the collection is called by the release and `stem`."""
        left = LeftOut()
        path = folder / f"{stem}.jsonld"
        count = spans = total = 0
        parts = ["collection", *filter(None, (self._release, stem))]
        collection = f"urn:workbench:{':'.join(quote(one, safe='') for one in parts)}"
        page = json.dumps({"id": f"{collection}:page", "type": "AnnotationPage", "startIndex": 0})[:-1]
        head = {"@context": "http://www.w3.org/ns/anno.jsonld", "id": collection}
        with path.open("w", encoding="utf-8", newline="\n") as file:
            file.write(json.dumps({**head, "type": "AnnotationCollection"})[:-1])
            file.write(f', "first": {page}, "items": [')
            for annotated in articles:
                for one in _annotations(annotated):
                    file.write(",\n" if total else "\n")
                    file.write(json.dumps(one, ensure_ascii=False))
                    total += 1
                left.of_article(annotated, but=_HELD)
                count += 1
                spans += sum(1 for _ in annotated.annotations.spans())
            file.write(f'\n]}}, "total": {total}}}\n')
        return FormatReport(files=(path.name,), articles=count, spans=spans, problems=left.problems())

    def read(self, path: Path, scheme: LabelScheme) -> Iterator[AnnotatedArticle | Remark]:
        """Never anything: the texts are not in the file.

        Raises:
            FormatError: always.
        """
        raise FormatError(
            "web annotations are written, not read: they do not hold the texts",
            hint="export the release as `jsonl` as well, which is read",
        )


def _annotations(annotated: AnnotatedArticle) -> Iterator[dict[str, Any]]:
    article, found = annotated.article, annotated.annotations
    source = f"urn:workbench:{quote(article.id, safe='')}"
    names = {span.id: f"{source}:{quote(span.id, safe='')}" for _, span in found.spans()}
    made_by = found.producer
    kind = "Person" if made_by.kind in ("person", "adjudicated") else "Software"
    creator = {"creator": {"type": kind, "name": str(made_by)}} if str(made_by) else {}
    common = {"type": "Annotation", **creator, **({"created": found.created} if found.created else {})}
    text = article.text
    for _, span in found.spans():
        bodies = [_body("tagging", span.label), *_values(span.attributes)]
        if span.norm is not None:
            bodies.append(_body("identifying", span.norm))
        position = {"type": "TextPositionSelector", "start": span.start, "end": span.end}
        words = {
            "type": "TextQuoteSelector",
            "exact": span.text,
            "prefix": text[max(0, span.start - AROUND) : span.start],
            "suffix": text[span.end : span.end + AROUND],
        }
        yield {
            "id": names[span.id],
            **common,
            "motivation": "tagging",
            "body": bodies,
            "target": {"source": source, "selector": [position, words]},
        }
    for _, span in found.spans():
        for number, argument in enumerate(span.arguments, start=1):
            filler = {"type": "SpecificResource", "purpose": "linking", "source": names[argument.target]}
            yield {
                "id": f"{names[span.id]}:role:{number}",
                **common,
                "motivation": "linking",
                "body": [filler, _body("tagging", argument.role)],
                "target": names[span.id],
            }
    if found.document:
        yield {
            "id": f"{source}:document:",
            **common,
            "motivation": "classifying",
            "body": list(_values(found.document)),
            "target": source,
        }


def _values(given: dict[str, AttributeValue]) -> Iterator[dict[str, str]]:
    for name, value in given.items():
        for one in values_of(value):
            yield _body("classifying", f"{name}={one}")


def _body(purpose: str, value: str) -> dict[str, str]:
    return {"type": "TextualBody", "purpose": purpose, "value": value}
