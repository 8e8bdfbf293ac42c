"""spaCy's DocBin: tokenised Docs with a span group a layer, roles in the groups' attrs, and one layer as `doc.ents`.

`doc.ents` holds the first layer whose spans head no frame, because ents may not overlap and have no arguments: of
overlapping spans the longest. The groups hold all. What neither has a place for (the article, exact offsets of spans
that end inside a token) stands in `doc.user_data["workbench"]` as JSON, so that reading back gives what was written.

Of other programs' Docs a span group is the layer that is called so, or the one that somebody names for it. Entities whose
values are missing say nothing, and a Doc that says nothing of any layer is not annotated.
"""

import itertools
import re
import zlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any, Literal, cast

import spacy
from pydantic import Field, ValidationError
from spacy.language import Language
from spacy.tokens import Doc, DocBin, Span
from spacy.vocab import Vocab

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, AttributeValue, OtherItem, Producer, values_of
from workbench.core.annotations import Span as CoreSpan
from workbench.core.article import Article, sha256
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.ports import ByDocument, FormatReport, Reading, Remark, refused
from workbench.core.scheme import LabelScheme
from workbench.core.validation import first_fault
from workbench.core.whitespace import quoted, trim
from workbench.errors import DocumentError, FormatError, ModelError, WorkbenchError
from workbench.foreign import reading
from workbench.formats import RuleSetup, spacy_project
from workbench.formats.docbin_file import DocBinFile, PackedDoc, packed
from workbench.pipeline.alignment import AlignmentReport, Placed, place
from workbench.pipeline.base import main_language
from workbench.pipeline.docs import categories, from_doc, group_attrs
from workbench.pipeline.text import prepare

USER_DATA = "workbench"
LARGEST_UNPACKED = 1_500_000_000
"""How many bytes a DocBin has at most without its compression."""
_BROKEN = (
    zlib.error, ArithmeticError, AssertionError, AttributeError, LookupError, NotImplementedError, TypeError, ValueError,
)  # fmt: skip
"""What spaCy raises at a file that is damaged."""
LARGEST_FILE = 250_000_000
"""About how many bytes a DocBin that is written has at the most without its compression: five or six thousand articles.

spaCy holds a file of them in memory as a whole, and some thirty thousand articles are more than its layout can hold.
"""
ENGLISH = "en"
_LANGUAGE = re.compile(r"[a-z]{2,3}")
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


class DocBinFormat(ByDocument):
    """`.spacy` files: what `spacy train` takes, and `DocBin().from_disk` reads."""

    name = "spacy"
    suffixes = (".spacy",)
    example = """import spacy
docs = [one.reference for one in spacy.training.Corpus("{file}")(spacy.blank("en"))]  # a file, or a folder of them
print(docs[0].ents, docs[0].spans)"""
    guide = spacy_project.GUIDE

    def __init__(self, layers: Mapping[str, str] | None = None) -> None:
        self._layers = dict(layers or {})

    def with_layers(self, layers: Mapping[str, str]) -> "DocBinFormat":
        """The format that takes each of these span groups for the layer beside it, or for none where that is empty."""
        return DocBinFormat(layers)

    def accompany(
        self, train: Iterable[AnnotatedArticle], folder: Path, scheme: LabelScheme, rules: RuleSetup
    ) -> tuple[str, ...]:
        """Writes a config for `spacy train`, a project.yml and the rules' own files beside the files of the parts."""
        return spacy_project.write(train, folder, scheme, rules)

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes `stem`.spacy; or where that would be too large the folder `stem`, with several such files.

        Spans that end inside a token take the whole token, those with white space at their edges go without it, and
        those of white space alone are left out, because spaCy calls them invalid: all of them are listed as problems.

        Raises:
            FormatError: an article has a text that spaCy cannot hold.
        """
        ents_layer = ents_layer_of(scheme)
        tokenizers = _Tokenizers()
        file = DocBinFile()
        files = count = spans = 0
        problems: list[str] = []
        for annotated in articles:
            if file.size > LARGEST_FILE:
                files += 1
                file.write(_numbered(folder / stem, files))
                file = DocBinFile()
                tokenizers.forget()
            annotations, trimmed = trim(annotated.annotations)
            problems.extend(f"{annotated.article.id}: {one}" for one in trimmed)
            neat = annotated.model_copy(update={"annotations": annotations})
            nlp = tokenizers.of(annotated.article.language)
            doc, alignment, left_out = _packed(nlp, neat, scheme, ents_layer)
            file.add(doc)
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
                listed = ", ".join(left_out)
                problems.append(f"{annotated.article.id}: not in doc.ents, but inside or across longer spans: {listed}")
        path = _numbered(folder / stem, files + 1) if files else folder / f"{stem}.spacy"
        file.write(path)
        problems += [
            f"{counted(number, 'articles')} in {language!r} got English tokens: spaCy alone has none for that language"
            for language, number in sorted(tokenizers.without.items())
        ]
        return FormatReport(
            files=(stem if files else path.name,), articles=count, spans=spans, problems=tuple(problems)
        )

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """Doc by doc: the articles of the file, and what is to be said of them.

        Docs that another program wrote are articles of their own text, by a person without a name.

        Raises:
            DocumentError: the file is no DocBin, a Doc does not fit the scheme, or one has a span group that is no layer;
                it names the Doc's number.
            FormatError: a group was named for a layer that the scheme lacks.
        """
        for group, layer in self._layers.items():
            if layer and layer not in scheme.layer_by_name:
                raise FormatError(
                    f"the group {group!r} cannot be the layer {layer!r}, which the scheme lacks",
                    hint=f"layers: {', '.join(scheme.layer_by_name)}",
                )
        files = sorted(path.rglob("*.spacy")) if path.is_dir() else [path]
        if not files:
            raise DocumentError(f"{path} holds no .spacy file", hint="`DocBin.to_disk` writes one")
        for file in files:
            try:
                yield from self._documents(file, scheme)
            except DocumentError as error:
                yield str(file), refused(error)

    def _documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
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
                raise DocumentError(
                    f"{where}: is damaged, and so is what follows it: {error}", hint="write the file anew"
                ) from error
            if doc is None:
                return
            yield where, _article_of(doc, scheme, self._layers, where, stem)


def _numbered(folder: Path, number: int) -> Path:
    """The file of this number in a folder that is there."""
    folder.mkdir(exist_ok=True)
    return folder / f"{number:05}.spacy"


def _content(path: Path) -> bytes:
    """The bytes of a DocBin, which are no more than `LARGEST_UNPACKED` when they are decompressed.

    Raises:
        DocumentError: the file cannot be read, is packed otherwise, or is too large.
    """
    content = reading.binary(path)
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
    return _tokenizer(ENGLISH)


def _tokenizer(language: str) -> Language:
    nlp = prepare(spacy.blank(language))
    nlp.max_length = 10**9
    return nlp


class _Tokenizers:
    """Empty pipelines that tokenise, one a language, each with the words that it has met."""

    def __init__(self) -> None:
        self._known: dict[str, Language | None] = {}
        self.without: Counter[str] = Counter()
        """How many articles are in languages that spaCy alone cannot part into tokens."""

    def of(self, language: str) -> Language:
        """The pipeline for articles in this language; the English one where spaCy alone has none."""
        tag = main_language(language) or ENGLISH
        if tag not in self._known:
            try:
                self._known[tag] = _tokenizer(tag) if _LANGUAGE.fullmatch(tag) else None
            except (ImportError, ModelError):
                self._known[tag] = None
        found = self._known[tag]
        if found is None:
            self.without[tag] += 1
            return self.of(ENGLISH)
        return found

    def forget(self) -> None:
        """Lets go of the words."""
        self._known.clear()


def ents_layer_of(scheme: LabelScheme) -> str:
    """The layer that `doc.ents` holds: the first one whose spans have no arguments, else the first."""
    flat = [layer.name for layer in scheme.layers if layer.name not in scheme.frame_layers]
    return flat[0] if flat else scheme.layers[0].name


def _packed(
    nlp: Language, annotated: AnnotatedArticle, scheme: LabelScheme, ents_layer: str
) -> tuple[PackedDoc, AlignmentReport, list[str]]:
    """The Doc of an annotated article, how its spans fitted, and the spans that `doc.ents` has no room for.

    Raises:
        FormatError: spaCy's tokens do not give the text back.
    """
    article, annotations = annotated.article, annotated.annotations
    doc = nlp.make_doc(article.text)
    if doc.text != article.text:
        raise FormatError(f"{article.id}: spaCy's tokens do not give its text back", article=article.id)
    found = place(doc, annotations, scheme, article=article.id)
    group = found.layers[ents_layer]
    flat = _without_overlaps(group)
    gone = found.gone
    others = tuple(one for one in annotations.others if one.span not in gone)
    note = DocNote(
        article=article.model_dump(mode="json", exclude={"text"}),
        annotations=annotations.model_copy(update={"others": others}).model_dump(mode="json", exclude={"layers"}),
        exact={
            one.span.id: Exact(start=one.span.start, end=one.span.end, taken_start=one.taken[0], taken_end=one.taken[1])
            for placed in found.layers.values()
            for one in placed
            if one.taken != one.span.offsets
        },
    )
    made = packed(
        doc,
        found.layers,
        group_attrs(found, annotations, scheme),
        flat,
        cats=categories(annotations, scheme),
        user_data={USER_DATA: note.model_dump_json(by_alias=True)},
    )
    # Two spans may cover the same tokens with the same label; ents keep one, and that is no overlap to speak of.
    kept = {(one.first, one.last, one.span.label) for one in flat}
    left_out = [
        f"{one.span.label} {article.text[slice(*one.taken)]!r}"
        for one in group
        if (one.first, one.last, one.span.label) not in kept
    ]
    return made, found.report, left_out


def _without_overlaps(spans: Iterable[Placed]) -> list[Placed]:
    """The spans of which none overlaps another: of overlapping ones the longest, as `spacy.util.filter_spans`."""
    kept: list[Placed] = []
    taken: set[int] = set()
    for one in sorted(spans, key=lambda one: (one.first - one.last, one.first)):
        if one.first not in taken and one.last - 1 not in taken:
            kept.append(one)
            taken.update(range(one.first, one.last))
    return kept


def _refused(alignment: AlignmentReport) -> set[str]:
    return {one.span for one in alignment.refused}


def _controls(others: Iterable[OtherItem]) -> str:
    return ", ".join(dict.fromkeys(one.control for one in others))


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
            found = _exactly(_annotations(note, doc, scheme), note.exact, article.text)
        found, trimmed = trim(found)
        yield from (Remark(where=where, message=str(one)) for one in trimmed)
        scheme.check(found, article.text)
        yield AnnotatedArticle(article=article, annotations=scheme.normalise(found))
    except ValidationError as error:
        raise DocumentError(f"{where}: {first_fault(error, whole='the doc')}") from error
    except WorkbenchError as error:
        raise DocumentError(f"{where}: {error.message}", hint=error.hint, lists=error.lists) from error
    except _BROKEN as error:
        raise DocumentError(f"{where}: is damaged: {error}", hint="write the file anew") from error


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
                f"its span group {name!r} ({counted(len(spans), 'spans')}, the first: {spans[0].label_} {quoted(spans[0].text)}) "
                f"is no layer of the scheme; layers: {', '.join(scheme.layer_by_name)}",
                hint=f"say which one it is: `--layer {name}={ents_layer_of(scheme)}`, or leave it out: `--layer {name}=`",
            )
        if layer:
            placed.setdefault(layer, []).extend(spans)
            sources.setdefault(layer, []).append(name)
    told: list[str] = []
    known = cast("list[int]", doc.to_array("ENT_IOB").tolist()) if ents_layer is not None else []
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
