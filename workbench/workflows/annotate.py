"""Annotates files without a store or a server: read, clean, suggest, write."""

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TextIO

from workbench import files
from workbench.articles import ingest, readers
from workbench.articles.readers import Refusal, Source
from workbench.core.annotations import AnnotatedArticle, Producer
from workbench.core.article import Article
from workbench.core.documents import to_json
from workbench.core.frozen import Frozen
from workbench.core.ports import PreAnnotator, Progress
from workbench.core.scheme import LabelScheme
from workbench.core.whitespace import trim
from workbench.pipeline import base, registry
from workbench.pipeline.assemble import ours
from workbench.pipeline.predict import TrainedModel
from workbench.preannotate.rules.annotator import Rules


class AnnotateReport(Frozen):
    """What was annotated, and what was refused and why.

    `remarks` are the annotator's, and how bytes were read that fit no encoding.
    """

    producer: Producer
    articles: int
    spans: int
    refused: tuple[Refusal, ...]
    remarks: tuple[str, ...]


def annotate_files(
    paths: Sequence[Path | str],
    annotator: PreAnnotator,
    scheme: LabelScheme,
    output: TextIO,
    progress: Progress,
    *,
    from_jsonl: bool = False,
) -> AnnotateReport:
    """What became of the files: every article is written to `output` as soon as it is annotated, one a line.

    Args:
        paths: files, folders, or "-" for standard input.
        annotator: suggests.
        scheme: what it suggests under.
        output: takes the JSON lines.
        progress: shows how far it is.
        from_jsonl: the files hold workbench documents; their text stays as it is, their annotations are replaced.

    Raises:
        AnnotationError: a suggestion does not fit the scheme, which is a fault of the annotator.
    """
    refused: list[Refusal] = []
    strays: list[ingest.StrayBytes] = []
    waiting: deque[Article] = deque()

    def articles() -> Iterator[Article]:
        for found in documents(paths) if from_jsonl else ingest.read_articles(paths, stray_bytes=strays):
            if isinstance(found, Refusal):
                refused.append(found)
            else:
                waiting.append(found)
                yield found

    written = spans = 0
    for suggested in progress.track(annotator.annotate(articles()), "annotating"):
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
        remarks=(*read_so, *annotator.remarks),
    )


def annotator(name: str, scheme: LabelScheme, models: Path | None = None) -> PreAnnotator:
    """What annotates by this name: a trained model, or the rules on a spaCy pipeline.

    Args:
        name: a version in the registry `models`, an installed pipeline, or a folder with either.
        scheme: what is to be suggested.
        models: the workspace's registry, where there is one.

    Raises:
        ModelError: there is none of that name, or a trained one is damaged or was trained under another scheme.
    """
    for folder in (Path(name), models / name if models is not None else None):
        if folder is not None and (folder / files.SUMS).is_file():
            return TrainedModel(registry.take(folder), folder.name, scheme)
    nlp = base.load(name)
    if ours(nlp):
        return TrainedModel(nlp, base.identity(nlp), scheme)
    return Rules(scheme, nlp=nlp)


def documents(paths: Iterable[Path | str]) -> Iterator[Article | Refusal]:
    """The articles of workbench documents, exactly as they stand there."""
    for found in readers.read(paths, kind="jsonl"):
        if isinstance(found, Source):
            yield found.article or Refusal(name=found.name, reason="is no workbench document: it has no schema")
        elif isinstance(found, Refusal):
            yield found
