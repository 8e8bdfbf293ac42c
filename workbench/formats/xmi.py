"""UIMA CAS XMI with its type system, by dkpro-cassis: a folder with TypeSystem.xml and an .xmi file an article.

The types follow INCEpTION's custom layers: a layer is `webanno.custom.NAME` with the features `label`, `norm`, `score`,
`id` and one an attribute; a role is a slot, a link with `role` and `target` in the feature `arguments`, as INCEpTION and
DKPro's semantic predicates have it. So overlapping spans and roles of roles need nothing special. Sentences and tokens
stand there as DKPro's, because INCEpTION asks for them. What UIMA has no type for (facts about the article, who annotated,
choices about the document, origins) stands as JSON in a `workbench.Document`.

Read besides are custom layers of any project whose name is a layer's, and DKPro's named entities; `--layer TYPE=LAYER`
names the layer of another type. Offsets in XMI count UTF-16 code units, which cassis translates. Characters that XML
cannot hold are replaced one by one and counted. A document type, and with it every entity, is refused.
"""

import json
import re
import warnings
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import cached_property
from importlib import import_module
from io import BytesIO
from pathlib import Path
from typing import Any, cast

from pydantic import Field

from workbench.core.annotations import (
    AnnotatedArticle,
    AnnotationSet,
    Argument,
    AttributeValue,
    Origin,
    Producer,
    Span,
    values_of,
)
from workbench.core.article import Article, sha256
from workbench.core.counted import counted
from workbench.core.ports import ByDocument, FormatReport, Reading, Remark
from workbench.core.scheme import Attribute, LabelScheme
from workbench.core.whitespace import quoted
from workbench.errors import DocumentError
from workbench.foreign import checked, reading
from workbench.foreign.left_out import LeftOut
from workbench.foreign.names import FileNames
from workbench.formats import tokens

TYPES = "TypeSystem.xml"
CUSTOM = "webanno.custom."
DOCUMENT = "workbench.Document"
_SEGMENTATION = "de.tudarmstadt.ukp.dkpro.core.api.segmentation.type."
_ENTITY = "de.tudarmstadt.ukp.dkpro.core.api.ner.type.NamedEntity"
_PASSED_OVER = ("uima.tcas.DocumentAnnotation", "de.tudarmstadt.ukp.dkpro.core.api.metadata.", _SEGMENTATION, DOCUMENT)
_NO_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_OWN = ("id", "label", "norm", "score", "arguments", "begin", "end", "sofa")


class XmiFormat(ByDocument):
    """A folder of .xmi files with their type system."""

    name = "xmi"
    suffixes: tuple[str, ...] = (".xmi",)
    example = """from pathlib import Path
from cassis import load_cas_from_xmi, load_typesystem
folder = Path("{file}")
types = load_typesystem(folder / "TypeSystem.xml")
cas = load_cas_from_xmi(next(folder.glob("*.xmi")), typesystem=types)
print([(one.type.name, one.get_covered_text()) for one in cas.select_all() if hasattr(one, "label")][:5])"""

    def __init__(self, layers: Mapping[str, str] | None = None) -> None:
        self._layers = dict(layers or {})

    def with_layers(self, layers: Mapping[str, str]) -> "XmiFormat":
        """The format that takes each of these types for the layer beside it, or for none where that is empty."""
        return XmiFormat(layers)

    def write(self, articles: Iterable[AnnotatedArticle], folder: Path, stem: str, scheme: LabelScheme) -> FormatReport:
        """Writes the folder `stem`, and in it the type system and a file an article, named by its id."""
        types, left, names = _Types(scheme), LeftOut(), FileNames()
        inside = folder / stem
        inside.mkdir()
        types.system.to_xml(inside / TYPES)
        count = spans = 0
        for annotated in articles:
            cas = types.cas(annotated, left)
            cas.to_xmi(inside / f"{names.of(annotated.article.id)}.xmi")
            count += 1
            spans += sum(1 for _ in annotated.annotations.spans())
        return FormatReport(files=(stem,), articles=count, spans=spans, problems=left.problems())

    def documents(self, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, Reading]]:
        """File by file: the articles of a folder and the folders in it, or of one .xmi file, and what is to be said of them.

        Raises:
            DocumentError: a file is malformed or does not fit the scheme.
        """
        files = sorted(path.rglob("*.xmi")) if path.is_dir() else [path]
        if not files:
            raise DocumentError(f"{path} holds no .xmi file", hint="export it as UIMA CAS XMI")
        systems: dict[Path, Any] = {}
        for file in files:
            yield str(file), self._reading(file, scheme, systems)

    def _reading(self, file: Path, scheme: LabelScheme, systems: dict[Path, Any]) -> Reading:
        types = next((one for one in (file.parent / TYPES, file.parent / "typesystem.xml") if one.exists()), None)
        if types is None:
            raise DocumentError(
                f"{file} has no {TYPES} beside it, so that its types mean nothing",
                hint="put the type system of its export there",
            )
        if types not in systems:
            systems[types] = _parsed(types, "UIMA type system", _cassis().load_typesystem)
        cas = _parsed(
            file,
            "UIMA CAS XMI",
            lambda content: _cassis().load_cas_from_xmi(content, typesystem=systems[types], lenient=True),
        )
        yield from _Reader(cas, scheme, self._layers, file).read()


class _Head(AnnotationSet):
    """What a file of ours says of the annotations beside spans: the set without its layers, and what spans have no feature for."""

    layers: dict[str, tuple[Span, ...]] = Field(default_factory=dict)
    origins: dict[str, Origin] = Field(default_factory=dict)
    scores: dict[str, tuple[float | None, ...]] = Field(default_factory=dict)


class _Types:
    """The type system of a scheme, and articles as CASes of it."""

    def __init__(self, scheme: LabelScheme) -> None:
        self._cassis = _cassis()
        self.scheme = scheme
        self.system = self._cassis.TypeSystem()
        self.layers = layer_types(scheme)
        self.features = {layer.name: features(scheme, layer.name) for layer in scheme.layers}
        make, feature = self.system.create_type, self.system.create_feature
        document = make(DOCUMENT, supertypeName="uima.tcas.Annotation")
        for name in ("article", "annotations"):
            feature(document, name, "uima.cas.String")
        for name in ("Sentence", "Token"):
            make(f"{_SEGMENTATION}{name}", supertypeName="uima.tcas.Annotation")
        for layer, name in self.layers.items():
            made = make(name, supertypeName="uima.tcas.Annotation")
            for own in ("id", "label", "norm"):
                feature(made, own, "uima.cas.String")
            feature(made, "score", "uima.cas.Double")
            for attribute, called in self.features[layer].items():
                feature(made, called, _range(next(one for one in scheme.attributes if one.name == attribute)))
            if layer in scheme.frame_layers:
                link = make(f"{name}ArgumentsLink", supertypeName="uima.cas.TOP")
                feature(link, "role", "uima.cas.String")
                feature(link, "target", "uima.tcas.Annotation")
                feature(made, "arguments", "uima.cas.FSArray", elementType=f"{name}ArgumentsLink")

    def cas(self, annotated: AnnotatedArticle, left: LeftOut) -> Any:
        """The CAS that stands for the article."""
        article, annotations = annotated.article, annotated.annotations
        text, replaced = _NO_XML.subn("\ufffd", article.text)
        left.change("characters that XML cannot hold, written as \ufffd", replaced)
        cas = self._cassis.Cas(typesystem=self.system)
        cas.sofa_string, cas.sofa_mime = text, "text/plain"
        get = self.system.get_type
        head = _Head(
            **dict(annotations.model_copy(update={"layers": {}})),
            origins={span.id: span.origin for _, span in annotations.spans() if span.origin is not None},
            scores={
                span.id: tuple(one.score for one in span.arguments)
                for _, span in annotations.spans()
                if any(one.score is not None for one in span.arguments)
            },
        )
        cas.add(
            get(DOCUMENT)(
                begin=0,
                end=len(text),
                article=json.dumps(article.model_dump(mode="json", exclude={"text"})),
                annotations=json.dumps(head.model_dump(mode="json", exclude={"layers"})),
            )
        )
        self._segments(cas, annotated, get)
        made: dict[str, Any] = {}
        for layer, span in annotations.spans():
            values = {self.features[layer][name]: self._value(value, name) for name, value in span.attributes.items()}
            made[span.id] = get(self.layers[layer])(
                begin=span.start,
                end=span.end,
                id=_plain(span.id),
                label=span.label,
                norm=None if span.norm is None else _plain(span.norm),
                score=span.score,
                **values,
            )
        for layer, span in annotations.spans():
            if span.arguments:
                link, array = get(f"{self.layers[layer]}ArgumentsLink"), get("uima.cas.FSArray")
                made[span.id].arguments = array(
                    elements=[link(role=one.role, target=made[one.target]) for one in span.arguments]
                )
        for one in made.values():
            cas.add(one)
        return cas

    def _segments(self, cas: Any, annotated: AnnotatedArticle, get: Any) -> None:
        text = annotated.article.text
        inside = [span for _, span in annotated.annotations.spans()]
        for name, found in (
            ("Sentence", tokens.sentences(text, inside)),
            ("Token", tokens.tokens(text, article=annotated.article.id)),
        ):
            kind = get(f"{_SEGMENTATION}{name}")
            for start, end in found:
                cas.add(kind(begin=start, end=end))

    def _value(self, value: AttributeValue, name: str) -> object:
        attribute = next(one for one in self.scheme.attributes if one.name == name)
        if _range(attribute) == "uima.cas.StringArray":
            return self.system.get_type("uima.cas.StringArray")(elements=[_plain(str(one)) for one in values_of(value)])
        if _range(attribute) == "uima.cas.String":
            return _plain(str(values_of(value)[0]))
        return value


def layer_types(scheme: LabelScheme) -> dict[str, str]:
    """The name of the type of each layer."""
    return {layer: f"{CUSTOM}{name[:1].upper()}{name[1:]}" for layer, name in _java(scheme.layer_by_name, ()).items()}


def features(scheme: LabelScheme, layer: str) -> dict[str, str]:
    """The name of the feature of each attribute of a layer."""
    return _java([one.name for one in scheme.attributes_of(layer)], _OWN)


def _java(names: Iterable[str], taken: Iterable[str]) -> dict[str, str]:
    """A name for each that Java takes, and that differs from the others and `taken` in more than capitals."""
    found: dict[str, str] = {}
    used = {one.lower() for one in taken}
    for name in names:
        plain = re.sub(r"[^A-Za-z0-9_]", "_", name)
        plain = called = plain if plain[:1].isalpha() else f"x{plain}"
        number = 1
        while called.lower() in used:
            number += 1
            called = f"{plain}{number}"
        used.add(called.lower())
        found[name] = called
    return found


def _range(attribute: Attribute) -> str:
    if attribute.kind in ("number", "rating"):
        return "uima.cas.Double"
    return "uima.cas.StringArray" if attribute.multiple else "uima.cas.String"


def _plain(text: str) -> str:
    return _NO_XML.sub("\ufffd", text)


class _Reader:
    """One CAS."""

    def __init__(self, cas: Any, scheme: LabelScheme, layers: Mapping[str, str], file: Path) -> None:
        self._cas = cas
        self._scheme, self._given, self._file = scheme, layers, file
        self._where = str(file)

    @cached_property
    def _layer_of_type(self) -> dict[str, str]:
        known = {name.lower(): layer for layer, name in layer_types(self._scheme).items()}
        known |= {f"{CUSTOM}{layer}".lower(): layer for layer in self._scheme.layer_by_name}
        return known

    def read(self) -> Reading:
        """The article with its spans, and which types were left out.

        Raises:
            DocumentError: something does not fit.
        """
        text = self._cas.sofa_string
        if not isinstance(text, str) or not text.strip():
            raise DocumentError(f"{self._where}: holds no text")
        found: list[tuple[str | None, Any]] = []
        others: Counter[str] = Counter()
        for one in self._cas.select_all_annotations():
            name = one.type.name
            if name.startswith(_PASSED_OVER):
                continue
            layer = self._layer(name)
            if layer is not None or name == _ENTITY or self._given.get(name):
                found.append((layer, one))
            elif hasattr(one, "begin"):
                others[name] += 1
        for name, number in others.items():
            yield Remark(where=self._where, message=counted(number, f"annotations of the type {name} were left out"))
        names = self._names([one for _, one in found])
        spans = [self._span(layer, one, names, text) for layer, one in found]
        article, head = self._ours(text)
        if not found and not others and head is None:
            yield Remark(where=self._where, message="has no annotation", left_out=True)
            return
        produced = checked.annotated(
            article,
            spans,
            self._scheme,
            self._where,
            producer=head.producer if head else self._annotator(),
            document=head.document if head else {},
            created=head.created if head else "",
        )
        for one in produced:
            yield self._with_head(one, head) if isinstance(one, AnnotatedArticle) and head else one

    def _annotator(self) -> Producer:
        """Whose work it is, as INCEpTION's exports have it: annotation/DOCUMENT/USER.xmi."""
        folders = self._file.parts[-3:-1]
        named = len(folders) == 2 and folders[0] in ("annotation", "curation")
        return Producer(kind="person", name=self._file.stem if named else "")

    def _layer(self, name: str) -> str | None:
        short = name.rpartition(".")[2]
        for given in (name, short):
            if given in self._given:
                layer = self._given[given]
                if layer and layer not in self._scheme.layer_by_name:
                    raise DocumentError(
                        f"{self._where}: the type {name} cannot be the layer {layer!r}",
                        hint=f"layers: {', '.join(self._scheme.layer_by_name)}",
                    )
                return layer or None
        return self._layer_of_type.get(name.lower())

    def _names(self, found: list[Any]) -> dict[int, str]:
        """The id of each annotation, by its number in the file."""
        given = Counter(str(getattr(one, "id", None) or "") for one in found)
        return {
            one.xmiID: one.id
            if given[str(getattr(one, "id", None) or "")] == 1 and getattr(one, "id", None)
            else f"x{one.xmiID}"
            for one in found
        }

    def _span(self, layer: str | None, one: Any, names: dict[int, str], text: str) -> tuple[str, Span]:
        where = f"{self._where}: {one.type.name} {one.xmiID}"
        given = getattr(one, "label", None) or getattr(one, "value", None)
        if not isinstance(given, str):
            raise DocumentError(f"{where}: has no label", hint="give it a label, or take it out")
        own, label = checked.layer_of(given, self._scheme, where)
        layer = layer or own
        if own != layer:
            raise DocumentError(
                f"{where}: label {quoted(label)} is of the layer {own}, not {layer}", hint="rename it in the file"
            )
        arguments: list[Argument] = []
        for link in self._elements(getattr(one, "arguments", None)):
            target = getattr(link, "target", None)
            if target is None or target.xmiID not in names:
                raise DocumentError(f"{where}: a slot points to nothing that is read")
            role = str(getattr(link, "role", ""))
            role = self._scheme.role_now.get(role, role)
            if role not in self._scheme.role_by_name:
                known = ", ".join(self._scheme.role_by_name)
                raise DocumentError(
                    f"{where}: role {quoted(role)} is not in the label scheme; known: {known}", hint=checked.RENAME
                )
            arguments.append(Argument(role=role, target=names[target.xmiID]))
        attributes: dict[str, AttributeValue] = {}
        for name, called in features(self._scheme, layer).items():
            value = getattr(one, called, None)
            if value is not None:
                several = self._elements(value)
                attributes[name] = tuple(map(str, several)) if several else value
        norm = getattr(one, "norm", None) or getattr(one, "identifier", None)
        begin, end = one.begin, one.end
        if not isinstance(begin, int) or not isinstance(end, int):
            raise DocumentError(f"{where}: has no offsets")
        made = checked.span(names[one.xmiID], label, begin, end, text, where)
        more = {
            "arguments": tuple(arguments),
            "attributes": attributes,
            "norm": norm,
            "score": getattr(one, "score", None),
        }
        return layer, made.model_copy(update=more)

    def _elements(self, value: Any) -> list[Any]:
        elements = cast("list[Any] | None", value if isinstance(value, list) else getattr(value, "elements", None))
        return [one for one in elements or () if one is not None]

    def _ours(self, text: str) -> tuple[Article, _Head | None]:
        """The article, and what a file of ours says of the annotations besides."""
        plain = checked.article(text, name=self._file.stem, source=self._file.name)
        document = next((one for one in self._cas.select_all_annotations() if one.type.name == DOCUMENT), None)
        if document is None:
            return plain, None
        where = f"{self._where}: {DOCUMENT}"
        facts = reading.an_object(reading.json_value(str(document.article), where), where)
        head = reading.an_object(reading.json_value(str(document.annotations), where), where)
        if facts.get("text_sha256") == sha256(text):
            plain = checked.validated(Article, {**facts, "text": text}, where)
        return plain, checked.validated(_Head, {**head, "layers": {}}, where)

    def _with_head(self, one: AnnotatedArticle, head: _Head) -> AnnotatedArticle:
        """The article with what has no feature: origins and scores of roles, parents, what other controls said."""

        def whole(span: Span) -> Span:
            scores = head.scores.get(span.id, ())
            arguments = span.arguments
            if len(scores) == len(arguments):
                arguments = tuple(
                    argument.model_copy(update={"score": score})
                    for argument, score in zip(arguments, scores, strict=True)
                )
            return span.model_copy(update={"arguments": arguments, "origin": head.origins.get(span.id)})

        if not {other.span for other in head.others if other.span} <= one.annotations.by_id().keys():
            raise DocumentError(f"{self._where}: {DOCUMENT} says something of spans that are not there")
        layers = {layer: tuple(map(whole, spans)) for layer, spans in one.annotations.layers.items()}
        update = {"layers": layers, "parents": head.parents, "others": head.others, "scheme_digest": head.scheme_digest}
        return one.model_copy(update={"annotations": one.annotations.model_copy(update=update)})


def _parsed(path: Path, what: str, load: Callable[[BytesIO], Any]) -> Any:
    """What `load` makes of the file's content.

    Raises:
        DocumentError: it is malformed, or has a document type.
    """
    content = reading.text(path).removeprefix("\ufeff")
    if "<!DOCTYPE" in content or "<!ENTITY" in content:
        raise DocumentError(f"{path} has a document type, which {what} needs none of", hint="take the <!DOCTYPE …> out")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error", UserWarning)  # as which cassis tells offsets outside the text
            return load(BytesIO(content.encode()))
    except (
        ArithmeticError,
        AssertionError,
        AttributeError,
        LookupError,
        RecursionError,
        RuntimeError,
        SyntaxError,  # as which lxml tells malformed XML
        TypeError,
        UserWarning,
        ValueError,
    ) as error:
        raise DocumentError(
            f"{path} is no {what} that can be read: {type(error).__name__}: {error}",
            hint="export it as UIMA CAS XMI, with its type system beside it",
        ) from error


def _cassis() -> Any:
    """The library, whose types are not known, and which is heavy."""
    return import_module("cassis")
