import json
from pathlib import Path

import pytest
from annotation_sets import SCHEME
from format_cases import files, one_article
from hypothesis import HealthCheck, given, settings

from workbench.core.annotations import AnnotatedArticle
from workbench.core.scheme import LabelScheme
from workbench.errors import FormatError
from workbench.formats.webannotation import WebAnnotationFormat

TEXT = "👩‍👩‍👧 Anna e\N{COMBINING ACUTE ACCENT} of Oslo\N{NO-BREAK SPACE}met\r\nשלום Haifa."


def test_a_span_and_a_role_are_annotations(tmp_path: Path) -> None:
    given_ = one_article(TEXT, ("GPE", "Oslo"), ("CONSULT", "met"), roles=((1, "actor", 0),))
    report = WebAnnotationFormat().write([given_], tmp_path, "x", SCHEME)
    assert (report.files, report.spans) == (("x.jsonld",), 2)
    assert report.problems == ("left out: sources of articles (1), titles of articles (1)",)
    collection = json.loads((tmp_path / "x.jsonld").read_text(encoding="utf-8"))
    assert (collection["@context"], collection["type"]) == ("http://www.w3.org/ns/anno.jsonld", "AnnotationCollection")
    oslo, met, role = collection["first"]["items"]
    start = TEXT.index("Oslo")
    source = f"urn:workbench:{given_.article.id}"
    assert oslo == {
        "id": f"{source}:s0",
        "type": "Annotation",
        "creator": {"type": "Person", "name": "ann"},
        "motivation": "tagging",
        "body": [{"type": "TextualBody", "purpose": "tagging", "value": "GPE"}],
        "target": {
            "source": source,
            "selector": [
                {"type": "TextPositionSelector", "start": start, "end": start + 4},
                {"type": "TextQuoteSelector", "exact": "Oslo", "prefix": TEXT[:start], "suffix": TEXT[start + 4 :]},
            ],
        },
    }
    assert (role["motivation"], role["target"]) == ("linking", met["id"])
    assert role["body"][0]["source"] == oslo["id"]
    assert role["body"][1]["value"] == "actor"
    assert collection["total"] == 3


@given(given_=files())
@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_selectors_choose_the_words_and_ids_are_unique(
    tmp_path: Path, given_: tuple[LabelScheme, list[AnnotatedArticle]]
) -> None:
    scheme, articles = given_
    report = WebAnnotationFormat().write(articles, tmp_path, "x", scheme)
    collection = json.loads((tmp_path / "x.jsonld").read_text(encoding="utf-8"))
    items = collection["first"]["items"]
    assert len({one["id"] for one in items}) == len(items) == collection["total"]
    texts = {f"urn:workbench:{one.article.id}": one.article.text for one in articles}
    tagged = [one for one in items if one["motivation"] == "tagging"]
    assert len(tagged) == report.spans
    for one in tagged:
        text, (position, words) = texts[one["target"]["source"]], one["target"]["selector"]
        start, end = position["start"], position["end"]
        assert text[start:end] == words["exact"]
        assert text[:start].endswith(words["prefix"])
        assert text[end:].startswith(words["suffix"])
    roles = sum(len(span.arguments) for one in articles for _, span in one.annotations.spans())
    known = {one["id"] for one in tagged}
    linked = [one for one in items if one["motivation"] == "linking"]
    assert len(linked) == roles
    assert all(one["target"] in known and one["body"][0]["source"] in known for one in linked)


def test_no_articles_are_a_collection_and_reading_is_refused(tmp_path: Path) -> None:
    WebAnnotationFormat().write([], tmp_path, "x", SCHEME)
    assert json.loads((tmp_path / "x.jsonld").read_text(encoding="utf-8"))["total"] == 0
    with pytest.raises(FormatError, match="written, not read"):
        WebAnnotationFormat().read(tmp_path / "x.jsonld", SCHEME)
