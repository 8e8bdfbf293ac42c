from pathlib import Path

from annotation_sets import SCHEME
from format_cases import one_article

from workbench.core.annotations import AnnotatedArticle
from workbench.core.article import Article
from workbench.core.same_text import carried
from workbench.formats.webanno import WebAnnoFormat


def test_a_text_with_other_white_space_in_the_same_places_takes_the_offsets(tmp_path: Path) -> None:
    given = one_article("\n\tOslo met\u00a0Bern.", ("GPE", "Oslo"), ("CONSULT", "met\u00a0Bern"))
    WebAnnoFormat().write([given], tmp_path, "part", SCHEME)
    [read] = [one for one in WebAnnoFormat().read(tmp_path / "part", SCHEME) if isinstance(one, AnnotatedArticle)]
    assert read.article.text == "  Oslo met\u00a0Bern."  # which has no place for what stands before the first word
    found = carried(read.annotations, read.article, given.article)
    assert not isinstance(found, str)
    assert [(one.text, one.offsets) for _, one in found.spans()] == [("Oslo", (2, 6)), ("met\u00a0Bern", (7, 15))]

    spaced = Article.from_text("  Oslo met Bern.")
    [_, event] = [one for _, one in carried(found, given.article, spaced).spans()]
    assert event.text == "met Bern"
    assert isinstance(carried(found, given.article, Article.from_text("  Oslo met_Bern.")), str)
    assert isinstance(carried(found, given.article, Article.from_text("  Oslo  met Bern.")), str)
