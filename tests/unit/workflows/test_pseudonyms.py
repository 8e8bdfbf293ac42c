"""No export of any format names an annotator, nor an address of one; pseudonyms are the same everywhere."""

import io
import json
import zipfile
import zlib
from pathlib import Path

import pyarrow.parquet as parquet
import pytest
from annotation_sets import SCHEME

from workbench.core.annotations import AnnotationSet, Argument, Origin, Producer, Span
from workbench.core.article import Article
from workbench.core.ports import Silent
from workbench.formats.jsonl import JsonLinesFormat
from workbench.gold import building
from workbench.gold.pseudonyms import Pseudonyms, pseudonyms
from workbench.store import Store, annotations, articles, revisions
from workbench.store.revisions import Revision
from workbench.workflows.exporting import export
from workbench.workflows.importing import import_file
from workbench.workflows.known_formats import known_formats

ANNA, BEN, CARL = "anna.holm@newsdesk.example.org", "ben@newsdesk.example.org", "carlotta"
NAMES = ("anna.holm", "newsdesk", "ben@", "carlotta")


def submit(store: Store, article: Article, annotator: str, label: str, clock: int) -> None:
    start, head = article.text.index("Oslo"), article.text.index("praised")
    origin = Origin(producer=Producer(kind="person", name=CARL), decision="kept")
    oslo = Span(id="a", label=label, start=start, end=start + 4, text="Oslo", origin=origin)
    praised = Span(
        id="b",
        label="SUPPORT",
        start=head,
        end=head + 7,
        text="praised",
        arguments=(Argument(role="actor", target="a"),),
    )
    found = AnnotationSet(
        producer=Producer(kind="person", name=annotator, version=annotator),
        scheme_digest=SCHEME.digest,
        layers={**SCHEME.empty_layers(), "entities": (oslo,), "events": (praised,)},
    )
    with store.transaction() as session:
        key = annotations.keep(session, article.id, article.version, SCHEME.normalise(found))
        stamp = f"2026-01-01T00:00:{clock:02}+00:00"
        revision = Revision(
            article_id=article.id,
            article_version=1,
            annotator=annotator,
            origin="label-studio:1",
            external_id=f"{article.id} {annotator}",
            updated=stamp,
            created=stamp,
            state="submitted",
            set_id=key,
        )
        assert revisions.keep(session, revision)


@pytest.fixture
def released(tmp_path: Path) -> Store:
    """Two annotators on each of three articles, who differ on one, and a third whose work the spans came from."""
    store = Store.open(f"sqlite:///{tmp_path / 'workbench.db'}")
    for number, part in enumerate(("train", "dev", "test")):
        article = Article.from_text(f"Story {number}: Oslo praised Bern.", meta={"split": part})
        article = article.model_copy(update={"story_group": f"s{number}"})
        with store.transaction() as session:
            articles.add(session, article, raw=article.text)
        submit(store, article, ANNA, "ORG" if number == 0 else "GPE", 2 * number)
        submit(store, article, BEN, "GPE", 2 * number + 1)
    with store.transaction() as session:
        building.release(session, "v1", SCHEME, created="2026-02-02T00:00:00+00:00", policy="latest")
    return store


def everything(path: Path) -> str:
    """What a file says, as far as it can be unpacked."""
    raw = path.read_bytes()
    if path.suffix == ".parquet":
        return str(parquet.read_table(path).to_pylist()) + str(parquet.read_schema(path).metadata)
    if path.suffix == ".spacy":
        return zlib.decompress(raw).decode("utf-8", "replace")
    if zipfile.is_zipfile(io.BytesIO(raw)):
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            return "".join(archive.read(name).decode("utf-8", "replace") for name in archive.namelist())
    return raw.decode("utf-8", "replace")


ONLY_READ = {"argilla", "doccano"}


@pytest.mark.parametrize("name", sorted(known_formats().keys() - ONLY_READ))
def test_no_file_of_an_export_names_an_annotator(released: Store, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "exports"
    export(released, "v1", [name], folder, Silent())
    files = [path for path in folder.rglob("*") if path.is_file()]
    assert len(files) > 3
    for path in files:
        said = everything(path)
        assert not [one for one in NAMES if one in said.lower()], path
    assert any("annotator-" in everything(path) for path in files)


def test_an_import_of_an_export_keeps_the_pseudonym_as_the_annotator(released: Store, tmp_path: Path) -> None:
    export(released, "v1", ["jsonl"], tmp_path / "exports", Silent())
    other = Store.open(f"sqlite:///{tmp_path / 'other.db'}")
    for part in ("dev", "train"):
        file = tmp_path / "exports" / "v1" / "jsonl" / f"{part}.jsonl"
        import_file(other, file, JsonLinesFormat(), None, SCHEME, Silent())
    with other.reading() as session:
        came = revisions.annotators(session)
        assert came
        assert [pseudonyms(session)[one] for one in came] == came
    documents = (tmp_path / "exports" / "v1" / "jsonl" / "train.jsonl").read_text().splitlines()
    [document] = map(json.loads, documents)
    assert document["annotations"]["producer"]["name"] in came


def test_pseudonyms_stay_with_who_had_them_first() -> None:
    before = Pseudonyms.of([ANNA, "annotator-3", BEN]).names
    assert before == {ANNA: "annotator-1", "annotator-3": "annotator-3", BEN: "annotator-2"}
    after = Pseudonyms.of([ANNA, "annotator-3", BEN, CARL, "annotator-1"]).names
    assert {name: after[name] for name in before} == before
    assert (after[CARL], after["annotator-1"]) == ("annotator-4", "annotator-5")
