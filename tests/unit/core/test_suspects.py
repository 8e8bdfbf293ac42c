"""What is unlikely comes first: what models contradict surely, what use contradicts, what contradicts itself."""

from annotation_sets import SCHEME

from workbench.core.annotations import AnnotatedArticle, AnnotationSet, Argument, Producer, Span
from workbench.core.article import Article
from workbench.core.suspects import contradictions, suspects

TEXT = "{n}: Oslo praised the plan. Anna Holm visited Oslo."


def span(text: str, words: str, label: str, ident: str, *, score: float | None = None, arguments=()) -> Span:
    start = text.index(words)
    return Span(
        id=ident, label=label, start=start, end=start + len(words), text=words, score=score, arguments=tuple(arguments)
    )


def a_set(kind: str, **layers: tuple[Span, ...]) -> AnnotationSet:
    given = AnnotationSet(
        producer=Producer(kind=kind, name=kind),
        scheme_digest=SCHEME.digest,
        layers={**SCHEME.empty_layers(), **layers},
    )
    return SCHEME.normalise(given)


def an_article(number: int, story: str = "") -> Article:
    article = Article.from_text(TEXT.format(n=number))
    return article.model_copy(update={"story_group": story or f"s{number}"})


def annotated(article: Article, **layers: tuple[Span, ...]) -> AnnotatedArticle:
    return AnnotatedArticle(article=article, annotations=a_set("person", **layers))


def test_what_models_contradict_surely_comes_before_what_they_doubt() -> None:
    items, suggested = [], {}
    for number in range(6):
        article = an_article(number)
        text = article.text
        oslo = span(text, "Oslo", "ORG" if number == 3 else "GPE", "o")
        anna = () if number == 4 else (span(text, "Anna Holm", "PERSON", "a"),)
        items.append(annotated(article, entities=(oslo, *anna)))
        sure = 0.6 if number == 4 else 0.98
        suggested[article.id] = a_set(
            "model",
            entities=(
                span(text, "Oslo", "GPE", "x", score=0.99),
                span(text, "Anna Holm", "PERSON", "y", score=sure),
            ),
        )
    found = suspects(items, suggested, SCHEME)
    assert [(one.article_id, one.kind, one.said, one.likely) for one in found[:2]] == [
        (items[3].article.id, "label", "ORG", "GPE"),
        (items[4].article.id, "missing", "nothing", "PERSON"),
    ]
    assert found[0].likelihood < found[1].likelihood
    assert len(found) == 2


def test_who_is_contradicted_often_is_trusted_less() -> None:
    items, suggested = [], {}
    for number in range(40):
        article = an_article(number)
        wrong = number % 2 and number < 30
        items.append(annotated(article, entities=(span(article.text, "Oslo", "ORG" if wrong else "GPE", "o"),)))
        suggested[article.id] = a_set("model", entities=(span(article.text, "Oslo", "GPE", "x", score=0.9),))
    people = {item.article.id: ("odd" if number % 2 else "even",) for number, item in enumerate(items)}
    alone = suspects(items, suggested, SCHEME)[0].likelihood
    assert suspects(items, suggested, SCHEME, people)[0].likelihood < alone


def test_a_role_that_models_give_to_another_is_a_suspect() -> None:
    article = an_article(1)
    text = article.text
    people = (span(text, "Oslo", "GPE", "o"), span(text, "Anna Holm", "PERSON", "a"))
    head = span(text, "visited", "CONSULT", "v", arguments=[Argument(role="actor", target="o")])
    item = annotated(article, entities=people, events=(head,))
    likely = head.model_copy(update={"arguments": (Argument(role="actor", target="a", score=0.95),), "score": 0.9})
    found = suspects([item], {article.id: a_set("model", entities=people, events=(likely,))}, SCHEME)
    [one] = [one for one in found if one.kind == "role"]
    assert (one.text, one.said, one.likely) == ("visited", "actor 'Oslo'", "actor 'Anna Holm'")


def test_contradictions_within_a_story_and_an_article_are_found_without_models() -> None:
    items = [
        annotated(an_article(n, "one"), entities=(span(TEXT.format(n=n), "Oslo", "ORG" if n == 2 else "GPE", "o"),))
        for n in range(4)
    ]
    items.append(annotated(an_article(9, "other"), entities=(span(TEXT.format(n=9), "Oslo", "ORG", "o"),)))
    [one] = contradictions(items, SCHEME)
    assert (one.article_id, one.said, one.likely) == (items[2].article.id, "ORG", "GPE")
    article = an_article(1)
    text = article.text
    people = (span(text, "Anna Holm", "PERSON", "a"), span(text, "the plan", "ISSUE", "p"))
    roles = [Argument(role="holder", target="a"), Argument(role="target", target="p")]
    stances = (
        span(text, "praised", "FOR", "f", arguments=roles),
        span(text, "visited", "AGAINST", "g", arguments=roles),
    )
    both = list(contradictions([annotated(article, entities=people, stances=stances)], SCHEME))
    assert {(one.text, one.said, one.likely) for one in both} == {
        ("praised", "FOR", "AGAINST"),
        ("visited", "AGAINST", "FOR"),
    }
    meets = tuple(one.model_copy(update={"label": label}) for one, label in zip(stances, ("FOR", "FOR"), strict=True))
    assert not list(contradictions([annotated(article, entities=people, stances=meets)], SCHEME))
