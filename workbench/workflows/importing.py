"""Annotations that were made elsewhere, taken into the store as a person's work; and files turned into other files."""

import re
import shutil
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from pydantic import Field

from workbench import files, foreign
from workbench.articles import ingest, readers
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Origin, Producer
from workbench.core.article import Article, same_text_sha256, sha256, undo_cuts
from workbench.core.batches import batches
from workbench.core.ports import ByDocument, Format, FormatReport, Progress, Remark
from workbench.core.report import Listing, Report, Shown
from workbench.core.same_text import carried
from workbench.core.scheme import LabelScheme
from workbench.errors import ArticleError, DocumentError, FormatError, PartlyDone, WorkbenchError
from workbench.formats import by_suffix, choose, with_layers, with_texts
from workbench.printable import titled
from workbench.store import Store, Transaction, annotations, articles, revisions, withdrawals
from workbench.store.database import now
from workbench.store.revisions import Revision
from workbench.workflows.context import Context
from workbench.workflows.known_formats import known_formats
from workbench.workflows.known_texts import KnownTexts

LEFT_OUT = "documents without annotation were left out"
REFUSED = "documents were refused"
CHUNK = 100
"""How many documents are kept in one transaction."""


class ImportReport(Report):
    """What became of each article of a file.

    `added` articles were new; `taken` annotations were new, `known` were there before. `restamped` were made under
    another scheme, which they fit; `carried` belong to an article that the store has with other line ends, byte order mark
    or cuts, and got its offsets; `without_raw` were cleaned elsewhere, and their raw text is not known. `annotators`
    are those whose work it counts as. `unmarked` layers have no span in the whole file, and count as annotated all the same.
    `left_out` documents are not annotated, `remarks` are about the others; `refused`
    says which were not taken, and why.
    """

    articles: int
    added: int
    taken: int
    known: int
    restamped: int
    carried: int
    without_raw: int
    named_by_file: bool = False
    annotators: tuple[str, ...] = ()
    unmarked: tuple[str, ...] = ()
    left_out: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    refused: tuple[Remark, ...] = ()

    def shown(self) -> Iterator[Shown]:
        yield (
            f"{self.articles} articles, {self.added} of them new; "
            f"{self.taken} annotations taken, {self.known} known already"
        )
        if self.named_by_file and self.annotators:
            yield f"they count as the work of {', '.join(self.annotators)}, whom the file names"
        if self.restamped:
            yield f"{self.restamped} were made under another label scheme, and fit this one"
        if self.carried:
            yield f"{self.carried} are of articles that the store has in another encoding, and got the offsets there"
        if self.unmarked:
            yield (
                f"nothing in it is marked as {', '.join(self.unmarked)}: that counts as annotated, with nothing to mark"
            )
        if self.without_raw:
            yield f"of {self.without_raw} new articles only the cleaned text is known"
        yield from _listings(self.left_out, self.remarks, self.refused)

    def failure(self) -> WorkbenchError | None:
        if not self.refused:
            return None
        return PartlyDone(
            f"{len(self.refused)} documents were refused; all others were taken",
            hint="mend them and import the file again: what was taken is not taken twice",
        )


class ConvertReport(Report):
    """What was written to `target`; `left_out` documents are not annotated, `remarks` are about the others."""

    target: Path
    written: FormatReport
    left_out: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    refused: tuple[Remark, ...] = ()

    def shown(self) -> Iterator[Shown]:
        yield f"{self.written.articles} articles, {self.written.spans} spans: {self.target}"
        yield from _listings(self.left_out, self.remarks, self.refused)
        yield Listing("cases that the format does not hold as they are", self.written.problems)

    def failure(self) -> WorkbenchError | None:
        if not self.refused:
            return None
        return PartlyDone(
            f"{len(self.refused)} documents were refused; all others were written", hint="mend them, and convert again"
        )


def _listings(left_out: Sequence[Remark], remarks: Sequence[Remark], refused: Sequence[Remark]) -> Iterator[Shown]:
    for heading, several in ((LEFT_OUT, left_out), ("remarks", remarks), (REFUSED, refused)):
        yield Listing(heading, tuple((one.where, one.message) for one in several))


def import_annotations(
    context: Context,
    file: Path,
    *,
    annotator: str | None = None,
    format_name: str | None = None,
    layers: Sequence[str] = (),
    texts: Sequence[Path] = (),
) -> ImportReport:
    """What the file brought; see `import_file`.

    Args:
        context: the workspace.
        file: the file, or a folder where the format has several files.
        annotator: whose work it is; None where the file says it.
        format_name: the format; None to tell by the file's name.
        layers: GROUP=LAYER for span groups that are called otherwise than the scheme's layers.
        texts: files and folders with the texts of documents that have none.
    """
    form = format_for(file, format_name, layers)
    if not texts:
        return import_file(context.store, file, form, annotator, context.scheme, context.progress)
    with KnownTexts(texts, context.progress) as known:
        form = with_texts(form, known.find)
        report = import_file(context.store, file, form, annotator, context.scheme, context.progress)
        return report.model_copy(update={"remarks": (*report.remarks, *known.refused)})


def convert_file(
    context: Context,
    source: Path,
    target: Path,
    *,
    source_format: str | None = None,
    target_format: str | None = None,
    layers: Sequence[str] = (),
) -> ConvertReport:
    """What was written to `target`; see `convert`. Formats are told by the files' names where none are named."""
    reader, writer = format_for(source, source_format, layers), format_for(target, target_format)
    return convert(source, target, reader, writer, context.scheme)


def format_for(path: Path, name: str | None, layers: Sequence[str] = ()) -> Format:
    """The format with this name, or the one whose files end like `path`; `layers` says GROUP=LAYER of its span groups.

    Raises:
        DocumentError: the file is an archive.
        FormatError: there is no such format, the name of the file does not tell, or the format has no groups.
    """
    known = known_formats()
    if path.is_file():
        foreign.not_packed(path)
    return with_layers(choose(known, name) if name else by_suffix(known, path), layers)


def import_file(
    store: Store, path: Path, form: Format, annotator: str | None, scheme: LabelScheme, progress: Progress
) -> ImportReport:
    """What the file brought: its articles, where they are new, and its annotations as somebody's submitted work.

    It is the work of `annotator`, or where none is named of the person whom the file names. A document that is not
    annotated brings nothing; one that is malformed or does not fit is refused alone.

    Documents are kept in chunks, so an interrupted import has kept what it had done. Taking the same file again changes
    nothing; taking a changed file of the same name is a new revision of what changed.

    Raises:
        DocumentError: nothing of the file can be taken; it names file, line and field. Or nothing in it is annotated.
        FormatError: the format cannot be read.
    """
    given = _Given()
    importing = _Importing(
        annotator=_text(annotator or ""), scheme=scheme, origin=f"import:{_text(path.name)}", given=given
    )
    tracked = progress.track(given.annotated(_readings(form, path, scheme)), f"importing {path.name}")
    for chunk in batches(tracked, CHUNK):
        # One run at a time keeps a chunk, so that two that read the same text don't both take it for new.
        with store.exclusive("articles", progress), store.transaction() as session:
            importing.take(session, chunk)
    if not importing.people:
        given.raise_for(path)
    if importing.counts["added"]:
        with store.exclusive("articles", progress), store.transaction() as session:
            # Where the file does not say which articles are on one story, their texts do: before any split sees them.
            ingest.story_index(session)
    marked = importing.marked
    return ImportReport(
        articles=len({article for article, _ in importing.people}),
        named_by_file=not annotator,
        annotators=tuple(sorted({person for _, person in importing.people})),
        unmarked=tuple(name for name in scheme.layer_by_name if name not in marked) if importing.people else (),
        left_out=tuple(given.left_out),
        remarks=tuple(given.remarks),
        refused=tuple(given.refused),
        **importing.counts,
    )


def convert(source: Path, target: Path, reader: Format, writer: Format, scheme: LabelScheme) -> ConvertReport:
    """What was written to `target`: a file, or a folder where the format writes several. It appears as a whole or not.

    Raises:
        DocumentError: nothing of the source can be taken; it names line and field. Or nothing in it is annotated.
        FormatError: a format cannot be read or written, or the target cannot.
    """
    given = _Given()
    try:
        with files.work_folder(target.parent) as work:
            found = (one for _, one in given.annotated(_readings(reader, source, scheme)))
            report = writer.write(found, work, target.stem, scheme)
            if not report.articles:
                given.raise_for(source)
            if len(report.files) == 1:
                (work / report.files[0]).replace(target)
            else:
                shutil.move(work, target)
    except OSError as error:
        raise FormatError(f"{target} cannot be written: {error.strerror}") from error
    return ConvertReport(
        target=target,
        written=report,
        left_out=tuple(given.left_out),
        remarks=tuple(given.remarks),
        refused=tuple(given.refused),
    )


_Found = tuple[str, AnnotatedArticle]
"""Where an annotated article stands, and itself."""


def _readings(form: Format, path: Path, scheme: LabelScheme) -> Iterator[tuple[str, AnnotatedArticle | Remark]]:
    """What the file holds, and where; a document that is refused is a remark, and the next one is read."""
    whole = ((str(path), form.read(path, scheme)) for _ in range(1))
    try:
        if not path.exists():
            raise DocumentError(f"{path} cannot be read: No such file or directory")
        for where, reading in form.documents(path, scheme) if isinstance(form, ByDocument) else whole:
            try:
                for one in reading:
                    yield where, one
            except DocumentError as error:
                yield where, _Refusal.of(error)
    except DocumentError as error:
        yield str(path), _Refusal.of(error)


def raw_of(article: Article) -> str | None:
    """The raw text of an article, if its text and cuts give it back; None where cleaning did more than cut."""
    try:
        whole = undo_cuts(article.text, article.cuts)
    except ArticleError:
        return None
    return whole if sha256(whole) == article.raw_sha256 else None


class _Refusal(Remark):
    """A document that was refused, with the error that says why."""

    hint: str = ""
    lists: dict[str, tuple[tuple[str, str], ...]] = Field(default_factory=dict)

    @classmethod
    def of(cls, error: DocumentError) -> "_Refusal":
        plain = Remark.refusal(error)
        lists = {heading: tuple(entries) for heading, entries in error.lists.items()}
        return cls(where=plain.where, message=plain.message, refused=True, hint=error.hint, lists=lists)


@dataclass
class _Given:
    """What a reader says besides the annotated articles."""

    left_out: list[Remark] = field(default_factory=list[Remark])
    remarks: list[Remark] = field(default_factory=list[Remark])
    refused: list[Remark] = field(default_factory=list[Remark])

    def annotated(self, documents: Iterable[tuple[str, AnnotatedArticle | Remark]]) -> Iterator[_Found]:
        """The annotated articles, and where they stand; what else there is, is kept."""
        for where, one in documents:
            if isinstance(one, AnnotatedArticle):
                yield where, one
            elif one.refused:
                self.refused.append(one)
            elif one.left_out:
                self.left_out.append(one)
            else:
                self.remarks.append(one)

    def raise_for(self, path: Path) -> None:
        """Says why nothing of the file was taken, where there is anything to say.

        Raises:
            DocumentError: every document was refused, or none is annotated.
        """
        if self.refused:
            first = self.refused[0]
            more = f" (and {len(self.refused) - 1} more documents were refused)" if len(self.refused) > 1 else ""
            lists: Mapping[str, Sequence[tuple[str, str]]] = {
                REFUSED: [(one.where, one.message) for one in self.refused]
            }
            if isinstance(first, _Refusal) and len(self.refused) == 1:
                lists = first.lists
            hint = first.hint if isinstance(first, _Refusal) else ""
            raise DocumentError(
                f"{first.where + ': ' if first.where else ''}{first.message}{more}", hint=hint, lists=lists
            )
        if self.left_out:
            more = f", the first of {len(self.left_out)} documents," if len(self.left_out) > 1 else ""
            raise DocumentError(
                f"nothing in {path} is annotated: {self.left_out[0].where}{more} {self.left_out[0].message}",
                hint="`workbench articles add` takes texts without annotations",
                lists={LEFT_OUT: [(one.where, one.message) for one in self.left_out]},
            )


def _text(name: str) -> str:
    """The name as text: from a command line or a folder it may hold bytes that the locale cannot read."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@dataclass
class _Importing:
    """What has become of the documents so far."""

    annotator: str
    scheme: LabelScheme
    origin: str
    given: _Given
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("added", "taken", "known", "restamped", "carried", "without_raw"), 0)
    )
    people: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    marked: set[str] = field(default_factory=set[str])

    def take(self, session: Transaction, chunk: Sequence[_Found]) -> None:
        """Keeps the articles of a chunk and their annotations, or says why not."""
        raws = [raw_of(one.article) for _, one in chunk]
        same = [same_text_sha256(raw or one.article.text) for (_, one), raw in zip(chunk, raws, strict=True)]
        texts = articles.with_same_text(session, same)
        for (where, one), raw, digest in zip(chunk, raws, same, strict=True):
            person = self._person(where, one)
            if not person:
                continue
            if (fault := _fault(one)) is not None:
                self._refuse(where, one, fault)
                continue
            known = one.article.id if articles.known(session, one.article.id) else texts.get(digest)
            place, found = one.article, one.annotations
            if known is not None:
                kept = _placed(session, known, one)
                if isinstance(kept, str):
                    self._refuse(where, one, kept)
                    continue
                place, found = kept
            if (place.id, person) in self.people:
                self._refuse(
                    where,
                    one,
                    f"is there twice as the work of {person}: one annotator has one annotation of an article",
                )
                continue
            if known is None:
                articles.add(session, one.article, raw=raw or one.article.text)
                texts.setdefault(digest, one.article.id)
                self.counts["added"] += 1
                self.counts["without_raw"] += raw is None
            elif place.id != one.article.id:
                articles.add_source(session, place.id, one.article.source)
            self.people.add((place.id, person))
            taken = _take(session, found, place, person, self.scheme, self.origin)
            self.counts["taken" if taken else "known"] += 1
            self.counts["restamped"] += found.scheme_digest != self.scheme.digest
            self.counts["carried"] += place.text_sha256 != one.article.text_sha256
            self.marked.update(layer for layer, spans in found.layers.items() if spans)

    def _person(self, where: str, one: AnnotatedArticle) -> str:
        """Whose work it is; empty, and refused, where nothing says it."""
        producer = one.annotations.producer
        person = self.annotator or (producer.name if producer.kind in ("person", "adjudicated") else "")
        if not person:
            made = f"was made by a program, {producer}" if producer.name else "names nobody"
            self._refuse(
                where,
                one,
                f"does not say whose work it is: its annotation {made}",
                hint="name the person whose work it counts as with `--annotator NAME`",
            )
        return person

    def _refuse(self, where: str, one: AnnotatedArticle, message: str, *, hint: str = "") -> None:
        at = f"{where}, {titled(one.article.id, one.article.title)}"
        self.given.refused.append(_Refusal(where=at, message=message, refused=True, hint=hint))


_NUL = re.compile(r"(?<!\\)(?:\\\\)*\\u0000")


def _fault(one: AnnotatedArticle) -> str | None:
    """Why no database could keep the article's fields or its annotations, or None."""
    try:
        written = one.annotations.model_dump_json()
        one.article.text.encode()
    except ValueError:  # half a surrogate
        return "holds half a character, which no file or database keeps"
    if _NUL.search(written) or "\0" in one.article.text:
        return "holds a NUL, which no database keeps"
    return readers.fault_of_article(one.article)


def _placed(session: Transaction, known: str, one: AnnotatedArticle) -> tuple[Article, AnnotationSet] | str:
    """The article as the store has it, and the annotations with its offsets; or why they cannot be taken."""
    withdrawal = withdrawals.current(session, [known]).get(known)
    if withdrawal is not None and withdrawal.erased:
        return str(withdrawal)
    newest = articles.get(session, known)
    for version in range(newest.version, 0, -1):
        there = newest if version == newest.version else articles.get(session, known, version)
        if there.text_sha256 == one.article.text_sha256:
            return there, one.annotations
    found = carried(one.annotations, one.article, newest)
    return found if isinstance(found, str) else (newest, found)


def _take(
    session: Transaction, given: AnnotationSet, place: Article, annotator: str, scheme: LabelScheme, origin: str
) -> bool:
    """Whether the annotations are new as this annotator's word from this origin."""
    kept = _as_work_of(annotator, given, scheme)
    key = annotations.keep(session, place.id, place.version, kept)
    external = f"{place.id} {annotator}"
    before = revisions.find(session, article_id=place.id, origin=origin, external_id=external)
    if before and before[-1].set_id == key:
        return False
    stamp = now()
    revision = Revision(
        article_id=place.id,
        article_version=place.version,
        annotator=annotator,
        origin=origin,
        external_id=external,
        updated=stamp,
        created=given.created or stamp,
        state="submitted",
        set_id=key,
    )
    return revisions.keep(session, revision)


def _as_work_of(annotator: str, given: AnnotationSet, scheme: LabelScheme) -> AnnotationSet:
    """The set as this annotator's under our scheme; what a program made keeps that program as its origin."""
    layers = given.layers
    if given.producer.kind in ("rules", "model"):
        made_by = Origin(producer=given.producer)
        layers = {
            name: tuple(span if span.origin else span.model_copy(update={"origin": made_by}) for span in spans)
            for name, spans in given.layers.items()
        }
    producer = Producer(kind="person", name=annotator)
    return given.model_copy(update={"producer": producer, "scheme_digest": scheme.digest, "layers": layers})
