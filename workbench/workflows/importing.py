"""Annotations that were made elsewhere, taken into the store as a person's work; and files turned into other files."""

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

from workbench.articles import ingest
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Origin, Producer
from workbench.core.article import Article, sha256
from workbench.core.frozen import Frozen
from workbench.core.ports import Format, FormatReport, Progress
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError, FormatError
from workbench.formats import by_suffix, choose
from workbench.store import Store, Transaction, annotations, articles
from workbench.store.annotations import Revision
from workbench.store.database import now
from workbench.workflows.known_formats import known_formats


class ImportReport(Frozen):
    """What became of each article of a file.

    `added` articles were new; `taken` annotations were new, `known` were there before. `restamped` were made under
    another scheme, which they fit; `without_raw` were cleaned elsewhere, and their raw text is not known. `refused`
    says which articles were not taken, and why.
    """

    articles: int
    added: int
    taken: int
    known: int
    restamped: int
    without_raw: int
    refused: tuple[str, ...] = ()


def format_for(path: Path, name: str | None) -> Format:
    """The format with this name, or the one whose files end like `path`.

    Raises:
        FormatError: there is no such format, or the name of the file does not tell.
    """
    known = known_formats()
    return choose(known, name) if name else by_suffix(known, path)


def import_file(
    store: Store, path: Path, form: Format, annotator: str, scheme: LabelScheme, progress: Progress
) -> ImportReport:
    """What the file brought: its articles, where they are new, and its annotations as this annotator's submitted work.

    All of the file is taken or, where it is malformed, nothing. Taking the same file again changes nothing; taking a
    changed file of the same name is a new revision of what changed.

    Raises:
        DocumentError: the file is malformed; it names line and field.
        FormatError: the format cannot be read.
    """
    documents = list(progress.track(_once(form.read(path, scheme), path), f"reading {path.name}"))
    totals = dict.fromkeys(("added", "taken", "known", "restamped", "without_raw"), 0)
    refused: list[str] = []
    with store.transaction() as session:
        for one in progress.track(documents, "importing"):
            place = _place(session, one.article)
            if isinstance(place, str):
                refused.append(place)
                continue
            if place is None:
                raw = raw_of(one.article)
                articles.add(session, one.article, raw=raw or one.article.text)
                totals["added"] += 1
                totals["without_raw"] += raw is None
            taken = _take(session, one, place or one.article, annotator, scheme, f"import:{path.name}")
            totals["taken" if taken else "known"] += 1
            totals["restamped"] += one.annotations.scheme_digest != scheme.digest
        if totals["added"]:
            # Where the file does not say which articles are on one story, their texts do: before any split sees them.
            ingest.story_index(session)
    return ImportReport(articles=len(documents), refused=tuple(refused), **totals)


def convert(source: Path, target: Path, reader: Format, writer: Format, scheme: LabelScheme) -> FormatReport:
    """What was written to `target`: a file, or a folder where the format writes several.

    Raises:
        DocumentError: the source is malformed; it names line and field.
        FormatError: a format cannot be read or written, or the target cannot.
    """
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".writing-", dir=target.parent) as name:
            work = Path(name) / "new"
            work.mkdir()
            report = writer.write(reader.read(source, scheme), work, target.stem, scheme)
            if len(report.files) == 1:
                (work / report.files[0]).replace(target)
            else:
                shutil.move(work, target)
    except OSError as error:
        raise FormatError(f"{target} cannot be written: {error.strerror}") from error
    return report


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


def _once(documents: Iterator[AnnotatedArticle], path: Path) -> Iterator[AnnotatedArticle]:
    """The same documents, checked that no article comes twice.

    Raises:
        DocumentError: one does.
    """
    seen: set[str] = set()
    for one in documents:
        if one.article.id in seen:
            raise DocumentError(
                f"{path} has article {one.article.id} ({one.article.title}) twice",
                hint="one annotator has one annotation of an article; put the other into a file of its own",
            )
        seen.add(one.article.id)
        yield one


def _place(session: Transaction, article: Article) -> Article | str | None:
    """The article as the store has it with this very text; None where it is new; else why it cannot be taken."""
    if not articles.known(session, article.id):
        return None
    newest = articles.get(session, article.id)
    for version in range(newest.version, 0, -1):
        there = articles.get(session, article.id, version)
        if there.text_sha256 == article.text_sha256:
            return there
    return f"{article.id} ({article.title}): the store has it with another text, so offsets would not fit"


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
