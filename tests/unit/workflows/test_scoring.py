from pathlib import Path

import pytest
from annotation_sets import SCHEME, a_set, span
from contexts import without_folder

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle, Span
from workbench.core.article import Article
from workbench.errors import DocumentError
from workbench.workflows.scoring import ScoreDocument, score_files

DIGITS = "0123456789" * 10


def document(name: str, *spans: Span) -> AnnotatedArticle:
    article = Article.from_text(DIGITS + name, title=name)
    return AnnotatedArticle(article=article, annotations=SCHEME.normalise(a_set(*spans)))


def write(path: Path, *given: AnnotatedArticle) -> Path:
    path.write_text("".join(documents.to_json(one) + "\n" for one in given), encoding="utf-8")
    return path


def score(tmp_path: Path, gold: list[AnnotatedArticle], predicted: list[AnnotatedArticle]) -> ScoreDocument:
    paths = write(tmp_path / "gold.jsonl", *gold), write(tmp_path / "predicted.jsonl", *predicted)
    return score_files(without_folder(SCHEME), *paths, resamples=50)


STANCE = [
    span("h", "GPE", 0, 4),
    span("t", "ISSUE", 10, 15),
    span("s", "AGAINST", 5, 9, ("holder", "h"), ("target", "t")),
]


def test_a_stance_is_measured_by_expression_holder_target_and_triple(tmp_path: Path) -> None:
    wrong_target = [*STANCE[:2], span("o", "ORG", 20, 25), span("s", "AGAINST", 5, 9, ("holder", "h"), ("target", "o"))]
    report = score(tmp_path, [document("a", *STANCE)], [document("a", *wrong_target)]).report

    def f1(what: str, label: str = "*") -> float | None:
        row = report.row(what, "stances", label)
        assert row is not None
        return row.f1

    assert (f1("spans"), f1("spans", "AGAINST"), f1("arguments", "holder")) == (1, 1, 1)
    assert (f1("arguments", "target"), f1("frames")) == (0, 0)
    assert report.corrections == 2


def test_missing_predictions_count_as_empty_and_extra_ones_for_nothing(tmp_path: Path) -> None:
    gold = [document("a", *STANCE), document("b", *STANCE)]
    found = score(tmp_path, gold, [document("a", *STANCE), document("c", *STANCE)])
    assert [one.title for one in found.missing] == ["b"]
    assert len(found.extra) == 1
    row = found.report.row("spans", "entities")
    assert row is not None
    assert (row.tp, row.fp, row.fn) == (2, 0, 2)
    assert found.report.documents == 2


def test_articles_with_other_ids_are_paired_by_their_text(tmp_path: Path) -> None:
    one = document("a", *STANCE)
    renamed = one.model_copy(update={"article": one.article.model_copy(update={"id": "other"})})
    found = score(tmp_path, [one], [renamed])
    assert (found.by_text, found.missing, found.extra) == (1, (), ())
    row = found.report.row("frames", "stances")
    assert row is not None
    assert row.f1 == 1


def test_what_cannot_be_compared_is_refused(tmp_path: Path) -> None:
    one, other = document("a", *STANCE), document("b", *STANCE)
    same_id = other.model_copy(update={"article": other.article.model_copy(update={"id": one.article.id})})
    with pytest.raises(DocumentError, match="another text"):
        score(tmp_path, [one], [same_id])
    with pytest.raises(DocumentError, match=r"no article of .*gold.* is in .*, so there is nothing(?s:.*)--from-jsonl"):
        score(tmp_path, [one], [other])
    with pytest.raises(DocumentError, match="twice"):
        score(tmp_path, [one], [one, one])
    with pytest.raises(DocumentError, match="no articles"):
        score(tmp_path, [], [one])
