import json
from pathlib import Path

import jsonschema
import pytest
from annotation_sets import SCHEME, TEXT, a_set, span
from contexts import without_folder

from workbench.core import documents
from workbench.core.annotations import AnnotatedArticle
from workbench.core.article import Article
from workbench.workflows.schemas import schemas, write_schemas
from workbench.workflows.scoring import score_files

ROOT = Path(__file__).parents[2]
FOLDERS = [ROOT / "schemas", ROOT / "workbench" / "samples" / "schemas"]


@pytest.mark.parametrize("folder", FOLDERS, ids=["root", "package"])
def test_the_committed_schemas_are_current(folder: Path) -> None:
    committed = {path.name: path.read_text(encoding="utf-8") for path in folder.glob("*.schema.json")}
    assert committed == schemas(), "run `workbench schemas DIR` for schemas/ and workbench/samples/schemas/"


def test_the_readme_names_every_schema() -> None:
    readme = (ROOT / "schemas" / "README.md").read_text(encoding="utf-8")
    assert [name for name in schemas() if name not in readme] == []


def test_the_package_carries_the_label_config() -> None:
    shipped = ROOT / "workbench" / "samples" / "label_config.xml"
    assert shipped.read_bytes() == (ROOT / "label_config.xml").read_bytes()


def test_schemas_of_documents_that_are_no_more_go(tmp_path: Path) -> None:
    (tmp_path / "old.schema.json").write_text("{}")
    (tmp_path / "README.md").write_text("kept")
    write_schemas(tmp_path)
    assert {path.name for path in tmp_path.iterdir()} == {*schemas(), "README.md"}


def validator(name: str) -> jsonschema.Draft202012Validator:
    schema = json.loads(schemas()[f"{name}.schema.json"])
    jsonschema.Draft202012Validator.check_schema(schema)
    return jsonschema.Draft202012Validator(schema)


def document() -> str:
    article = Article.from_text(TEXT, source="f.txt", meta={"n": 1.5})
    found = a_set(span("a", "GPE", 0, 4), span("b", "AID", 5, 9, ("actor", "a"), modality="future"))
    return documents.to_json(AnnotatedArticle(article=article, annotations=found))


def test_what_is_written_fits_its_schema_and_what_is_malformed_does_not(tmp_path: Path) -> None:
    body = json.loads(document())
    validator("annotated-article").validate(body)
    validator("article").validate({"schema": body["schema"], "article": body["article"]})
    path = tmp_path / "a.jsonl"
    path.write_text(document() + "\n", encoding="utf-8")
    scores = score_files(without_folder(SCHEME), path, path)
    validator("score").validate(json.loads(scores.model_dump_json(by_alias=True)))
    for broken in (
        {**body, "x": 1},
        {key: value for key, value in body.items() if key != "schema"},
        {**body, "article": {**body["article"], "version": "one"}},
        {**body, "annotations": {**body["annotations"], "layers": {"entities": [{"id": "a"}]}}},
    ):
        assert not validator("annotated-article").is_valid(broken)
