"""spaCy's DocBin: tokenised Docs with a span group a layer, roles in the groups' attrs, and one layer as `doc.ents`.

`doc.ents` holds the first layer whose spans head no frame, because ents may not overlap and have no arguments: of
overlapping spans the longest. The groups hold all. What neither has a place for (the article, exact offsets of spans
that end inside a token) stands in `doc.user_data["workbench"]` as JSON, so that reading back gives what was written.

Of other programs' Docs a span group is the layer that is called so, or the one that somebody names for it. Entities whose
values are missing say nothing, and a Doc that says nothing of any layer is not annotated.
"""

import itertools
import zlib
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import spacy
from pydantic import Field, ValidationError
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span, Token
from spacy.util import filter_spans
from spacy.vocab import Vocab

from workbench import foreign
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, AttributeValue, OtherItem, Producer, values_of
from workbench.core.annotations import Span as CoreSpan
from workbench.core.article import Article, sha256
from workbench.core.frozen import Frozen
from workbench.core.ports import FormatReport, Reading, Remark
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import quoted, trim
from workbench.errors import DocumentError, FormatError, WorkbenchError
from workbench.formats import spacy_project
from workbench.pipeline.docs import AlignmentReport, annotate_doc, from_doc
from workbench.pipeline.text import prepare

USER_DATA = "workbench"
LARGEST_UNPACKED = 1_500_000_000
"""How many bytes a DocBin has at most without its compression."""
_BROKEN = (
    zlib.error, ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, TypeError, ValueError,
)  # fmt: skip
"""What spaCy raises at a file that is damaged."""
ENTS = "ents"
"""What `doc.ents` is called where groups are named."""


class Exact(Frozen):
    """The offsets of a span that ends inside a token, and those of the tokens that stand for it in the group."""

    start: int
    end: int
    taken_start: int
    taken_end: int


class DocNote(Frozen):
    """What a Doc of ours says of itself. `article` lacks the text, `annotations` the layers."""

    schema_: Literal["workbench/doc/1"] = Field(default="workbench/doc/1", alias="schema")
    article: dict[str, Any]
    annotations: dict[str, Any]
    exact: dict[str, Exact] = Field(default_factory=dict)


class DocBinFormat:
    """`.spacy` files: what `spacy train` takes, and `DocBin().from_disk` reads."""

    name = "spacy"
    suffixes = (".spacy",)
    example = """import spacy
docs = list(spacy.tokens.DocBin().from_disk("{file}").get_docs(spacy.blank("en").vocab))
print(docs[0].ents, docs[0].spans)"""
    guide = spacy_project.GUIDE

    def __init__(self, layers: Mapping[str, str] | None = None) -> None:
        self._layers = dict(layers or {})

    def with_layers(self, layers: Mapping[str, str]) -> "DocBinFormat":
        """The format that takes each of these span groups for the layer beside it, or for none where that is empty."""
        return DocBinFormat(layers)

    def accompany(self, train: Iterable[AnnotatedArticle], folder: Path, scheme: LabelScheme) -> tuple[str, ...]:
        """Writes a config for `spacy train` and a project.yml beside the files of the parts."""
        return spacy_project.write(train, folder, scheme)

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.spacy.

        Spans that end inside a token take the whole token, those with white space at their edges go without it, and
        those of white space alone are left out, because spaCy calls them invalid: all of them are listed as problems.

        Raises:
            FormatError: an article has a text that spaCy cannot hold.
        """
        nlp = tokenizer()
        ents_layer = ents_layer_of(scheme)
        docs = DocBin(store_user_data=True)
        count = spans = 0
        problems: list[str] = []
        for annotated in articles:
            annotations, trimmed = trim(annotated.annotations)
            problems.extend(f"{annotated.article.id}: {one}" for one in trimmed)
            neat = annotated.model_copy(update={"annotations": annotations})
            doc, alignment, left_out = to_doc(nlp, neat, scheme, ents_layer)
            docs.add(doc)
            count += 1
            spans += alignment.spans
            problems.extend(str(one) for one in (*alignment.expanded, *alignment.refused))
            if alignment.arguments_lost:
                problems.append(
                    f"{annotated.article.id}: {alignment.arguments_lost} arguments of refused spans are lost"
                )
            if lost := [one for one in annotations.others if one.span in _refused(alignment)]:
                problems.append(f"{annotated.article.id}: what {_controls(lost)} says of refused spans is lost")
            if left_out:
                listed = ", ".join(f"{span.label_} {span.text!r}" for span in left_out)
                problems.append(f"{annotated.article.id}: not in doc.ents, but inside or across longer spans: {listed}")
        path = folder / f"{stem}.spacy"
        path.write_bytes(docs.to_bytes())
        return FormatReport(files=(path.name,), articles=count, spans=spans, problems=tuple(problems))

    def read(self, path: Path, scheme: LabelScheme) -> Iterator[AnnotatedArticle | Remark]:
        """The articles of the file, and what is to be said of them.

        Docs that another program wrote are articles of their own text, by a person without a name.

        Raises:
            DocumentError: the file is no DocBin, a Doc does not fit the scheme, or one has a span group that is no layer;
                it names the Doc's number.
            FormatError: a group was named for a layer that the scheme lacks.
        """
        for _, reading in self.documents(path, scheme):
            yield from reading

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """The same, doc by doc."""
        for group, layer in self._layers.items():
            if layer and layer not in scheme.layer_by_name:
                raise FormatError(
                    f"the group {group!r} cannot be the layer {layer!r}, which the scheme lacks",
                    hint=f"layers: {', '.join(scheme.layer_by_name)}",
                )
        vocab = Vocab()
        # The name of a file may be no text, and the source of an article is.
        stem = path.stem.encode("utf-8", "surrogateescape").decode("utf-8", "replace")
        try:
            docs = DocBin(store_user_data=True).from_bytes(_content(path)).get_docs(vocab)
        except _BROKEN as error:
            raise DocumentError(f"{path} is not a spaCy DocBin: {error}", hint="`DocBin.to_disk` writes one") from error
        for number in itertools.count(1):
            where = f"{path}, doc {number}"
            try:
                doc = next(docs, None)
            except _BROKEN as error:
                raise DocumentError(f"{where}: is damaged, and so is what follows it: {error}") from error
            if doc is None:
                return
            yield where, _article_of(doc, scheme, self._layers, where, stem)


def _content(path: Path) -> bytes:
    """The bytes of a DocBin, which are no more than `LARGEST_UNPACKED` when they are decompressed.

    Raises:
        DocumentError: the file cannot be read, is packed otherwise, or is too large.
    """
    content = foreign.binary(path)
    unpacker, length, waiting = zlib.decompressobj(), 0, content
    while waiting and not unpacker.eof:
        length += len(unpacker.decompress(waiting, 1 << 24))
        waiting = unpacker.unconsumed_tail
        if length > LARGEST_UNPACKED:
            raise DocumentError(
                f"{path} has more than {LARGEST_UNPACKED:,} bytes when it is decompressed",
                hint="write it as several files",
            )
    return content


@cache
def tokenizer() -> Language:
    """An empty English pipeline that tokenises as the workbench's pipelines do."""
    nlp = prepare(spacy.blank("en"))
    nlp.max_length = 10**9
    return nlp


def ents_layer_of(scheme: LabelScheme) -> str:
    """The layer that `doc.ents` holds: the first one whose spans have no arguments, else the first."""
    flat = [layer.name for layer in scheme.layers if layer.name not in scheme.frame_layers]
    return flat[0] if flat else scheme.layers[0].name


def to_doc(
    nlp: Language, annotated: AnnotatedArticle, scheme: LabelScheme, ents_layer: str
) -> tuple[Doc, AlignmentReport, list[Span]]:
    """The Doc of an annotated article, how its spans fitted, and the spans that `doc.ents` has no room for.

    Raises:
        FormatError: spaCy's tokens do not give the text back.
    """
    article, annotations = annotated.article, annotated.annotations
    doc = nlp.make_doc(article.text)
    if doc.text != article.text:
        raise FormatError(f"{article.id}: spaCy's tokens do not give its text back", article=article.id)
    alignment = annotate_doc(doc, annotations, scheme, article=article.id)
    group = _spans(doc, ents_layer)
    flat = filter_spans(group)
    doc.set_ents(flat, default="outside")
    placed = {span.id_: span for layer in annotations.layers for span in _spans(doc, layer)}
    others = tuple(one for one in annotations.others if one.span not in _refused(alignment))
    note = DocNote(
        article=article.model_dump(mode="json", exclude={"text"}),
        annotations=annotations.model_copy(update={"others": others}).model_dump(mode="json", exclude={"layers"}),
        exact=_exact(annotations, placed),
    )
    doc.user_data[USER_DATA] = note.model_dump_json(by_alias=True)
    # Two spans may cover the same tokens with the same label; ents keep one, and that is no overlap to speak of.
    kept = {(span.start, span.end, span.label_) for span in flat}
    return doc, alignment, [span for span in group if (span.start, span.end, span.label_) not in kept]


def _refused(alignment: AlignmentReport) -> set[str]:
    return {one.span for one in alignment.refused}


def _controls(others: Iterable[OtherItem]) -> str:
    return ", ".join(dict.fromkeys(one.control for one in others))


def _spans(doc: Doc, layer: str) -> list[Span]:
    return list(cast("Iterable[Span]", doc.spans[layer]))


def _exact(annotations: AnnotationSet, placed: dict[str, Span]) -> dict[str, Exact]:
    """The exact offsets of the spans that took whole tokens."""
    exact: dict[str, Exact] = {}
    for _, span in annotations.spans():
        taken = placed.get(span.id)
        if taken is not None and (taken.start_char, taken.end_char) != span.offsets:
            exact[span.id] = Exact(
                start=span.start, end=span.end, taken_start=taken.start_char, taken_end=taken.end_char
            )
    return exact


def _article_of(
    doc: Doc, scheme: LabelScheme, layers: Mapping[str, str], where: str, stem: str
) -> Iterator[AnnotatedArticle | Remark]:
    raw = doc.user_data.get(USER_DATA)
    try:
        if raw is None:
            article = Article.from_text(doc.text, source=stem)
            about, told = _place(doc, scheme, layers, ents_layer=ents_layer_of(scheme))
            yield from (Remark(where=where, message=one) for one in told)
            found = from_doc(doc, scheme, Producer(kind="person", name=""))
            if not about and not any(_choice_of(name, scheme) for name in doc.cats):
                message = f"has no annotation: its entities are missing values, and it has {_no_group(doc)}"
                yield Remark(where=where, message=message, left_out=True)
                return
        else:
            _place(doc, scheme, layers, ents_layer=None)
            note = DocNote.model_validate_json(raw)
            article = _article(note, doc.text)
            found = _exactly(_annotations(note, doc, scheme), note.exact, doc.text)
        found, trimmed = trim(found)
        yield from (Remark(where=where, message=str(one)) for one in trimmed)
        scheme.check(found, article.text)
        yield AnnotatedArticle(article=article, annotations=scheme.normalise(found))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(str(part) for part in first["loc"]) or "the doc"
        raise DocumentError(f"{where}: {field}: {first['msg']}") from error
    except WorkbenchError as error:
        raise DocumentError(f"{where}: {error.message}", hint=error.hint, lists=error.lists) from error
    except _BROKEN as error:
        raise DocumentError(f"{where}: is damaged: {error}") from error


def _place(
    doc: Doc, scheme: LabelScheme, layers: Mapping[str, str], *, ents_layer: str | None
) -> tuple[set[str], list[str]]:
    """The layers that the Doc is about, and what is to be said of it; its groups are those of the layers afterwards.

    Raises:
        DocumentError: it has a group with spans that is no layer, and for which none was named.
    """
    groups = {name: list(group) for name, group in _groups(doc).items()}
    placed: dict[str, list[Span]] = {}
    sources: dict[str, list[str]] = {}
    for name, spans in groups.items():
        layer = layers.get(name, name if name in scheme.layer_by_name else None)
        if layer is None and spans:
            raise DocumentError(
                f"its span group {name!r} ({len(spans)} spans, the first: {spans[0].label_} {quoted(spans[0].text)}) "
                f"is no layer of the scheme; layers: {', '.join(scheme.layer_by_name)}",
                hint=f"say which one it is: `--layer {name}={ents_layer_of(scheme)}`, or leave it out: `--layer {name}=`",
            )
        if layer:
            placed.setdefault(layer, []).extend(spans)
            sources.setdefault(layer, []).append(name)
    told: list[str] = []
    known = [bool(token.ent_iob) for token in cast("Iterable[Token]", doc)]
    if ents_layer is not None and ENTS not in groups and any(known):
        layer, ents = layers.get(ENTS, ents_layer), list(cast("Iterable[Span]", doc.ents))
        if layer and (ENTS in layers or layer not in placed):
            placed.setdefault(layer, []).extend(ents)
            sources.setdefault(layer, []).append(ENTS)
            if not all(known):
                told.append("has missing values beside its entities; where they are, nothing counts as marked")
        elif layer and (besides := {_key(one) for one in ents} - {_key(one) for one in placed[layer]}):
            told.append(
                f"has {len(besides)} entities that are not in its group {layer!r}, and were left out "
                f"(`--layer {ENTS}={layer}` takes both)"
            )
    if others := [name for name in doc.cats if not _choice_of(name, scheme)]:
        told.append(f"has categories that are no choice about the document, and were left out: {', '.join(others)}")
    for name in groups:
        if name in scheme.layer_by_name and name not in placed:
            del doc.spans[name]
    for layer, spans in placed.items():
        if sources[layer] != [layer]:
            doc.spans[layer] = [Span(doc, one.start, one.end, label=one.label) for one in spans]
    return set(placed), told


def _choice_of(category: str, scheme: LabelScheme) -> bool:
    """Whether a category is a choice about the document, as FIELD=VALUE."""
    return any(category == f"{field.name}={value}" for field in scheme.document_fields for value in field.values)


def _groups(doc: Doc) -> Mapping[str, Iterable[Span]]:
    return cast("Mapping[str, Iterable[Span]]", doc.spans)


def _key(span: Span) -> tuple[int, int, str]:
    return span.start, span.end, span.label_


def _no_group(doc: Doc) -> str:
    """What is to be said of a Doc's groups where none of them is a layer."""
    names = ", ".join(repr(name) for name in _groups(doc))
    return f"no spans in its group {names}" if names else "no span group"


def _article(note: DocNote, text: str) -> Article:
    if sha256(text) != note.article.get("text_sha256"):
        raise DocumentError("the tokens do not give the text that was annotated")
    return Article.model_validate({**note.article, "text": text})


def _annotations(note: DocNote, doc: Doc, scheme: LabelScheme) -> AnnotationSet:
    head = AnnotationSet.model_validate({**note.annotations, "layers": {}})
    found = from_doc(doc, scheme, head.producer)
    # Categories have no order: where they say what was written, its order is kept.
    same = _choices(head.document) == _choices(found.document)
    document = head.document if same else found.document
    return head.model_copy(update={"layers": found.layers, "document": document})


def _choices(document: dict[str, AttributeValue]) -> dict[str, set[str | int | float]]:
    return {name: set(values_of(value)) for name, value in document.items()}


def _exactly(found: AnnotationSet, exact: dict[str, Exact], text: str) -> AnnotationSet:
    """The set with the offsets that spans had before they took whole tokens, unless they were changed since."""

    def narrowed(span: CoreSpan) -> CoreSpan:
        known = exact.get(span.id)
        if known is None or (known.taken_start, known.taken_end) != span.offsets:
            return span
        return span.model_copy(update={"start": known.start, "end": known.end, "text": text[known.start : known.end]})

    layers = {name: tuple(narrowed(span) for span in spans) for name, spans in found.layers.items()}
    return found.model_copy(update={"layers": layers})
