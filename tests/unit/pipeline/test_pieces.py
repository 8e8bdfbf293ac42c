"""Long texts are cut where sentences end, lose nothing, and never make a lot that takes too much memory."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from workbench.pipeline.pieces import LONGEST, LOT, Piece, cut, lots, pieces

PARTS = st.lists(
    st.sampled_from(["word", " ", "  ", "\n", "\n\n", "\n  ", ". ", "!” ", "。", "é", "👩‍🚒", "\r\n", "x" * 9])
)


@given(PARTS.map("".join), st.integers(min_value=2, max_value=60))
def test_pieces_joined_are_the_text_and_none_is_too_long(text: str, longest: int) -> None:
    found = cut(text, longest)
    assert "".join(found) == text
    assert all(len(piece) <= longest for piece in found)
    assert all(found) or found == [""]


def test_a_text_of_usual_length_stays_whole() -> None:
    text = "A line.\n" * (LONGEST // 8)
    assert cut(text) == [text]


@pytest.mark.parametrize(
    ("text", "longest", "expected"),
    [
        (
            "First line. It goes on.\n\n  Second line.\nThird",
            38,
            ["First line. It goes on.\n\n  ", "Second line.\nThird"],
        ),
        ("He said “no.” She said “yes.” They left it", 32, ["He said “no.” She said “yes.” ", "They left it"]),
        ("one two three four five six", 15, ["one two three ", "four five six"]),
        ("x" * 25, 10, ["x" * 10, "x" * 10, "x" * 5]),
        ("水を飲む。火を見る。木を切る", 12, ["水を飲む。火を見る。", "木を切る"]),
    ],
)
def test_a_text_is_cut_at_line_ends_then_sentences_then_words_then_anywhere(
    text: str, longest: int, expected: list[str]
) -> None:
    assert cut(text, longest) == expected


def test_pieces_say_where_each_text_ends() -> None:
    found = list(pieces(["one\ntwo\n", "", "three"], longest=4))
    assert found == [
        Piece("one\n", last=False),
        Piece("two\n", last=True),
        Piece("", last=True),
        Piece("thre", last=False),
        Piece("e", last=True),
    ]


def test_lots_are_bounded_by_their_number_and_by_their_characters() -> None:
    short, long = Piece("x" * 10, last=True), Piece("y" * LONGEST, last=True)
    assert [len(lot) for lot in lots([short] * 70, 32)] == [32, 32, 6]
    sizes = [sum(len(piece.text) for piece in lot) for lot in lots([long, short, long, long, long], 32)]
    assert max(sizes) <= LOT
    assert sum(sizes) == 4 * LONGEST + 10
