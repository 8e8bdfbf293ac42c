"""Annotations that were made elsewhere, taken into the store as a person's work; and files turned into other files."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from workbench.articles import ingest
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Origin, Producer
from workbench.core.article import Article, sha256
from workbench.core.frozen import Frozen
from workbench.core.ports import Format, FormatReport, Progress, Remark
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError, FormatError
from workbench.formats import by_suffix, choose, with_layers
from workbench.store import Store, Transaction, annotations, articles
from workbench.store.annotations import Revision
from workbench.store.database import now
from workbench.workflows.known_formats import known_formats

LEFT_OUT = "documents without annotation were left out"


class ImportReport(Frozen):
    """What became of each article of a file.

    `added` articles were new; `taken` annotations were new, `known` were there before. `restamped` were made under
    another scheme, which they fit; `without_raw` were cleaned elsewhere, and their raw text is not known. `annotators`
    are those whose work it counts as. `unmarked` layers have no span in the whole file, and count as annotated all the same.
    `left_out` documents are not annotated, `remarks` are about the others; `refused`
    says which articles were not taken, and why.
    """

    articles: int
    added: int
    taken: int
    known: int
    restamped: int
    without_raw: int
    annotators: tuple[str, ...] = ()
    unmarked: tuple[str, ...] = ()
    left_out: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()
    refused: tuple[Remark, ...] = ()


class ConvertReport(Frozen):
    """What was written; `left_out` documents are not annotated, `remarks` are about the others."""

    written: FormatReport
    left_out: tuple[Remark, ...] = ()
    remarks: tuple[Remark, ...] = ()


def format_for(path: Path, name: str | None, layers: Sequence[str] = ()) -> Format:
    """The format with this name, or the one whose files end like `path`; `layers` says GROUP=LAYER of its span groups.

    Raises:
        FormatError: there is no such format, the name of the file does not tell, or the format has no groups.
    """
    known = known_formats()
    return with_layers(choose(known, name) if name else by_suffix(known, path), layers)


def import_file(
    store: Store, path: Path, form: Format, annotator: str | None, scheme: LabelScheme, progress: Progress
) -> ImportReport:
    """What the file brought: its articles, where they are new, and its annotations as somebody's submitted work.

    It is the work of `annotator`, or where none is named of the person whom the file names. A document that is not
    annotated brings nothing.

    All of the file is taken or, where it is malformed, nothing. Taking the same file again changes nothing; taking a
    changed file of the same name is a new revision of what changed.

    Raises:
        DocumentError: the file is malformed; it names line and field. Nothing in it is annotated, or it does not say by
            whom.
        FormatError: the format cannot be read.
    """
    given = _Given()
    found = list(progress.track(given.annotated(form.read(path, scheme)), f"reading {path.name}"))
    if given.left_out and not found:
        raise given.nothing(path)
    documents = _by_person(found, _text(annotator or ""), path)
    marked = {layer for one in found for layer, _ in one.annotations.spans()}
    totals = dict.fromkeys(("added", "taken", "known", "restamped", "without_raw"), 0)
    refused: list[Remark] = []
    with store.transaction() as session:
        for one, person in progress.track(documents, "importing"):
            place = _place(session, one.article)
            if isinstance(place, str):
                refused.append(Remark(where=f"{one.article.id} ({one.article.title})", message=place))
                continue
            if place is None:
                raw = raw_of(one.article)
                articles.add(session, one.article, raw=raw or one.article.text)
                totals["added"] += 1
                totals["without_raw"] += raw is None
            taken = _take(session, one, place or one.article, person, scheme, f"import:{_text(path.name)}")
            totals["taken" if taken else "known"] += 1
            totals["restamped"] += one.annotations.scheme_digest != scheme.digest
        if totals["added"]:
            # Where the file does not say which articles are on one story, their texts do: before any split sees them.
            ingest.story_index(session)
    return ImportReport(
        articles=len({one.article.id for one, _ in documents}),
        annotators=tuple(sorted({person for _, person in documents})),
        unmarked=tuple(name for name in scheme.layer_by_name if name not in marked) if documents else (),
        left_out=tuple(given.left_out),
        remarks=tuple(given.remarks),
        refused=tuple(refused),
        **totals,
    )


def convert(source: Path, target: Path, reader: Format, writer: Format, scheme: LabelScheme) -> ConvertReport:
    """What was written to `target`: a file, or a folder where the format writes several.

    Raises:
        DocumentError: the source is malformed; it names line and field. Or nothing in it is annotated.
        FormatError: a format cannot be read or written, or the target cannot.
    """
    given = _Given()
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=target.parent) as name:
            work = Path(name) / "new"
            work.mkdir()
            report = writer.write(given.annotated(reader.read(source, scheme)), work, target.stem, scheme)
            if given.left_out and not report.articles:
                raise given.nothing(source)
            if len(report.files) == 1:
                (work / report.files[0]).replace(target)
            else:
                shutil.move(work, target)
    except OSError as error:
        raise FormatError(f"{target} cannot be written: {error.strerror}") from error
    return ConvertReport(written=report, left_out=tuple(given.left_out), remarks=tuple(given.remarks))


def raw_of(article: Article) -> str | None:
    """The raw text of an article, if its text and cuts give it back; None where cleaning did more than cut."""
    raw: list[str] = []
    position = kept = 0
    for cut in article.cuts:
        length = cut.start - position
        raw += [article.text[kept : kept + length], cut.text]
        kept, position = kept + length, cut.end
    raw.append(article.text[kept:])
    whole = "".join(raw)
    return whole if sha256(whole) == article.raw_sha256 else None


@dataclass
class _Given:
    """What a reader says besides the annotated articles."""

    left_out: list[Remark] = field(default_factory=list[Remark])
    remarks: list[Remark] = field(default_factory=list[Remark])

    def annotated(self, documents: Iterable[AnnotatedArticle | Remark]) -> Iterator[AnnotatedArticle]:
        """The annotated articles; what else there is, is kept."""
        for one in documents:
            if isinstance(one, AnnotatedArticle):
                yield one
            elif one.left_out:
                self.left_out.append(one)
            else:
                self.remarks.append(one)

    def nothing(self, path: Path) -> DocumentError:
        """What is to be said of a file in which nothing is annotated."""
        more = f", the first of {len(self.left_out)} documents," if len(self.left_out) > 1 else ""
        return DocumentError(
            f"nothing in {path} is annotated: {self.left_out[0].where}{more} {self.left_out[0].message}",
            hint="`workbench articles add` takes texts without annotations",
            lists={LEFT_OUT: [(one.where, one.message) for one in self.left_out]},
        )


def _text(name: str) -> str:
    """The name as text: from a command line or a folder it may hold bytes that the locale cannot read."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _by_person(documents: Iterable[AnnotatedArticle], annotator: str, path: Path) -> list[tuple[AnnotatedArticle, str]]:
    """The same documents, each with the person whose work it is.

    Raises:
        DocumentError: the file does not say whose, or a person has an article twice.
    """
    seen: set[tuple[str, str]] = set()
    found: list[tuple[AnnotatedArticle, str]] = []
    for one in documents:
        producer = one.annotations.producer
        person = annotator or (producer.name if producer.kind in ("person", "adjudicated") else "")
        if not person:
            made = f"was made by a program, {producer}" if producer.name else "names nobody"
            raise DocumentError(
                f"{path} does not say whose work it is: the annotation of {one.article.id} ({one.article.title}) {made}",
                hint="name the person whose work it counts as with `--annotator NAME`",
            )
        if (one.article.id, person) in seen:
            raise DocumentError(
                f"{path} has article {one.article.id} ({one.article.title}) twice",
                hint="one annotator has one annotation of an article; put the other into a file of its own",
            )
        seen.add((one.article.id, person))
        found.append((one, person))
    return found


def _place(session: Transaction, article: Article) -> Article | str | None:
    """The article as the store has it with this very text; None where it is new; else why it cannot be taken."""
    if not articles.known(session, article.id):
        return None
    newest = articles.get(session, article.id)
    for version in range(newest.version, 0, -1):
        there = articles.get(session, article.id, version)
        if there.text_sha256 == article.text_sha256:
            return there
    return "the store has it with another text, so offsets would not fit"


def _take(
    session: Transaction, one: AnnotatedArticle, place: Article, annotator: str, scheme: LabelScheme, origin: str
) -> bool:
    """Whether the annotations are new as this annotator's word from this origin."""
    kept = _as_work_of(annotator, one.annotations, scheme)
    key = annotations.keep(session, place.id, place.version, kept)
    external = f"{place.id} {annotator}"
    before = annotations.revisions(session, article_id=place.id, origin=origin, external_id=external)
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
        created=one.annotations.created or stamp,
        state="submitted",
        set_id=key,
    )
    return annotations.keep_revision(session, revision)


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
