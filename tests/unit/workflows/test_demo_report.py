"""What the demo tells at its end, from what was measured in its rounds."""

import re
from pathlib import Path

import pytest

from workbench.core.agreement.figures import Agreement, FrameAgreement, Measured, SpanAgreement
from workbench.core.annotations import AnnotatedArticle, AnnotationSet
from workbench.core.article import Article
from workbench.core.report import Table
from workbench.gold.agreement import AgreementReport
from workbench.samples import shipped
from workbench.store.adjudications import DecisionCount
from workbench.store.models import Promotion
from workbench.training.evaluate import Evaluation, measure
from workbench.workflows.comparison import Comparison, Contestant
from workbench.workflows.demo_report import Adjudicated, DemoReport, LayerDecisions, Place, Round

SCHEME = shipped.label_scheme()


def gold(number: int) -> list[AnnotatedArticle]:
    found: list[AnnotatedArticle] = []
    for sample in shipped.corpus(SCHEME, "newsrooms")[:number]:
        article = Article.from_text(sample.raw)
        found.append(AnnotatedArticle(article=article, annotations=SCHEME.normalise(sample.gold(article, SCHEME))))
    return found


GOLD = gold(2)


def measured(name: str, guesses: list[AnnotationSet]) -> Contestant:
    found: Evaluation = measure(
        guesses, GOLD, SCHEME, producer=GOLD[0].annotations.producer, release="demo-1", part="test"
    )
    return Contestant(name=name, evaluation=found, layers=())


NOTHING = [one.annotations.model_copy(update={"layers": dict.fromkeys(one.annotations.layers, ())}) for one in GOLD]
HALF = [NOTHING[0], GOLD[1].annotations]
ALL = [one.annotations for one in GOLD]


def a_round(articles: int, model: str, guesses: list[AnnotationSet], *, accepted: bool, before: str = "") -> Round:
    contestants = [measured(f"shown now: {before}", HALF)] if before else []
    contestants += [measured("rules", NOTHING), measured(model, guesses)]
    return Round(
        articles=articles,
        model=model,
        seconds=7.4,
        comparison=Comparison(release="demo-1", part="test", articles=2, contestants=tuple(contestants)),
        decision=Promotion(model=model, accepted=accepted, reason="so it was measured"),
    )


def figure(value: float) -> Measured:
    return Measured(value=value)


AGREEMENT = Agreement(
    articles=18,
    tokens=9000,
    annotators={"anna@workbench.local": 18, "ben@workbench.local": 18},
    pairs=(),
    spans=(
        SpanAgreement(
            layer="entities",
            label="*",
            pair=None,
            first=9,
            second=8,
            strict_f1=figure(0.91),
            lenient_f1=figure(0.95),
            kappa=figure(0.89),
            alpha=figure(0.88),
            alpha_u=figure(0.8),
        ),
    ),
    roles=(),
    frames=(
        FrameAgreement(
            layer="entities",
            label="*",
            pair=None,
            first=9,
            second=8,
            whole_f1=figure(0.7),
            partial=figure(0.77),
            chance=None,
            corrected=None,
        ),
    ),
    attributes=(),
    disagreements=(),
    suggestions=(),
)


def report(*rounds: Round, shown: str) -> DemoReport:
    place = Place(folder=Path("demo"), url="http://here", project_url="http://here/projects/1", accounts=("anna@a.b",))
    return DemoReport(
        place=place,
        rounds=rounds,
        decisions=(LayerDecisions(layer="events", kind="span", decisions={"kept": 5, "added": 2}),),
        agreement=AgreementReport(release=None, scheme_digest=SCHEME.digest, agreement=AGREEMENT, alone=22),
        adjudicated=Adjudicated(
            policies="seniority of anna, ben",
            agreed=1210,
            decisions=(
                DecisionCount(layer="entities", kind="label", by="authority", count=7),
                DecisionCount(layer="entities", kind="span", by="authority", count=4),
                DecisionCount(layer="events", kind="role", by="seniority", count=9),
            ),
        ),
        release="demo-2",
        parts={"train": 24, "test": 2},
        exports=(Path.cwd() / "demo/exports/demo-2/jsonl",),
        now_shown=shown,
        waiting=6,
    )


def test_a_round_shows_what_annotators_see_after_it() -> None:
    first = a_round(12, "demo-1-1", HALF, accepted=True)
    second = a_round(24, "demo-2-1", ALL, accepted=True, before="demo-1-1")
    rules, one, two = rounds_of(report(first, second, shown="demo-2-1"))
    assert rules[0] == "the rules"
    assert float(rules[-3]) == pytest.approx(first.rules.mean, abs=0.05)
    assert sum(map(float, rules[2:-3])) == pytest.approx(first.rules.mean, abs=0.2)
    assert one[:2] == ("round 1", "12")
    assert one[-2] == f"{first.shown.mean / first.rules.mean - 1:+.0%}"
    assert two == ("round 2", "24", "0.0", "0.0", "0.0", "0.0", "-100%", "7")


def test_after_a_refusal_annotators_see_what_they_saw_before() -> None:
    first = a_round(12, "demo-1-1", HALF, accepted=True)
    second = a_round(24, "demo-2-1", ALL, accepted=False, before="demo-1-1")
    _, one, two = rounds_of(report(first, second, shown="demo-1-1"))
    assert two[2:] == one[2:]
    nobody = a_round(12, "demo-1-1", HALF, accepted=False)
    rules, one = rounds_of(report(nobody, shown="the rules"))
    assert one[2:6] == rules[2:6]
    assert one[-2] == "+0%"


def rounds_of(found: DemoReport) -> list[tuple[str, ...]]:
    (table,) = [t for t in found.shown() if isinstance(t, Table) and t.columns[0].startswith("what annotators see")]
    return [row.cells for row in table.rows]


def test_it_tells_the_decisions_the_agreement_and_where_to_look() -> None:
    first = a_round(12, "demo-1-1", HALF, accepted=True)
    second = a_round(24, "demo-2-1", ALL, accepted=False, before="demo-1-1")
    text = str(report(first, second, shown="demo-1-1"))
    assert re.search(r"^events, spans +5 +0 +0 +0 +2$", text, re.MULTILINE)
    assert "anna and ben agree on the 18 articles" in text
    assert re.search(r"^entities +0\.91 +0\.95 +0\.89 +0\.88 +0\.77$", text, re.MULTILINE)
    assert "the same of 1,210 things there. What they differ in is decided by seniority of anna, ben" in text
    assert re.search(r"^entities +11 +0$", text, re.MULTILINE)
    assert re.search(r"^events +0 +9$", text, re.MULTILINE)
    assert re.search(r"^round 1 +demo-1-1 was promoted: so it was measured$", text, re.MULTILINE)
    assert re.search(r"^round 2 +demo-2-1 was refused: so it was measured$", text, re.MULTILINE)
    assert re.search(r"^corrections an article needs +[\d.]+ of [\d.]+ +[\d.]+ of [\d.]+$", text, re.MULTILINE)
    assert "release demo-2 (24 train, 2 test): demo/exports/demo-2/jsonl" in text
    assert "6 articles nobody has annotated, with the suggestions of demo-1-1" in text
    assert "end it: `workbench -w demo server stop`" in text
