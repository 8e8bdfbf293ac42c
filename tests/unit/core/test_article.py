"""Cuts take out exactly what they name, and offsets can be carried over them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.core.article import Article, Cut, OffsetMap, apply_cuts, article_id, undo_cuts
from workbench.errors import ArticleError

TEXTS = st.text(alphabet=st.sampled_from("ab \r\n\té́👩‍🚀\u200f\u00a0"), min_size=1, max_size=60)


@st.composite
def cut_texts(draw: st.DrawFn) -> tuple[str, list[Cut]]:
    text = draw(TEXTS)
    edges = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
    pairs = list(zip(edges[::2], edges[1::2], strict=False))
    return text, [Cut(start=a, end=b, reason="box", text=text[a:b]) for a, b in pairs]


@given(cut_texts())
def test_every_kept_character_keeps_its_place(case: tuple[str, list[Cut]]):
    before, cuts = case
    text, offsets = apply_cuts(before, cuts), OffsetMap(cuts)
    assert len(text) == len(before) - sum(cut.end - cut.start for cut in cuts)
    for position in range(len(before)):
        there = offsets.span_to_text(position, position + 1)
        if any(cut.start <= position < cut.end for cut in cuts):
            assert there is None
        else:
            assert there is not None
            assert text[there[0]] == before[position]
            assert offsets.to_before(there[0]) == position


@given(cut_texts())
def test_cuts_that_are_undone_give_back_the_text_before(case: tuple[str, list[Cut]]):
    before, cuts = case
    assert undo_cuts(apply_cuts(before, cuts), cuts) == before


def test_cuts_that_fit_no_text_are_not_undone():
    with pytest.raises(ArticleError, match="beyond the end"):
        undo_cuts("ab", [Cut(start=3, end=4, reason="box", text="x")])
    with pytest.raises(ArticleError, match="overlap"):
        undo_cuts("aaaa", [Cut(start=0, end=2, reason="a", text="aa"), Cut(start=1, end=2, reason="b", text="a")])


def test_a_span_with_a_cut_in_it_has_no_place():
    cut = Cut(start=3, end=6, reason="box", text="box")
    assert OffsetMap([cut]).span_to_text(0, 3) == (0, 3)
    assert OffsetMap([cut]).span_to_text(6, 9) == (3, 6)
    assert OffsetMap([cut]).span_to_text(2, 7) is None
    assert OffsetMap([cut]).span_to_text(0, 9) is None


def test_cuts_that_lie_are_refused():
    with pytest.raises(ArticleError, match="does not hold the text"):
        apply_cuts("abcdef", [Cut(start=0, end=2, reason="box", text="xx")])
    with pytest.raises(ArticleError, match="overlap"):
        apply_cuts("aaaa", [Cut(start=0, end=2, reason="a", text="aa"), Cut(start=1, end=2, reason="b", text="a")])


def test_the_same_text_is_the_same_article_and_its_hash_is_checked():
    article = Article.from_text("Kyiv\n")
    assert article.id == article_id("Kyiv\n")
    with pytest.raises(ValueError, match="text_sha256"):
        Article(**{**article.model_dump(), "text": "Kiev\n"})
