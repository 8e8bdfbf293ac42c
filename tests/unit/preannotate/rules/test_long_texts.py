"""A text that is too long to be parsed at once: what stands far apart in it still counts together, and time is linear."""

import time
from collections.abc import Callable

import pytest
from spacy.language import Language

from workbench.core.annotations import AnnotationSet
from workbench.core.article import Article
from workbench.core.scheme import LabelScheme
from workbench.pipeline import pieces
from workbench.preannotate.rules.annotator import Rules
from workbench.preannotate.rules.syntax import Parse

NEWS = (
    "OSLO, March 3 — Mayor Ilse Brandt criticised the Harbour Authority on Tuesday.\n\n"
    "“It is madness”, said Tomas Reyl. He called the deal a “gift to Oslo”, and she rejected the offer.\n"
    "The Rubio-Lavrov talks failed, and the two sides accused Moldova of the attack on Tiraspol.\n"
)


def test_the_parse_of_pieces_is_that_of_the_text(nlp: Language) -> None:
    text = NEWS * 3
    whole, parts = Parse.of(nlp(text)), pieces.cut(text, len(NEWS) + 40)
    joined = Parse.joined([Parse.of(nlp(part)) for part in parts])
    assert len(parts) > 2
    assert joined == whole
    assert joined.sentences == whole.sentences
    for token in range(len(joined)):
        assert joined.text[joined.start[token] : joined.end[token]] == joined.words[token]


def test_matches_of_patterns_are_moved_with_their_pieces(nlp: Language) -> None:
    one, two = Parse.of(nlp("Oslo agreed.\n")), Parse.of(nlp("Reyl left.\n"))
    two.given = [(0, 1, "person", "Tomas Reyl")]
    joined = Parse.joined([one, two])
    assert [joined.surface(first, end) for first, end, _, _ in joined.given] == ["Reyl"]


def test_a_name_is_known_from_another_piece(rules: Rules, suggest: Callable[[str], AnnotationSet]) -> None:
    filler = "It rained all day on the quiet hills, and nothing at all was heard of them.\n" * 700
    assert len(pieces.cut(f"{filler}Kravchuk")) > 1
    far = suggest(f"The envoy Oleh Kravchuk spoke first.\n{filler}\nLater, Kravchuk rejected the offer.\n")
    named = {span.text: span.norm for span in far.layers["entities"] if "Kravchuk" in span.text}
    assert named == {"Oleh Kravchuk": None, "Kravchuk": "Oleh Kravchuk"}


def test_a_long_text_and_its_neighbours_keep_their_order(rules: Rules, scheme: LabelScheme) -> None:
    line = "Mayor Ilse Brandt criticised Oslo on Tuesday, and Tomas Reyl praised it.\n"
    articles = [Article.from_text(text) for text in ("Oslo agreed.", line * 800, "Tiraspol refused.")]
    for article, found in zip(articles, rules.annotate(articles), strict=True):
        scheme.check(found, article.text)
        assert not found.is_empty


@pytest.mark.parametrize(
    "text",
    [
        NEWS,
        "Mayor Ilse Brandt criticised Oslo on Tuesday, and Tomas Reyl praised it.\n",
        "The attack on Tiraspol killed two soldiers. The two leaders condemned it, and he called it a “crime”.\n",
        "Two soldiers attacked Oslo. The guards demanded their release and refused to accept it.\nThe envoy said:\n"
        "The call was productive. They must leave the port, and the two sides will not yield.\n",
    ],
)
def test_the_work_on_a_text_grows_with_its_length_and_not_with_its_square(
    text: str, rules: Rules, nlp: Language
) -> None:
    part = Parse.of(nlp(text * 4))

    def seconds(times: int) -> float:
        parse = Parse.joined([part] * times)
        before = time.process_time()
        rules.render(rules.read(parse, 2025))
        return time.process_time() - before

    few = 12_000 // len(part.text)
    short = min(seconds(few) for _ in range(3))
    assert seconds(10 * few) < 25 * short
