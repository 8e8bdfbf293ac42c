"""Annotates files and stores nothing: read, clean, suggest, write."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from workbench.articles import ingest, readers
from workbench.articles.readers import Refusal, Source
from workbench.core.annotations import AnnotatedArticle, Producer
from workbench.core.article import Article, same_text_sha256, undo_cuts
from workbench.core.counted import counted
from workbench.core.documents import to_json
from workbench.core.ports import PreAnnotator
from workbench.core.report import Listing, Report, Shown
from workbench.core.whitespace import trim
from workbench.errors import ArticleError, ModelError, PartlyDone, SettingsError, WorkbenchError
from workbench.pipeline import base, registry
from workbench.pipeline.assemble import ours
from workbench.pipeline.external import annotator_of
from workbench.pipeline.text import prepare
from workbench.preannotate.rules.annotator import Rules
from workbench.workflows.context import Context
from workbench.workflows.preannotate import champion


class AnnotateReport(Report):
    """What was annotated, and what was refused and why.

    `remarks` are the annotator's, how bytes were read that fit no encoding, and which texts were there twice.
    """

    producer: Producer
    articles: int
    spans: int
    refused: tuple[Refusal, ...]
    remarks: tuple[str, ...]

    def shown(self) -> Iterator[Shown]:
        """What was refused, what is to be said of the rest, and how much there is."""
        yield Listing("refused", [(one.name, one.reason) for one in self.refused], between=" ")
        yield from (f"note: {remark}" for remark in self.remarks)
        yield f"{counted(self.articles, 'articles')}, {counted(self.spans, 'spans')} by {self.producer}"

    def failure(self) -> WorkbenchError | None:
        """That files or rows were refused."""
        if not self.refused:
            return None
        what = f"{len(self.refused)} of {self.articles + len(self.refused)} files or rows were refused"
        return (PartlyDone if self.articles else ArticleError)(what, hint="see the list above")


def annotate_files(
    context: Context,
    paths: Sequence[Path | str],
    output: Path | TextIO,
    *,
    model: str | None = None,
    from_jsonl: bool = False,
) -> AnnotateReport:
    """What became of the files: every article is written to `output` as soon as it is annotated, one a line.

    Args:
        context: the workspace, or what needs none.
        paths: files, folders, or "-" for standard input.
        output: takes the JSON lines.
        model: suggests: a version in the registry, an installed pipeline for the rules, or a folder with either; None
            for what the workspace's annotators see, and for the rules where there is no workspace.
        from_jsonl: the files hold workbench documents; their text stays as it is, their annotations are replaced.

    Raises:
        ModelError: there is no such model, or it cannot be loaded.
        SettingsError: the output cannot be written.
        AnnotationError: a suggestion does not fit the scheme, which is a fault of the annotator.
    """
    chosen = annotator(context, model) if model is not None else _usual(context)
    if not isinstance(output, Path):
        return _annotate(context, paths, output, chosen, from_jsonl=from_jsonl)
    try:
        stream = output.open("w", encoding="utf-8", newline="\n")
    except OSError as error:
        raise SettingsError(f"{output} cannot be written: {error.strerror}", hint="name another file") from error
    with stream:
        return _annotate(context, paths, stream, chosen, from_jsonl=from_jsonl)


def _annotate(
    context: Context, paths: Sequence[Path | str], output: TextIO, annotator: PreAnnotator, *, from_jsonl: bool
) -> AnnotateReport:
    scheme = context.scheme
    refused: list[Refusal] = []
    strays: list[ingest.StrayBytes] = []
    waiting: deque[Article] = deque()
    seen: dict[str, str] = {}
    twice: list[str] = []

    def articles() -> Iterator[Article]:
        for found in documents(paths) if from_jsonl else ingest.read_articles(paths, stray_bytes=strays):
            if isinstance(found, Refusal):
                refused.append(found)
                continue
            text = _same_text(found)
            if not from_jsonl and text in seen:
                twice.append(f"{found.source} has the same text as {seen[text]}, and is one article with it")
                continue
            seen[text] = found.source
            waiting.append(found)
            yield found

    written = spans = 0
    for suggested in context.progress.track(annotator.annotate(articles()), "annotating"):
        article = waiting.popleft()
        annotations = trim(suggested)[0]
        scheme.check(annotations, article.text)
        output.write(to_json(AnnotatedArticle(article=article, annotations=annotations)) + "\n")
        written += 1
        spans += sum(1 for _ in annotations.spans())
    output.flush()
    read_so = tuple(f"UTF-8 but for stray bytes, which were read as Windows-1252: {one}" for one in strays)
    return AnnotateReport(
        producer=annotator.producer,
        articles=written,
        spans=spans,
        refused=tuple(refused),
        remarks=(*twice, *read_so, *annotator.remarks),
    )


def _same_text(article: Article) -> str:
    """What the articles with this text have in common, whatever their byte order marks and line ends."""
    try:
        return same_text_sha256(undo_cuts(article.text, article.cuts))
    except ArticleError:
        return same_text_sha256(article.text)


def _usual(context: Context) -> PreAnnotator:
    """What the workspace's annotators see; the rules where there is no workspace, or another scheme is asked for."""
    return champion(context) if context.has_own_scheme else Rules(context.scheme)


def annotator(context: Context, name: str) -> PreAnnotator:
    """What annotates by this name: a trained model, or the rules on a spaCy pipeline.

    Args:
        context: the workspace with its registry, or what needs none.
        name: a version in the registry, an installed pipeline, or a folder with either.

    Raises:
        ModelError: there is none of that name, or a trained one is damaged or was trained under another scheme.
    """
    scheme = context.scheme
    for folder in (Path(name), context.models / name if context.models else None):
        if folder is not None and registry.holds(folder):
            return annotator_of(registry.take(folder), folder.name, scheme)
    try:
        base.resolve(name)
    except ModelError as error:
        known = registry.versions(context.models) if context.models else []
        if not known:
            raise
        raise ModelError(f"{name!r} is no model ({', '.join(known)}), and {error.message}", hint=error.hint) from error
    nlp = base.read(name)
    if ours(nlp):
        return annotator_of(nlp, base.identity(nlp), scheme)
    return Rules(scheme, nlp=prepare(nlp))


def documents(paths: Iterable[Path | str]) -> Iterator[Article | Refusal]:
    """The articles of workbench documents, exactly as they stand there."""
    for found in readers.read(paths, kind="jsonl"):
        if isinstance(found, Source):
            yield found.article or Refusal(name=found.name, reason="is no workbench document: it has no schema")
        elif isinstance(found, Refusal):
            yield found
