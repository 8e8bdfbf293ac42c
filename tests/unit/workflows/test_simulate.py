"""Simulations of annotating a gold corpus: what they measure, that they can go on, and what they refuse."""

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from market import SCHEME, a_set, add_release, add_small_release, sold

from workbench.core.annotations import AnnotatedArticle
from workbench.core.article import Article
from workbench.errors import DocumentError, ModelError, ReleaseError, SettingsError
from workbench.formats.jsonl import JsonLinesFormat
from workbench.preannotate.rules import annotator
from workbench.settings import Settings
from workbench.store import Store
from workbench.workflows.context import Context
from workbench.workflows.simulate import SimulationOptions, simulate


@pytest.fixture
def context(tmp_path: Path) -> Iterator[Context]:
    opened = Context(Settings(root=tmp_path))
    opened.store, opened.scheme = Store.open(opened.settings.database_url), SCHEME
    yield opened
    opened.close()


@pytest.fixture
def gold(tmp_path: Path) -> str:
    made = (
        AnnotatedArticle(article=Article.from_text(text), annotations=annotations)
        for text, annotations in map(sold, range(12))
    )
    written = JsonLinesFormat().write(made, tmp_path, "gold", SCHEME)
    return str(tmp_path / written.files[0])


def test_what_learns_gets_better_than_what_does_not(context: Context, gold: str):
    found = simulate(context, gold, SimulationOptions(sizes=(3, 6), learners=("suggestions", "rules"), test_share=0.3))
    assert found.pool + found.test == 12
    points = {(point.learner, point.articles): point for point in found.points}
    assert points["suggestions", 6].f1 > points["rules", 6].f1
    assert points["suggestions", 6].mean < points["rules", 6].mean
    assert points["suggestions", 6].corrections < points["rules", 6].corrections
    assert points["rules", 6].words > points["rules", 3].words
    assert len(points["rules", 3].needed) == found.test
    assert "suggestions, random" in str(found)


def test_a_run_goes_on_where_it_was_interrupted(context: Context, gold: str, tmp_path: Path):
    kept = tmp_path / "points.jsonl"
    first = simulate(context, gold, SimulationOptions(sizes=(3,), learners=("rules",), seeds=2), output=kept)
    lines = kept.read_text().splitlines()
    assert len(lines) == 2
    kept.write_text(lines[0] + "\n" + lines[1][:20])
    again = simulate(context, gold, SimulationOptions(sizes=(3,), learners=("rules",), seeds=2), output=kept)
    assert again.repeated == 1
    assert [p.model_dump(exclude={"seconds"}) for p in again.points] == [
        p.model_dump(exclude={"seconds"}) for p in first.points
    ]
    assert len(kept.read_text().splitlines()) == 2


def test_points_of_other_gold_are_not_taken(context: Context, gold: str, tmp_path: Path):
    kept = tmp_path / "points.jsonl"
    simulate(context, gold, SimulationOptions(sizes=(3,), learners=("rules",)), output=kept)
    with pytest.raises(DocumentError, match="line 1, belongs to a simulation of other gold"):
        simulate(context, gold, SimulationOptions(sizes=(3,), learners=("rules",), test_share=0.5), output=kept)
    kept.write_text(json.dumps({"digest": 1}) + "\n")
    with pytest.raises(DocumentError, match="line 1, is no point"):
        simulate(context, gold, SimulationOptions(sizes=(3,), learners=("rules",)), output=kept)


def test_points_of_other_rules_are_not_taken(
    context: Context, gold: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    kept = tmp_path / "points.jsonl"
    simulate(context, gold, SimulationOptions(sizes=(3,), learners=("rules",)), output=kept)
    monkeypatch.setattr(annotator, "CODE", "another")
    with pytest.raises(DocumentError, match="or with other rules"):
        simulate(context, gold, SimulationOptions(sizes=(3,), learners=("rules",)), output=kept)


def test_what_is_not_measured_and_what_tells_nothing_is_said(context: Context, gold: str):
    options = SimulationOptions(sizes=(3, 500), learners=("rules",), strategies=("random", "mixed"))
    found = simulate(context, gold, options)
    assert found.too_large == (500,)
    assert "not measured, as there are too few articles: after 500" in str(found)
    assert "come by chance in every order" in str(found)


def test_spacys_recogniser_learns_the_first_layer(context: Context, gold: str):
    (point,) = simulate(context, gold, SimulationOptions(sizes=(8,), learners=("ner",))).points
    first, *others = point.of_layer
    assert point.of_layer[first] > 0.5
    assert all(point.of_layer[layer] == 0 for layer in others)


@pytest.mark.parametrize("strategy", ["mixed", "uncertain", "rare", "diverse"])
def test_every_order_takes_every_article_once(context: Context, gold: str, strategy: str):
    found = simulate(context, gold, SimulationOptions(sizes=(2, 4, 8), learners=("rules",), strategies=(strategy,)))
    by_chance = simulate(context, gold, SimulationOptions(sizes=(8,), learners=("rules",)))
    assert found.points[-1].spans > 0
    assert [point.articles for point in found.points] == [2, 4, 8]
    assert found.points[-1].needed == by_chance.points[-1].needed


def test_a_release_is_measured_on_the_part_that_is_named(context: Context):
    add_small_release(context.store)
    found = simulate(context, "small", SimulationOptions(part="dev", sizes=(2,), learners=("rules",)))
    assert found.pool > 0
    assert found.test > 0


def test_where_the_first_articles_have_no_annotation_more_are_asked_for(context: Context):
    texts = [sold(number)[0] for number in range(3)]
    add_release(context.store, "blank", [(text, a_set(text), "train") for text in texts] + [(*sold(9), "test")])
    with pytest.raises(ModelError, match=r"2 articles without any annotation came first(?s:.*)larger --sizes"):
        simulate(context, "blank", SimulationOptions(sizes=(2,), learners=("words",)))


def test_bad_arguments_are_told(context: Context, gold: str, tmp_path: Path):
    with pytest.raises(SettingsError, match="nothing to simulate"):
        SimulationOptions(learners=())
    with pytest.raises(SettingsError, match="test share of 1 is none"):
        SimulationOptions(test_share=1)
    with pytest.raises(SettingsError, match="fewer than 500"):
        simulate(context, gold, SimulationOptions(sizes=(500,)))
    with pytest.raises(SettingsError, match="no size"):
        simulate(context, gold, SimulationOptions(sizes=(0,)))
    for missing in ("nope.jsonl", "gold/nope"):
        with pytest.raises(DocumentError, match=f"no file {missing}, and no release of that name; there are: none yet"):
            simulate(context, missing)
    with pytest.raises(ReleaseError, match="no release 'nothing'"):
        simulate(context, "nothing")
    one = tmp_path / "one.jsonl"
    one.write_text(Path(gold).read_text().splitlines()[0] + "\n")
    with pytest.raises(DocumentError, match="1 annotated article of 1 story, too few"):
        simulate(context, str(one))
