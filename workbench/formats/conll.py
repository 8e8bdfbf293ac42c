"""CoNLL columns: a token a line with the tag of one layer in the last column, a blank line after each sentence.

`conll` has two columns, tab between them, and BIO tags; `conll2003` has that shared task's four, with `_` for the part of
speech and the chunk that nobody annotated; `conll-bilou` has two and BILUO tags. `-DOCSTART-` begins each article; a word
of the text that begins so is written as two tokens, and counted.
Written is the first layer whose spans have no roles (`--layer tags=NAME` names another for reading and writing). Columns
have no place for white space, roles, attributes, and spans that overlap: of those the longest stays. A span that ends
inside a token takes the token.

Read are all three, BIOES and the I-only tags of the first tasks too, whatever the format is called: tabs or blanks between columns. The
text is put together anew, a blank between tokens and a line a sentence, so that offsets are those of that text. A file
without `-DOCSTART-` is one article. Tags that contradict their scheme are repaired as conlleval does, and counted: an I-
without a beginning begins a span. Offsets here are tokens; ours are worked out from their lengths in code points.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

from workbench.core.annotations import AnnotatedArticle, Span
from workbench.core.ports import ByDocument, FormatReport, Reading, Remark
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import quoted
from workbench.errors import DocumentError, FormatError
from workbench.foreign import checked, reading
from workbench.foreign.left_out import LeftOut
from workbench.formats import tokens

DOCSTART = "-DOCSTART-"
TAGS = "tags"
"""What the column of tags is called where a layer is named for it."""

_TAG = re.compile(r"O|[BILUES]-.+")

Row = tuple[str, str, str]
"""Where it stands, the token, its tag."""


class ConllFormat(ByDocument):
    """Two columns, BIO."""

    name = "conll"
    suffixes: tuple[str, ...] = (".conll", ".bio", ".iob")
    example = """lines = open("{file}", encoding="utf-8").read().split("\\n\\n")
sentences = [[row.split("\\t") for row in block.splitlines()] for block in lines if block.strip()]
print(sentences[1])"""
    head = f"{DOCSTART}\tO"

    def __init__(self, layer: str = "") -> None:
        self._layer = layer

    def with_layers(self, layers: Mapping[str, str]) -> "ConllFormat":
        """The format whose tags are those of another layer.

        Raises:
            FormatError: something else than the tags is named.
        """
        if unknown := [name for name in layers if name != TAGS]:
            raise FormatError(f"{self.name} has no group {unknown[0]!r}", hint=f"as in `--layer {TAGS}=entities`")
        return type(self)(layers[TAGS])

    def row(self, token: str, tag: str) -> str:
        """A line of the file."""
        return f"{token}\t{tag}"

    def tags(self, label: str, length: int) -> list[str]:
        """The tags of a span of so many tokens."""
        return [f"B-{label}", *[f"I-{label}"] * (length - 1)]

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.conll.

        Raises:
            FormatError: the scheme lacks the layer, or a label holds white space.
        """
        layer = self._chosen(scheme)
        if blank := [one for one in scheme.layer_by_name[layer].label_values if len(one.split()) != 1]:
            raise FormatError(
                f"{self.name} cannot hold the label {blank[0]!r}: white space parts columns",
                hint="export it in another format, or name another layer with `--layer tags=NAME`",
            )
        left = LeftOut()
        path = folder / f"{stem}.conll"
        count = spans = 0
        with path.open("w", encoding="utf-8", newline="\n") as file:
            for annotated in articles:
                file.write(f"{self.head}\n\n")
                for sentence in self._sentences(annotated, layer, left):
                    file.writelines(f"{self.row(token, tag)}\n" for token, tag in sentence)
                    spans += sum(tag[0] in "BU" for _, tag in sentence)
                    file.write("\n")
                left.of_article(annotated)
                left.change("texts whose white space between tokens is written anew", 1)
                count += 1
        return FormatReport(files=(path.name,), articles=count, spans=spans, problems=left.problems())

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """Article by article: the articles of the file, and how much in each was repaired.

        Raises:
            DocumentError: a line has no two columns, or its tag is none or not of the scheme.
            FormatError: the scheme lacks the layer that was named.
        """
        if self._layer:
            self._chosen(scheme)
        rows: list[tuple[str, bytes]] = []
        number, start = 0, str(path)
        for where, line in reading.raw_lines(path):
            if line.split(maxsplit=1)[:1] == [DOCSTART.encode()]:
                if number or rows:
                    yield start, self._reading(rows, scheme, start, path, number)
                rows, start = [], where
                number += 1
            else:
                rows.append((where, line))
        yield start, self._reading(rows, scheme, start, path, number)

    def _reading(
        self, rows: Iterable[tuple[str, bytes]], scheme: LabelScheme, start: str, path: Path, number: int
    ) -> Reading:
        """What the rows of an article hold."""
        document: list[list[Row]] = []
        sentence: list[Row] = []
        for where, raw in rows:
            line = reading.decoded(raw, where)
            columns = [one for one in line.split("\t" if "\t" in line else " ") if one]
            if not line.strip():
                document.append(sentence)
                sentence = []
            elif line.startswith("# ") and "\t" not in line and not _TAG.fullmatch(columns[-1].strip()):
                continue  # a comment; a line with a tag is the token #
            elif len(columns) < 2:
                raise DocumentError(
                    f"{where}: {quoted(line)} is a single column, not a token and its tag",
                    hint="tabs or blanks part them",
                )
            else:
                sentence.append((where, columns[0].strip() or columns[0], columns[-1].strip()))
        yield from self._article([*document, sentence], scheme, start, path, number)

    def _chosen(self, scheme: LabelScheme) -> str:
        plain = [layer.name for layer in scheme.layers if layer.name not in scheme.frame_layers]
        layer = self._layer or [*plain, scheme.layers[0].name][0]
        if layer not in scheme.layer_by_name:
            raise FormatError(
                f"the tags cannot be the layer {layer!r}, which the scheme lacks",
                hint=f"layers: {', '.join(scheme.layer_by_name)}",
            )
        return layer

    def _sentences(self, annotated: AnnotatedArticle, layer: str, left: LeftOut) -> Iterator[list[tuple[str, str]]]:
        text, name = annotated.article.text, annotated.article.id
        words = _without_starts(tokens.tokens(text, article=name), text, left)
        kept, overlapping = tokens.flat(annotated.annotations.layers.get(layer, ()))
        if overlapping:
            listed = ", ".join(f"{span.label} {quoted(span.text)}" for span in overlapping)
            left.tell(name, f"left out of {layer}, being inside or across longer spans: {listed}")
        for other, spans in annotated.annotations.layers.items():
            if other != layer:
                left.count(f"spans of the layer {other}", len(spans))
        tags = ["O"] * len(words)
        inside: list[Span] = []
        for span in kept:
            bounds = tokens.covered(words, span)
            if bounds is None or any(tag != "O" for tag in tags[slice(*bounds)]):
                left.tell(name, f"{layer} {span.label} {quoted(span.text)} has no token of its own, and was left out")
                continue
            start, end = words[bounds[0]][0], words[bounds[1] - 1][1]
            if (start, end) != span.offsets:
                left.tell(name, f"{layer} {span.label} {quoted(span.text)} is taken as {quoted(text[start:end])}")
            tags[slice(*bounds)] = self.tags(span.label, bounds[1] - bounds[0])
            inside.append(span.model_copy(update={"start": start, "end": end, "text": text[start:end]}))
        position = 0
        for _, end in tokens.sentences(text, inside):
            first = position
            while position < len(words) and words[position][0] < end:
                position += 1
            if first < position:
                yield [
                    (text[a:b], tag) for (a, b), tag in zip(words[first:position], tags[first:position], strict=True)
                ]

    def _article(
        self, document: list[list[Row]], scheme: LabelScheme, where: str, path: Path, number: int
    ) -> Iterator[AnnotatedArticle | Remark]:
        sentences = [sentence for sentence in document if sentence]
        if not sentences:
            yield Remark(where=where, message="has no tokens", left_out=True)
            return
        text = "\n".join(" ".join(token for _, token, _ in sentence) for sentence in sentences)
        tagged = [tag for sentence in sentences for _, _, tag in sentence]
        closed = any(tag[:2] in ("L-", "U-", "E-", "S-") for tag in tagged)
        found: list[tuple[str, Span]] = []
        repaired = 0
        offset = 0
        for sentence in sentences:
            bounds: list[tuple[int, int]] = []
            for _, token, _ in sentence:
                bounds.append((offset, offset + len(token)))
                offset += len(token) + 1
            pieces, mended = _spans(sentence, closed=closed)
            repaired += mended
            for label, first, last in pieces:
                at = sentence[first][0]
                layer, label = checked.layer_of(label, scheme, at)
                if self._layer and layer != self._layer:
                    raise DocumentError(
                        f"{at}: label {quoted(label)} is of the layer {layer}, not {self._layer}",
                        hint=f"name it with `--layer {TAGS}={layer}`",
                    )
                name = f"t{len(found) + 1}"
                found.append((layer, checked.span(name, label, bounds[first][0], bounds[last][1], text, at)))
        if repaired:
            yield Remark(where=where, message=f"{repaired} tags without a beginning or an end were repaired")
        source = f"{path.name} {number}" if number else path.name
        yield from checked.annotated(checked.article(text, source=source), found, scheme, where)


class Conll2003Format(ConllFormat):
    """The four columns of CoNLL 2003."""

    name = "conll2003"
    suffixes = ()
    example = ConllFormat.example.replace('split("\\t")', 'split(" ")')
    head = f"{DOCSTART} -X- -X- O"

    def row(self, token: str, tag: str) -> str:
        return f"{token} _ _ {tag}"


class ConllBilouFormat(ConllFormat):
    """Two columns, BILUO."""

    name = "conll-bilou"
    suffixes = ()

    def tags(self, label: str, length: int) -> list[str]:
        if length == 1:
            return [f"U-{label}"]
        return [f"B-{label}", *[f"I-{label}"] * (length - 2), f"L-{label}"]


def _without_starts(words: list[tokens.Offsets], text: str, left: LeftOut) -> list[tokens.Offsets]:
    """The tokens; one that would be read as the start of an article is two."""
    found: list[tokens.Offsets] = []
    for start, end in words:
        if text.startswith(DOCSTART, start, end):
            left.change(f"tokens {DOCSTART}, which begin an article, are written as two", 1)
            dash = start + len(DOCSTART) - 1
            found += [(start, dash), (dash, end)]
        else:
            found.append((start, end))
    return found


def _spans(sentence: list[Row], *, closed: bool) -> tuple[list[tuple[str, int, int]], int]:
    """Label, first and last token of each span of a sentence, and how many tags had to be repaired.

    `closed`: spans of more than one token end with L- or E-.

    Raises:
        DocumentError: a tag is none.
    """
    found: list[tuple[str, int, int]] = []
    repaired = 0
    label, first = "", 0

    def close(last: int, *, ended: bool) -> None:
        nonlocal label, repaired
        if label:
            found.append((label, first, last))
            repaired += closed and not ended
        label = ""

    for number, (where, _, tag) in enumerate(sentence):
        kind, dash, name = tag.partition("-")
        if tag == "O":
            close(number - 1, ended=False)
            continue
        if kind not in ("B", "I", "L", "U", "E", "S") or not dash or not name:
            raise DocumentError(f"{where}: {quoted(tag)} is no tag", hint="tags are O, and B- or I- with a label")
        continues = kind in ("I", "L", "E")
        if not continues or name != label:
            close(number - 1, ended=False)
            repaired += continues
            label, first = name, number
        if kind in ("L", "E", "U", "S"):
            close(number, ended=True)
    close(len(sentence) - 1, ended=False)
    return found, repaired
