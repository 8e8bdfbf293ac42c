import json
from pathlib import Path

import pytest
from annotation_sets import SCHEME
from format_cases import files, one_article
from hypothesis import HealthCheck, given, settings

from workbench.core.annotations import AnnotatedArticle
from workbench.core.scheme import LabelScheme
from workbench.errors import FormatError
from workbench.formats.gliner import Gliner2Format, GlinerFormat

TEXT = "👩‍👩‍👧 Anna e\N{COMBINING ACUTE ACCENT} of New\N{NO-BREAK SPACE}Oslo met envoys.\r\nשלום Haifa. Bern waits."


def article() -> AnnotatedArticle:
    return one_article(
        TEXT,
        ("GPE", "New\N{NO-BREAK SPACE}Oslo"),
        ("GPE", "Oslo"),
        ("GPE", "Haif"),
        ("CONSULT", "met"),
        roles=((3, "actor", 0), (3, "recipient", 2)),
    )


def test_gliner_has_tokens_and_inclusive_ends(tmp_path: Path) -> None:
    report = GlinerFormat().write([article()], tmp_path, "x", SCHEME)
    first, second, third = json.loads((tmp_path / "x.json").read_text(encoding="utf-8"))
    words = first["tokenized_text"]
    assert [(words[a : b + 1], label) for a, b, label in first["ner"]] == [
        (["New", "Oslo"], "GPE"),
        (["Oslo"], "GPE"),
        (["met"], "CONSULT"),
    ]
    assert second == {"tokenized_text": ["שלום", "Haifa", "."], "ner": [[1, 1, "GPE"]]}
    assert third == {"tokenized_text": ["Bern", "waits", "."], "ner": []}
    assert any("GPE 'Haif' is taken as 'Haifa'" in one for one in report.problems)
    assert "roles (2)" in report.problems[0]


def test_gliner2_has_offsets_definitions_negatives_and_roles_within_a_sentence(tmp_path: Path) -> None:
    report = Gliner2Format().write([article()], tmp_path, "x", SCHEME)
    first, second, third = map(json.loads, (tmp_path / "x.jsonl").read_text(encoding="utf-8").splitlines())
    met = first["input"].index("met")
    assert first["output"]["entities"]["CONSULT"] == [{"text": "met", "start": met, "end": met + 3}]
    assert first["output"]["relations"] == [
        {"actor": {"head": first["output"]["entities"]["CONSULT"][0], "tail": first["output"]["entities"]["GPE"][0]}}
    ]
    assert second["output"]["entities"]["GPE"] == [{"text": "Haif", "start": 5, "end": 9}]
    assert not any(third["output"]["entities"].values())
    assert set(third["output"]["entities"]) == set(SCHEME.layer_of_label)
    assert third["output"]["entity_descriptions"]["CONSULT"]
    assert "roles between sentences (1)" in report.problems[0]


@given(given_=files())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_every_span_is_in_an_example_under_any_scheme(
    tmp_path: Path, given_: tuple[LabelScheme, list[AnnotatedArticle]]
) -> None:
    scheme, articles = given_
    all_spans = sum(1 for one in articles for _ in one.annotations.spans())
    report = Gliner2Format().write(articles, tmp_path, "x", scheme)
    assert report.spans == all_spans
    for line in (tmp_path / "x.jsonl").read_text(encoding="utf-8").split("\n")[:-1]:
        example = json.loads(line)
        for several in example["output"]["entities"].values():
            for one in several:
                assert example["input"][one["start"] : one["end"]] == one["text"]
    tokenized = GlinerFormat().write(articles, tmp_path, "x", scheme)
    assert tokenized.spans + sum("has no token" in one for one in tokenized.problems) == all_spans
    for example in json.loads((tmp_path / "x.json").read_text(encoding="utf-8")):
        assert all(0 <= first <= last < len(example["tokenized_text"]) for first, last, _ in example["ner"])


@pytest.mark.parametrize("form", [GlinerFormat(), Gliner2Format()])
def test_they_are_not_read(tmp_path: Path, form: GlinerFormat) -> None:
    with pytest.raises(FormatError, match="written, not read"):
        form.read(tmp_path / "x", SCHEME)
    assert form.write([], tmp_path, "x", SCHEME).articles == 0
