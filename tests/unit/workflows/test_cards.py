"""The card of an exported release: metadata that Hugging Face reads, and what is written from the data."""

from pathlib import Path

import pytest
import yaml
from annotation_sets import SCHEME

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Producer, Span
from workbench.core.article import Article
from workbench.workspace import Workspace

SIZES = {"n<1K", "1K<n<10K", "10K<n<100K", "100K<n<1M", "1M<n<10M", "10M<n<100M", "n>1T"}
"""Some of those that the Hub knows."""


def made(number: int, who: str, *, label: str = "GPE", licence: str = "", published: str | None = None) -> str:
    words = " ".join(f"w{'abcdefghij'[number]}{'abcdefghij'[n]}x" for n in range(10))
    text = f"Story {words}: Oslo praised Bern."
    meta = {"url": f"https://news{number % 2}.example/{number}", **({"license": licence} if licence else {})}
    article = Article.from_text(text, title=f"n{number}", published=published, meta=dict(meta))
    article = article.model_copy(update={"story_group": "one"})
    start = text.index("Oslo")
    span = Span(id="a", label=label, start=start, end=start + 4, text="Oslo")
    layers = {**SCHEME.empty_layers(), "entities": (span,)}
    producer = Producer(kind="person", name=who)
    found = AnnotationSet(producer=producer, scheme_digest=SCHEME.digest, layers=layers)
    return documents.to_json(AnnotatedArticle(article=article, annotations=found)) + "\n"


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace.create(tmp_path / "w")


def card(workspace: Workspace, lines: list[str], tmp_path: Path, *, form: str = "jsonl", **options) -> tuple[dict, str]:
    file = tmp_path / "given.jsonl"
    file.write_text("".join(lines), encoding="utf-8")
    workspace.import_(file)
    workspace.release("v1", **options)
    folder = workspace.export("v1", formats=[form], output=tmp_path / "out").exported[0].folder
    text = (folder / "README.md").read_text(encoding="utf-8")
    assert text.startswith("---\n")
    head, _, body = text.removeprefix("---\n").partition("\n---\n")
    return yaml.safe_load(head), body


def test_the_metadata_is_as_the_hub_reads_it(workspace: Workspace, tmp_path: Path) -> None:
    lines = [made(number, "ann", licence="CC BY 4.0") for number in range(10)]
    head, body = card(workspace, lines, tmp_path, split="article")
    assert head["license"] == "cc-by-4.0"
    assert head["language"] == ["en"]
    assert head["task_categories"] == ["token-classification", "text-classification"]
    assert head["size_categories"] == ["n<1K"]
    assert set(head["size_categories"]) <= SIZES
    assert head["configs"] == [
        {
            "config_name": "default",
            "data_files": [
                {"split": "train", "path": "train.jsonl"},
                {"split": "validation", "path": "dev.jsonl"},
                {"split": "test", "path": "test.jsonl"},
            ],
        }
    ]
    assert "- cc-by" not in body
    assert "- CC BY 4.0: 10 articles" in body


def test_licences_that_differ_are_unknown_or_have_no_identifier_are_said_so(
    workspace: Workspace, tmp_path: Path
) -> None:
    lines = [made(0, "ann", licence="mit"), made(1, "ann", licence="house rules"), made(2, "ann")]
    head, body = card(workspace, lines, tmp_path)
    assert (head["license"], head["license_name"]) == ("other", "several")
    assert "- 1 article states none." in body
    other = Workspace.create(tmp_path / "o")
    (tmp_path / "second").mkdir()
    head, _ = card(other, [made(0, "ann")], tmp_path / "second")
    assert head["license"] == "unknown"
    assert "license_name" not in head


def test_a_format_that_the_hub_cannot_load_names_no_files(workspace: Workspace, tmp_path: Path) -> None:
    head, _ = card(workspace, [made(0, "ann")], tmp_path, form="spacy")
    assert "configs" not in head
    assert head["pretty_name"] == "v1"


def test_limits_agreement_and_adjudication_are_written_from_the_data(workspace: Workspace, tmp_path: Path) -> None:
    lines = [made(number, "ann@x.example", published=f"2026-0{number + 1}-01") for number in range(4)]
    lines += [made(0, "ben@x.example"), made(1, "ben@x.example", label="ORG"), made(1, "cem@x.example", label="ORG")]
    head, body = card(workspace, lines, tmp_path, policy="majority", split="date:2026-03-01")
    assert head["size_categories"] == ["n<1K"]
    assert "- 2 annotated by one person" in body
    assert "- 1 on which all annotators agree" in body
    assert "- 1 decided by the majority of their annotators" in body
    assert "| entities | 0." in body
    assert "2 articles were annotated by two or more of 3 annotators" in body
    assert "- Published from 2026-01-01 to 2026-04-01" in body
    assert "- Sources (articles): news0.example 2, news1.example 2" in body
    assert "- dev holds nothing." in body
    assert "1 story lies in several parts" in body
    assert "- entities: fewer than 5 in train of " in body
    assert "annotator-1 4" in body
    assert "@" not in body


def test_agreement_that_is_not_known_is_not_made_up(workspace: Workspace, tmp_path: Path) -> None:
    _, body = card(workspace, [made(0, "ann")], tmp_path)
    assert "agreement is not known" in body
