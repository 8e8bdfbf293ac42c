"""Predicted annotations against gold ones, file against file."""

from collections.abc import Iterator
from pathlib import Path
from typing import Literal

from pydantic import Field

from workbench.core.annotations import AnnotatedArticle, Producer
from workbench.core.counted import counted
from workbench.core.frozen import Frozen
from workbench.core.measures import DocumentScore, ScoreReport, score_document, summarise
from workbench.core.ports import Remark
from workbench.core.report import Listing, Report, Shown
from workbench.core.scheme import LabelScheme
from workbench.errors import DocumentError
from workbench.formats.jsonl import JsonLinesFormat
from workbench.printable import titled
from workbench.workflows.context import Context


class ArticleName(Frozen):
    """An article in a report."""

    id: str
    title: str


class ScoreDocument(Report):
    """How well one file's annotations agree with another's.

    `missing` are gold articles without a prediction: they count as predicted empty. `extra` are predicted articles
    without gold: they count for nothing. `by_text` counts articles that were paired by text, not id. `remarks`
    say of documents what was not taken as it is: those without annotation, and white space at the edges of spans.
    """

    schema_: Literal["workbench/score/1"] = Field(default="workbench/score/1", alias="schema")
    gold: str
    predicted: str
    gold_by: tuple[str, ...]
    predicted_by: tuple[str, ...]
    scheme_digest: str
    report: ScoreReport
    missing: tuple[ArticleName, ...] = ()
    extra: tuple[ArticleName, ...] = ()
    by_text: int = 0
    remarks: tuple[str, ...] = ()

    def shown(self) -> Iterator[Shown]:
        """The scores, what was scored against what, and what was not."""
        scores = self.report
        yield from scores.shown()
        yield f"{counted(scores.documents, 'articles')}, {self.predicted} against {self.gold}"
        saved = "" if scores.saved is None else f", {scores.saved:.0%} fewer than from an empty page"
        yield f"{scores.corrections} corrections lead from the predictions to the gold{saved}"
        if self.by_text:
            yield f"{counted(self.by_text, 'articles were paired by their text')}: their ids differ"
        for names, what in (
            (self.missing, "articles have no prediction, and count as predicted empty"),
            (self.extra, "articles are not in the gold, and were not scored"),
        ):
            yield Listing(what, [titled(one.id, one.title) for one in names])
        yield Listing("remarks", self.remarks)


def score_files(context: Context, gold: Path, predicted: Path, *, resamples: int = 1000) -> ScoreDocument:
    """The scores of the annotated articles in `predicted` against those in `gold`, both JSON lines.

    Articles are paired by id, then by text.

    Raises:
        DocumentError: a file is malformed or has an article twice; the two have no article in common, or different texts
            for one.
    """
    scheme = context.scheme
    remarks: list[Remark] = []
    golds = _read(gold, scheme, remarks)
    guesses = _read(predicted, scheme, remarks)
    if not golds:
        raise DocumentError(
            f"{gold} has no articles that are annotated", hint="the first file is the gold, the second is measured"
        )
    by_text = {one.article.text_sha256: one for one in guesses.values() if one.article.id not in golds}
    paired_by_text: set[str] = set()
    missing: list[ArticleName] = []
    scores: list[DocumentScore] = []
    for one in context.progress.track(list(golds.values()), "scoring"):
        guess = guesses.get(one.article.id)
        if guess is None and one.article.text_sha256 in by_text:
            guess = by_text[one.article.text_sha256]
            paired_by_text.add(guess.article.id)
        if guess is None:
            missing.append(_name(one))
        elif guess.article.text_sha256 != one.article.text_sha256:
            raise DocumentError(
                f"article {titled(one.article.id, one.article.title)} has another text in {predicted} than in {gold}",
                hint="offsets can only be compared over one text: `workbench annotate --from-jsonl` leaves it as it is",
            )
        scores.append(_score(one, guess, scheme))
    if guesses and len(missing) == len(golds):
        raise DocumentError(
            f"no article of {gold} is in {predicted}, so there is nothing to score",
            hint=f"predictions for the same texts are made with `workbench annotate --from-jsonl {gold}`",
        )
    extra = [_name(one) for one in guesses.values() if one.article.id not in golds.keys() | paired_by_text]
    return ScoreDocument(
        gold=gold.name,
        predicted=predicted.name,
        gold_by=_producers(golds),
        predicted_by=_producers(guesses),
        scheme_digest=scheme.digest,
        report=summarise(scores, resamples=resamples),
        missing=tuple(missing),
        extra=tuple(extra),
        by_text=len(paired_by_text),
        remarks=tuple(str(one) for one in remarks),
    )


def _score(gold: AnnotatedArticle, guess: AnnotatedArticle | None, scheme: LabelScheme) -> DocumentScore:
    if guess is None:
        nothing = {"layers": scheme.empty_layers(), "document": {}, "producer": Producer(kind="rules", name="nothing")}
        return score_document(gold.annotations, gold.annotations.model_copy(update=nothing), scheme)
    return score_document(gold.annotations, guess.annotations, scheme)


def _read(path: Path, scheme: LabelScheme, remarks: list[Remark]) -> dict[str, AnnotatedArticle]:
    found: dict[str, AnnotatedArticle] = {}
    for one in JsonLinesFormat().read(path, scheme):
        if isinstance(one, Remark):
            remarks.append(one)
            continue
        if one.article.id in found:
            raise DocumentError(
                f"{path} has article {titled(one.article.id, one.article.title)} twice",
                hint="each article is scored once; take one of its annotations out",
            )
        found[one.article.id] = one
    return found


def _producers(articles: dict[str, AnnotatedArticle]) -> tuple[str, ...]:
    return tuple(sorted({str(one.annotations.producer) for one in articles.values()}))


def _name(one: AnnotatedArticle) -> ArticleName:
    return ArticleName(id=one.article.id, title=one.article.title)
