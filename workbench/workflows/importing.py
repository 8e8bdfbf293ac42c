"""Annotations that were made elsewhere, taken into the store as a person's work."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.articles import ingest, readers
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Origin, Producer
from workbench.core.article import Article, same_text_sha256, sha256, undo_cuts
from workbench.core.batches import batches
from workbench.core.counted import counted
from workbench.core.ports import Format, Progress, Remark
from workbench.core.report import Report, Shown
from workbench.core.same_text import carried
from workbench.core.scheme import LabelScheme
from workbench.errors import ArticleError, PartlyDone, WorkbenchError
from workbench.formats import with_texts
from workbench.printable import titled
from workbench.store import Store, Transaction, annotations, articles, revisions, withdrawals
from workbench.store.database import now
from workbench.store.revisions import Revision
from workbench.workflows.context import Context
from workbench.workflows.documents import Found, Given, Refusal, format_to_read, listings, readings
from workbench.workflows.known_texts import KnownTexts

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
            f"{counted(self.articles, 'articles')}, {self.added} of them new; "
            f"{counted(self.taken, 'annotations')} taken, {self.known} known already"
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
            yield f"of {counted(self.without_raw, 'new articles')} only the cleaned text is known"
        yield from listings(self.left_out, self.remarks, self.refused)

    def failure(self) -> WorkbenchError | None:
        if not self.refused:
            return None
        return PartlyDone(
            f"{counted(len(self.refused), 'documents were refused')}; all others were taken",
            hint="mend them and import the file again: what was taken is not taken twice",
        )


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
        format_name: the format; None to tell by the export that the file is of, or by its name.
        layers: GROUP=LAYER for span groups that are called otherwise than the scheme's layers.
        texts: files and folders with the texts of documents that have none.
    """
    form = format_to_read(file, format_name, layers)
    if not texts:
        return import_file(context.store, file, form, annotator, context.scheme, context.progress)
    with KnownTexts(texts, context.progress) as known:
        form = with_texts(form, known.find)
        report = import_file(context.store, file, form, annotator, context.scheme, context.progress)
        return report.model_copy(update={"remarks": (*report.remarks, *known.refused)})


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
    given = Given()
    importing = _Importing(
        annotator=_text(annotator or ""), scheme=scheme, origin=f"import:{_text(path.name)}", given=given
    )
    tracked = progress.track(given.annotated(readings(form, path, scheme)), f"importing {path.name}")
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


def raw_of(article: Article) -> str | None:
    """The raw text of an article, if its text and cuts give it back; None where cleaning did more than cut."""
    try:
        whole = undo_cuts(article.text, article.cuts)
    except ArticleError:
        return None
    return whole if sha256(whole) == article.raw_sha256 else None


def _text(name: str) -> str:
    """The name as text: from a command line or a folder it may hold bytes that the locale cannot read."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


@dataclass
class _Importing:
    """What has become of the documents so far."""

    annotator: str
    scheme: LabelScheme
    origin: str
    given: Given
    counts: dict[str, int] = field(
        default_factory=lambda: dict.fromkeys(("added", "taken", "known", "restamped", "carried", "without_raw"), 0)
    )
    people: set[tuple[str, str]] = field(default_factory=set[tuple[str, str]])
    marked: set[str] = field(default_factory=set[str])

    def take(self, session: Transaction, chunk: Sequence[Found]) -> None:
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
        self.given.refused.append(Refusal(where=at, message=message, refused=True, hint=hint))


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
    """Whether the annotations are new as this annotator's word: no annotation of hers says the same already."""
    kept = _as_work_of(annotator, given, scheme)
    key = annotations.keep(session, place.id, place.version, kept)
    external = f"{place.id} {annotator}"
    hers = [one for one in revisions.current(session, [place.id]) if one.annotator == annotator]
    if any(one.set_id == key and one.state == "submitted" for one in hers):
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
