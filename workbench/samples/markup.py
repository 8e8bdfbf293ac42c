r"""The inline markup in which the sample corpus is written: a page as it was copied, with its gold annotations.

    story: …                       front matter, `key: value` lines up to a blank line
                                   (keys: story, split, newsroom, source, published)

    Line of the page with [spans|LABEL id] in it; they nest: the [[Kremlin|ORG k]'s demand|ISSUE d].
    => id  role=id,id  role=id  attribute=value      a frame: arguments and attributes of the span `id`
    ~ a line of the page that is no part of the article (a box, an appeal, a button)

The id is needed only where a frame names the span. A backslash takes the meaning from `[`, `|`, `]` and `\`.
"""

import re
from collections.abc import Iterator

from pydantic import Field

from workbench.core.annotations import AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article, OffsetMap
from workbench.core.frozen import Frozen
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError

_KEYS = frozenset({"story", "split", "newsroom", "source", "published"})
_FRAME_PART = re.compile(r"(\w+)=(\S+)")
_TAG = re.compile(r"([^\s\]|]+)(?: +([\w-]+))?\]")


class MarkedSpan(Frozen):
    """A gold span; offsets count in `Sample.raw`."""

    id: str
    layer: str
    label: str
    start: int
    end: int
    arguments: tuple[Argument, ...] = ()
    attributes: dict[str, str] = Field(default_factory=dict)


class Sample(Frozen):
    """A sample article as a user would copy it, with its gold.

    `boxes` are the half-open ranges of `raw` that are no part of the article. `newsroom` is empty where a corpus does
    not tell newsrooms apart.
    """

    name: str
    story: str
    split: str
    newsroom: str
    source: str
    published: str
    raw: str
    boxes: tuple[tuple[int, int], ...]
    spans: tuple[MarkedSpan, ...]

    def gold(self, article: Article, scheme: LabelScheme) -> AnnotationSet:
        """The gold annotations of this sample, over the cleaned text of `article`.

        Raises:
            DocumentError: cleaning cut into a span, or the scheme refuses the annotations.
        """
        offsets = OffsetMap(article.cuts)
        layers: dict[str, list[Span]] = {layer.name: [] for layer in scheme.layers}
        for span in self.spans:
            moved = offsets.span_to_text(span.start, span.end)
            if moved is None:
                raise DocumentError(f"{self.name}: cleaning cut into {self.raw[span.start : span.end]!r}")
            layers[span.layer].append(
                Span(
                    id=span.id,
                    label=span.label,
                    start=moved[0],
                    end=moved[1],
                    text=article.text[moved[0] : moved[1]],
                    attributes=dict(span.attributes),
                    arguments=span.arguments,
                )
            )
        gold = scheme.normalise(
            AnnotationSet(
                producer=Producer(kind="person", name="gold"),
                scheme_digest=scheme.digest,
                layers={name: tuple(spans) for name, spans in layers.items()},
            )
        )
        problems = scheme.violations(gold, article.text)
        if problems:
            raise DocumentError(f"{self.name}: " + "; ".join(str(problem) for problem in problems))
        return gold


def compile_sample(markup: str, scheme: LabelScheme, *, name: str) -> Sample:
    """The sample that the markup stands for.

    Raises:
        DocumentError: the markup is malformed; it names the file, the line and what is wrong there.
    """
    return _Compiler(markup, scheme, name).compile()


class _Open:
    def __init__(self, start: int) -> None:
        self.start = start


class _Compiler:
    def __init__(self, markup: str, scheme: LabelScheme, name: str) -> None:
        self._lines = markup.split("\n")
        self._scheme = scheme
        self._name = name
        self._number = 0
        self._raw: list[str] = []
        self._length = 0
        self._boxes: list[tuple[int, int]] = []
        self._spans: dict[str, MarkedSpan] = {}
        self._frames: list[tuple[int, str, list[tuple[str, str]]]] = []

    def compile(self) -> Sample:
        head = dict(self._front_matter())
        body = self._lines[self._number :]
        while body and not body[-1].strip():
            body.pop()
        for line in body:
            self._number += 1
            if line.startswith("=>"):
                self._frame(line)
            elif line.startswith("~"):
                start = self._length
                self._add(line[1:].removeprefix(" ") + "\n")
                self._boxes.append((start, self._length))
            else:
                self._text(line)
                self._add("\n")
        for number, span_id, parts in self._frames:
            self._number = number
            self._spans[span_id] = self._with_frame(span_id, parts)
        return Sample(
            name=self._name,
            raw="".join(self._raw),
            boxes=tuple(self._boxes),
            spans=tuple(self._spans.values()),
            **{key: head.get(key, "") for key in _KEYS},
        )

    def _front_matter(self) -> Iterator[tuple[str, str]]:
        for line in self._lines:
            self._number += 1
            if not line.strip():
                return
            key, colon, value = line.partition(":")
            if not colon or key.strip() not in _KEYS:
                raise self._error(f"front matter takes {', '.join(sorted(_KEYS))}; this is {line!r}")
            yield key.strip(), value.strip()

    def _add(self, text: str) -> None:
        self._raw.append(text)
        self._length += len(text)

    def _text(self, line: str) -> None:
        opened: list[_Open] = []
        position = 0
        while position < len(line):
            character = line[position]
            if character == "\\" and line[position + 1 : position + 2] in ("[", "]", "|", "\\"):
                self._add(line[position + 1])
                position += 2
            elif character == "[":
                opened.append(_Open(self._length))
                position += 1
            elif character == "|":
                tag = _TAG.match(line, position + 1)
                if tag is None or not opened:
                    raise self._error(
                        f"a span ends with |LABEL] or |LABEL id], not with {line[position : position + 20]!r}"
                    )
                self._span(opened.pop(), tag.group(1), tag.group(2))
                position = tag.end()
            elif character == "]":
                raise self._error(r"] without |LABEL before it; write \] for the character")
            else:
                self._add(character)
                position += 1
        if opened:
            raise self._error("a [ is never closed")

    def _span(self, opened: _Open, label: str, given: str | None) -> None:
        layer = self._scheme.layer_of_label.get(label)
        if layer is None:
            raise self._error(f"label {label!r} is not in the scheme; known: {', '.join(self._scheme.layer_of_label)}")
        span_id = given or f"_{len(self._spans) + 1}"
        if span_id in self._spans:
            raise self._error(f"two spans have the id {span_id!r}")
        surface = "".join(self._raw)[opened.start :]
        if not surface or surface != surface.strip():
            raise self._error(f"the span {surface!r} is empty or has blanks at its ends")
        self._spans[span_id] = MarkedSpan(id=span_id, layer=layer, label=label, start=opened.start, end=self._length)

    def _frame(self, line: str) -> None:
        span_id, _, rest = line[2:].strip().partition(" ")
        parts = _FRAME_PART.findall(rest)
        if _FRAME_PART.sub("", rest).strip():
            raise self._error(f"a frame is '=> id role=id,id attribute=value', not {line!r}")
        self._frames.append((self._number, span_id, parts))

    def _with_frame(self, span_id: str, parts: list[tuple[str, str]]) -> MarkedSpan:
        span = self._spans.get(span_id)
        if span is None:
            raise self._error(f"no span has the id {span_id!r}")
        if span.arguments or span.attributes:
            raise self._error(f"{span_id!r} has two frames")
        arguments: list[Argument] = []
        attributes: dict[str, str] = {}
        known = {attribute.name for attribute in self._scheme.attributes_of(span.layer)}
        for key, value in parts:
            if key in known:
                attributes[key] = value
            elif key in self._scheme.role_by_name:
                for target in value.split(","):
                    if target not in self._spans:
                        raise self._error(f"{key} of {span_id!r} names {target!r}, which no span has as id")
                    arguments.append(Argument(role=key, target=target))
            else:
                raise self._error(f"{key!r} is neither a role nor an attribute of {span.layer}")
        return span.model_copy(update={"arguments": tuple(arguments), "attributes": attributes})

    def _error(self, message: str) -> DocumentError:
        return DocumentError(f"{self._name}, line {self._number}: {message}", hint="see workbench/samples/README.md")
